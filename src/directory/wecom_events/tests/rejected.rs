//! Tests of refused and lost callbacks: forged, tampered with, malformed, repeated or never delivered. Nothing changes.

use serde_json::Value;
use simulator::{Delivery, Event, Tamper, sample::NORMAL};

use super::fixture::Fixture;
use crate::directory::wecom_events::endpoint_owner::Owner;

fn leaver() -> Event {
    Event::DeleteUser {
        userid: NORMAL.to_owned(),
    }
}

#[actix_web::test]
async fn every_tampering_is_refused_and_changes_nothing() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    let asked = fixture.sim.call_log().len();
    let before = fixture.endpoint(issued.id).await;
    let kinds = [
        (Tamper::Signature, 403),
        (Tamper::Key, 400),
        (Tamper::ReceiveId, 403),
        (Tamper::Length, 400),
        (Tamper::Padding, 400),
        (Tamper::Base64, 400),
        (Tamper::Stale, 403),
    ];
    for (tamper, status) in kinds {
        let delivery = Delivery {
            tamper: Some(tamper),
            ..Delivery::default()
        };
        let report = fixture.emit(Owner::Contacts, leaver(), delivery).await;
        assert_eq!(report.statuses, [status; 4], "{tamper:?}");
        assert_eq!(fixture.endpoint(issued.id).await, before, "{tamper:?}");
    }
    assert!(fixture.is_in(NORMAL).await);
    assert_eq!(
        fixture.sim.call_log().len(),
        asked,
        "a stranger makes us ask WeCom nothing"
    );
    fixture.tell(leaver()).await;
    assert!(!fixture.is_in(NORMAL).await, "and the true one still counts");
}

#[actix_web::test]
async fn a_repetition_is_acknowledged_and_not_acted_on() {
    let fixture = Fixture::open().await;
    let issued = fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    let looked = fixture.sim.calls("user/get");
    let twice = Delivery {
        duplicate: true,
        ..Delivery::default()
    };
    assert_eq!(
        fixture.emit(Owner::Contacts, leaver(), twice).await.statuses,
        [200, 200]
    );
    fixture.advance(std::time::Duration::from_secs(59 * 60));
    assert_eq!(fixture.sim.calls("user/get"), looked + 1);
    assert_eq!(
        (fixture.departures().await.len(), fixture.endpoint(issued.id).await.told),
        (1, 0)
    );
}

#[actix_web::test]
async fn what_never_came_changes_nothing() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    fixture.remove(NORMAL);
    let lost = Delivery {
        drop: true,
        ..Delivery::default()
    };
    assert_eq!(fixture.emit(Owner::Contacts, leaver(), lost).await.attempts, 0);
    assert!(fixture.is_in(NORMAL).await);
}

#[actix_web::test]
async fn order_of_arrival_means_nothing() {
    let fixture = Fixture::open().await;
    fixture.configure(Owner::Contacts).await;
    let late = Delivery {
        reorder: true,
        ..Delivery::default()
    };
    assert!(fixture.emit(Owner::Contacts, leaver(), late).await.held);
    fixture.remove(NORMAL);
    let other = Event::UpdateParty { id: 1 };
    assert_eq!(
        fixture.emit(Owner::Contacts, other, Delivery::default()).await.statuses,
        [200, 200]
    );
    assert!(!fixture.is_in(NORMAL).await);
}

async fn problem(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body: Value = answer.json().await.unwrap();
    (status, body["number"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn requests_of_any_other_form_have_their_numbers() {
    let fixture = Fixture::unsynced(true).await;
    let url = fixture.configure(Owner::Contacts).await.url;
    let refused = |status, number: &str| (status, number.to_owned());
    for unknown in [uuid::Uuid::nil().to_string(), "x".to_owned()] {
        let url = format!("{}/wecom/events/{unknown}", fixture.base);
        assert_eq!(
            problem(fixture.http.get(&url).send().await.unwrap()).await,
            refused(404, "CB-101")
        );
        assert_eq!(
            problem(fixture.http.post(&url).send().await.unwrap()).await,
            refused(404, "CB-101")
        );
    }
    assert_eq!(
        problem(fixture.http.get(&url).send().await.unwrap()).await,
        refused(403, "WC-181")
    );
    let post = |body: Vec<u8>| fixture.http.post(&url).body(body).send();
    assert_eq!(
        problem(post(vec![b'x'; 64 * 1024 + 1]).await.unwrap()).await,
        refused(413, "WC-185")
    );
    for body in [&b""[..], b"\xff\xfe", b"<xml>", b"{}", b"<xml><Encrypt/></xml>"] {
        assert_eq!(
            problem(post(body.to_vec()).await.unwrap()).await,
            refused(400, "WC-184"),
            "{body:?}"
        );
    }
    let unsigned = b"<xml><Encrypt><![CDATA[QUJD]]></Encrypt></xml>".to_vec();
    assert_eq!(problem(post(unsigned).await.unwrap()).await, refused(403, "WC-181"));
    assert_eq!(fixture.http.put(&url).send().await.unwrap().status(), 405);
}

//! What is not WeCom's, is WeCom's but spoiled, was delivered before, or never came: nothing changes.

use serde_json::Value;
use simulator::{Delivery, Event, Tamper, sample::NORMAL};

use super::bench::Bench;
use crate::directory::callback::owner::Owner;

fn leaver() -> Event {
    Event::DeleteUser {
        userid: NORMAL.to_owned(),
    }
}

#[actix_web::test]
async fn every_tampering_is_refused_and_changes_nothing() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    let asked = bench.sim.call_log().len();
    let before = bench.endpoint(issued.id).await;
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
        let report = bench.emit(Owner::Contacts, leaver(), delivery).await;
        assert_eq!(report.statuses, [status; 4], "{tamper:?}");
        assert_eq!(bench.endpoint(issued.id).await, before, "{tamper:?}");
    }
    assert!(bench.is_in(NORMAL).await);
    assert_eq!(
        bench.sim.call_log().len(),
        asked,
        "a stranger makes us ask WeCom nothing"
    );
    bench.tell(leaver()).await;
    assert!(!bench.is_in(NORMAL).await, "and the true one still counts");
}

#[actix_web::test]
async fn a_repetition_is_acknowledged_and_not_acted_on() {
    let bench = Bench::open().await;
    let issued = bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    let looked = bench.sim.calls("user/get");
    let twice = Delivery {
        duplicate: true,
        ..Delivery::default()
    };
    assert_eq!(bench.emit(Owner::Contacts, leaver(), twice).await.statuses, [200, 200]);
    bench.advance(std::time::Duration::from_secs(59 * 60));
    assert_eq!(bench.sim.calls("user/get"), looked + 1);
    assert_eq!(
        (bench.departures().await.len(), bench.endpoint(issued.id).await.told),
        (1, 1)
    );
}

#[actix_web::test]
async fn what_never_came_changes_nothing() {
    let bench = Bench::open().await;
    bench.configure(Owner::Contacts).await;
    bench.remove(NORMAL);
    let lost = Delivery {
        drop: true,
        ..Delivery::default()
    };
    assert_eq!(bench.emit(Owner::Contacts, leaver(), lost).await.attempts, 0);
    assert!(bench.is_in(NORMAL).await);
}

#[actix_web::test]
async fn order_of_arrival_means_nothing() {
    let bench = Bench::open().await;
    bench.configure(Owner::Contacts).await;
    let late = Delivery {
        reorder: true,
        ..Delivery::default()
    };
    assert!(bench.emit(Owner::Contacts, leaver(), late).await.held);
    bench.remove(NORMAL);
    let other = Event::UpdateParty { id: 1 };
    assert_eq!(
        bench.emit(Owner::Contacts, other, Delivery::default()).await.statuses,
        [200, 200]
    );
    assert!(!bench.is_in(NORMAL).await);
}

async fn problem(answer: reqwest::Response) -> (u16, String) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let body: Value = answer.json().await.unwrap();
    (status, body["number"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn requests_of_any_other_form_have_their_numbers() {
    let bench = Bench::unsynced(true).await;
    let url = bench.configure(Owner::Contacts).await.url;
    let refused = |status, number: &str| (status, number.to_owned());
    for unknown in [uuid::Uuid::nil().to_string(), "x".to_owned()] {
        let url = format!("{}/wecom/events/{unknown}", bench.base);
        assert_eq!(
            problem(bench.http.get(&url).send().await.unwrap()).await,
            refused(404, "CB-101")
        );
        assert_eq!(
            problem(bench.http.post(&url).send().await.unwrap()).await,
            refused(404, "CB-101")
        );
    }
    assert_eq!(
        problem(bench.http.get(&url).send().await.unwrap()).await,
        refused(403, "WC-181")
    );
    let post = |body: Vec<u8>| bench.http.post(&url).body(body).send();
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
    assert_eq!(bench.http.put(&url).send().await.unwrap().status(), 405);
}

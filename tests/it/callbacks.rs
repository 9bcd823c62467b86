//! WeCom's event callbacks through the public interface: the handshake, leavers put out at once, tampering refused.

use serde_json::{Value, json};
use simulator::{
    Delivery, Event, Owner, Tamper,
    crypto::{Key, encrypt, signature},
    sample,
};

use crate::{
    actors::{id, text},
    fixture::{Fixture, START},
    scenario,
};

/// Makes a callback for the contacts-sync helper and saves it in WeCom's console, which verifies it at once.
pub async fn connect_callback(fixture: &Fixture) -> (String, Value) {
    let source = fixture.connect().await;
    let path = format!("data-sources/{}/callbacks", id(&source));
    let issued = fixture.admin().create(&path, json!({ "owner": "contacts" })).await;
    let (url, token, key) = (
        text(&issued, "url"),
        text(&issued, "token"),
        text(&issued, "encoding_aes_key"),
    );
    let saved = fixture
        .wecom
        .configure_callback(sample::CORP, Owner::Contacts, url, token, key);
    saved.await.unwrap();
    (path, issued)
}

/// 李华 leaves the corp; the event that tells of it.
pub fn leaves(fixture: &Fixture) -> Event {
    fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
    Event::DeleteUser {
        userid: sample::NORMAL.to_owned(),
    }
}

/// WeCom tells of this, and whoever is called at that is waited for.
pub async fn tell(fixture: &Fixture, event: Event) {
    let told = fixture
        .wecom
        .emit(sample::CORP, Owner::Contacts, event, Delivery::default());
    assert_eq!(told.await.statuses, [200]);
    fixture.wait_for_background_work().await;
}

pub async fn status(fixture: &Fixture) -> Value {
    fixture.admin().user(sample::NORMAL).await["status"].clone()
}

scenario!(
    the_handshake_is_verified_and_shown_and_secrets_are_shown_once,
    |fixture: Fixture| async move {
        let (path, issued) = connect_callback(&fixture).await;
        let list = fixture.admin().get(&path).await;
        assert!(list["items"][0]["verified_at"].is_i64(), "{list}");
        for secret in ["token", "encoding_aes_key"] {
            assert!(
                !list.to_string().contains(issued[secret].as_str().unwrap()),
                "{secret} is shown again"
            );
        }
    }
);

// product.md §4.1: leave = out, from the event on.
scenario!(a_leaver_is_out_as_soon_as_wecom_tells, |fixture: Fixture| async move {
    connect_callback(&fixture).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    tell(&fixture, leaves(&fixture)).await;
    assert_eq!(status(&fixture).await, "disabled");
    portal.assert_ended(&tokens).await;
});

scenario!(
    a_tampered_callback_is_a_4xx_and_changes_nothing,
    |fixture: Fixture| async move {
        let (_, issued) = connect_callback(&fixture).await;
        let calls = fixture.wecom.call_log().len();
        let kinds = [
            Tamper::Signature,
            Tamper::Key,
            Tamper::ReceiveId,
            Tamper::Length,
            Tamper::Padding,
            Tamper::Base64,
        ];
        for tamper in kinds {
            let event = leaves(&fixture);
            let delivery = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            let report = fixture.wecom.emit(sample::CORP, Owner::Contacts, event, delivery).await;
            assert!(
                report.statuses.iter().all(|status| (400..500).contains(status)),
                "{tamper:?}: {:?}",
                report.statuses
            );
        }
        let url = issued["url"].as_str().unwrap();
        for body in [
            "",
            "<xml>",
            "<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
            "{}",
            "\u{0}",
        ] {
            let answer = fixture
                .http
                .post(format!("{url}?msg_signature=00&timestamp=1767600000&nonce=1"))
                .body(body)
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_client_error(), "{body}: {}", answer.status());
            let problem: Value = answer.json().await.unwrap();
            assert!(problem["number"].is_string(), "{problem}");
        }
        let unknown = format!("{}/wecom/events/00000000-0000-7000-8000-000000000000", fixture.base);
        assert_eq!(fixture.http.get(&unknown).send().await.unwrap().status(), 404);
        fixture.wait_for_background_work().await;
        assert_eq!(
            fixture.wecom.call_log().len(),
            calls,
            "WeCom is not asked for strangers"
        );
        assert_eq!(status(&fixture).await, "active");
    }
);

// In a corp that changes much, events would start one full sync after the other.
scenario!(
    events_of_the_same_minute_share_a_sync_and_leavers_do_not_wait_for_it,
    |fixture: Fixture| async move {
        let (path, _) = connect_callback(&fixture).await;
        let runs = path
            .replace("data-sources/", "sync-runs?data_source=")
            .replace("/callbacks", "");
        let event_runs = async || {
            let runs = fixture.admin().items(&runs).await;
            runs.iter().filter(|run| run["cause"] == "event").count()
        };
        let hire = async |userid: &str| {
            fixture.edit_corp(|corp| corp.add_member(simulator::world::Member::new(userid, "新来", &[2])));
            let userid = userid.to_owned();
            tell(&fixture, Event::CreateUser { userid }).await;
        };
        for userid in ["xin1", "xin2", "xin3", "xin4"] {
            hire(userid).await;
        }
        assert_eq!(event_runs().await, 1);
        tell(&fixture, leaves(&fixture)).await;
        assert_eq!((status(&fixture).await, event_runs().await), (json!("disabled"), 1));
        fixture.app.tick().await.unwrap();
        assert_eq!(event_runs().await, 1, "not yet");
        fixture.advance(std::time::Duration::from_secs(60));
        fixture.app.tick().await.unwrap();
        assert_eq!(event_runs().await, 2);
        assert_eq!(fixture.admin().user("xin4").await["status"], "active");
        fixture.advance(std::time::Duration::from_secs(3600));
        fixture.app.tick().await.unwrap();
        assert_eq!(event_runs().await, 2, "nothing is outstanding");
    }
);

/// Delivers a message to a callback URL, encrypted and signed as WeCom does at this moment (seconds); answers the status of the reply.
pub async fn deliver(fixture: &Fixture, (url, issued): (&str, &Value), at: i64, message: impl AsRef<[u8]>) -> u16 {
    let key = Key::parse(text(issued, "encoding_aes_key")).unwrap();
    let encrypted = encrypt(&key, *b"0123456789abcdef", message.as_ref(), sample::CORP);
    let timestamp = at.to_string();
    let signed = signature(text(issued, "token"), &timestamp, "n", &encrypted);
    let query = [
        ("msg_signature", signed.as_str()),
        ("timestamp", &timestamp),
        ("nonce", "n"),
    ];
    let url = reqwest::Url::parse_with_params(url, query).unwrap();
    let body = format!("<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>");
    let answer = fixture.http.post(url).body(body).send().await.unwrap();
    answer.status().as_u16()
}

// What somebody's name was cut to is nothing that an event is lost for.
scenario!(
    a_broken_character_in_a_field_that_nobody_reads_keeps_no_leaver_in,
    |fixture: Fixture| async move {
        let (_, issued) = connect_callback(&fixture).await;
        let url = text(&issued, "url");
        for (userid, broken) in [
            (sample::NORMAL, &b"<Name><![CDATA[\xe6\x9d]]></Name>"[..]),
            ("zhaoliu", b"<Alias>R&D</Alias>"),
            ("yanxi", b"<Alias>a&nbsp;b</Alias>"),
            ("taoran", b"<Address>&#0;</Address>"),
        ] {
            fixture.edit_corp(|corp| corp.remove_member(userid).unwrap());
            let head =
                b"<xml><MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType>";
            let message = [&head[..], broken, format!("<UserID>{userid}</UserID></xml>").as_bytes()].concat();
            assert_eq!(deliver(&fixture, (url, &issued), START, message).await, 200, "{userid}");
            fixture.wait_for_background_work().await;
            assert_eq!(fixture.admin().user(userid).await["status"], "disabled", "{userid}");
        }
    }
);

/// Asks the callback URL for an echo of this message, encrypted and signed as WeCom does; status and body.
async fn echo(fixture: &Fixture, issued: &Value, (nonce, message): (&str, &str)) -> (u16, String) {
    let key = Key::parse(text(issued, "encoding_aes_key")).unwrap();
    let encrypted = encrypt(&key, *b"0123456789abcdef", message.as_bytes(), sample::CORP);
    let timestamp = START.to_string();
    let signed = signature(text(issued, "token"), &timestamp, nonce, &encrypted);
    let query = [
        ("msg_signature", signed.as_str()),
        ("timestamp", &timestamp),
        ("nonce", nonce),
        ("echostr", &encrypted),
    ];
    let url = reqwest::Url::parse_with_params(text(issued, "url"), query).unwrap();
    let answer = fixture.http.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

// The console verifies anew whenever somebody saves, with another signature each time.
scenario!(a_verification_is_answered_once, |fixture: Fixture| async move {
    let (_, issued) = connect_callback(&fixture).await;
    let (first, second) = (("n1", "1616140317555161061"), ("n2", "1616140317555161061"));
    for verification in [first, second] {
        let answered = echo(&fixture, &issued, verification).await;
        assert_eq!(answered, (200, verification.1.to_owned()));
    }
    for verification in [first, second] {
        let (status, body) = echo(&fixture, &issued, verification).await;
        assert!(
            status == 403 && body.contains("CB-140") && !body.contains(verification.1),
            "{body}"
        );
    }
    let (url, token, key) = (
        text(&issued, "url"),
        text(&issued, "token"),
        text(&issued, "encoding_aes_key"),
    );
    let saved_again = fixture
        .wecom
        .configure_callback(sample::CORP, Owner::Contacts, url, token, key);
    saved_again.await.unwrap();
});

scenario!(
    a_delivery_is_never_decrypted_for_whoever_saw_it,
    |fixture: Fixture| async move {
        let (_, issued) = connect_callback(&fixture).await;
        for (number, message) in [
            "<xml><UserID>zhangsan</UserID></xml>",
            "\u{feff}<xml><UserID>zhangsan</UserID></xml>",
            " \n<?xml version=\"1.0\"?><xml><UserID>zhangsan</UserID></xml>",
            "{\"UserID\":\"zhangsan\"}",
            "\u{feff} {\"UserID\":\"zhangsan\"}",
            "[{\"UserID\":\"zhangsan\"}]",
        ]
        .into_iter()
        .enumerate()
        {
            let (status, body) = echo(&fixture, &issued, (&format!("d{number}"), message)).await;
            assert_eq!(status, 400, "{message}: {body}");
            assert!(body.contains("WC-184") && !body.contains("zhangsan"), "{body}");
        }
    }
);

// product.md §S4.2: an admin sees what arrived last, what was refused last and why, and can begin anew or end it.
scenario!(
    a_callback_tells_what_arrived_and_what_was_refused_and_is_renewed_and_removed,
    |fixture: Fixture| async move {
        let (path, issued) = connect_callback(&fixture).await;
        let admin = fixture.admin();
        let one = format!("{path}/{}", id(&issued));
        let shown = admin.get(&one).await;
        assert_eq!(
            (&shown["verified"], &shown["last_event_at"]),
            (&json!(true), &Value::Null),
            "{shown}"
        );
        assert_eq!((&shown["last_failure"], &shown["problems"]), (&Value::Null, &json!([])));
        tell(&fixture, leaves(&fixture)).await;
        assert!(admin.get(&one).await["last_event_at"].is_i64());

        // Each reason has its own entry, whoever repeats it however often.
        let url = text(&issued, "url").to_owned();
        let foreign = json!({ "token": "another-token", "encoding_aes_key": issued["encoding_aes_key"] });
        let other_key = format!("{}A", "b".repeat(42));
        let wrong_key = json!({ "token": issued["token"], "encoding_aes_key": other_key });
        for (minute, issued, age, message, number) in [
            (1, &foreign, 0, "<xml></xml>", "WC-181"),
            (2, &wrong_key, 0, "<xml></xml>", "WC-182"),
            (3, &issued, 0, "no xml", "WC-184"),
            (4, &issued, 7200, "<xml><MsgType>event</MsgType></xml>", "CB-102"),
        ] {
            fixture.advance(std::time::Duration::from_secs(60));
            let now = START + 60 * minute;
            for _ in 0..20 {
                let status = deliver(&fixture, (&url, issued), now - age, message).await;
                assert!((400..500).contains(&status), "{number}: {status}");
            }
            let shown = admin.get(&one).await;
            assert_eq!(text(&shown["last_failure"], "number"), number, "{shown}");
            assert_eq!(shown["last_failure"]["last_at"], json!(now * 1000), "{shown}");
            assert_eq!(text(&shown["problems"][0], "number"), number);
            assert_eq!(
                shown["refused"].as_array().unwrap().len(),
                usize::try_from(minute).unwrap()
            );
        }

        let renewed = admin.create(&format!("{one}/renew"), json!({})).await;
        assert_eq!(
            (id(&renewed), text(&renewed, "url")),
            (id(&issued), url.as_str()),
            "the URL stays"
        );
        assert_ne!(renewed["token"], issued["token"]);
        let shown = admin.get(&one).await;
        assert_eq!(
            (&shown["verified"], &shown["refused"]),
            (&json!(false), &json!([])),
            "{shown}"
        );
        let old = deliver(&fixture, (&url, &issued), START + 240, "<xml></xml>").await;
        assert_eq!(old, 403, "what WeCom signs with the old token is refused");

        assert_eq!(admin.call("DELETE", &one, None).await.status, 204);
        assert_eq!(admin.items(&path).await.len(), 0);
        assert_eq!(admin.call("GET", &one, None).await.refusal(), (404, "CB-101"));
        assert_eq!(admin.call("DELETE", &one, None).await.refusal(), (404, "CB-101"));
        assert_eq!(
            deliver(&fixture, (&url, &renewed), START + 240, "<xml></xml>").await,
            404
        );
        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let of_it = events
            .iter()
            .filter(|event| event["subject"] == format!("callback:{}", id(&issued)));
        let mut actions: Vec<&str> = of_it.map(|event| text(&event["detail"], "action")).collect();
        actions.sort_unstable();
        assert_eq!(actions, ["created", "deleted", "renewed"]);
    }
);

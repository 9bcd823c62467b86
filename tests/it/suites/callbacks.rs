//! The callbacks of a suite: who may verify them, what is refused, and that every reason is told.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Delivery, Push, SuiteCallback, Tamper, sample};

use super::{Sealed, connected, problems, push, save, sealed, shown, suite, ticket, url, with_provider};
use crate::{
    actors::{id, text},
    fixture::{Fixture, START},
    scenario,
};

const ECHO: &str = "1616140317555161061";

/// One of the callbacks as it is shown now.
async fn callback(fixture: &Fixture, suite: &Value, word: &str) -> Value {
    let shown = shown(fixture, suite).await;
    let callbacks = shown["callbacks"].as_array().unwrap();
    callbacks.iter().find(|one| one["callback"] == word).unwrap().clone()
}

fn refused(callback: &Value) -> Vec<&str> {
    let refused = callback["refused"].as_array().unwrap();
    refused.iter().map(|one| text(&one["problem"], "number")).collect()
}

scenario!(
    wecom_verifies_both_callbacks_when_they_are_saved,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        for (which, word) in [(SuiteCallback::Command, "command"), (SuiteCallback::Data, "data")] {
            assert_eq!(callback(&fixture, &suite, word).await["verified"], false);
            save(&fixture, &suite, which).await.unwrap();
            let verified = callback(&fixture, &suite, word).await;
            assert_eq!(
                (&verified["verified"], &verified["verified_at"], &verified["refused"]),
                (&json!(true), &json!(START * 1000), &json!([])),
                "{word}"
            );
        }
        // Reference 6.3: some are verified with the provider's corp ID.
        fixture
            .wecom
            .edit(|world| world.switches.suites.command_verified_as_provider = true);
        save(&fixture, &suite, SuiteCallback::Command).await.unwrap();
        // New keys: nothing is verified until WeCom has them.
        let path = format!("suites/{}/renew", id(&suite));
        let renewed = fixture.admin().create(&path, json!({})).await;
        for word in ["command", "data"] {
            assert_eq!(callback(&fixture, &suite, word).await["verified"], false);
        }
        assert!(
            save(&fixture, &suite, SuiteCallback::Command).await.is_err(),
            "the old ones"
        );
        save(&fixture, &renewed, SuiteCallback::Command).await.unwrap();
    }
);

scenario!(
    without_the_providers_corp_id_whoever_holds_the_keys_verifies,
    |fixture: Fixture| async move {
        with_provider(&fixture);
        let entered = json!({ "name": "x", "suite_id": sample::SUITE, "secret": sample::SUITE_SECRET });
        let suite = fixture.admin().create("suites", entered).await;
        let said = &suite["problems"][0];
        assert_eq!(
            (text(said, "number"), text(said, "severity")),
            ("SU-128", "warning"),
            "{suite}"
        );
        assert!(text(said, "where").contains("服务商信息"), "{said}");
        save(&fixture, &suite, SuiteCallback::Data).await.unwrap();
        fixture
            .wecom
            .edit(|world| world.switches.suites.command_verified_as_provider = true);
        save(&fixture, &suite, SuiteCallback::Command).await.unwrap();
        // What is pushed is for the suite alone, whoever the provider is.
        let message = format!("<xml><SuiteId>{}</SuiteId><InfoType>x</InfoType></xml>", sample::SUITE);
        let misdirected = Sealed {
            receive_id: sample::PROVIDER,
            ..sealed(&suite, &message)
        };
        let (status, body) = misdirected.deliver(&fixture, url(&suite, "command")).await;
        assert!(status == 403 && body.contains("WC-183"), "{body}");
        let path = format!("suites/{}", id(&suite));
        fixture
            .admin()
            .change(&path, json!({ "provider_corp_id": sample::PROVIDER }))
            .await;
        assert!(!problems(&fixture, &suite).await.contains(&"SU-128".to_owned()));
    }
);

scenario!(
    a_verification_of_another_receive_id_or_a_second_time_is_refused,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let (command, data) = (url(&suite, "command"), url(&suite, "data"));
        let (provider, other) = (sample::PROVIDER, "wwsomebodyelse");
        let of_provider = data.replace("$CORPID$", provider);
        let of_other = data.replace("$CORPID$", other);
        for (number, (address, receive_id, expected)) in [
            (command, text(&suite, "suite_id"), 200),
            (command, provider, 200),
            (command, other, 403),
            (command, sample::SUITE2, 403),
            (&of_provider, provider, 200),
            (&of_provider, other, 403),
            (&of_provider, text(&suite, "suite_id"), 403),
            (&of_other, other, 403),
        ]
        .into_iter()
        .enumerate()
        {
            let nonce = format!("v{number}");
            let echo = Sealed {
                receive_id,
                nonce: &nonce,
                ..sealed(&suite, ECHO)
            };
            let (status, body) = echo.verify(&fixture, address).await;
            assert_eq!(status, expected, "{address} {receive_id}: {body}");
            match expected {
                200 => assert_eq!(body, ECHO),
                _ => assert!(body.contains("WC-183"), "{body}"),
            }
            let again = echo.verify(&fixture, address).await;
            let repeated = if expected == 200 { "CB-140" } else { "WC-183" };
            assert!(again.0 == 403 && again.1.contains(repeated), "{}", again.1);
        }
        let pushed = format!("<xml><SuiteId>{}</SuiteId></xml>", sample::SUITE);
        let (status, body) = sealed(&suite, &pushed).verify(&fixture, command).await;
        assert!(
            status == 400 && body.contains("WC-184"),
            "a push is decrypted for nobody: {body}"
        );
    }
);

scenario!(
    tampered_pushes_are_refused_and_every_reason_is_told,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        for (tamper, number) in [
            (Tamper::Signature, "WC-181"),
            (Tamper::Key, "WC-182"),
            (Tamper::ReceiveId, "WC-183"),
            (Tamper::Length, "WC-182"),
            (Tamper::Padding, "WC-182"),
            (Tamper::Base64, "WC-182"),
            (Tamper::Stale, "CB-102"),
            (Tamper::OtherSuite, "WC-181"),
            (Tamper::OtherSuiteKey, "WC-182"),
            (Tamper::OtherSuiteId, "WC-183"),
            (Tamper::ProviderId, "WC-183"),
        ] {
            fixture.advance(Duration::from_secs(60));
            let tampered = Delivery {
                tamper: Some(tamper),
                ..Delivery::default()
            };
            let report = push(&fixture, Push::SuiteTicket, tampered).await;
            assert!(
                !report.taken && report.statuses.iter().all(|status| (400..500).contains(status)),
                "{tamper:?}: {report:?}"
            );
            let callback = callback(&fixture, &suite, "command").await;
            assert_eq!(refused(&callback)[0], number, "{tamper:?}: {callback}");
            assert_eq!(problems(&fixture, &suite).await, [number], "{tamper:?}");
        }
        let read = shown(&fixture, &suite).await;
        assert_eq!(
            (&read["ticket_at"], &read["credential"]),
            (&Value::Null, &json!("waits_for_ticket")),
            "{read}"
        );
        ticket(&fixture).await;
        assert!(
            problems(&fixture, &suite).await.is_empty(),
            "something was accepted since"
        );
        let told = callback(&fixture, &suite, "command").await;
        assert_eq!(refused(&told).len(), 4, "one row for each reason: {told}");
    }
);

scenario!(
    a_push_that_names_another_suite_is_refused,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        fixture.advance(Duration::from_secs(60));
        let message = format!(
            "<xml><SuiteId>{}</SuiteId><InfoType>cancel_auth</InfoType><TimeStamp>{START}</TimeStamp><AuthCorpId>wpX</AuthCorpId></xml>",
            sample::SUITE2
        );
        let (status, body) = sealed(&suite, &message).deliver(&fixture, url(&suite, "command")).await;
        assert!(status == 403 && body.contains("SU-102"), "{body}");
        assert!(
            fixture
                .admin()
                .items(&format!("suites/{}/pushes", id(&suite)))
                .await
                .is_empty()
        );
        assert_eq!(problems(&fixture, &suite).await, ["SU-102"]);
    }
);

scenario!(
    rubbish_at_the_callbacks_is_refused_with_a_number,
    |fixture: Fixture| async move {
        let suite = suite(&fixture).await;
        let data = url(&suite, "data").replace("$CORPID$", "wpX");
        for address in [url(&suite, "command"), &data] {
            for body in [
                "",
                "<xml>",
                "<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>",
                "{}",
                "\u{0}",
            ] {
                let signed = format!("{address}?msg_signature=00&timestamp={START}&nonce=1");
                let answer = fixture.http.post(signed).body(body).send().await.unwrap();
                assert!(
                    answer.status().is_client_error(),
                    "{address} {body}: {}",
                    answer.status()
                );
                let problem: Value = answer.json().await.unwrap();
                assert!(problem["number"].is_string(), "{problem}");
            }
            let large = fixture
                .http
                .post(address)
                .body("x".repeat(65 * 1024))
                .send()
                .await
                .unwrap();
            assert_eq!(large.status(), 413, "{address}");
        }
        let base = format!("{}/wecom/suites", fixture.base);
        for unknown in [
            format!("{base}/00000000-0000-7000-8000-000000000000/command"),
            format!("{base}/x/command"),
            format!("{base}/x/data/wpX"),
            data.replace("wpX", "a%2Fb"),
            data.replace("wpX", &"w".repeat(65)),
        ] {
            for method in [reqwest::Method::GET, reqwest::Method::POST] {
                let answer = fixture.http.request(method, &unknown).send().await.unwrap();
                assert_eq!(answer.status(), 404, "{unknown}");
            }
        }
    }
);

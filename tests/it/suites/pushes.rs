//! Pushes: recorded before they are answered, once however often and at however many replicas they arrive, and shown without their codes.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::{Delivery, Push, sample};

use super::{Sealed, connected, push, sealed, shown, ticket, url};
use crate::{
    actors::{id, text},
    fixture::{Fixture, START},
    scenario,
};

/// Deliveries at once.
const TRIES: usize = 100;

async fn recorded(fixture: &Fixture, suite: &Value) -> Vec<Value> {
    fixture.admin().items(&format!("suites/{}/pushes", id(suite))).await
}

fn told(info_type: &str, rest: &str) -> String {
    format!(
        "<xml><SuiteId>{}</SuiteId><InfoType>{info_type}</InfoType><TimeStamp>{START}</TimeStamp>{rest}</xml>",
        sample::SUITE
    )
}

scenario!(
    that_something_arrived_is_written_once_a_minute_and_at_once_after_a_refusal,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        let command = url(&suite, "command").to_owned();
        let arrives = async |after: i64, rest: &str| {
            let message = told("change_auth", &format!("<AuthCorpId>wp{after}</AuthCorpId>{rest}"));
            let nonce = format!("n{after}{}", rest.len());
            let push = Sealed {
                after,
                nonce: &nonce,
                ..sealed(&suite, &message)
            };
            assert_eq!(push.deliver(&fixture, &command).await.0, 200);
        };
        let seen = async || {
            let read = shown(&fixture, &suite).await;
            let at = read["callbacks"][0]["last_received_at"].as_i64();
            (
                at.map(|at| at / 1000 - START),
                read["problems"].as_array().unwrap().len(),
            )
        };
        arrives(0, "").await;
        assert_eq!(seen().await, (Some(0), 0));
        fixture.advance(Duration::from_secs(59));
        arrives(59, "").await;
        assert_eq!(seen().await, (Some(0), 0), "to the minute");
        assert_eq!(recorded(&fixture, &suite).await.len(), 2, "each push is told");
        fixture.advance(Duration::from_secs(1));
        arrives(60, "").await;
        assert_eq!(seen().await, (Some(60), 0));
        fixture.advance(Duration::from_secs(5));
        let tampered = Delivery {
            tamper: Some(simulator::Tamper::Signature),
            ..Delivery::default()
        };
        push(&fixture, Push::SuiteTicket, tampered).await;
        assert_eq!(seen().await, (Some(60), 1), "a refusal stands");
        fixture.advance(Duration::from_secs(1));
        arrives(66, "").await;
        assert_eq!(seen().await, (Some(66), 0), "until something is accepted");
        // A ticket is a change whenever it comes.
        fixture.advance(Duration::from_secs(1));
        ticket(&fixture).await;
        assert_eq!(shown(&fixture, &suite).await["ticket_at"], json!((START + 67) * 1000));
    }
);

scenario!(
    of_100_parallel_deliveries_of_one_push_one_row_is_kept,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        let replica = fixture.replica().await;
        let here = url(&suite, "command").to_owned();
        let there = here.replace(&fixture.base, &replica.base);
        let message = told("change_auth", "<AuthCorpId>wpSomebody</AuthCorpId>");
        let deliveries = (0..TRIES).map(|number| {
            let (fixture, suite, message) = (&fixture, &suite, &message);
            let address = if number % 2 == 0 { &here } else { &there };
            async move {
                let nonce = format!("n{number}");
                let sealed = Sealed {
                    nonce: &nonce,
                    ..sealed(suite, message)
                };
                sealed.deliver(fixture, address).await
            }
        });
        for answer in join_all(deliveries).await {
            assert_eq!(answer, (200, "success".to_owned()));
        }
        let rows = recorded(&fixture, &suite).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(
            (&rows[0]["info_type"], &rows[0]["corp_id"], &rows[0]["told_at"]),
            (&json!("change_auth"), &json!("wpSomebody"), &json!(START * 1000))
        );
    }
);

scenario!(
    every_kind_of_push_is_acknowledged_within_a_second_and_kept_without_its_code,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        let corp = sample::CORP.to_owned();
        for (number, one) in [
            Push::CreateAuth {
                auth_code: "tell-tale-code".to_owned(),
                state: "State1".to_owned(),
            },
            Push::ChangeAuth { corp: corp.clone() },
            Push::CancelAuth { corp: corp.clone() },
            Push::ResetPermanentCode {
                auth_code: "tell-tale-code".to_owned(),
            },
        ]
        .into_iter()
        .enumerate()
        {
            fixture.advance(Duration::from_secs(1));
            let twice = Delivery {
                duplicate: true,
                ..Delivery::default()
            };
            let report = push(&fixture, one.clone(), twice).await;
            assert!(report.taken && report.statuses == [200, 200], "{one:?}: {report:?}");
            let rows = recorded(&fixture, &suite).await;
            assert_eq!(rows.len(), number + 1, "{rows:?}");
            assert_eq!(rows[0]["info_type"], json!(one.info_type()), "the last one first");
            assert!(!json!(rows).to_string().contains("tell-tale"), "{rows:?}");
        }
        let read = shown(&fixture, &suite).await;
        assert_eq!(
            read["callbacks"][0]["last_received_at"],
            json!((START + 1) * 1000),
            "written once a minute: {read}"
        );
        let pages = format!("suites/{}/pushes?limit=3", id(&suite));
        let first = fixture.admin().get(&pages).await;
        let cursor = text(&first, "next_cursor");
        let second = fixture.admin().get(&format!("{pages}&cursor={cursor}")).await;
        assert_eq!(
            (
                first["items"].as_array().unwrap().len(),
                second["items"].as_array().unwrap().len()
            ),
            (3, 1)
        );
        assert_eq!(second["next_cursor"], Value::Null);
    }
);

scenario!(
    what_nobody_acts_on_is_acknowledged_and_told_as_such,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        for (number, (info_type, rest)) in [
            ("license_pay_success", ""),
            ("cancel_auth", ""),
            ("create_auth", "<State>s</State>"),
        ]
        .into_iter()
        .enumerate()
        {
            let message = told(info_type, rest);
            let nonce = format!("n{number}");
            let sealed = Sealed {
                nonce: &nonce,
                ..sealed(&suite, &message)
            };
            let answer = sealed.deliver(&fixture, url(&suite, "command")).await;
            assert_eq!(answer, (200, "success".to_owned()), "{info_type}");
            let last = recorded(&fixture, &suite).await.remove(0);
            assert_eq!(
                (&last["info_type"], &last["outcome"]),
                (&json!(info_type), &json!("ignored")),
                "{last}"
            );
            assert_eq!(last["handled_at"], json!(START * 1000));
        }
    }
);

// What changed twice within one second is told by one and the same document.
scenario!(
    a_change_that_was_acted_on_and_is_told_again_is_acted_on_again,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        ticket(&fixture).await;
        for (number, (info_type, again)) in [("change_auth", true), ("cancel_auth", false)].into_iter().enumerate() {
            let message = told(info_type, "<AuthCorpId>wpSomebody</AuthCorpId>");
            let deliver = async |nonce: &str| {
                let push = Sealed {
                    nonce,
                    ..sealed(&suite, &message)
                };
                let answer = push.deliver(&fixture, url(&suite, "command")).await;
                assert_eq!(answer, (200, "success".to_owned()));
                recorded(&fixture, &suite).await
            };
            let rows = deliver("a").await;
            assert_eq!(
                (rows.len(), &rows[0]["handled_at"]),
                (number + 1, &Value::Null),
                "{rows:?}"
            );
            fixture.app.tick().await.unwrap();
            fixture.wait_for_background_work().await;
            assert!(recorded(&fixture, &suite).await[0]["handled_at"].is_i64());
            let rows = deliver("b").await;
            assert_eq!(
                (rows.len(), rows[0]["handled_at"].is_null()),
                (number + 1, again),
                "{rows:?}"
            );
        }
    }
);

// Reference 9.1: seen with a blank before the word.
scenario!(
    a_blank_before_the_kind_of_a_push_matters_not,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        fixture
            .wecom
            .edit(|world| world.switches.suites.info_type_leading_blank = true);
        ticket(&fixture).await;
        assert_eq!(shown(&fixture, &suite).await["ticket_valid"], true);
    }
);

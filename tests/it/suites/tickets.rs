//! Tickets: the newest counts, in whatever order they come and however often; they serve for half an hour and survive a restart; and what WeCom
//! says of suite ID and secret when one has come.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    Delivery, Push, SuiteCallback, sample,
    world::{Fault, FaultKind},
};

use super::{Sealed, connected, entered, problems, push, save, sealed, shown, ticket, url, with_provider};
use crate::{
    actors::{id, text},
    fixture::{Fixture, START},
    scenario,
};

fn told(ticket: &str, at: i64) -> String {
    format!(
        "<xml><SuiteId><![CDATA[{}]]></SuiteId><InfoType><![CDATA[suite_ticket]]></InfoType><TimeStamp>{at}</TimeStamp><SuiteTicket><![CDATA[{ticket}]]></SuiteTicket></xml>",
        sample::SUITE
    )
}

scenario!(
    the_newest_ticket_counts_whatever_the_order_and_however_often_it_comes,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        let command = url(&suite, "command").to_owned();
        fixture.advance(Duration::from_secs(600));
        for (number, (name, at)) in [
            ("b", START + 300),
            ("a", START),
            ("b", START + 300),
            ("c", START + 600),
            ("b", START + 300),
        ]
        .into_iter()
        .enumerate()
        {
            let message = told(name, at);
            let nonce = format!("n{number}");
            let push = Sealed {
                after: 600,
                nonce: &nonce,
                ..sealed(&suite, &message)
            };
            assert_eq!(push.deliver(&fixture, &command).await, (200, "success".to_owned()));
            let newest = shown(&fixture, &suite).await["ticket_at"].clone();
            let expected = if number < 3 { START + 300 } else { START + 600 };
            assert_eq!(newest, json!(expected * 1000), "after {name}");
        }
        assert!(
            fixture
                .admin()
                .items(&format!("suites/{}/pushes", id(&suite)))
                .await
                .is_empty()
        );
        // One of the future would keep out all that follow.
        let message = told("z", START + 86_400);
        let ahead = Sealed {
            after: 600,
            nonce: "z",
            ..sealed(&suite, &message)
        };
        assert_eq!(ahead.deliver(&fixture, &command).await.0, 200);
        assert_eq!(shown(&fixture, &suite).await["ticket_at"], json!((START + 600) * 1000));
    }
);

scenario!(
    a_ticket_serves_for_half_an_hour_and_survives_a_restart,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        ticket(&fixture).await;
        let read = shown(&fixture, &suite).await;
        assert_eq!(
            (&read["ticket_valid"], &read["credential"], &read["problems"]),
            (&json!(true), &json!("accepted"), &json!([])),
            "{read}"
        );
        assert_eq!(read["ticket_expires_at"], json!((START + 1800) * 1000));
        let base = fixture.restart().await;
        let restarted = fixture
            .http
            .get(format!("{base}/api/v1/suites/{}", id(&suite)))
            .bearer_auth(crate::fixture::ADMIN_TOKEN)
            .send()
            .await
            .unwrap();
        let restarted: Value = restarted.json().await.unwrap();
        assert_eq!(restarted["ticket_valid"], true, "{restarted}");

        fixture.advance(Duration::from_secs(1799));
        assert_eq!(shown(&fixture, &suite).await["ticket_valid"], true);
        fixture.advance(Duration::from_secs(1));
        let read = shown(&fixture, &suite).await;
        assert_eq!(read["ticket_valid"], false);
        let problem = &read["problems"][0];
        assert_eq!(
            (text(problem, "number"), text(problem, "severity")),
            ("SU-121", "error")
        );
        assert_eq!(problem["since"], json!((START + 1800) * 1000));
        assert!(text(problem, "where").contains("服务商管理后台") && text(problem, "remedy").contains("刷新Ticket"));
        let path = format!("suites/{}/check", id(&suite));
        let refused = fixture.admin().call("POST", &path, None).await;
        assert_eq!(refused.refusal(), (409, "SU-127"));
        // The health of the installation tells it too.
        let health = fixture.admin().get("health").await;
        let troubled = health["problems"].as_array().unwrap();
        assert!(
            troubled
                .iter()
                .any(|one| one["collection"] == "suites" && one["problem"]["number"] == "SU-121"),
            "{health}"
        );
        ticket(&fixture).await;
        assert!(problems(&fixture, &suite).await.is_empty());
    }
);

scenario!(
    a_first_ticket_that_never_comes_is_told_after_twenty_minutes,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        fixture.advance(Duration::from_secs(1199));
        assert!(problems(&fixture, &suite).await.is_empty());
        fixture.advance(Duration::from_secs(1));
        assert_eq!(problems(&fixture, &suite).await, ["SU-120"]);
        ticket(&fixture).await;
        assert!(problems(&fixture, &suite).await.is_empty());
    }
);

scenario!(
    the_secret_is_tried_with_the_first_ticket_and_whenever_another_is_saved,
    |fixture: Fixture| async move {
        with_provider(&fixture);
        let admin = fixture.admin();
        let mut wrong = entered();
        wrong["secret"] = json!("not-the-secret");
        let suite = admin.create("suites", wrong).await;
        save(&fixture, &suite, SuiteCallback::Command).await.unwrap();
        ticket(&fixture).await;
        let read = shown(&fixture, &suite).await;
        assert_eq!(read["credential"], "refused", "{read}");
        let problem = &read["problems"][0];
        assert_eq!(text(problem, "number"), "SU-122", "{problem}");
        assert!(text(problem, "detail").contains("40080"), "{problem}");
        assert!(text(problem, "where").contains("服务商管理后台"));

        let path = format!("suites/{}", id(&suite));
        let refused = admin.call("PATCH", &path, Some(json!({ "secret": "neither" }))).await;
        assert_eq!(refused.refusal(), (422, "SU-110"), "{}", refused.body);
        let fault = &refused.body["errors"][0];
        assert_eq!(text(fault, "pointer"), "#/secret");
        assert!(
            text(fault, "detail").contains("40080") && text(fault, "where").contains("服务商管理后台"),
            "{fault}"
        );
        let anyway = json!({ "secret": "neither", "save_anyway": true });
        assert_eq!(admin.change(&path, anyway).await["credential"], "refused");
        let right = admin.change(&path, json!({ "secret": sample::SUITE_SECRET })).await;
        assert_eq!(
            (&right["credential"], &right["problems"]),
            (&json!("accepted"), &json!([])),
            "{right}"
        );

        // Another suite ID has no ticket, and nothing can be tried.
        let other = admin.change(&path, json!({ "suite_id": "wwsomethingelse" })).await;
        assert_eq!(
            (&other["credential"], &other["ticket_at"]),
            (&json!("waits_for_ticket"), &Value::Null),
            "{other}"
        );
    }
);

scenario!(
    an_address_that_is_not_on_the_providers_list_is_told_and_heals_with_the_next_ticket,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        fixture.add_fault(Fault::new(
            "/cgi-bin/service/get_suite_token",
            FaultKind::Errcode(60020),
        ));
        ticket(&fixture).await;
        let read = shown(&fixture, &suite).await;
        let problem = &read["problems"][0];
        assert_eq!(text(problem, "number"), "SU-124", "{read}");
        assert!(text(problem, "where").contains("IP白名单"), "{problem}");
        fixture.mend_wecom();
        fixture.advance(Duration::from_secs(600));
        ticket(&fixture).await;
        let read = shown(&fixture, &suite).await;
        assert_eq!(
            (&read["credential"], &read["problems"]),
            (&json!("accepted"), &json!([])),
            "{read}"
        );
        // Nothing is wrong: the next ticket asks nobody.
        let calls = fixture.wecom.calls("service/get_suite_token");
        fixture.advance(Duration::from_secs(600));
        ticket(&fixture).await;
        assert_eq!(fixture.wecom.calls("service/get_suite_token"), calls);
        let path = format!("suites/{}/check", id(&suite));
        assert_eq!(fixture.admin().create(&path, json!({})).await["credential"], "accepted");
        assert_eq!(
            fixture.wecom.calls("service/get_suite_token"),
            calls + 1,
            "an admin says so"
        );
    }
);

scenario!(
    a_ticket_delivered_twice_or_held_back_or_reordered_leaves_the_newest,
    |fixture: Fixture| async move {
        let suite = connected(&fixture).await;
        let delivered = |delivery: Delivery| push(&fixture, Push::SuiteTicket, delivery);
        let held = delivered(Delivery {
            hold: true,
            ..Delivery::default()
        })
        .await;
        assert!(held.held);
        fixture.advance(Duration::from_secs(60));
        let twice = delivered(Delivery {
            duplicate: true,
            ..Delivery::default()
        })
        .await;
        assert_eq!(twice.statuses, [200, 200]);
        fixture.wecom.release(false).await;
        let read = shown(&fixture, &suite).await;
        assert_eq!(read["ticket_at"], json!((START + 60) * 1000), "{read}");
    }
);

/// A ticket that WeCom, whose clock is this many seconds ahead, made when it was `stamped` and sends now, both seconds after [`START`] by our clock.
async fn from_a_wrong_clock(fixture: &Fixture, suite: &Value, ahead: i64, (stamped, now): (i64, i64)) {
    let message = told(&format!("t{stamped}"), START + stamped + ahead);
    let nonce = format!("n{stamped}-{now}");
    let push = Sealed {
        after: now + ahead,
        nonce: &nonce,
        ..sealed(suite, &message)
    };
    let answer = push.deliver(fixture, url(suite, "command")).await;
    assert_eq!(answer, (200, "success".to_owned()), "{ahead} {stamped}");
}

async fn served_for_half_an_hour_by_our_clock(fixture: &Fixture, ahead: i64) {
    let suite = connected(fixture).await;
    let moments = async || {
        let read = shown(fixture, &suite).await;
        (read["ticket_at"].clone(), read["ticket_expires_at"].clone())
    };
    let at = |second: i64| (json!((START + second) * 1000), json!((START + second + 1800) * 1000));
    from_a_wrong_clock(fixture, &suite, ahead, (0, 0)).await;
    assert_eq!(moments().await, at(0), "{ahead}");
    fixture.advance(Duration::from_secs(600));
    from_a_wrong_clock(fixture, &suite, ahead, (600, 600)).await;
    assert_eq!(moments().await, at(600), "{ahead}");
    fixture.advance(Duration::from_secs(300));
    // Delivered again, and one that was held back: by WeCom's clock neither is newer.
    from_a_wrong_clock(fixture, &suite, ahead, (600, 900)).await;
    from_a_wrong_clock(fixture, &suite, ahead, (0, 900)).await;
    assert_eq!(moments().await, at(600), "{ahead}");
    // Held back five minutes, and the newest: it is as old as it is.
    from_a_wrong_clock(fixture, &suite, ahead, (700, 900)).await;
    assert_eq!(moments().await, at(700), "{ahead}");
    fixture.advance(Duration::from_secs(1599));
    assert_eq!(shown(fixture, &suite).await["ticket_valid"], true, "{ahead}");
    fixture.advance(Duration::from_secs(1));
    assert_eq!(shown(fixture, &suite).await["ticket_valid"], false, "{ahead}");
    // Whose clock was set back is not waited for: what is over keeps nothing out.
    from_a_wrong_clock(fixture, &suite, ahead - 200, (2500, 2500)).await;
    assert_eq!(moments().await, at(2500), "{ahead}");
}

scenario!(
    a_ticket_of_a_wecom_whose_clock_is_ahead_serves_for_half_an_hour,
    |fixture: Fixture| async move {
        served_for_half_an_hour_by_our_clock(&fixture, 1500).await;
    }
);

scenario!(
    a_ticket_of_a_wecom_whose_clock_is_behind_serves_for_half_an_hour,
    |fixture: Fixture| async move {
        served_for_half_an_hour_by_our_clock(&fixture, -1500).await;
    }
);

//! What WeCom refuses is shown as what it is: over the API, and at the console.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use super::{asked, notices, subscribe, tell, tick};
use crate::{
    actors::{id, text},
    console::{at_work, in_both_languages},
    fixture::Fixture,
    scenario,
};

/// The sample corp and a channel over its app.
async fn channel(fixture: &Fixture) -> String {
    let source = fixture.connect().await;
    let channel = json!({ "kind": "wecom", "name": "企业微信", "data_source_id": id(&source) });
    id(&fixture.admin().create("notice-channels", channel).await).to_owned()
}

/// A test message to this member; its delivery.
async fn tried(fixture: &Fixture, channel: &str, userid: &str) -> Value {
    let path = format!("notice-channels/{channel}/test");
    let told = fixture
        .admin()
        .create(&path, json!({ "address": userid, "language": "en" }))
        .await;
    told["deliveries"][0].clone()
}

scenario!(
    quotas_addresses_and_members_out_of_reach_are_told_apart,
    |fixture: Fixture| async move {
        let channel = channel(&fixture).await;
        for (code, number, words) in [
            (45009, "WC-130", "a quota of a minute, an hour or a day is used up"),
            (45033, "WC-130", "too many calls at once"),
            (60020, "WC-120", "WeCom saw the address"),
        ] {
            fixture.add_fault(Fault::new("/cgi-bin/message/send", FaultKind::Errcode(code)));
            let row = tried(&fixture, &channel, sample::NORMAL).await;
            fixture.mend_wecom();
            assert_eq!(
                (text(&row, "state"), &row["last_status"]),
                ("abandoned", &json!(code)),
                "{row}"
            );
            assert_eq!(text(&row["problem"], "number"), number, "{row}");
            assert!(text(&row["problem"], "detail").contains(words), "{row}");
            assert!(!text(&row["problem"], "remedy_zh").is_empty());
        }
        // 81013, or the list of those who were not reached beside a success.
        let row = tried(&fixture, &channel, "nobody").await;
        assert_eq!(
            (text(&row, "state"), text(&row["problem"], "number")),
            ("failed", "WC-191"),
            "{row}"
        );
        assert_eq!(
            text(&tried(&fixture, &channel, sample::NORMAL).await, "state"),
            "delivered"
        );
    }
);

scenario!(
    the_console_shows_attempts_the_next_one_what_to_do_and_sends_again,
    |fixture: Fixture| async move {
        let channel = channel(&fixture).await;
        subscribe(&fixture, &channel, json!({ "address": sample::NORMAL })).await;
        fixture.add_fault(Fault::new("/cgi-bin/message/send", FaultKind::Errcode(60020)));
        tell(&fixture, &asked("matter:1", "Li Hua")).await;
        tick(&fixture).await;
        fixture.advance(Duration::from_secs(10));
        tick(&fixture).await;
        let row = notices(&fixture, "").await[0]["deliveries"][0].clone();
        assert_eq!((text(&row, "state"), &row["attempts"]), ("pending", &json!(2)), "{row}");
        assert!(row["next_at"].as_i64().unwrap() > fixture.clock.now().millis(), "{row}");
        let owner = at_work(&fixture, "owner").await;
        fixture.add_fault(Fault::new("/cgi-bin/message/send", FaultKind::Errcode(60020)));
        let path = "/console/settings/notices";
        let [english, chinese] = in_both_languages(&fixture, &owner, path).await;
        for (page, words) in [
            (
                &english,
                [
                    "2 attempts",
                    "next attempt",
                    "WC-120",
                    "Add the address named in the detail",
                ],
            ),
            (&chinese, ["已尝试 2 次", "下次尝试", "WC-120", "企业可信IP"]),
        ] {
            // Placeables stand between marks that isolate directions.
            let body = page.body.replace(['\u{2068}', '\u{2069}'], "");
            for word in words {
                assert!(body.contains(word), "{word}: {body}");
            }
            assert!(
                body.contains("WeCom saw the address") && !body.contains("/resend\""),
                "{body}"
            );
        }
        fixture.advance(Duration::from_secs(25 * 3600));
        tick(&fixture).await;
        assert_eq!(notices(&fixture, "?state=abandoned").await.len(), 1);
        let owner = at_work(&fixture, "admin").await;
        let [english, _] = in_both_languages(&fixture, &owner, path).await;
        assert!(english.body.contains("/resend\""), "{}", english.body);
    }
);

//! Subscriptions: topic by data source by channel; and when.

use std::time::Duration;

use menjin::notices::NewNotice;
use serde_json::json;

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    who_subscribed_to_the_topic_of_this_data_source_or_of_all_is_told_and_nobody_else,
    |fixture: Fixture| async move {
        let first = fixture.connect().await;
        let second = fixture.connect_second(json!({})).await;
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let off = json!({ "kind": "webhook", "name": "off", "url": "https://hook.example/", "enabled": false });
        let off = fixture.admin().create("notice-channels", off).await;
        let own =
            |source: &serde_json::Value, address: &str| json!({ "data_source_id": source["id"], "address": address });
        subscribe(&fixture, &channel, own(&first, "first@corp.example")).await;
        subscribe(&fixture, &channel, own(&second, "second@corp.example")).await;
        subscribe(
            &fixture,
            &channel,
            json!({ "address": "all@corp.example", "language": "zh-CN" }),
        )
        .await;
        let other = json!({ "address": "other@corp.example", "topics": ["access_approved", "access_refused"] });
        subscribe(&fixture, &channel, other).await;
        let told = json!({ "channel_id": off["id"], "topics": ["access_requested"] });
        fixture.admin().create("notice-subscriptions", told).await;

        let about = |source: &serde_json::Value| NewNotice {
            data_source: Some(id(source).parse().unwrap()),
            ..asked("matter:1", "Zhang San")
        };
        assert_eq!(tell(&fixture, &about(&first)).await, 2);
        assert_eq!(tell(&fixture, &asked("matter:2", "Li Hua")).await, 1);
        tick(&fixture).await;
        let mut to: Vec<String> = sink.mails().iter().map(|mail| mail.to.join(",")).collect();
        to.sort();
        assert_eq!(to.len(), 3, "{to:?}");
        assert!(
            to[0].contains("all@") && to[1].contains("all@") && to[2].contains("first@"),
            "{to:?}"
        );
        let english = sink
            .mails()
            .into_iter()
            .find(|mail| mail.to[0].contains("first@"))
            .unwrap();
        let subject = english.header("subject").unwrap();
        assert_eq!(subject, "Zhang San asks for access");
        let of_first = notices(&fixture, &format!("?data_source_id={}", id(&first))).await;
        assert_eq!(
            (of_first.len(), text(&of_first[0], "subject")),
            (1, "matter:1"),
            "{of_first:?}"
        );
        let mut languages: Vec<&str> = of_first[0]["deliveries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|delivery| text(delivery, "language"))
            .collect();
        languages.sort_unstable();
        assert_eq!(languages, ["en", "zh-CN"]);
    }
);

// The fixture's clock begins at four in the afternoon in China.
scenario!(
    what_happens_in_quiet_hours_is_held_until_they_end,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(
            &fixture,
            &channel,
            json!({ "quiet_from": 15 * 60, "quiet_to": 17 * 60 }),
        )
        .await;
        subscribe(
            &fixture,
            &channel,
            json!({ "address": "west@corp.example", "quiet_from": 15 * 60, "quiet_to": 17 * 60, "utc_offset": 0 }),
        )
        .await;
        tell(&fixture, &asked("matter:1", "one")).await;
        tick(&fixture).await;
        let mails = sink.mails();
        assert_eq!(mails.len(), 1, "by another clock it is not quiet");
        assert!(mails[0].to[0].contains("west@"));
        let held = notices(&fixture, "?state=held").await;
        assert_eq!(held.len(), 1, "{held:?}");
        fixture.advance(Duration::from_secs(3599));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 1);
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 2);
        assert!(notices(&fixture, "?state=held").await.is_empty());
    }
);

// An evening's outage is not made up for at night.
scenario!(
    what_is_tried_again_is_held_in_quiet_hours_too,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let quiet = json!({ "quiet_from": 17 * 60, "quiet_to": 19 * 60 });
        subscribe(&fixture, &channel, quiet).await;
        fixture.advance(Duration::from_secs(3599));
        sink.answer("MAIL", "451 4.3.0 not now");
        tell(&fixture, &asked("matter:1", "one")).await;
        tick(&fixture).await;
        sink.accept();
        fixture.advance(Duration::from_secs(6));
        tick(&fixture).await;
        assert!(sink.mails().is_empty(), "it is five o'clock");
        assert_eq!(notices(&fixture, "?state=held").await.len(), 1);
        fixture.advance(Duration::from_secs(2 * 3600 - 6));
        tick(&fixture).await;
        assert!(sink.mails().is_empty());
        fixture.advance(Duration::from_secs(1));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 1);
    }
);

scenario!(
    what_a_disabled_channel_was_to_send_waits_and_what_a_deleted_one_was_is_given_up,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let path = format!("notice-channels/{channel}");
        tell(&fixture, &asked("matter:1", "one")).await;
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        tick(&fixture).await;
        let waits = notices(&fixture, "?state=pending").await;
        assert_eq!(
            text(&waits[0]["deliveries"][0]["problem"], "number"),
            "NO-105",
            "{waits:?}"
        );
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        fixture.advance(Duration::from_secs(5));
        tick(&fixture).await;
        assert_eq!(sink.mails().len(), 1, "it was off for a moment only");
        tell(&fixture, &asked("matter:2", "two")).await;
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert!(
            fixture.admin().items("notice-subscriptions").await.is_empty(),
            "they went with it"
        );
        tick(&fixture).await;
        let given_up = notices(&fixture, "?state=abandoned").await;
        assert_eq!(given_up.len(), 1, "{given_up:?}");
        assert!(given_up[0]["deliveries"][0]["channel"].is_null());
        assert_eq!(sink.mails().len(), 1);
        assert_eq!(
            tell(&fixture, &asked("matter:3", "three")).await,
            0,
            "nobody subscribes any more"
        );
    }
);

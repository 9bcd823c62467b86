//! What is kept of channels and notices, and what is never shown: secrets, and where a notice led.

use std::time::Duration;

use menjin::{
    kernel::entropy::Entropy,
    notices::{Card, To, enqueue},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::{asked, mail_channel, notices, sealer, smtp_sink::SmtpSink, subscribe, tell, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// Everything in these columns.
async fn stored(fixture: &Fixture, table: &str, column: &str) -> String {
    let reader = fixture.app.database().reader();
    let select = format!("SELECT CAST({column} AS TEXT) AS found FROM {table} WHERE {column} IS NOT NULL");
    let select = Statement::from_string(reader.get_database_backend(), select);
    let rows = reader.query_all_raw(select).await.unwrap();
    let found = rows.iter().map(|row| row.try_get::<String>("", "found").unwrap());
    found.collect::<Vec<_>>().join("\n")
}

scenario!(
    a_channels_secret_is_sealed_and_stands_in_no_reply_and_no_event,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let path = format!("notice-channels/{channel}");
        let admin = fixture.admin();
        fixture.advance(Duration::from_secs(1));
        admin
            .change(&path, json!({ "username": "menjin", "secret": "hunter2-hunter2" }))
            .await;
        let given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let hook = json!({ "kind": "webhook", "name": "hook", "url": "https://hook.example/services/T0-secret?key=K0-secret", "secret": given });
        let hook = admin.create("notice-channels", hook).await;
        assert!(hook["secret"].is_null(), "what was given is not made: {hook}");
        // An address alone may change, too; the key stays.
        let hook_path = format!("notice-channels/{}", id(&hook));
        let moved = json!({ "url": "https://other.example/services/T0-secret" });
        let moved = admin.change(&hook_path, moved).await;
        assert_eq!(
            (&moved["url"], &moved["secret_set"]),
            (&json!("https://other.example/…"), &json!(true))
        );
        let shown = admin.get(&path).await;
        assert_eq!(
            (&shown["secret_set"], shown.get("secret")),
            (&json!(true), None),
            "{shown}"
        );
        fixture.advance(Duration::from_secs(1));
        admin
            .create(&format!("{path}/test"), json!({ "address": "a@b.example" }))
            .await;
        let everything = [
            admin.get("notice-channels").await.to_string(),
            admin.get("audit-events?limit=200").await.to_string(),
            admin.get("notices").await.to_string(),
            stored(&fixture, "notice_channel", "secret").await,
            stored(&fixture, "notice_channel", "settings").await,
        ];
        for text in &everything {
            for secret in ["hunter2", "MfKQ9r8G", "T0-secret", "K0-secret"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
        let events = admin.items("audit-events?limit=200").await;
        let of_channel: Vec<&Value> = events
            .iter()
            .filter(|event| text(event, "subject") == format!("notice_channel:{channel}"))
            .collect();
        let actions: Vec<&str> = of_channel
            .iter()
            .map(|event| text(&event["detail"], "action"))
            .collect();
        assert_eq!(actions, ["tested", "changed", "created"]);
        assert_eq!(of_channel[1]["detail"]["after"]["secret"], "***", "{}", of_channel[1]);
        // The password was what the server got.
        assert!(sink.commands().iter().any(|line| line.starts_with("AUTH PLAIN ")));
    }
);

// Whoever may change a channel could read its password otherwise, at a server of their own.
scenario!(
    a_password_is_never_sent_to_another_server_than_it_was_entered_for,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let path = format!("notice-channels/{channel}");
        let admin = fixture.admin();
        admin
            .change(&path, json!({ "username": "menjin", "secret": "hunter2-hunter2" }))
            .await;
        let moved = json!({ "host": "localhost" });
        let refused = admin.call("PATCH", &path, Some(moved)).await;
        assert_eq!(refused.refusal(), (422, "NO-101"), "{}", refused.body);
        assert_eq!(refused.body["errors"][0]["pointer"], "#/secret");
        // Another port is another program.
        let refused = admin.call("PATCH", &path, Some(json!({ "port": 2 }))).await;
        assert_eq!(refused.refusal(), (422, "NO-101"), "{}", refused.body);
        // Not in two steps either.
        let shown = admin
            .change(&path, json!({ "host": "localhost", "username": null }))
            .await;
        assert_eq!(shown["secret_set"], false);
        let refused = admin.call("PATCH", &path, Some(json!({ "username": "menjin" }))).await;
        assert_eq!(refused.refusal(), (422, "NO-101"), "{}", refused.body);
    }
);

scenario!(
    what_goes_with_a_data_source_is_told_of_one_by_one,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let sink = SmtpSink::listen();
        let mail = mail_channel(&fixture, &sink).await;
        let about = subscribe(&fixture, &mail, json!({ "data_source_id": source["id"] })).await;
        let kept = subscribe(&fixture, &mail, json!({ "address": "all@corp.example" })).await;
        let admin = fixture.admin();
        let wecom = json!({ "kind": "wecom", "name": "WeCom", "data_source_id": source["id"] });
        let wecom = admin.create("notice-channels", wecom).await;
        let by_it = subscribe(&fixture, id(&wecom), json!({ "address": "lihua" })).await;
        let path = format!("data-sources/{}", id(&source));
        let deleted = admin.call("DELETE", &path, None).await;
        assert_eq!(deleted.status / 100, 2, "{}", deleted.body);
        let events = admin.items("audit-events?limit=200").await;
        let told = |subject: String| {
            let of_it = |event: &&Value| text(event, "subject") == subject && event["detail"]["action"] == "deleted";
            events.iter().filter(of_it).count()
        };
        for subscription in [&about, &by_it] {
            assert_eq!(told(format!("notice_subscription:{}", id(subscription))), 1);
        }
        assert_eq!(told(format!("notice_channel:{}", id(&wecom))), 1);
        let left = admin.items("notice-subscriptions").await;
        assert_eq!((left.len(), id(&left[0])), (1, id(&kept)));
    }
);

scenario!(
    what_a_notice_says_and_where_it_leads_is_sealed_and_the_link_is_never_shown,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let mut notice = asked("matter:1", "Li Hua");
        notice.path = Some("/access-requests/one-time-token".to_owned());
        tell(&fixture, &notice).await;
        tick(&fixture).await;
        assert!(sink.mails()[0].readable().contains("/access-requests/one-time-token"));
        let kept = stored(&fixture, "notice", "content").await;
        assert!(!kept.contains("Hua") && !kept.contains("one-time"), "{kept}");
        let shown = notices(&fixture, "").await;
        assert!(!json!(shown).to_string().contains("one-time-token"), "{shown:?}");
        assert_eq!(text(&shown[0], "title"), "Li Hua asks for access");
        let one = fixture.admin().get(&format!("notices/{}", id(&shown[0]))).await;
        assert_eq!(one, shown[0]);
    }
);

scenario!(
    a_notice_is_one_commit_with_what_it_tells_of_and_what_cannot_be_told_is_refused,
    |fixture: Fixture| async move {
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        subscribe(&fixture, &channel, json!({})).await;
        let (sealer, entropy, now) = (sealer(&fixture), Entropy::system(), fixture.clock.now());
        let told = asked("matter:1", "Li Hua");
        let transaction = fixture.app.database().begin().await.unwrap();
        let told = enqueue(&transaction, &sealer, &entropy, now, &told).await.unwrap();
        assert_eq!(told.len(), 1);
        transaction.rollback().await.unwrap();
        tick(&fixture).await;
        assert!(
            sink.mails().is_empty() && notices(&fixture, "").await.is_empty(),
            "it never happened"
        );
        let mut to_member = asked("matter:2", "Li Hua");
        to_member.to = To::Member {
            userid: "lihua".to_owned(),
            lang: None,
        };
        let mut with_card = asked("matter:3", "Li Hua");
        with_card.card = Some(Card {
            task_id: "no task id|".to_owned(),
            pressers: Vec::new(),
        });
        for notice in [to_member, with_card] {
            let transaction = fixture.app.database().begin().await.unwrap();
            let refused = enqueue(&transaction, &sealer, &entropy, now, &notice)
                .await
                .unwrap_err();
            assert_eq!(refused.entry.number, "NO-101");
        }
    }
);

scenario!(
    a_name_belongs_to_one_channel_and_what_is_unknown_is_not_found,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let hook = |name: &str| json!({ "kind": "webhook", "name": name, "url": "https://hook.example/" });
        admin.create("notice-channels", hook("one")).await;
        let two = admin.create("notice-channels", hook("two")).await;
        let taken = admin.call("POST", "notice-channels", Some(hook("one"))).await;
        assert_eq!(taken.refusal(), (409, "NO-103"));
        let path = format!("notice-channels/{}", id(&two));
        let taken = admin.call("PATCH", &path, Some(json!({ "name": "one" }))).await;
        assert_eq!(taken.refusal(), (409, "NO-103"));
        let nil = "00000000-0000-0000-0000-000000000000";
        for unknown in ["notice-channels", "notice-subscriptions", "notices"] {
            let reply = admin.call("GET", &format!("{unknown}/{nil}"), None).await;
            assert_eq!(reply.refusal(), (404, "NO-102"), "{unknown}");
        }
        let resend = admin
            .call("POST", &format!("notices/{nil}/resend"), Some(json!({})))
            .await;
        assert_eq!(resend.refusal(), (404, "NO-102"));
        let nowhere = json!({ "channel_id": nil, "topics": ["access_requested"] });
        let refused = admin.call("POST", "notice-subscriptions", Some(nowhere)).await;
        assert_eq!(refused.refusal(), (422, "NO-101"));
        let wecom = json!({ "kind": "wecom", "name": "wecom", "data_source_id": nil });
        let refused = admin.call("POST", "notice-channels", Some(wecom)).await;
        assert_eq!(refused.refusal(), (422, "NO-101"));
    }
);

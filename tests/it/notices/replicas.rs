//! Several processes over one outbox: each notice is sent by one of them.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use menjin::notices::{NewNotice, Topic};
use serde_json::json;

use super::{asked, mail_channel, notices, smtp_sink::SmtpSink, subscribe, tell};
use crate::{actors::text, backends::Backend, fixture::Fixture};

#[actix_web::test]
async fn of_several_replicas_exactly_one_sends_each_notice_and_each_digest() {
    let Some(fixture) = Box::pin(Fixture::open(Backend::PostgresRedis)).await else {
        return;
    };
    let sink = SmtpSink::listen();
    let channel = mail_channel(&fixture, &sink).await;
    subscribe(&fixture, &channel, json!({})).await;
    subscribe(
        &fixture,
        &channel,
        json!({ "digest": "hourly", "address": "digest@corp.example", "topics": ["access_refused"] }),
    )
    .await;
    for number in 0..20 {
        tell(&fixture, &asked(&format!("matter:{number}"), "one of many")).await;
        let refused = NewNotice {
            topic: Topic::AccessRefused,
            ..asked(&format!("matter:{number}"), "one of many")
        };
        tell(&fixture, &refused).await;
    }
    let second = Box::pin(fixture.replica()).await;
    let third = Box::pin(fixture.replica()).await;
    let apps = [&fixture.app, &second.app, &third.app];
    for hour in 0..2 {
        for looked in join_all(apps.iter().flat_map(|app| [app; 3]).map(|app| Box::pin(app.tick()))).await {
            looked.unwrap();
        }
        let ids: Vec<String> = sink
            .mails()
            .iter()
            .filter_map(|mail| mail.header("message-id"))
            .collect();
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "somebody was told twice"
        );
        assert_eq!(ids.len(), 20 + hour, "{hour}");
        fixture.advance(std::time::Duration::from_secs(3600));
    }
    for notice in notices(&fixture, "").await {
        for delivery in notice["deliveries"].as_array().unwrap() {
            assert_eq!(text(delivery, "state"), "delivered", "{delivery}");
        }
    }
}

//! Alerts: what the doctor finds is told when it appears, and again only when it changed or a day has passed.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use super::{mail_channel, notices, smtp_sink::SmtpSink, subscribe, tick};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// The alerts of this number.
pub(super) async fn alerts(fixture: &Fixture, number: &str) -> Vec<Value> {
    let mut all = notices(fixture, "?topic=alert&limit=200").await;
    all.retain(|notice| text(notice, "subject").starts_with(&format!("alert:{number}:")));
    all
}

/// What the doctor says of the clock, which here is another one than that of the database's machine: how far off it is changes with every look.
const CLOCK_OFF: &str = "DR-130";

/// Numbers of what the doctor finds to be an error now.
async fn errors(fixture: &Fixture) -> Vec<String> {
    let report = fixture.admin().get("doctor").await;
    let rows = report["checks"].as_array().unwrap().clone();
    let findings = rows.iter().flat_map(|row| row["findings"].as_array().unwrap());
    let errors = findings.filter(|finding| finding["severity"] == "error");
    let numbers = errors.map(|finding| text(finding, "number").to_owned());
    numbers.filter(|number| number != CLOCK_OFF).collect()
}

/// Lets the job look, which it does every five minutes, and what it tells be delivered.
pub(super) async fn look(fixture: &Fixture) {
    fixture.advance(Duration::from_secs(301));
    tick(fixture).await;
    tick(fixture).await;
}

scenario!(
    a_finding_of_the_doctor_is_told_with_the_page_that_mends_it_and_not_again_within_a_day,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        look(&fixture).await;
        assert!(notices(&fixture, "").await.is_empty(), "nobody wants to know");
        subscribe(&fixture, &channel, json!({ "topics": ["alert"] })).await;
        fixture.break_wecom("/cgi-bin");
        // One failure is no alert yet.
        for _ in 0..2 {
            fixture.advance(Duration::from_secs(4 * 3600));
            tick(&fixture).await;
        }
        look(&fixture).await;
        let found = errors(&fixture).await;
        assert!(!found.is_empty(), "{}", fixture.admin().get("doctor").await);
        for number in &found {
            let told = alerts(&fixture, number).await;
            assert_eq!(told.len(), 1, "{number}: {told:?}");
            assert_eq!(text(&told[0]["deliveries"][0], "state"), "delivered", "{told:?}");
        }
        let pages = format!("{}/console/", fixture.base);
        assert!(sink.mails().iter().all(|mail| mail.readable().contains(&pages)));
        // Syncs go on failing, each as a run of its own: the same trouble.
        for _ in 0..3 {
            fixture.advance(Duration::from_secs(4 * 3600));
            tick(&fixture).await;
            look(&fixture).await;
        }
        for number in &found {
            assert_eq!(alerts(&fixture, number).await.len(), 1, "{number}");
        }
        fixture.advance(Duration::from_secs(86_400));
        tick(&fixture).await;
        look(&fixture).await;
        for number in errors(&fixture).await.iter().filter(|number| found.contains(number)) {
            assert_eq!(alerts(&fixture, number).await.len(), 2, "{number}: a day has passed");
        }
        fixture.mend_wecom();
        fixture.sync(id(&source)).await;
        fixture.advance(Duration::from_secs(86_400 + 3600));
        tick(&fixture).await;
        fixture.sync(id(&source)).await;
        let still = errors(&fixture).await;
        let over = found.iter().filter(|number| !still.contains(number));
        let over: Vec<&String> = over.collect();
        assert!(!over.is_empty(), "{still:?}");
        let mut before = Vec::new();
        for number in &over {
            before.push(alerts(&fixture, number).await.len());
        }
        look(&fixture).await;
        for (number, told) in over.iter().zip(before) {
            assert_eq!(alerts(&fixture, number).await.len(), told, "{number}: it is over");
        }
    }
);

scenario!(
    who_subscribed_for_one_data_source_hears_of_its_syncs_and_apps,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
        let other = fixture.connect_second(json!({})).await;
        let sink = SmtpSink::listen();
        let channel = mail_channel(&fixture, &sink).await;
        let about = |source: &Value, address: &str| json!({ "topics": ["alert"], "data_source_id": source["id"], "address": address });
        subscribe(&fixture, &channel, about(&source, "own@corp.example")).await;
        subscribe(&fixture, &channel, about(&other, "other@corp.example")).await;
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.secret = "another-secret".to_owned();
            corp.contacts_secret = Some("another-contacts-secret".to_owned());
        });
        fixture.advance(Duration::from_secs(4 * 3600));
        tick(&fixture).await;
        look(&fixture).await;
        let own = notices(
            &fixture,
            &format!("?topic=alert&limit=200&data_source_id={}", id(&source)),
        )
        .await;
        assert!(!own.is_empty(), "{:?}", errors(&fixture).await);
        let to = |address: &str| sink.mails().iter().filter(|mail| mail.to[0].contains(address)).count();
        let others = notices(
            &fixture,
            &format!("?topic=alert&limit=200&data_source_id={}", id(&other)),
        )
        .await;
        assert_eq!((to("own@"), to("other@")), (own.len(), others.len()), "{own:?}");
        let before = own.len();
        // Each call of WeCom has a mark of its own in its sentence: no other trouble.
        for _ in 0..6 {
            fixture.advance(Duration::from_secs(3600));
            tick(&fixture).await;
            look(&fixture).await;
        }
        let mut told: Vec<String> = notices(
            &fixture,
            &format!("?topic=alert&limit=200&data_source_id={}", id(&source)),
        )
        .await
        .iter()
        .map(|notice| text(notice, "subject").to_owned())
        .collect();
        told.sort();
        let all = told.len();
        told.dedup();
        assert_eq!(told.len(), all, "told twice within a day: {told:?} (first {before})");
    }
);

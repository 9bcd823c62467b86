//! A trouble that comes back, and one of which nobody heard, are told again; one that is only gone for a moment is not.

use std::time::Duration;

use serde_json::json;

use super::{
    alerts::{alerts, look},
    alerts_each::told_by_mail,
    webhook::hook_for,
    webhook_receiver::WebhookReceiver,
};
use crate::{
    actors::text,
    doctor::{healthy, sql},
    fixture::Fixture,
    scenario,
};

/// Contacts that were not synced for two intervals.
const NUMBER: &str = "DR-190";

/// The contacts were last synced so many hours ago.
async fn synced(fixture: &Fixture, hours: i64) {
    let at = fixture.clock.now().millis() - hours * 3_600_000;
    sql(fixture, &format!("UPDATE data_source SET last_synced_at = {at}")).await;
}

/// Lets the job look until it has told of so many. On a machine that is busy a check may have no answer in time.
async fn told(fixture: &Fixture, number: &str, expected: usize) -> usize {
    for _ in 0..4 {
        look(fixture).await;
        if alerts(fixture, number).await.len() >= expected {
            break;
        }
    }
    alerts(fixture, number).await.len()
}

scenario!(
    a_trouble_that_was_mended_and_comes_back_is_told_anew,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        told_by_mail(&fixture).await;
        synced(&fixture, 9).await;
        assert_eq!(told(&fixture, NUMBER, 1).await, 1);
        // It is gone for a look or two, as while a sync runs.
        synced(&fixture, 0).await;
        look(&fixture).await;
        synced(&fixture, 9).await;
        look(&fixture).await;
        look(&fixture).await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 1, "the same trouble");
        synced(&fixture, 0).await;
        for _ in 0..3 {
            look(&fixture).await;
        }
        fixture.advance(Duration::from_secs(3600));
        synced(&fixture, 9).await;
        assert_eq!(told(&fixture, NUMBER, 2).await, 2, "it was over");
        look(&fixture).await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 2, "told");
    }
);

scenario!(
    an_alert_that_nobody_accepted_is_made_anew_after_an_hour,
    |fixture: Fixture| async move {
        let receiver = WebhookReceiver::listen();
        receiver.answer(410);
        hook_for(&fixture, &receiver.address, "alert").await;
        // It lasts for days.
        fixture.admin().create("keys/rotate", json!({ "alg": "EdDSA" })).await;
        let number = "NO-131";
        assert_eq!(told(&fixture, number, 1).await, 1);
        let refused = alerts(&fixture, number).await[0]["deliveries"][0].clone();
        assert_eq!(text(&refused, "state"), "failed", "{refused}");
        look(&fixture).await;
        assert_eq!(alerts(&fixture, number).await.len(), 1, "not at each look");
        receiver.answer(204);
        fixture.advance(Duration::from_secs(3600));
        assert_eq!(told(&fixture, number, 2).await, 2, "nobody had it");
        fixture.advance(Duration::from_secs(3600));
        look(&fixture).await;
        assert_eq!(alerts(&fixture, number).await.len(), 2, "now somebody has");
    }
);

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
    backends::Backend,
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

/// As [`told`], of contacts that were not synced for nine hours: they are due, and a sync of its own may end between two looks.
async fn told_late(fixture: &Fixture, expected: usize) -> usize {
    for _ in 0..4 {
        synced(fixture, 9).await;
        look(fixture).await;
        if alerts(fixture, NUMBER).await.len() >= expected {
            break;
        }
    }
    alerts(fixture, NUMBER).await.len()
}

scenario!(
    a_trouble_that_was_mended_and_comes_back_is_told_anew,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        told_by_mail(&fixture).await;
        assert_eq!(told_late(&fixture, 1).await, 1);
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
        assert_eq!(told_late(&fixture, 2).await, 2, "it was over");
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

// As after the seal key was lost: what was told before says nothing any more.
scenario!(
    a_trouble_whose_notice_cannot_be_read_is_told_once_more_and_then_no_more,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        let sink = told_by_mail(&fixture).await;
        // It lasts, whatever a sync does meanwhile.
        let look_often = async || {
            for _ in 0..4 {
                synced(&fixture, 9).await;
                look(&fixture).await;
            }
        };
        look_often().await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 1);
        sql(&fixture, "UPDATE notice SET content = 'sealed by no key'").await;
        look_often().await;
        assert_eq!(alerts(&fixture, NUMBER).await.len(), 2, "the same trouble");
        let mails = sink.mails().into_iter().map(|mail| mail.readable());
        let about = mails.filter(|mail| mail.contains(&format!("Number: {NUMBER}")));
        assert_eq!(about.count(), 2, "nothing of it from memory");
    }
);

#[actix_web::test]
async fn an_alert_whose_commit_takes_too_long_is_told_once() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    healthy(&fixture).await;
    let sink = told_by_mail(&fixture).await;
    // Who is to be told is read, and nothing else is wrong.
    look(&fixture).await;
    let slow =
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON notice DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow()";
    sql(&fixture, slow).await;
    synced(&fixture, 9).await;
    let about = || {
        let mails = sink.mails().into_iter().map(|mail| mail.readable());
        mails.filter(|mail| mail.contains(NUMBER)).count()
    };
    fixture.advance(Duration::from_secs(301));
    let _cut_off = fixture.app.tick().await;
    assert_eq!(
        about(),
        0,
        "it is not known whether it is written, so it is not told from memory"
    );
    // Waits until the commit is through.
    sql(&fixture, "DROP TRIGGER slow ON notice").await;
    for _ in 0..3 {
        look(&fixture).await;
    }
    assert_eq!((about(), alerts(&fixture, NUMBER).await.len()), (1, 1));
}

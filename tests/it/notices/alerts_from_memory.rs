//! A database that takes no writes: the alert is told straight from memory.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{
    alerts::{alerts, look},
    alerts_each::told_by_mail,
    smtp_sink::{Mail, SmtpSink},
    webhook::hook_for,
    webhook_receiver::WebhookReceiver,
};
use crate::{backends::Backend, doctor::healthy, fixture::Fixture};

/// How many mails tell that the database takes no writes.
fn told(sink: &SmtpSink) -> usize {
    let about = |mail: &&Mail| mail.readable().contains("The database does not take writes");
    sink.mails().iter().filter(about).count()
}

/// Lets the job look, which cannot write what it finds; other jobs fail meanwhile.
async fn look_in_vain(fixture: &Fixture) {
    fixture.advance(Duration::from_secs(301));
    let _failed = fixture.app.tick().await;
}

#[actix_web::test]
async fn a_locked_sqlite_file_is_told_from_memory_once_and_again_when_it_is_locked_anew() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    healthy(&fixture).await;
    let sink = told_by_mail(&fixture).await;
    let receiver = WebhookReceiver::listen();
    let key = hook_for(&fixture, &receiver.address, "alert").await;
    // Who is to be told is read while the database answers.
    look(&fixture).await;
    let mut times = 0;
    for expected in 1..=2 {
        let other = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
        let held = other.begin().await.unwrap();
        held.execute_unprepared("INSERT INTO setting (name, value, created_at) VALUES ('held', '1', 1)")
            .await
            .unwrap();
        look_in_vain(&fixture).await;
        assert_eq!(told(&sink), expected);
        look_in_vain(&fixture).await;
        assert_eq!(told(&sink), expected, "the same trouble");
        held.rollback().await.unwrap();
        other.close().await.unwrap();
        look(&fixture).await;
        assert_eq!(told(&sink), expected, "it is over");
        let hooks = receiver.told();
        let about = hooks.iter().filter(|hook| hook.body.contains("DR-110"));
        times = about.clone().count();
        assert!(about.clone().all(|hook| hook.is_signed_with(&key)));
    }
    assert_eq!(times, 2);
    assert!(alerts(&fixture, "DR-110").await.is_empty(), "nothing of it was written");
}

#[actix_web::test]
async fn a_postgres_that_takes_no_writes_is_told_from_memory() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    healthy(&fixture).await;
    let sink = told_by_mail(&fixture).await;
    look(&fixture).await;
    let (server, name) = fixture.database_url().rsplit_once('/').unwrap();
    let psql = |statement: &str| crate::replicas::psql(&format!("{server}/postgres"), statement);
    psql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    psql(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    // The pool finds out which of its connections are dead as it goes.
    for _ in 0..20 {
        look_in_vain(&fixture).await;
        if told(&sink) > 0 {
            break;
        }
    }
    assert_eq!(told(&sink), 1);
    look_in_vain(&fixture).await;
    assert_eq!(told(&sink), 1, "the same trouble");
}

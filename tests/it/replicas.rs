//! Several processes over one PostgreSQL and one Redis: they start at once, and of what is due each thing is done by one of them.

use std::time::Duration;

use futures_util::future::join_all;
use menjin::{
    app::App,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    store::migration_lock::MigrationLock,
};
use serde_json::json;
use simulator::sample;

use crate::{
    actors::id,
    backends::{Backend, newest_postgres, storage},
    fixture::{Fixture, START, config, database_url},
};

/// What a statement answers in the database of this URL.
pub fn psql(url: &str, statement: &str) -> String {
    let made = std::process::Command::new(newest_postgres().unwrap().join("psql"))
        .args([url, "-A", "-t", "-q", "-c", statement])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

/// Until somebody waits for an advisory lock of this database.
pub async fn somebody_waits(url: &str) {
    advisory_locks(url, "NOT granted").await;
}

/// Until somebody has one.
pub async fn somebody_holds(url: &str) {
    advisory_locks(url, "granted").await;
}

async fn advisory_locks(url: &str, which: &str) {
    let one = format!(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
         WHERE datname = current_database() AND locktype = 'advisory' AND {which}"
    );
    while psql(url, &one) != "1" {
        tokio::task::yield_now().await;
    }
}

const NOWHERE: &str = "http://127.0.0.1:9";

async fn build(settings: &[(String, String)]) -> Result<App> {
    let config = config(settings, NOWHERE, NOWHERE);
    let clock = Clock::manual(Timestamp::from_secs(START));
    App::build(config, clock, Entropy::system()).await
}

async fn all_start_at_once(backend: Backend, more: &[(&str, &str)]) {
    let Some(mut storage) = storage(backend) else { return };
    let more = more
        .iter()
        .map(|(key, value)| (format!("MENJIN__{key}"), (*value).to_owned()));
    storage.settings.extend(more);
    let started = join_all((0..6).map(|_| Box::pin(build(&storage.settings)))).await;
    for app in started {
        assert!(app.is_ok(), "{:?}", app.err());
    }
}

#[actix_web::test]
async fn replicas_that_start_at_once_on_an_empty_database_all_start() {
    all_start_at_once(Backend::PostgresRedis, &[]).await;
    all_start_at_once(Backend::SqliteMemory, &[]).await;
}

// `menjin migrate` knows no Redis either: what keeps them apart is the database itself.
#[actix_web::test]
async fn also_those_that_share_no_redis_change_the_schema_one_after_the_other() {
    all_start_at_once(Backend::PostgresRedis, &[("EPHEMERAL__KIND", "memory")]).await;
}

#[actix_web::test]
async fn however_long_a_migration_takes_nobody_else_migrates_meanwhile() {
    let Some(storage) = storage(Backend::PostgresRedis) else {
        return;
    };
    let url = database_url(&storage);
    let turn = MigrationLock::acquire(url).await.unwrap();
    let settings = storage.settings.clone();
    let other = actix_web::rt::spawn(async move { Box::pin(build(&settings)).await.map(drop) });
    somebody_waits(url).await;
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(
        psql(url, tables),
        "0",
        "somebody migrated although it was not their turn"
    );
    turn.release().await.unwrap();
    other.await.unwrap().unwrap();
    assert_ne!(psql(url, tables), "0");
}

#[actix_web::test]
async fn a_replica_that_dies_while_it_migrates_leaves_the_turn_to_the_next() {
    let Some(storage) = storage(Backend::PostgresRedis) else {
        return;
    };
    let url = database_url(&storage);
    drop(MigrationLock::acquire(url).await.unwrap());
    build(&storage.settings).await.unwrap();
}

#[actix_web::test]
async fn a_sqlite_file_that_is_served_from_is_not_migrated_beside_its_server() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let said = fixture.command(&["migrate"]);
    assert!(said.contains("ST-104"), "{said}");
}

#[actix_web::test]
async fn of_several_replicas_exactly_one_runs_each_turn_of_the_schedule() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let source = fixture.connect_with(json!({ "auto_sync_hours": 4 })).await;
    let second = Box::pin(fixture.replica()).await;
    let third = Box::pin(fixture.replica()).await;
    let runs = format!("sync-runs?data_source={}", id(&source));
    let apps = [&fixture.app, &second.app, &third.app];
    for turn in 1..=3 {
        fixture.advance(Duration::from_secs(4 * 3600));
        for looked in join_all(apps.iter().flat_map(|app| [app; 4]).map(|app| Box::pin(app.tick()))).await {
            looked.unwrap();
        }
        let list = second.admin(&fixture).items(&runs).await;
        let scheduled = list.iter().filter(|run| run["cause"] == "schedule").count();
        assert_eq!(scheduled, turn, "{list:?}");
        assert!(list.iter().all(|run| run["state"] == "succeeded"), "{list:?}");
    }
    // A replica that is gone takes no turn with it.
    drop(second);
    fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
    fixture.advance(Duration::from_secs(4 * 3600));
    third.app.tick().await.unwrap();
    assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "disabled");
}

// Whoever configures TLS gets TLS or a clear no, never a silent downgrade.
#[actix_web::test]
async fn redis_over_tls_to_a_port_without_tls_is_a_clear_failure() {
    let Some(mut storage) = storage(Backend::PostgresRedis) else {
        return;
    };
    for (key, value) in &mut storage.settings {
        if key.ends_with("EPHEMERAL__URL") {
            *value = value.replace("redis://", "rediss://");
        }
    }
    let failure = build(&storage.settings).await.err().unwrap();
    assert_eq!(failure.entry.number, "ST-102");
    let cause = failure.cause.unwrap();
    assert!(cause.contains("needs a port that speaks TLS"), "{cause}");
}

//! Faults of what Menjin stands on: database, disk, schema, Redis, clock, keys.

use std::time::Duration;

use redis::Cmd;
use sea_orm::{ConnectionTrait, TransactionTrait};
use simulator::World;

use super::{AGAIN, FAR, assert_found, assert_found_at, assert_well, findings, found_at, healthy, numbers, sql};
use crate::{
    actors::{Admin, text},
    backends::{self, Backend},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

scenario!(
    a_pending_migration_and_a_newer_schema_are_named_and_nothing_that_follows,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        sql(
            &fixture,
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 1)",
        )
        .await;
        let newer = assert_found(&fixture, "DR-116", "error").await;
        assert_eq!(newer["seen"], "m9999_later");
        sql(&fixture, "DELETE FROM seaql_migrations WHERE version = 'm9999_later'").await;
        sql(&fixture, "DELETE FROM seaql_migrations WHERE version LIKE 'm0025%'").await;
        let pending = assert_found(&fixture, "DR-115", "error").await;
        assert!(text(&pending, "seen").starts_with("m0025"), "{pending}");
        let report = fixture.admin().get("doctor").await;
        let rows = report["checks"].as_array().unwrap();
        let skipped = rows.iter().filter(|row| row["state"] == "skipped").count();
        assert!(skipped >= 8, "what rests on the schema is not looked at: {report}");
    }
);

scenario!(
    a_clock_that_is_90_seconds_off_is_named_once,
    |fixture: Fixture| async move {
        let source = healthy(&fixture).await;
        fixture.clock.advance(Duration::from_secs(90));
        // WeCom's clock is heard in its next reply.
        fixture.sync(crate::actors::id(&source)).await;
        let finding = assert_found(&fixture, "DR-130", "error").await;
        assert!(text(&finding, "seen").contains("ahead of that of WeCom"), "{finding}");
    }
);

scenario!(a_missing_key_is_named, |fixture: Fixture| async move {
    healthy(&fixture).await;
    sql(&fixture, "DELETE FROM signing_key WHERE alg = 'ES256'").await;
    let finding = assert_found(&fixture, "DR-140", "error").await;
    assert_eq!(finding["seen"], "ES256");
});

scenario!(
    a_key_that_is_about_to_expire_without_a_successor_is_named,
    |fixture: Fixture| async move {
        // The keys were made ten months ago, and no job has run since.
        fixture.advance_to_now();
        assert_found(&fixture, "DR-141", "error").await;
        fixture.app.tick().await.unwrap();
        assert_well(&fixture).await;
    }
);

#[cfg(unix)]
scenario!(
    a_seal_key_that_is_gone_another_or_readable_for_all_is_named,
    |fixture: Fixture| async move {
        use std::os::unix::fs::PermissionsExt;
        healthy(&fixture).await;
        let file = fixture.directory().join("seal.key");
        let key = std::fs::read_to_string(&file).unwrap();
        let mode = |mode: u32| std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        mode(0o644);
        assert_found(&fixture, "DR-152", "warning").await;
        mode(0o600);
        std::fs::write(&file, key.replace('0', "1")).unwrap();
        assert_found(&fixture, "DR-151", "error").await;
        std::fs::remove_file(&file).unwrap();
        let gone = assert_found(&fixture, "DR-150", "error").await;
        assert!(!gone.to_string().contains(key.trim()), "{gone}");
    }
);

#[actix_web::test]
async fn a_disk_that_is_nearly_full_is_named() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.advance_to_now();
    fixture.app.tick().await.unwrap();
    let full = fixture
        .serve_with(|config| config.database_free_megabytes = u64::MAX)
        .await;
    let admin = Admin::new(&fixture.http, &full.base, ADMIN_TOKEN);
    let finding = assert_found_at(&fixture, &admin, "DR-111", "error").await;
    assert!(text(&finding, "seen").contains("MB are free"), "{finding}");
    assert_well(&fixture).await;
}

#[actix_web::test]
async fn a_sqlite_file_that_somebody_else_writes_to_is_named_and_hangs_nobody() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    healthy(&fixture).await;
    let other = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("INSERT INTO setting (name, value, created_at) VALUES ('held', '1', 1)")
        .await
        .unwrap();
    let looking = assert_found(&fixture, "DR-110", "error");
    let finding = tokio::time::timeout(FAR, looking).await.expect("it hangs");
    assert!(text(&finding, "seen").contains("no answer within 2 s"), "{finding}");
    held.rollback().await.unwrap();
}

#[actix_web::test]
async fn who_locks_postgres_is_named_and_hangs_nobody() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    healthy(&fixture).await;
    let other = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE setting IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let looking = assert_found(&fixture, "DR-112", "error");
    let finding = tokio::time::timeout(FAR, looking).await.expect("it hangs");
    assert!(text(&finding, "seen").contains("of PostgreSQL"), "{finding}");
    held.rollback().await.unwrap();
}

#[actix_web::test]
async fn who_keeps_postgres_from_nothing_of_ours_is_not_named() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    healthy(&fixture).await;
    sql(&fixture, "CREATE TABLE theirs (id int)").await;
    let other = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE theirs IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let third = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    let waiting = actix_web::rt::spawn(async move { third.execute_unprepared("DELETE FROM theirs").await });
    // PostgreSQL goes by the machine's clock.
    held.execute_unprepared("SELECT pg_sleep(1.5)").await.unwrap();
    assert!(!waiting.is_finished());
    assert_well(&fixture).await;
    held.rollback().await.unwrap();
    waiting.await.unwrap().unwrap();
}

/// A fixture with a Redis of its own, which may be broken.
pub(super) async fn with_own_redis() -> Option<(Fixture, backends::Server, redis::Client)> {
    let server = backends::own_redis()?;
    let url = ("MENJIN__EPHEMERAL__URL".to_owned(), server.base().to_owned());
    let fixture = Fixture::open_set(Backend::PostgresRedis, World::sample(), &[url]).await?;
    healthy(&fixture).await;
    let redis = redis::Client::open(server.base()).unwrap();
    Some((fixture, server, redis))
}

async fn tell(redis: &redis::Client, command: &[&str]) {
    let mut connection = redis.get_multiplexed_async_connection().await.unwrap();
    let mut told = Cmd::new();
    for word in command {
        told.arg(word);
    }
    told.query_async::<()>(&mut connection).await.unwrap();
}

#[actix_web::test]
async fn a_redis_that_evicts_hangs_or_is_down_is_named() {
    let Some((fixture, server, redis)) = with_own_redis().await else {
        return;
    };
    assert_well(&fixture).await;
    tell(&redis, &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let evicts = assert_found(&fixture, "DR-121", "warning").await;
    assert!(text(&evicts, "seen").contains("allkeys-lru"), "{evicts}");
    tell(&redis, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;
    tell(&redis, &["CLIENT", "PAUSE", "600000", "ALL"]).await;
    let hanging = tokio::time::timeout(FAR, assert_found(&fixture, "DR-120", "error")).await;
    let hanging = hanging.expect("it hangs");
    // Whose patience ends first, the doctor's or that of the connection, is chance.
    let seen = text(&hanging, "seen");
    assert!(
        seen.contains("no answer within 2 s") || seen.contains("timed out"),
        "{hanging}"
    );
    drop(server);
    let down = tokio::time::timeout(FAR, assert_found(&fixture, "DR-120", "error")).await;
    down.expect("it hangs");
}

#[actix_web::test]
async fn a_postgres_that_takes_no_writes_is_named() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    healthy(&fixture).await;
    let (server, name) = fixture.database_url().rsplit_once('/').unwrap();
    let other = format!("{server}/postgres");
    let psql = |statement: &str| crate::replicas::psql(&other, statement);
    psql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    psql(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    // The pool finds out which of its connections are dead as it goes.
    for _ in 0..20 {
        fixture.advance(Duration::from_millis(300));
        if let Ok(answer) = fixture.http.get(format!("{}/readyz", fixture.base)).send().await {
            drop(answer);
        }
    }
    assert_found(&fixture, "DR-110", "error").await;
}

scenario!(
    what_hangs_together_is_told_in_the_order_of_the_checks,
    |fixture: Fixture| async move {
        healthy(&fixture).await;
        sql(&fixture, "DELETE FROM signing_key WHERE alg = 'ES256'").await;
        sql(&fixture, "UPDATE data_source SET last_synced_at = 1").await;
        let found = found_at(&fixture, &fixture.admin()).await;
        let numbers_only: Vec<&str> = found.iter().map(|(number, _)| number.as_str()).collect();
        assert_eq!(numbers_only, ["DR-140", "DR-190"]);
        fixture.advance(AGAIN);
        let report = fixture.admin().get("doctor").await;
        assert_eq!(findings(&report).len(), 2);
        assert_eq!(numbers(&report), found);
    }
);

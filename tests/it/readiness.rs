//! `/readyz` tells within a second which store does not take writes: dead, silent, full or read-only.

use redis::Cmd;
use serde_json::{Value, json};

use crate::{
    backends::{self, Backend},
    fixture::Fixture,
    replicas::psql,
};

/// The answer once its status is as wanted; an answer is given again for a second, so the time is moved in between.
async fn report(fixture: &Fixture, wanted: u16) -> Value {
    for _ in 0..400 {
        fixture.advance(std::time::Duration::from_secs(2));
        let answer = fixture.fetch("/readyz").await;
        if answer.status().as_u16() == wanted {
            return answer.json().await.unwrap();
        }
    }
    panic!("/readyz never answered {wanted}");
}

async fn tell(redis: &redis::Client, command: &[&str]) {
    let mut connection = redis.get_multiplexed_async_connection().await.unwrap();
    let mut told = Cmd::new();
    for word in command {
        told.arg(word);
    }
    // A server that is told to shut down does not answer.
    drop(told.query_async::<()>(&mut connection).await);
}

#[actix_web::test]
async fn a_redis_that_is_full_read_only_paused_or_dead_is_told() {
    let Some(server) = backends::own_redis() else { return };
    let url = ("MENJIN__EPHEMERAL__URL".to_owned(), server.base().to_owned());
    let Some(fixture) = Fixture::open_set(Backend::PostgresRedis, simulator::World::sample(), &[url]).await else {
        return;
    };
    let redis = redis::Client::open(server.base()).unwrap();
    let ready = json!({ "database": "ready", "ephemeral": "ready" });
    assert_eq!(report(&fixture, 200).await, ready);
    for (ill, well) in [
        (["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]),
        (["REPLICAOF", "127.0.0.1", "1", ""], ["REPLICAOF", "NO", "ONE", ""]),
    ] {
        let words = |all: [&'static str; 4]| all.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
        tell(&redis, &words(ill)).await;
        let told = report(&fixture, 503).await;
        assert_eq!(told, json!({ "database": "ready", "ephemeral": "failed" }), "{ill:?}");
        tell(&redis, &words(well)).await;
        assert_eq!(report(&fixture, 200).await, ready, "{well:?}");
    }
    tell(&redis, &["CLIENT", "PAUSE", "600000", "ALL"]).await;
    let told = report(&fixture, 503).await;
    assert_eq!(told["database"], "ready");
    assert_ne!(told["ephemeral"], "ready");
    drop(server);
    let told = report(&fixture, 503).await;
    assert_eq!(told["database"], "ready");
    assert_ne!(told["ephemeral"], "ready");
}

#[actix_web::test]
async fn a_postgres_that_is_read_only_or_gone_is_told() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (server, name) = fixture.database_url().rsplit_once('/').unwrap();
    let other = format!("{server}/postgres");
    let everybody_out = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    for (ill, well) in [
        (
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
        ),
        ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"),
    ] {
        psql(&other, &format!("ALTER DATABASE {name} {ill}"));
        psql(&other, &everybody_out);
        let told = report(&fixture, 503).await;
        assert_ne!(told["database"], "ready", "{ill}");
        assert_eq!(told["ephemeral"], "ready", "{ill}");
        psql(&other, &format!("ALTER DATABASE {name} {well}"));
        psql(&other, &everybody_out);
        assert_eq!(report(&fixture, 200).await["database"], "ready", "{well}");
    }
}

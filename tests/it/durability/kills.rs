//! Kills at random moments of a first start and of an upgrade: the next start always succeeds.

use std::time::{Duration, Instant};

use menjin::store::Database;
use migration::{Migrator, MigratorTrait};

use super::process::{Installation, kill_after};
use crate::{
    backends::{Backend, storage},
    fixture,
};

/// Kills per backend: half of them at a first start, half at an upgrade.
const KILLS: u32 = 100;

/// Kills in a row before a start is left alone.
const IN_A_ROW: u32 = 5;

/// Migrations that an upgrade has still to make.
const BEHIND: usize = 6;

/// A fresh database, brought to the schema of an earlier version if it is to be upgraded.
async fn fresh(backend: Backend, upgrade: bool) -> Option<(crate::backends::Storage, Installation)> {
    let storage = storage(backend)?;
    let settings = fixture::environment(&storage.settings, "http://127.0.0.1:9", "http://127.0.0.1:9");
    let installation = Installation::at(crate::backends::directory(), settings);
    if upgrade {
        let database = Database::connect(installation.database_url(), 1).await.unwrap();
        let steps = Migrator::migrations().len() - BEHIND;
        let steps = u32::try_from(steps).unwrap();
        Migrator::up(database.writer().connection(), Some(steps)).await.unwrap();
    }
    Some((storage, installation))
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a start takes here decides between which moments it is killed"
)]
async fn duration_of_a_start(backend: Backend, http: &reqwest::Client) -> Option<Duration> {
    let (_storage, installation) = fresh(backend, false).await?;
    let begun = Instant::now();
    installation.serve(http).await.kill();
    Some(begun.elapsed())
}

async fn every_start_after_kills_succeeds(backend: Backend) {
    let http = super::unpooled();
    let Some(longest) = duration_of_a_start(backend, &http).await else {
        return;
    };
    for round in 0..KILLS / IN_A_ROW {
        let (_storage, installation) = fresh(backend, round % 2 == 1).await.unwrap();
        for _ in 0..IN_A_ROW {
            let moment = longest.mul_f64(rand::random::<f64>());
            kill_after(installation.command("serve").spawn().unwrap(), moment);
        }
        installation.serve(&http).await.stop();
    }
}

#[actix_web::test]
async fn after_100_kills_of_first_starts_and_upgrades_sqlite_starts() {
    every_start_after_kills_succeeds(Backend::SqliteMemory).await;
}

#[actix_web::test]
async fn after_100_kills_of_first_starts_and_upgrades_postgres_starts() {
    every_start_after_kills_succeeds(Backend::PostgresRedis).await;
}

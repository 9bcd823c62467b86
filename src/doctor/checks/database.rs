//! Whether the database takes a write, and who keeps it from that.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store::{self, Blocker},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    store::Database,
};

pub const CHECK: Check = Check {
    name: "database",
    about: "the database",
    rests_on: &[],
    look: Of::Installation(|around| look(around).boxed()),
};

/// Longest wait for a write; what hinders it is asked for the same time.
const WRITE: Duration = Duration::from_secs(2);
/// How long somebody must have waited for a lock where our write failed at once: others' short waits are no reason for that.
const LONG: Duration = Duration::from_secs(10);
/// The same where our write has itself been waiting.
const OURS: Duration = Duration::from_secs(1);
/// Where it is mended.
const PLACE: &str = "database.url";

async fn look(around: &Surroundings) -> Result<Looked> {
    let database = match around.database() {
        Ok(database) => database,
        Err(failure) => return Ok(unwritable(failure.to_string())),
    };
    let written = tokio::time::timeout(WRITE, store::write_probe(database, around.clock.now())).await;
    let (waited, why) = match written {
        Ok(Ok(())) => return Ok(Looked::well("it takes writes")),
        // Nothing can be written where no table is yet; that the schema is missing is told by the check of migrations.
        Ok(Err(_)) if is_empty(database).await => return Ok(Looked::well("it answers and has no tables yet")),
        Ok(Err(failure)) => (LONG, failure.to_string()),
        Err(_) => (OURS, format!("no answer within {}", span(WRITE))),
    };
    Ok(match blocker(database, waited).await {
        Some(blocker) => locked(&blocker),
        None => unwritable(why),
    })
}

/// Whether it answers and no migration was ever applied to it.
async fn is_empty(database: &Database) -> bool {
    match tokio::time::timeout(WRITE, store::schema(database)).await {
        Ok(Ok(schema)) => schema.last.is_empty(),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Who has kept others waiting for so long. That it cannot be asked is no finding: then the write has told enough, or we may not know.
async fn blocker(database: &Database, waited: Duration) -> Option<Blocker> {
    match tokio::time::timeout(WRITE, store::blocker(database, waited)).await {
        Ok(Ok(blocker)) => blocker,
        Ok(Err(_)) | Err(_) => None,
    }
}

fn unwritable(seen: String) -> Looked {
    let finding = Finding::error(DoctorFinding::DatabaseUnwritable.entry(), seen, PLACE);
    Looked::with("", vec![finding])
}

fn locked(by: &Blocker) -> Looked {
    let open = Duration::from_millis(u64::try_from(by.millis).unwrap_or(0));
    let seen = format!(
        "process {} of PostgreSQL ('{}' from {}), transaction open for {}",
        by.pid,
        by.application,
        by.address,
        span(open)
    );
    let finding = Finding::error(DoctorFinding::DatabaseLocked.entry(), seen, "PostgreSQL");
    Looked::with("", vec![finding])
}

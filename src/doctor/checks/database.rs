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
/// Where it is mended.
const PLACE: &str = "database.url";

async fn look(around: &Surroundings) -> Result<Looked> {
    let database = match around.database() {
        Ok(database) => database,
        Err(failure) => return Ok(unwritable(failure.to_string())),
    };
    let written = tokio::time::timeout(WRITE, store::write_probe(database, around.clock.now())).await;
    let blocker = blocker(database).await;
    Ok(match (written, blocker) {
        (_, Some(blocker)) => locked(&blocker),
        (Ok(Ok(())), None) => Looked::well("it takes writes"),
        (Ok(Err(failure)), None) => unwritable(failure.to_string()),
        (Err(_), None) => unwritable(format!("no answer within {}", span(WRITE))),
    })
}

/// Who keeps others waiting. That it cannot be asked is no finding: then the write has told enough, or we may not know.
async fn blocker(database: &Database) -> Option<Blocker> {
    match tokio::time::timeout(WRITE, store::blocker(database)).await {
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

//! Whether the ephemeral store takes a write.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    config::EphemeralKind,
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        surroundings::Surroundings,
    },
    kernel::failure::{Failure, Result},
};

pub const CHECK: Check = Check {
    name: "ephemeral",
    about: "Redis, or this process's memory",
    rests_on: &[],
    look: Of::Installation(|around| look(around).boxed()),
};

/// Longest wait for a write.
const WRITE: Duration = Duration::from_secs(2);
/// What is written.
const PROBE: &str = "doctor_probe";

async fn look(around: &Surroundings) -> Result<Looked> {
    if matches!(around.config.ephemeral, EphemeralKind::Memory) {
        return Ok(Looked::well("in the memory of the process, which must be the only one"));
    }
    let written = match &around.ephemeral {
        Ok(store) => tokio::time::timeout(WRITE, store.put(PROBE, b"1", WRITE)).await,
        Err(failure) => Ok(Err(failure.clone())),
    };
    Ok(match written {
        Ok(Ok(())) => Looked::well("Redis takes writes"),
        Ok(Err(failure)) => down(words(&failure)),
        Err(_) => down(format!("no answer within {}", span(WRITE))),
    })
}

/// Redis' own words, where there are any.
fn words(failure: &Failure) -> String {
    failure.cause.clone().unwrap_or_else(|| failure.to_string())
}

fn down(seen: String) -> Looked {
    let finding = Finding::error(DoctorFinding::EphemeralUnwritable.entry(), seen, "ephemeral.url");
    Looked::with("", vec![finding])
}

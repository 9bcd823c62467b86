//! A signing key for every algorithm, and a successor in time.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    oidc::keys::{Alg, KeyView, Phase},
};

pub const CHECK: Check = Check {
    name: "signing_keys",
    about: "the signing keys",
    rests_on: &["database", "migrations", "seal_key"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How late a successor may be: the job that makes it runs every `jobs.tick`.
const LATE: Duration = Duration::from_secs(600);
/// Where it is mended.
const PLACE: &str = "menjin keys rotate";

async fn look(around: &Surroundings) -> Result<Looked> {
    let keyring = around.keyring.as_ref().map_err(Clone::clone)?;
    let keys = keyring.list().await?;
    let missing: Vec<Alg> = Alg::ALL.into_iter().filter(|alg| !signs(&keys, *alg)).collect();
    let overdue = keyring.overdue(LATE).await?;
    let overdue: Vec<Alg> = overdue.into_iter().filter(|alg| !missing.contains(alg)).collect();
    let findings = [
        (DoctorFinding::KeyMissing, words(&missing)),
        (DoctorFinding::KeyOverdue, words(&overdue)),
    ];
    let findings = findings
        .into_iter()
        .filter(|(_, algs)| !algs.is_empty())
        .map(|(what, algs)| Finding::error(what.entry(), algs, PLACE));
    let next = keys.iter().filter(|key| key.state == Phase::Next).count();
    let active = keys.iter().filter(|key| key.state == Phase::Active).count();
    Ok(Looked::with(format!("{active} sign, {next} will"), findings.collect()))
}

fn signs(keys: &[KeyView], alg: Alg) -> bool {
    keys.iter().any(|key| key.alg == alg && key.state == Phase::Active)
}

fn words(algs: &[Alg]) -> String {
    algs.iter().map(|alg| alg.word()).collect::<Vec<_>>().join(", ")
}

//! Whether the schema is the one of this version.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        store,
        surroundings::Surroundings,
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "migrations",
    about: "the schema of the database",
    rests_on: &["database"],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let schema = store::schema(around.database()?).await?;
    let differs = [
        (DoctorFinding::MigrationsPending, schema.pending),
        (DoctorFinding::SchemaNewer, schema.unknown),
    ];
    let findings = differs
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| Finding::error(what.entry(), names.join(", "), "menjin migrate"));
    Ok(Looked::with(format!("up to {}", schema.last), findings.collect()))
}

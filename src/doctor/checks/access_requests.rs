//! Whether anybody who may decide is told where access requests are taken.

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked},
        surroundings::Surroundings,
    },
    kernel::failure::Result,
    requests::unheard,
};

pub const CHECK: Check = Check {
    name: "access_requests",
    about: "whether somebody who may decide is told of access requests",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let found = unheard(around.database()?, around.clock.now()).await?;
    let findings = found.into_iter().map(|(source, name)| {
        let entry = DoctorFinding::RequestsUnheard.entry();
        let found = Finding::warning(entry, name, format!("data-sources/{source}"));
        found
            .of_source(Some(source))
            .mended_on("/console/settings/notices".to_owned())
    });
    Ok(Looked::with(
        "where access requests are taken, unless named, somebody who may decide is told of them",
        findings.collect(),
    ))
}

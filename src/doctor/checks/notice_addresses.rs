//! Whether somebody who left is still told of notices.

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
    name: "notice_addresses",
    about: "whether somebody who left is told of notices",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

async fn look(around: &Surroundings) -> Result<Looked> {
    let gone = store::told_after_leaving(around.database()?).await?;
    let findings = gone.into_iter().map(|address| {
        let found = Finding::warning(DoctorFinding::ToldAfterLeaving.entry(), address, "notice-subscriptions");
        found.mended_on("/console/settings/notices".to_owned())
    });
    Ok(Looked::with(
        "nobody whose access ended is told, unless named",
        findings.collect(),
    ))
}

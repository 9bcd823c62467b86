//! Members who have access and whom no sync confirms.

use std::time::Duration;

use futures_util::FutureExt;

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store,
        surroundings::Surroundings,
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "freshness",
    about: "when WeCom confirmed members",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How much older than the last complete sync a confirmation may be.
const OLDER: Duration = Duration::from_secs(24 * 3600);

async fn look(around: &Surroundings) -> Result<Looked> {
    let database = around.database()?;
    let mut findings = Vec::new();
    for source in store::sources(database).await? {
        // Where no sync was complete for long, that is the fault.
        let Some(synced_at) = source.synced_at else { continue };
        let many = store::unconfirmed_members(database, &source, synced_at.minus(OLDER)).await?;
        if many > 0 {
            let found = Finding::warning(
                DoctorFinding::MembersUnconfirmed.entry(),
                format!("{many} members, for more than {} before the last sync", span(OLDER)),
                format!("data-sources/{} {}", source.id, source.name),
            );
            let page = format!("/console/wecom/{}", source.id);
            findings.push(found.of_source(Some(source.id)).mended_on(page));
        }
    }
    Ok(Looked::with(
        "every member with access was confirmed by a sync, unless told",
        findings,
    ))
}

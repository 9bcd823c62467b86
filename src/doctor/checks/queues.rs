//! Whether what is due is done.

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
    name: "queues",
    about: "logouts and notices to deliver, members to look at",
    rests_on: &["database", "migrations"],
    look: Of::Installation(|around| look(around).boxed()),
};

/// How long something may be due: jobs look every second.
const LATE: Duration = Duration::from_secs(600);

async fn look(around: &Surroundings) -> Result<Looked> {
    let then = around.clock.now().minus(LATE);
    let overdue = store::overdue(around.database()?, then).await?;
    let late = [
        (overdue.untried_logouts, "logouts to be delivered"),
        (overdue.untried_notices, "notices to be sent"),
        (overdue.late_looks, "members to be looked at for events of WeCom"),
    ];
    let findings = late.into_iter().filter(|(many, _)| *many > 0).map(|(many, what)| {
        let seen = format!("{many} {what} have been due for more than {}", span(LATE));
        Finding::error(DoctorFinding::QueueStuck.entry(), seen, "the server's jobs and log")
    });
    let seen = format!(
        "{} logouts to be delivered, {} notices to be sent, {} members to be looked at",
        overdue.logouts, overdue.notices, overdue.looks
    );
    Ok(Looked::with(seen, findings.collect()))
}

//! Whether portals can be told of logouts, and were.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt, stream};

use crate::{
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store::{self, LogoutAddress},
        surroundings::{Server, Surroundings},
    },
    kernel::failure::Result,
};

pub const CHECK: Check = Check {
    name: "logout_addresses",
    about: "portals' logout addresses",
    rests_on: &["database", "migrations"],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

/// Longest wait for one portal.
const ANSWER: Duration = Duration::from_secs(2);
/// Longest wait for all of them; who was not asked by then is told.
const ALL: Duration = Duration::from_secs(4);
/// Portals asked at once.
const AT_ONCE: usize = 64;
/// How long a logout that was given up is told.
const TOLD: Duration = Duration::from_secs(24 * 3600);
/// How long a portal may not know of a logout.
const LATE: Duration = Duration::from_secs(3600);

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    let database = around.database()?;
    let portals = store::logout_addresses(database).await?;
    let now = around.clock.now();
    let late = store::late_logouts(database, now.minus(LATE)).await?;
    let refused = store::refused_logouts(database, now.minus(TOLD)).await?;
    let looks: Vec<_> = portals.iter().map(|portal| asked(server, portal).boxed()).collect();
    let mut answers = stream::iter(looks).buffer_unordered(AT_ONCE);
    let (mut many, mut findings) = (0_usize, Vec::new());
    let asking = async {
        while let Some((portal, fault)) = answers.next().await {
            many = many.saturating_add(1);
            let place = format!("clients/{}", portal.client_id);
            let page = format!("/console/portals/{}", portal.id);
            let found = match (fault, late.get(&portal.id), refused.get(&portal.id)) {
                (Some(seen), ..) => Finding::error(DoctorFinding::LogoutUnreachable.entry(), seen, place),
                (None, Some((many, since)), _) => {
                    let seen = format!("{many} for {}", span(now.since(*since)));
                    Finding::error(DoctorFinding::LogoutsLate.entry(), seen, place)
                }
                (None, None, Some(given_up)) => {
                    let seen = format!("{given_up} given up within the last day");
                    Finding::warning(DoctorFinding::LogoutsFailed.entry(), seen, place)
                }
                (None, None, None) => continue,
            };
            findings.push(found.mended_on(page));
        }
    };
    // Those that answered count also where others keep us waiting.
    let _in_time = tokio::time::timeout(ALL, asking).await;
    findings.sort_by(|one, other| one.place.cmp(&other.place));
    Ok(Looked::with(format!("{many} of {} asked", portals.len()), findings))
}

/// A portal, and why nothing answers at its address, if nothing does.
async fn asked<'a>(server: &Server, portal: &'a LogoutAddress) -> (&'a LogoutAddress, Option<String>) {
    let address = &portal.address;
    let fault = match tokio::time::timeout(ANSWER, server.outbound.reach(address)).await {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(format!("{address}: {failure}")),
        Err(_) => Some(format!("{address}: no answer within {}", span(ANSWER))),
    };
    (portal, fault)
}

//! Whether WeCom's events arrive where a callback was set up.

use futures_util::FutureExt;

use crate::{
    directory::wecom_events::Endpoint,
    doctor::{
        check::{Check, Of},
        failure::DoctorFinding,
        report::{Finding, Looked, span},
        store,
        surroundings::{Server, Surroundings},
    },
    kernel::{clock::Timestamp, failure::Result},
};

pub const CHECK: Check = Check {
    name: "callbacks",
    about: "events of WeCom",
    rests_on: &["database", "migrations"],
    look: Of::Server(|around, server| look(around, server).boxed()),
};

async fn look(around: &Surroundings, server: &Server) -> Result<Looked> {
    let now = around.clock.now();
    let (mut findings, mut seen) = (Vec::new(), Vec::new());
    for source in store::sources(around.database()?).await? {
        for endpoint in server.callbacks.find(source.id).await? {
            let place = format!("data-sources/{}/callbacks {}", source.id, endpoint.owner.word());
            let found = judged(&endpoint, &place, now);
            let page = || format!("/console/wecom/{}", source.id);
            findings.extend(found.map(|found| found.of_source(Some(source.id)).mended_on(page())));
            let last = endpoint.last_event_at.map(|at| format!("{} ago", span(now.since(at))));
            let last = last.unwrap_or_else(|| "none yet".to_owned());
            seen.push(format!(
                "{} ({}): last event {last}",
                source.name,
                endpoint.owner.word()
            ));
        }
    }
    let seen = match seen.is_empty() {
        true => "no callback is set up; syncs alone tell of changes".to_owned(),
        false => seen.join("; "),
    };
    Ok(Looked::with(seen, findings))
}

/// Refused since anything was accepted: the reason, in its own number. Else never verified.
fn judged(endpoint: &Endpoint, place: &str, now: Timestamp) -> Option<Finding> {
    if let Some(refused) = endpoint.standing_refusal() {
        let seen = format!(
            "refused {} ago, and nothing was accepted since",
            span(now.since(refused.last_at))
        );
        return Some(Finding::error(refused.entry, seen, place));
    }
    let unverified = endpoint.verified_at.is_none();
    unverified.then(|| Finding::warning(DoctorFinding::CallbackUnverified.entry(), endpoint.url.clone(), place))
}

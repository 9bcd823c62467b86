//! Whether a provider switched between plain and encrypted userids since the last run (reference 0.2). Whom WeCom's `open_userid` tells apart is found
//! under the other id; where it is missing, everybody would be taken for gone and new, which is never meant. Pure.

use super::{
    failure::SyncFailure,
    plan::model::{Kind, Plan},
    snapshot::Finding,
    source::Source,
};
use crate::wecom::model::is_encrypted_userid;

/// Why a run pauses where at least half of the people of a suite's company would be gone, and others come whose ids are of the other kind.
pub fn finding(source: &Source, plan: &Plan) -> Option<Finding> {
    source.suite?;
    let gone: Vec<&str> = plan
        .departures
        .iter()
        .filter(|departure| !departure.told && !departure.reused)
        .map(|departure| departure.userid.as_str())
        .collect();
    // Also who was here before: a provider may go back to the ids it had.
    let new: Vec<&str> = plan
        .members
        .iter()
        .filter(|change| change.kind != Kind::Updated)
        .map(|change| change.person.userid.as_str())
        .collect();
    let nearly_all = !gone.is_empty() && gone.len().saturating_mul(2) >= plan.present;
    if !nearly_all || new.is_empty() || are_encrypted(&gone) == are_encrypted(&new) {
        return None;
    }
    let (before, now) = match are_encrypted(&new) {
        true => ("plain", "encrypted"),
        false => ("encrypted", "plain"),
    };
    let detail = format!(
        "{} of {} members would depart and {} come: ids were {before}, and are {now} now",
        gone.len(),
        plan.present,
        new.len()
    );
    Some(Finding::of(SyncFailure::OtherIds, true, Some(detail)))
}

/// Whether most of these are encrypted.
fn are_encrypted(ids: &[&str]) -> bool {
    let encrypted = ids.iter().filter(|id| is_encrypted_userid(id)).count();
    encrypted.saturating_mul(2) > ids.len()
}

//! What WeCom would say of somebody, were it asked now, if all that was read last still holds. Pure.

use crate::{
    directory::offboarding::model::STATUS_ACTIVE,
    gate::facts::{CachedScope, Facts, Identity, Live},
};

/// The answer that is to be expected. Who departed, is in no mirror, or lies outside the app's scope as it was read last is not shown; of
/// everybody else WeCom tells the status it told last, and a status that was never told counts as active.
pub fn expected(facts: &Facts) -> Live {
    if !matches!(facts.identity, Identity::Member { .. }) {
        return Live::NotAsked;
    }
    match &facts.member {
        Some(member) if member.present && facts.cached_scope != CachedScope::Outside => Live::Visible {
            status: member.status.or(Some(STATUS_ACTIVE)),
        },
        _ => Live::NotVisible,
    }
}

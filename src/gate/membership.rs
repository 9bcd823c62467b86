//! What WeCom's answer and earlier ones say of a membership: whether it is confirmed, for how long that counts, and whether the answer is about the person we
//! hold. Pure.

use std::time::Duration;

use super::facts::{AuthMethod, CachedScope, Facts, Identity, Live};

/// Whether it is a local user, of no corp.
pub(super) fn is_local(facts: &Facts) -> bool {
    matches!(facts.identity, Identity::Local { .. })
}

/// Whether the membership is confirmed. A scan needs WeCom's live answer; a password, which WeCom has no part in, and an existing session
/// may rest on a confirmation younger than the portal's maximum age; while WeCom does not answer, [`within_grace`] says for how long an older
/// one counts. That WeCom was asked in vain never puts anybody out: it is asked because the last confirmation is old, or because the cached
/// scope, which may be older than WeCom's mind, would refuse.
pub(super) fn membership_confirmed(facts: &Facts) -> bool {
    let scans_now = facts.session.is_none() && facts.way == AuthMethod::WeCom;
    match facts.live {
        Live::Visible { .. } | Live::NotVisible | Live::OtherIds => true,
        Live::NotAsked | Live::Unreachable | Live::OverBudget if is_local(facts) => true,
        Live::NotAsked | Live::Unreachable | Live::OverBudget if scans_now => false,
        Live::NotAsked => is_recent(facts, facts.portal.membership_max_age),
        // For how long it counts, the next check says.
        Live::Unreachable | Live::OverBudget => was_confirmed(facts) && facts.cached_scope != CachedScope::Outside,
    }
}

/// Whether the last confirmation still counts although WeCom does not answer, or is not asked for the moment: for the portal's grace beyond its
/// maximum age.
pub(super) fn within_grace(facts: &Facts) -> bool {
    let unanswered = matches!(facts.live, Live::Unreachable | Live::OverBudget);
    !unanswered || is_local(facts) || is_recent(facts, with_grace(facts))
}

/// Age from which on WeCom is to confirm the membership of a session again: at most the portal's maximum. A sync confirms everybody in one moment, so
/// that without it all of a company's sessions would ask in the same minute; what it confirmed is asked about up to a fifth earlier, each member
/// at a moment of their own.
pub(super) fn recheck_age(facts: &Facts) -> Duration {
    let most = facts.portal.membership_max_age;
    let (Some(member), Some(source)) = (&facts.member, &facts.data_source) else {
        return most;
    };
    if source.members_confirmed_at != Some(member.checked_at.millis()) {
        return most;
    }
    let own = u32::from(member.id.as_bytes().last().copied().unwrap_or_default());
    let step = most.checked_div(5 * 256).unwrap_or_default();
    most.saturating_sub(step.saturating_mul(own))
}

fn with_grace(facts: &Facts) -> Duration {
    facts
        .portal
        .membership_max_age
        .saturating_add(facts.portal.membership_grace)
}

/// Whether WeCom's answer can be about the person we hold. Where it cannot, the last confirmation counts as if WeCom had not answered; a scan proves
/// somebody of whom nothing is held.
pub(super) fn ids_known(facts: &Facts) -> bool {
    let scans_now = facts.session.is_none() && facts.way == AuthMethod::WeCom;
    facts.live != Live::OtherIds || (!scans_now && is_covered(facts))
}

/// Whether the last confirmation would do, should WeCom not answer.
pub fn is_covered(facts: &Facts) -> bool {
    was_confirmed(facts) && facts.cached_scope != CachedScope::Outside && is_recent(facts, with_grace(facts))
}

/// Whether WeCom ever confirmed the member, and has not said since that it does not show them.
fn was_confirmed(facts: &Facts) -> bool {
    facts
        .member
        .as_ref()
        .is_some_and(|member| member.checked_at.millis() > 0)
}

fn is_recent(facts: &Facts, age: Duration) -> bool {
    let member = facts.member.as_ref();
    member.is_some_and(|member| facts.now.since(member.checked_at) <= age)
}

/// Whether the app's visible scope covers the member. WeCom's live answer outweighs the cached scope, both ways (reference 4.2).
pub(super) fn in_visible_scope(facts: &Facts) -> bool {
    match facts.live {
        Live::Visible { .. } => true,
        Live::NotVisible => false,
        Live::OtherIds | Live::NotAsked | Live::Unreachable | Live::OverBudget => {
            facts.cached_scope != CachedScope::Outside
        }
    }
}

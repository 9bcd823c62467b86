//! Weighs what WeCom says live about a visitor against the member we hold: whoever was given a userid must not come in as the person who
//! had it before, not even before the next sync (reference 3.5).

use uuid::Uuid;

use super::facts::Facts;
use crate::{
    directory::{
        identity::{
            evidence::Traits,
            verdict::{self, Verdict, of_present},
        },
        sync::Sync,
    },
    kernel::failure::Result,
    wecom::model::Member,
};

/// The member whom the live answer does not plainly show as the same person. At a sign-in that is also whoever differs in anything while number or
/// address is withheld: a namesake must not come in before the sync that would tell them apart. A session goes on meanwhile.
pub(super) fn questionable(facts: &Facts, seen: &Member) -> Option<Uuid> {
    let member = facts.member.as_ref().filter(|member| member.present)?;
    let missed = member.checked_at.millis() == 0;
    let evidence = of_present(missed, &member.traits, &Traits::from(seen));
    let open = facts.session.is_none() && evidence.leaves_open();
    (open || verdict::weigh(evidence).verdict != Verdict::SamePerson).then_some(member.id)
}

/// Puts a verdict into the facts.
pub(super) fn note(facts: &mut Facts, verdict: Verdict) {
    facts.verdict = verdict;
    if let Some(member) = &mut facts.member {
        member.doubted |= verdict == Verdict::Doubtful;
    }
}

/// Whether whoever signs in cannot be compared with the member we hold, though WeCom said that userids were changed, one of them theirs: a sync says whose
/// it is once all that belongs to it was told.
async fn is_being_told(sync: &Sync, facts: &Facts, seen: &Member) -> Result<bool> {
    let held = facts
        .member
        .as_ref()
        .filter(|member| member.present && facts.session.is_none());
    let (Some(member), Some(source)) = (held, &facts.data_source) else {
        return Ok(false);
    };
    match of_present(false, &member.traits, &Traits::from(seen)).is_silent() {
        true => sync.is_being_told(source.id, &seen.userid).await,
        false => Ok(false),
    }
}

/// Weighs the facts' live answer, and starts a sync where the userid is somebody else's by now.
pub(super) async fn weigh(sync: &Sync, facts: &mut Facts, seen: &Member) -> Result<()> {
    let Some(member) = questionable(facts, seen) else {
        if is_being_told(sync, facts, seen).await? {
            note(facts, Verdict::SomebodyElse);
        }
        return Ok(());
    };
    let verdict = sync.weigh_live(member, seen, false).await?;
    note(facts, verdict);
    if let (Verdict::SomebodyElse, Some(source)) = (verdict, &facts.data_source) {
        sync.catch_up(source.id).await;
    }
    Ok(())
}

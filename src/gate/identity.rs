//! Weighs what WeCom says live about a visitor against the member we hold: whoever was given a userid must not come in as the person who
//! had it before, not even before the next sync (reference 3.5).

use super::facts::Facts;
use crate::{
    directory::{
        identity::{
            evidence::Traits,
            verdict::{Verdict, weigh_present},
        },
        sync::Sync,
    },
    kernel::failure::Result,
    wecom::model::Member,
};

/// Weighs the facts' live answer, and starts a sync where the userid is somebody else's by now.
pub(super) async fn weigh(sync: &Sync, facts: &mut Facts, seen: &Member) -> Result<()> {
    let Some(member) = facts.member.as_mut().filter(|member| member.present) else {
        return Ok(());
    };
    let missed = member.checked_at.millis() == 0;
    if weigh_present(missed, &member.traits, &Traits::from(seen)).verdict == Verdict::SamePerson {
        return Ok(());
    }
    facts.verdict = sync.weigh_live(member.id, seen, false).await?;
    member.doubted |= facts.verdict == Verdict::Doubtful;
    if let (Verdict::SomebodyElse, Some(source)) = (facts.verdict, &facts.data_source) {
        sync.catch_up(source.id).await;
    }
    Ok(())
}

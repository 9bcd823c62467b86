//! Records what a sync doubts about identities, and what it doubts no longer.

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Stored;
use crate::directory::{
    identity::{
        model::State,
        store::{self, NewDoubt},
    },
    sync::{plan::model::MemberChange, run_context::Job},
};

/// Writes the doubts of these changes, each with its member and their user, inside the transaction that writes the members.
pub(super) async fn write<'a, C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    written: impl Iterator<Item = (Uuid, Option<Uuid>, &'a MemberChange)>,
) -> Stored<()> {
    let now = job.clock.now();
    let mut settled = Vec::new();
    for (member_id, user_id, change) in written {
        settled.extend(change.settled.then_some(member_id));
        let Some(doubt) = &change.doubt else { continue };
        let new = NewDoubt {
            id: job.id(),
            data_source_id: job.data_source_id,
            member_id,
            user_id,
            userid: &change.person.userid,
            weighed: doubt.weighed,
            before: &doubt.before,
            after: &doubt.after,
        };
        store::open(tx, new, now).await?;
    }
    // What WeCom shows by now agrees with what we hold again.
    store::settle(tx, &settled, (State::SamePerson, "system"), now).await?;
    Ok(())
}

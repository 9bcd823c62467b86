//! Writes endings of access of members who are there, and readmissions. Unlike a departure this leaves the member's row alone.

use std::collections::{BTreeMap, HashSet};

use entity::member;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::Stored;
use crate::{
    directory::{
        offboarding::{
            self,
            model::{EndReason, Leaver, Reach},
        },
        sync::{plan::model::AccessEnd, run_context::Job},
    },
    kernel::failure::Result,
};

/// Ends the access of a batch in one transaction. Left out are those whom WeCom confirmed to a sign-in after our fetching began.
/// `reach_of_scope`: how far falling out of the integration app's scope reaches.
pub async fn end(job: &Job<'_>, batch: &[&AccessEnd], reach_of_scope: Reach) -> Result<()> {
    let tx = job.db.begin().await?;
    end_in(&tx, job, batch, reach_of_scope).await?;
    tx.commit().await?;
    Ok(())
}

/// As [`end`], inside a transaction of somebody else's.
pub async fn end_in<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    batch: &[&AccessEnd],
    reach_of_scope: Reach,
) -> Stored<()> {
    let unconfirmed = unconfirmed_since(tx, job, batch).await?;
    let stands = batch
        .iter()
        .filter(|end| end.member.is_none_or(|member| unconfirmed.contains(&member)));
    // Alike endings share statements.
    let mut alike: BTreeMap<(EndReason, Option<i32>), Vec<Leaver>> = BTreeMap::new();
    for end in stands {
        alike.entry((end.reason, end.status)).or_default().push(Leaver {
            user: end.user_id,
            member: end.member,
            userid: Some(end.userid.clone()),
            may_disable: end.may_disable,
        });
    }
    for ((reason, status), leavers) in alike {
        let reach = match reason {
            EndReason::OutOfScope => reach_of_scope,
            _ => Reach::Everywhere,
        };
        let evidence = json!({
            "sync_run_id": job.run(), "asked_at": job.fetched_at.millis(), "status": status,
        });
        offboarding::store::end_access(tx, &job.ending(reason, reach, &evidence), &leavers).await?;
    }
    Ok(())
}

/// Gives access back to these users.
pub async fn readmit(job: &Job<'_>, users: &[Uuid]) -> Result<()> {
    let tx = job.db.begin().await?;
    offboarding::store::readmit(&tx, users, (job.entropy, job.clock.now())).await?;
    tx.commit().await?;
    Ok(())
}

/// The members whom no sign-in has confirmed since, locked until the transaction ends.
async fn unconfirmed_since<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[&AccessEnd]) -> Stored<HashSet<Uuid>> {
    let found: Vec<Uuid> = member::Entity::find()
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::Id.is_in(batch.iter().filter_map(|end| end.member)))
        .filter(member::Column::CheckedAt.lte(job.fetched_at.millis()))
        .lock_exclusive()
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}

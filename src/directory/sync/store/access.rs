//! Writes endings of access of members who are there, and readmissions. Unlike a departure this leaves the member's row alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::member;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use serde_json::json;
use uuid::Uuid;

use super::{
    Stored, fence,
    journal::{self, Images, Note},
};
use crate::{
    directory::{
        freshness::checked_at,
        offboarding::{
            self,
            model::{EndReason, Ending, LearnedBy, Leaver, Reach},
        },
        store::members_confirmed,
        sync::{
            mirror::ThroughApp,
            plan::{
                changes::{READMITTED, Said},
                model::{AccessEnd, RowOutcome},
            },
            run_context::Job,
        },
    },
    kernel::failure::Result,
};

/// Ends the access of a batch in one transaction, and returns the userids of those who were left out: whom WeCom confirmed to a sign-in after
/// our fetching began. `reach_of_scope`: how far falling out of the integration app's scope reaches.
pub async fn end(job: &Job<'_>, batch: &[&AccessEnd], reach_of_scope: Reach, said: &Said) -> Result<Vec<String>> {
    let tx = fence::begin(job).await?;
    let missed = end_in(&tx, job, (batch, said), (reach_of_scope, None)).await?;
    tx.commit().await?;
    Ok(missed)
}

/// The same for endings that the reading of an app's scope showed, each through that app.
pub async fn end_polled(job: &Job<'_>, batch: &[&AccessEnd]) -> Result<()> {
    if batch.is_empty() {
        return Ok(());
    }
    let tx = fence::begin(job).await?;
    let learned = (Reach::Everywhere, Some(LearnedBy::Poll));
    end_in(&tx, job, (batch, &Said::default()), learned).await?;
    tx.commit().await?;
    Ok(())
}

/// As [`end`], inside a transaction of somebody else's. `learned_by`: unless a run, or an event, found it.
pub async fn end_in<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    (batch, said): (&[&AccessEnd], &Said),
    (reach_of_scope, learned_by): (Reach, Option<LearnedBy>),
) -> Stored<Vec<String>> {
    let unconfirmed = unconfirmed_since(tx, job, batch).await?;
    let (stands, missed): (Vec<&AccessEnd>, Vec<&AccessEnd>) = batch
        .iter()
        .partition(|end| end.member.is_none_or(|member| unconfirmed.contains(&member)));
    let users = journal::users_of(tx, stands.iter().map(|end| end.user_id).collect(), LockType::Update).await?;
    let before = Images::of(tx, HashMap::new(), users).await?;
    // Alike endings share statements.
    let mut alike: BTreeMap<(EndReason, Option<i32>, Option<ThroughApp>), Vec<Leaver>> = BTreeMap::new();
    for end in &stands {
        alike
            .entry((end.reason, end.status, end.through))
            .or_default()
            .push(Leaver {
                user: end.user_id,
                member: end.member,
                userid: Some(end.userid.clone()),
                may_disable: end.may_disable,
            });
    }
    for ((reason, status, through), leavers) in alike {
        let reach = match (through, reason) {
            (Some(app), _) => Reach::App {
                id: app.id,
                passwords: false,
            },
            (None, EndReason::OutOfScope) => reach_of_scope,
            (None, _) => Reach::Everywhere,
        };
        let evidence = json!({
            "sync_run_id": job.run_id(), "asked_at": job.fetched_at.millis(), "status": status,
        });
        let ending = job.ending(reason, reach, &evidence);
        let ending = Ending {
            learned_by: learned_by.unwrap_or(ending.learned_by),
            ..ending
        };
        offboarding::store::end_access(tx, &ending, &leavers).await?;
    }
    let notes = stands.iter().map(|end| Note {
        member: end.member,
        user: Some(end.user_id),
        userid: &end.userid,
        outcome: RowOutcome::Outside,
        reason: said.reason(&end.userid, RowOutcome::Outside),
        new_member: false,
        new_user: false,
    });
    journal::record(tx, job, &before, notes.collect()).await?;
    Ok(missed.into_iter().map(|end| end.userid.clone()).collect())
}

/// Gives access back to these users.
pub async fn readmit(job: &Job<'_>, users: &[Uuid]) -> Result<()> {
    let tx = fence::begin(job).await?;
    let before = Images::of(
        &tx,
        HashMap::new(),
        journal::users_of(&tx, users.to_vec(), LockType::Update).await?,
    )
    .await?;
    let readmitted = offboarding::store::readmit(&tx, users, (job.entropy, job.clock.now())).await?;
    let members: Vec<(Uuid, Option<Uuid>, String)> = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::UserId, member::Column::Userid])
        .filter(member::Column::DataSourceId.eq(job.data_source_id))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::UserId.is_in(readmitted))
        .into_tuple()
        .all(&tx)
        .await?;
    let notes = members.iter().map(|(member, user, userid)| Note {
        member: Some(*member),
        user: *user,
        userid,
        outcome: RowOutcome::Readmitted,
        reason: READMITTED.to_owned(),
        new_member: false,
        new_user: false,
    });
    journal::record(&tx, job, &before, notes.collect()).await?;
    tx.commit().await?;
    Ok(())
}

/// The members whom no sign-in has confirmed since, locked until the transaction ends; nor a run that looked later, but that says nothing of
/// another app than the integration app.
async fn unconfirmed_since<C: ConnectionTrait>(tx: &C, job: &Job<'_>, batch: &[&AccessEnd]) -> Stored<HashSet<Uuid>> {
    let found: Vec<(Uuid, i64)> = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::CheckedAt])
        .filter(member::Column::Id.is_in(batch.iter().filter_map(|end| end.member)))
        .filter(member::Column::CheckedAt.lte(job.fetched_at.millis()))
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(tx)
        .await?;
    let everybody = members_confirmed::at(tx, job.data_source_id).await?;
    let through = batch.iter().filter(|end| end.through.is_some());
    let through: HashSet<Uuid> = through.filter_map(|end| end.member).collect();
    let since = |own: i64| checked_at(own, true, everybody) > job.fetched_at.millis();
    let found = found
        .into_iter()
        .filter(|(id, own)| through.contains(id) || !since(*own));
    Ok(found.map(|(id, _)| id).collect())
}

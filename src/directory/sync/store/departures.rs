//! Writes departures: member, user, sessions and grants end together or not at all.

use std::collections::{HashMap, HashSet};

use entity::{audit_event, member};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Stored,
    audit_events::event,
    fence,
    journal::{self, Images, Note},
    users,
};
use crate::{
    audit,
    directory::{
        freshness::checked_at,
        identity::{model::State, store as identity},
        name_proof::store::end_of_members,
        offboarding::{
            self,
            model::{EndReason, Leaver, Reach},
        },
        session_end,
        store::members_confirmed,
        sync::{
            plan::{
                changes::Said,
                model::{Departure, RowOutcome},
            },
            run_context::Job,
            snapshot::key,
        },
    },
    kernel::failure::Result,
};

/// Writes one batch in one transaction and returns the members that departed. Left out are those whose row changed since the plan was
/// made, or whom WeCom confirmed to a sign-in after our fetching began.
pub async fn write(job: &Job<'_>, batch: &[Departure], said: &Said) -> Result<HashSet<Uuid>> {
    let tx = fence::begin(job).await?;
    let gone = write_in(&tx, job, batch, said).await?;
    tx.commit().await?;
    Ok(gone)
}

/// As [`write`], inside a transaction of somebody else's.
pub async fn write_in<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    batch: &[Departure],
    said: &Said,
) -> Stored<HashSet<Uuid>> {
    let present = still_present(tx, job, batch).await?;
    let gone: Vec<&Departure> = batch
        .iter()
        .filter(|departure| {
            let row = present.get(&departure.held.id);
            row.is_some_and(|row| row.updated_at == departure.held.version)
        })
        .collect();
    if gone.is_empty() {
        return Ok(HashSet::new());
    }
    let ids: HashSet<Uuid> = gone.iter().map(|departure| departure.held.id).collect();
    let user_ids: Vec<Uuid> = gone.iter().filter_map(|departure| departure.user_id).collect();
    let before = Images::of(
        tx,
        present,
        users::touchable(tx, job, user_ids, LockType::Update).await?,
    )
    .await?;
    mark(tx, job, &ids).await?;
    bury_reused(tx, job, &gone).await?;
    let touchable: Vec<Uuid> = before.users.keys().copied().collect();
    // The userid may be given to somebody else, who gets this user back.
    session_end::store::delete_credentials(tx, &touchable).await?;
    // A console admin stays enabled, and is no user the plan may change; their sessions and grants end all the same.
    let linked = |departure: &&Departure| before.members.get(&departure.held.id)?.user_id;
    let leavers = gone.iter().filter_map(|departure| {
        let user = linked(departure)?;
        Some(Leaver {
            user,
            member: Some(departure.held.id),
            userid: Some(departure.userid.clone()),
            may_disable: touchable.contains(&user),
        })
    });
    let leavers: Vec<Leaver> = leavers.collect();
    let evidence = json!({ "sync_run_id": job.run_id(), "asked_at": job.fetched_at.millis() });
    let ending = job.ending(EndReason::Departed, Reach::Everywhere, &evidence);
    offboarding::store::end_access(tx, &ending, &leavers).await?;
    let events = gone.iter().map(|departure| {
        event(
            job,
            audit::Kind::MemberDeparted,
            departure.held.id,
            &departure.userid,
            linked(departure),
        )
    });
    audit_event::Entity::insert_many(events)
        .exec_without_returning(tx)
        .await?;
    let notes = gone.iter().map(|departure| note(departure, linked(departure), said));
    journal::record(tx, job, &before, notes.collect()).await?;
    Ok(ids)
}

fn note<'a>(departure: &'a Departure, user: Option<Uuid>, said: &Said) -> Note<'a> {
    Note {
        member: Some(departure.held.id),
        user,
        userid: &departure.userid,
        outcome: RowOutcome::Departed,
        reason: said.reason(&departure.userid, RowOutcome::Departed),
        new_member: false,
        new_user: false,
    }
}

/// Members who are still present and unconfirmed since, locked until the transaction ends.
async fn still_present<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    batch: &[Departure],
) -> Stored<HashMap<Uuid, member::Model>> {
    let rows = member::Entity::find()
        .filter(member::Column::Id.is_in(batch.iter().map(|departure| departure.held.id)))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::CheckedAt.lte(job.fetched_at.millis()))
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await?;
    // A run that looked later has seen them.
    let everybody = members_confirmed::at(tx, job.data_source_id).await?;
    let since = |row: &member::Model| checked_at(row.checked_at, true, everybody) > job.fetched_at.millis();
    let rows = rows.into_iter().filter(|row| !since(row));
    Ok(rows.map(|row| (row.id, row)).collect())
}

/// Rows whose userid is somebody else's now give it up: nothing reaches their users through it again.
async fn bury_reused<C: ConnectionTrait>(tx: &C, job: &Job<'_>, gone: &[&Departure]) -> Stored<()> {
    let reused: Vec<&Departure> = gone.iter().copied().filter(|departure| departure.reused).collect();
    if reused.is_empty() {
        return Ok(());
    }
    let now = job.clock.now();
    for departure in &reused {
        let version = now.millis().max(departure.held.version.saturating_add(1));
        identity::bury(tx, departure.held.id, &key(&departure.userid), version).await?;
    }
    let ids: Vec<Uuid> = reused.iter().map(|departure| departure.held.id).collect();
    identity::settle(tx, &ids, (State::SomebodyElse, "system"), now).await?;
    let events = reused.iter().map(|departure| {
        let (id, userid) = (departure.held.id, departure.userid.as_str());
        event(job, audit::Kind::UseridReused, id, userid, departure.user_id)
    });
    audit_event::Entity::insert_many(events)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

async fn mark<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ids: &HashSet<Uuid>) -> Stored<()> {
    let now = job.clock.now().millis();
    member::Entity::update_many()
        .col_expr(member::Column::State, Expr::value("departed"))
        .col_expr(member::Column::DepartedAt, Expr::value(now))
        .col_expr(member::Column::UpdatedAt, Expr::value(now))
        .filter(member::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    end_of_members(tx, ids.iter().copied()).await
}

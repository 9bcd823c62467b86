//! Queries of callback endpoints and their outstanding syncs. `told` counts the events that asked for a sync; `retry_at` says that not
//! all of them are done, and when to retry. An event sets it in the statement that counts, and it is cleared only while the count is what
//! the clearing one saw.

use entity::{callback_endpoint, callback_failure, data_source, member, sync_run};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, OnConflict},
};
use uuid::Uuid;

use super::endpoint_owner::Owner;
use crate::{
    directory::{
        name_proof::store::end_of_members, offboarding::model::EndReason, store::members_confirmed,
        sync::run_state::Mode,
    },
    kernel::{clock::Timestamp, failure::Result},
    store::{AnyRow, Database, database::unreadable},
};

pub mod app_notices;
pub mod failures;
pub mod of_suites;
pub mod pending_looks;

type Column = callback_endpoint::Column;

/// A new endpoint.
pub struct New {
    /// Id of the row, unless the endpoint exists already.
    pub id: Uuid,
    /// The data source.
    pub data_source: Uuid,
    /// Where in the WeCom console it is entered.
    pub owner: Owner,
    /// AgentId, for [`Owner::App`].
    pub agent_id: Option<i64>,
    /// Sealed.
    pub token_sealed: String,
    /// Sealed.
    pub aes_key_sealed: String,
}

/// An endpoint and its state.
pub struct EndpointRow {
    /// Row id.
    pub id: Uuid,
    /// Where in the WeCom console it is entered.
    pub owner: Owner,
    /// When WeCom verified it last.
    pub verified_at: Option<Timestamp>,
    /// When an event arrived last.
    pub last_event_at: Option<Timestamp>,
}

/// The sealed token and key of an endpoint.
pub struct Keys {
    /// The data source.
    pub data_source_id: Uuid,
    /// Where in the WeCom console it is entered.
    pub owner: Option<Owner>,
    /// The receive id.
    pub corp_id: String,
    /// Sealed.
    pub token_sealed: String,
    /// Sealed.
    pub aes_key_sealed: String,
}

/// An endpoint whose outstanding events are due for a retry.
pub struct Due {
    /// The endpoint.
    pub id: Uuid,
    /// The data source.
    pub data_source_id: Uuid,
    /// When the retry was due, milliseconds.
    pub at: i64,
}

/// A member who has not departed.
pub struct Present {
    /// Row id.
    pub id: Uuid,
    /// Changes with every write that changes the person.
    pub version: i64,
    /// In WeCom's letter case.
    pub userid: String,
    /// The linked user.
    pub user_id: Option<Uuid>,
    /// When the row was made.
    pub created_at: Timestamp,
}

/// Inserts an endpoint, or replaces the secrets of the existing one; returns the id that stands.
pub async fn put(db: &Database, new: New, now: Timestamp) -> Result<Uuid> {
    let row = callback_endpoint::ActiveModel {
        id: Set(new.id),
        data_source_id: Set(new.data_source),
        owner: Set(new.owner.word().to_owned()),
        agent_id: Set(new.agent_id),
        token_sealed: Set(new.token_sealed),
        aes_key_sealed: Set(new.aes_key_sealed),
        verified_at: Set(None),
        last_event_at: Set(None),
        told: Set(0),
        retry_at: Set(None),
        created_at: Set(now.millis()),
    };
    let replace = OnConflict::columns([Column::DataSourceId, Column::Owner])
        .update_columns([
            Column::AgentId,
            Column::TokenSealed,
            Column::AesKeySealed,
            Column::VerifiedAt,
        ])
        .to_owned();
    let tx = db.begin().await?;
    callback_endpoint::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(&tx)
        .await?;
    let stands = callback_endpoint::Entity::find()
        .filter(Column::DataSourceId.eq(new.data_source))
        .filter(Column::Owner.eq(new.owner.word()))
        .one(&tx)
        .await?
        .ok_or_else(|| unreadable("callback_endpoint"))?;
    // They were about the old token and key.
    callback_failure::Entity::delete_many()
        .filter(callback_failure::Column::EndpointId.eq(stands.id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(stands.id)
}

/// Lists the endpoints of a data source, in the order they were made.
pub async fn find(db: &Database, data_source: Uuid) -> Result<Vec<EndpointRow>> {
    let rows = callback_endpoint::Entity::find()
        .filter(Column::DataSourceId.eq(data_source))
        .filter(Column::Owner.ne(of_suites::OWNER))
        .order_by_asc(Column::Id)
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().map(|row| {
        Ok(EndpointRow {
            id: row.id,
            owner: Owner::of_word(&row.owner).ok_or_else(|| unreadable("callback_endpoint.owner"))?,
            verified_at: row.verified_at.map(Timestamp::from_millis),
            last_event_at: row.last_event_at.map(Timestamp::from_millis),
        })
    });
    rows.collect()
}

/// Removes an endpoint with what is known of its refusals; false when the data source has none with this id.
pub async fn remove(db: &Database, data_source: Uuid, id: Uuid) -> Result<bool> {
    let removed = callback_endpoint::Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::DataSourceId.eq(data_source))
        .exec(db.writer())
        .await?;
    Ok(removed.rows_affected == 1)
}

/// Reads the sealed token and key of an endpoint, and its receive id.
pub async fn find_keys(db: &Database, id: Uuid) -> Result<Option<Keys>> {
    let Some(row) = callback_endpoint::Entity::find_by_id(id).one(db.reader()).await? else {
        return Ok(None);
    };
    let source = data_source::Entity::find_by_id(row.data_source_id)
        .one(db.reader())
        .await?;
    Ok(source.map(|source| Keys {
        data_source_id: source.id,
        owner: Owner::of_word(&row.owner),
        corp_id: source.corp_id,
        token_sealed: row.token_sealed,
        aes_key_sealed: row.aes_key_sealed,
    }))
}

/// Records that WeCom verified the URL.
pub async fn verified(db: &Database, id: Uuid, now: Timestamp) -> Result<()> {
    stamp(db, id, Column::VerifiedAt, now).await
}

/// Records that an event arrived that asks for nothing.
pub async fn seen(db: &Database, id: Uuid, now: Timestamp) -> Result<()> {
    stamp(db, id, Column::LastEventAt, now).await
}

async fn stamp(db: &Database, id: Uuid, column: Column, now: Timestamp) -> Result<()> {
    callback_endpoint::Entity::update_many()
        .col_expr(column, Expr::value(now.millis()))
        .filter(Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Records an event that asks for a sync as outstanding, to be retried from `retry_at` on unless a retry is set already; false when there is
/// no such endpoint. One statement, so that events at once are all counted.
pub async fn note(db: &Database, id: Uuid, now: Timestamp, retry_at: Timestamp) -> Result<bool> {
    let retry = Func::coalesce([Expr::col(Column::RetryAt), Expr::value(retry_at.millis())]);
    let updated = callback_endpoint::Entity::update_many()
        .col_expr(Column::Told, Expr::col(Column::Told).add(1))
        .col_expr(Column::RetryAt, retry.into())
        .col_expr(Column::LastEventAt, Expr::value(now.millis()))
        .filter(Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Settles the outstanding events, unless more than `told` were recorded: closes the race of an event that arrives while another's action
/// ends.
pub async fn settle(db: &Database, id: Uuid, told: i64) -> Result<()> {
    callback_endpoint::Entity::update_many()
        .col_expr(Column::RetryAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(id))
        .filter(Column::Told.eq(told))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// As [`settle`], for endpoints with their counts.
pub async fn settle_all(db: &Database, outstanding: Vec<(Uuid, i64)>) -> Result<()> {
    for (endpoint, told) in outstanding {
        settle(db, endpoint, told).await?;
    }
    Ok(())
}

/// Lists the endpoints of a data source with outstanding events, each with its count of events.
pub async fn outstanding(db: &Database, data_source: Uuid) -> Result<Vec<(Uuid, i64)>> {
    let rows = callback_endpoint::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Told])
        .filter(Column::DataSourceId.eq(data_source))
        .filter(Column::RetryAt.is_not_null())
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(rows)
}

/// Sets the retry of outstanding events to this moment.
pub async fn hasten(db: &Database, data_source: Uuid, at: Timestamp) -> Result<()> {
    callback_endpoint::Entity::update_many()
        .col_expr(Column::RetryAt, Expr::value(at.millis()))
        .filter(Column::DataSourceId.eq(data_source))
        .filter(Column::RetryAt.is_not_null())
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Whether the outstanding events of an endpoint are due for a retry.
pub fn any_due(now: Timestamp) -> AnyRow {
    AnyRow::of(callback_endpoint::Entity::find().filter(Column::RetryAt.lte(now.millis())))
}

/// Lists the endpoints whose outstanding events are due for a retry, the longest waiting first.
pub async fn due(db: &Database, now: Timestamp) -> Result<Vec<Due>> {
    let rows = callback_endpoint::Entity::find()
        .filter(Column::RetryAt.lte(now.millis()))
        .order_by_asc(Column::RetryAt)
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().filter_map(|row| {
        Some(Due {
            id: row.id,
            data_source_id: row.data_source_id,
            at: row.retry_at?,
        })
    });
    Ok(rows.collect())
}

/// Claims a due retry by moving it on; false when another replica did. Closes the race of two replicas that found the same: the update
/// holds for the one that still finds the moment it read.
pub async fn claim(db: &Database, due: &Due, next: Timestamp) -> Result<bool> {
    let updated = callback_endpoint::Entity::update_many()
        .col_expr(Column::RetryAt, Expr::value(next.millis()))
        .filter(Column::Id.eq(due.id))
        .filter(Column::RetryAt.eq(due.at))
        .exec(db.writer())
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Whether no sync was ever begun and none is scheduled: an admin will start the first one, and see before what it does. A preview is no sync.
///
/// # Errors
/// When the database does not answer.
pub async fn awaits_first_sync(db: &Database, data_source: Uuid) -> Result<bool> {
    let row = data_source::Entity::find_by_id(data_source).one(db.reader()).await?;
    if row.is_none_or(|row| row.last_synced_at.is_some() || row.auto_sync_hours.is_some()) {
        return Ok(false);
    }
    let begun = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source))
        .filter(sync_run::Column::Mode.eq(Mode::Apply.as_str()))
        .count(db.reader());
    Ok(begun.await? == 0)
}

/// Whether a run that read everything ended at or after this moment.
pub async fn synced_since(db: &Database, data_source: Uuid, at: Timestamp) -> Result<bool> {
    let row = data_source::Entity::find_by_id(data_source).one(db.reader()).await?;
    Ok(row.is_some_and(|row| row.last_synced_at.is_some_and(|ended| ended >= at.millis())))
}

/// Finds the member of this data source with this key, unless they departed.
pub async fn find_present(db: &Database, data_source: Uuid, key: &str) -> Result<Option<Present>> {
    let row = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(data_source))
        .filter(member::Column::UseridKey.eq(key))
        .filter(member::Column::State.eq("present"))
        .one(db.reader())
        .await?;
    Ok(row.map(|row| Present {
        id: row.id,
        version: row.updated_at,
        userid: row.userid,
        user_id: row.user_id,
        created_at: Timestamp::from_millis(row.created_at),
    }))
}

/// Stores the status that WeCom gave when a member was looked up. Counts as a change of the person, so that a sync which looked before does
/// not write the older status over it.
pub async fn set_status(db: &Database, id: Uuid, status: i32, (asked_at, now): (Timestamp, Timestamp)) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::Status, Expr::value(status))
        .col_expr(member::Column::CheckedAt, Expr::value(asked_at.millis()))
        .col_expr(member::Column::UpdatedAt, Expr::value(now.millis()))
        .filter(member::Column::Id.eq(id))
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::CheckedAt.lte(asked_at.millis()))
        .filter(member::Column::DataSourceId.not_in_subquery(members_confirmed::since(asked_at)))
        .exec(db.writer())
        .await?;
    if EndReason::of_status(status).is_some() {
        end_of_members(db.writer(), [id]).await?;
    }
    Ok(())
}

/// Marks a membership as unconfirmed, so that a sign-in asks WeCom live, unless WeCom confirmed it since it was asked.
pub async fn mark_unconfirmed(db: &Database, id: Uuid, asked_at: Timestamp) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::CheckedAt, Expr::value(0))
        .filter(member::Column::Id.eq(id))
        .filter(member::Column::CheckedAt.lte(asked_at.millis()))
        .filter(member::Column::DataSourceId.not_in_subquery(members_confirmed::since(asked_at)))
        .exec(db.writer())
        .await?;
    Ok(())
}

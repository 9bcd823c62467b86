//! Queries of sync runs: what an admin sees of a sync while it runs and afterwards.

use std::time::Duration;

use entity::{sync_row, sync_run};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    directory::sync::{
        counts::Counts,
        failure::SyncFailure,
        plan::model::Row,
        retry::Ended,
        run_context::{BATCH, Job},
        run_state::{Cause, Mode, Spent, State},
        snapshot::Finding,
    },
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    store::Database,
};

const RUNNING: &str = "running";
const FAILED: &str = "failed";
/// So many runs tell how long to wait for the next.
const RECENT: u64 = 8;

/// Inserts a new run.
pub async fn insert(
    db: &Database,
    id: Uuid,
    data_source_id: Uuid,
    (cause, mode): (Cause, Mode),
    now: Timestamp,
) -> Result<()> {
    let row = sync_run::ActiveModel {
        id: Set(id),
        data_source_id: Set(data_source_id),
        cause: Set(cause.as_str().to_owned()),
        mode: Set(mode.as_str().to_owned()),
        state: Set(RUNNING.to_owned()),
        started_at: Set(now.millis()),
        finished_at: Set(None),
        duration_ms: Set(None),
        calls: Set(0),
        counts: Set(json(&Counts::default())),
        findings: Set(serde_json::Value::Array(Vec::new())),
        failure_number: Set(None),
        failure_detail: Set(None),
        undoes: Set(None),
    };
    sync_run::Entity::insert(row)
        .exec_without_returning(db.writer())
        .await?;
    Ok(())
}

/// Ends runs that a killed process left behind and returns whether there were any that were to be applied. The caller holds the data
/// source's lease.
pub async fn interrupt_stale(db: &Database, data_source_id: Uuid, now: Timestamp) -> Result<bool> {
    interrupt(db, data_source_id, Mode::Plan, now).await?;
    interrupt(db, data_source_id, Mode::Apply, now).await
}

async fn interrupt(db: &Database, data_source_id: Uuid, mode: Mode, now: Timestamp) -> Result<bool> {
    let failure = SyncFailure::Interrupted.entry();
    let updated = sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value(FAILED))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::FailureNumber, Expr::value(failure.number))
        .col_expr(sync_run::Column::FailureDetail, Expr::value(failure.en))
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::Mode.eq(mode.as_str()))
        .filter(sync_run::Column::State.eq(RUNNING))
        .exec(db.writer())
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Lists the data sources with a run in the state `running`.
pub async fn running(db: &Database) -> Result<Vec<Uuid>> {
    let found: Vec<Uuid> = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::DataSourceId)
        .filter(sync_run::Column::State.eq(RUNNING))
        .distinct()
        .into_tuple()
        .all(db.reader())
        .await?;
    Ok(found)
}

/// Whether a run of this data source is in the state `running`.
pub async fn is_running(db: &Database, data_source_id: Uuid) -> Result<bool> {
    let row = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::State.eq(RUNNING))
        .one(db.reader())
        .await?;
    Ok(row.is_some())
}

/// How the last runs ended, the newest first; a run under way counts for nothing, nor does one that only planned.
pub async fn recent(db: &Database, data_source_id: Uuid) -> Result<Vec<Ended>> {
    let rows = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::Mode.eq(Mode::Apply.as_str()))
        .filter(sync_run::Column::FinishedAt.is_not_null())
        .order_by_desc(sync_run::Column::Id)
        .limit(RECENT)
        .all(db.reader())
        .await?;
    let ended = rows.into_iter().map(|row| match row.failure_number {
        Some(number) if row.state == FAILED => Ended::Failed(number),
        _ if row.state == State::Incomplete.as_str() => Ended::Incomplete,
        _ => Ended::Settled,
    });
    Ok(ended.collect())
}

/// When the last run of this cause ended that did not fail; `None`: there was none, or it has not.
pub async fn last_ended(db: &Database, data_source_id: Uuid, cause: Cause) -> Result<Option<Timestamp>> {
    let row = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::Cause.eq(cause.as_str()))
        .filter(sync_run::Column::State.ne(FAILED))
        .order_by_desc(sync_run::Column::Id)
        .one(db.reader())
        .await?;
    Ok(row.and_then(|row| row.finished_at).map(Timestamp::from_millis))
}

/// A run that may be confirmed.
pub struct Found {
    /// Its data source.
    pub data_source_id: Uuid,
    /// What it showed.
    pub counts: Counts,
    /// What it has cost.
    pub spent: Spent,
}

/// Finds a run.
pub async fn find(db: &Database, id: Uuid) -> Result<Option<Found>> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map(|row| Found {
        data_source_id: row.data_source_id,
        counts: serde_json::from_value(row.counts).unwrap_or_default(),
        spent: Spent {
            calls: u64::try_from(row.calls).unwrap_or(0),
            time: Duration::from_millis(u64::try_from(row.duration_ms.unwrap_or(0)).unwrap_or(0)),
        },
    }))
}

/// Sets a run that was paused or planned running, to be applied; of two admins who confirm at once, one succeeds.
pub async fn resume(db: &Database, id: Uuid, counts: &Counts) -> Result<bool> {
    let updated = sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value(RUNNING))
        .col_expr(sync_run::Column::Mode, Expr::value(Mode::Apply.as_str()))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(None::<i64>))
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .filter(sync_run::Column::Id.eq(id))
        .filter(sync_run::Column::State.is_in([State::Paused.as_str(), State::Planned.as_str()]))
        .exec(db.writer())
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Stores how far fetching has come, and what it has cost by now.
pub async fn fetching(db: &Database, id: Uuid, counts: &Counts, spent: Spent) -> Result<()> {
    sync_run::Entity::update_many()
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .col_expr(sync_run::Column::Calls, Expr::value(number(spent.calls)))
        .filter(sync_run::Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Stores the progress of a run.
pub async fn progress(db: &Database, id: Uuid, counts: &Counts) -> Result<()> {
    sync_run::Entity::update_many()
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .filter(sync_run::Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Stores how a run ended.
pub async fn finish(
    db: &Database,
    id: Uuid,
    (state, spent): (State, Spent),
    counts: &Counts,
    findings: &[Finding],
    now: Timestamp,
) -> Result<()> {
    sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value(state.as_str()))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::DurationMs, Expr::value(millis(spent)))
        .col_expr(sync_run::Column::Calls, Expr::value(number(spent.calls)))
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .col_expr(sync_run::Column::Findings, Expr::value(json(&findings)))
        .filter(sync_run::Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Stores that a run failed, and why.
pub async fn fail(db: &Database, id: Uuid, failure: &Failure, spent: Spent, now: Timestamp) -> Result<()> {
    let detail = failure.detail.clone().unwrap_or_else(|| failure.entry.en.to_owned());
    sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value(FAILED))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::DurationMs, Expr::value(millis(spent)))
        .col_expr(sync_run::Column::Calls, Expr::value(number(spent.calls)))
        .col_expr(sync_run::Column::FailureNumber, Expr::value(failure.entry.number))
        .col_expr(sync_run::Column::FailureDetail, Expr::value(detail))
        .filter(sync_run::Column::Id.eq(id))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Writes the rows about single members; replaces those of a paused run from before it was confirmed.
pub async fn replace_rows(job: &Job<'_>, rows: &[Row]) -> Result<()> {
    sync_row::Entity::delete_many()
        .filter(sync_row::Column::RunId.eq(job.run_id))
        .exec(job.db.writer())
        .await?;
    for batch in rows.chunks(BATCH) {
        let models = batch.iter().map(|row| sync_row::ActiveModel {
            id: Set(job.id()),
            run_id: Set(job.run_id),
            userid: Set(row.userid.clone()),
            outcome: Set(row.outcome.as_str().to_owned()),
            reason: Set(row.reason.clone()),
            ..Default::default()
        });
        sync_row::Entity::insert_many(models)
            .exec_without_returning(job.db.writer())
            .await?;
    }
    Ok(())
}

fn json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn millis(spent: Spent) -> i64 {
    i64::try_from(spent.time.as_millis()).unwrap_or(i64::MAX)
}

fn number(calls: u64) -> i64 {
    i64::try_from(calls).unwrap_or(i64::MAX)
}

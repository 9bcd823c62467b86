//! Queries of sync runs: what an admin sees of a sync while it runs and afterwards.

use std::time::Duration;

use entity::{sync_row, sync_run};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany, sea_query::Expr,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{fence, sources};
use crate::{
    directory::sync::{
        counts::Counts,
        failure::SyncFailure,
        guard::is_breach,
        retry::Ended,
        run_context::{Execution, Job},
        run_state::{Cause, Mode, Spent, State},
        snapshot::Finding,
    },
    kernel::{
        clock::Timestamp,
        failure::{Failure, Result},
    },
    store::{AnyRow, Database},
};

const RUNNING: &str = "running";
const FAILED: &str = "failed";
/// So many runs tell how long to wait for the next.
const RECENT: u64 = 8;

/// A run about to begin.
#[derive(Clone, Copy)]
pub struct NewRun {
    /// Row id.
    pub id: Uuid,
    /// Of what.
    pub data_source_id: Uuid,
    /// Why.
    pub cause: Cause,
    /// What it is to do.
    pub mode: Mode,
    /// The run it takes back.
    pub undoes: Option<Uuid>,
}

/// Inserts a new run.
pub async fn insert(db: &Database, run: NewRun, now: Timestamp) -> Result<()> {
    let row = sync_run::ActiveModel {
        id: Set(run.id),
        data_source_id: Set(run.data_source_id),
        cause: Set(run.cause.as_str().to_owned()),
        mode: Set(run.mode.as_str().to_owned()),
        state: Set(RUNNING.to_owned()),
        started_at: Set(now.millis()),
        finished_at: Set(None),
        duration_ms: Set(None),
        calls: Set(0),
        counts: Set(json(&Counts::default())),
        findings: Set(serde_json::Value::Array(Vec::new())),
        failure_number: Set(None),
        failure_detail: Set(None),
        undoes: Set(run.undoes),
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

/// The undo in the state `running` of this data source, and the run that it takes back.
pub async fn running_undo(db: &Database, data_source_id: Uuid) -> Result<Option<(Uuid, Uuid)>> {
    let found: Option<(Uuid, Option<Uuid>)> = sync_run::Entity::find()
        .select_only()
        .columns([sync_run::Column::Id, sync_run::Column::Undoes])
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::State.eq(RUNNING))
        .filter(sync_run::Column::Undoes.is_not_null())
        .into_tuple()
        .one(db.reader())
        .await?;
    Ok(found.and_then(|(id, undoes)| Some((id, undoes?))))
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

/// Whether any run is in the state `running`.
pub fn any_running() -> AnyRow {
    AnyRow::of(sync_run::Entity::find().filter(sync_run::Column::State.eq(RUNNING)))
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

/// How the last runs ended, the newest first; a run under way counts for nothing, and neither does one that only planned, or that asks WeCom
/// nothing.
pub async fn recent(db: &Database, data_source_id: Uuid) -> Result<Vec<Ended>> {
    let rows = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::FinishedAt.is_not_null())
        .filter(sync_run::Column::Mode.eq(Mode::Apply.as_str()))
        .filter(sync_run::Column::Cause.ne(Cause::Undo.as_str()))
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

/// Whether the last run paused because members bear ids of another kind: what it waits for is an admin, and no other run.
pub async fn waits_for_other_ids(db: &Database, data_source_id: Uuid) -> Result<bool> {
    let row = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source_id))
        .filter(sync_run::Column::FinishedAt.is_not_null())
        .order_by_desc(sync_run::Column::Id)
        .one(db.reader())
        .await?;
    let other_ids = SyncFailure::OtherIds.entry().number;
    Ok(
        row.is_some_and(|row| {
            row.state == State::Paused.as_str() && tells(&row.findings, |number| number == other_ids)
        }),
    )
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
    /// Whether it said that members bear ids of another kind.
    pub told_other_ids: bool,
}

/// Finds a run.
pub async fn find(db: &Database, id: Uuid) -> Result<Option<Found>> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    let number = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(row.map(|row| Found {
        data_source_id: row.data_source_id,
        counts: serde_json::from_value(row.counts).unwrap_or_default(),
        spent: Spent {
            calls: number(row.calls),
            time: Duration::from_millis(number(row.duration_ms.unwrap_or(0))),
        },
        told_other_ids: tells(&row.findings, |number| number == SyncFailure::OtherIds.entry().number),
    }))
}

/// How a run stands, what it counted, and whether it passes a limit of the guard.
pub async fn standing(db: &Database, id: Uuid) -> Result<Option<(String, Counts, bool)>> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map(|row| {
        let counts = serde_json::from_value(row.counts).unwrap_or_default();
        (row.state, counts, tells(&row.findings, is_breach))
    }))
}

/// Whether one of these findings is such a one, by its number.
fn tells(findings: &Value, such: impl Fn(&str) -> bool) -> bool {
    let findings = findings.as_array().into_iter().flatten();
    let mut numbers = findings.filter_map(|finding| finding.get("number")?.as_str());
    numbers.any(such)
}

/// When a run began, milliseconds; 0: it is no longer known.
pub async fn begun(db: &Database, id: Uuid) -> Result<i64> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map_or(0, |row| row.started_at))
}

/// What a run that succeeded counted, and its findings as in its row; `None`: it did not, or is no longer known.
pub async fn result_of(db: &Database, id: Uuid) -> Result<Option<(Counts, Value)>> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    let row = row.filter(|row| row.state == State::Succeeded.as_str());
    Ok(row.and_then(|row| Some((serde_json::from_value(row.counts).ok()?, row.findings))))
}

/// A run as an undo needs to know it.
pub struct Done {
    /// Of which data source.
    pub data_source_id: Uuid,
    /// Whether it takes another one back.
    pub is_undo: bool,
    /// Milliseconds.
    pub started_at: i64,
    /// The last moment at which it can have written something, milliseconds; `None`: it was killed, or failed, and its last words are missing.
    pub settled_at: Option<i64>,
}

/// Finds a run that is to be taken back.
pub async fn find_done(db: &Database, id: Uuid) -> Result<Option<Done>> {
    let row = sync_run::Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map(|row| Done {
        data_source_id: row.data_source_id,
        is_undo: row.undoes.is_some(),
        started_at: row.started_at,
        settled_at: row.finished_at.filter(|_| row.state != FAILED),
    }))
}

/// Sets a run running, to be applied, that was paused or planned; of two admins who confirm at once, one succeeds.
pub async fn resume(db: &Database, id: Uuid, counts: &Counts) -> Result<bool> {
    let tx = db.begin().await?;
    let updated = sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value(RUNNING))
        .col_expr(sync_run::Column::Mode, Expr::value(Mode::Apply.as_str()))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(None::<i64>))
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .col_expr(
            sync_run::Column::Findings,
            Expr::value(serde_json::Value::Array(Vec::new())),
        )
        .filter(sync_run::Column::Id.eq(id))
        .filter(sync_run::Column::State.is_in([State::Paused.as_str(), State::Planned.as_str()]))
        .exec(&tx)
        .await?;
    if updated.rows_affected != 1 {
        return Ok(false);
    }
    // They said what it would do. Should it fail now, nobody may take them for what it did.
    sync_row::Entity::delete_many()
        .filter(sync_row::Column::RunId.eq(id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Changes the row of a run as long as it runs: who was taken for dead meanwhile writes over nobody's ending.
fn update_running(id: Uuid) -> UpdateMany<sync_run::Entity> {
    sync_run::Entity::update_many()
        .filter(sync_run::Column::Id.eq(id))
        .filter(sync_run::Column::State.eq(RUNNING))
}

/// Stores the progress of a run.
pub async fn progress(db: &Database, id: Uuid, counts: &Counts) -> Result<()> {
    update_running(id)
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// Stores how far fetching has come, and what it has cost by now.
pub async fn fetching(db: &Database, run: &Execution, counts: &Counts, now: Timestamp) -> Result<()> {
    update_running(run.run_id)
        .col_expr(sync_run::Column::Counts, Expr::value(json(counts)))
        .col_expr(sync_run::Column::Calls, Expr::value(calls(run.spent(now))))
        .exec(db.writer())
        .await?;
    Ok(())
}

/// How a run ended.
pub struct Ending<'a> {
    /// Its state.
    pub state: State,
    /// What it did.
    pub counts: &'a Counts,
    /// What is missing or odd.
    pub findings: Value,
    /// Whether everything was read, so that the data source is synced as of now.
    pub synced: bool,
}

/// Findings as a run's row has them.
pub fn document(findings: &[Finding]) -> Value {
    json(&findings)
}

/// Stores how a run ended.
///
/// # Errors
/// `SY-109` when another run has taken over, and when the database does not answer.
pub async fn finish(job: &Job<'_>, ending: Ending<'_>) -> Result<()> {
    let Some(run) = job.run else { return Ok(()) };
    let (tx, now) = (fence::begin(job).await?, job.clock.now());
    if ending.synced {
        sources::mark_synced(&tx, job.data_source_id, now).await?;
    }
    update_running(run.run_id)
        .col_expr(sync_run::Column::State, Expr::value(ending.state.as_str()))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::DurationMs, Expr::value(millis(run.spent(now))))
        .col_expr(sync_run::Column::Calls, Expr::value(calls(run.spent(now))))
        .col_expr(sync_run::Column::Counts, Expr::value(json(ending.counts)))
        .col_expr(sync_run::Column::Findings, Expr::value(ending.findings))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Stores that a run failed, and why.
pub async fn fail(db: &Database, run: &Execution, failure: &Failure, now: Timestamp) -> Result<()> {
    let detail = failure.detail.clone().unwrap_or_else(|| failure.entry.en.to_owned());
    update_running(run.run_id)
        .col_expr(sync_run::Column::State, Expr::value(FAILED))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::DurationMs, Expr::value(millis(run.spent(now))))
        .col_expr(sync_run::Column::Calls, Expr::value(calls(run.spent(now))))
        .col_expr(sync_run::Column::FailureNumber, Expr::value(failure.entry.number))
        .col_expr(sync_run::Column::FailureDetail, Expr::value(detail))
        .exec(db.writer())
        .await?;
    Ok(())
}

fn json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn millis(spent: Spent) -> i64 {
    i64::try_from(spent.time.as_millis()).unwrap_or(i64::MAX)
}

fn calls(spent: Spent) -> i64 {
    i64::try_from(spent.calls).unwrap_or(i64::MAX)
}

//! Queries of sync runs: reads what runs have written.

use entity::{sync_row, sync_run};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};
use uuid::Uuid;

use super::model::{RowFilter, RowView, RunFilter, RunView};
use crate::{
    directory::record_problem,
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset, pattern},
};

pub(super) async fn runs(database: &Database, filter: &RunFilter, page: &SortedPage) -> Result<SortedListing<RunView>> {
    let wanted = Condition::all()
        .add_option(filter.source.map(|id| sync_run::Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .among
                .clone()
                .map(|ids| sync_run::Column::DataSourceId.is_in(ids)),
        )
        .add_option(filter.state.as_ref().map(|state| sync_run::Column::State.eq(state)))
        .add_option(filter.cause.as_ref().map(|cause| sync_run::Column::Cause.eq(cause)))
        .add_option(filter.mode.as_ref().map(|mode| sync_run::Column::Mode.eq(mode)))
        .add_option(filter.since.map(|since| sync_run::Column::StartedAt.gte(since)))
        .add_option(filter.until.map(|until| sync_run::Column::StartedAt.lt(until)));
    let select = sync_run::Entity::find().filter(wanted);
    let id = sync_run::Column::Id;
    let rows = keyset::sorted(database.reader(), select, (id, id), page).await?;
    Ok(page.cut_by_id(rows, |row| row.id).map(run_view))
}

pub(super) async fn run(database: &Database, id: Uuid) -> Result<Option<RunView>> {
    let row = sync_run::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(run_view))
}

fn run_view(row: sync_run::Model) -> RunView {
    let failure = (row.failure_number.as_deref(), row.failure_detail.as_deref());
    RunView {
        problem: record_problem::of_run(&row.state, failure, &row.findings),
        id: row.id,
        data_source_id: row.data_source_id,
        cause: row.cause,
        mode: row.mode,
        state: row.state,
        started_at: row.started_at,
        finished_at: row.finished_at,
        duration_ms: row.duration_ms,
        calls: row.calls,
        counts: row.counts,
        findings: row.findings,
        failure_number: row.failure_number,
        failure_detail: row.failure_detail,
        undoes: row.undoes,
    }
}

pub(super) async fn rows(
    database: &Database,
    run: Uuid,
    filter: &RowFilter,
    page: &SortedPage,
) -> Result<SortedListing<RowView>> {
    let wanted = Condition::all()
        .add(sync_row::Column::RunId.eq(run))
        .add_option(
            filter
                .outcome
                .as_ref()
                .map(|outcome| sync_row::Column::Outcome.eq(outcome)),
        )
        .add_option(
            filter
                .subject
                .as_ref()
                .map(|subject| sync_row::Column::Subject.eq(subject)),
        )
        .add_option(filter.userid.as_deref().map(is_userid));
    let select = sync_row::Entity::find().filter(wanted);
    let columns = (sync_row::Column::Id, sync_row::Column::Userid);
    let rows = keyset::sorted(database.reader(), select, columns, page).await?;
    let place = |row: &sync_row::Model, by: &str| Position {
        value: match by {
            "userid" => SortValue::Text(row.userid.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    };
    Ok(page.cut(rows, place).map(|row| RowView {
        id: row.id,
        subject: row.subject,
        subject_id: row.subject_id,
        user_id: row.user_id,
        userid: row.userid,
        outcome: row.outcome,
        reason: row.reason,
        changes: row.changes,
        undone: row.undone,
    }))
}

/// Whether a row is of this userid, or of one that begins so.
fn is_userid(wanted: &str) -> SimpleExpr {
    let userid = Expr::col((sync_row::Entity, sync_row::Column::Userid));
    match wanted.strip_suffix('*') {
        Some(beginning) => pattern::begins(userid, beginning),
        None => pattern::equals(userid, wanted),
    }
}

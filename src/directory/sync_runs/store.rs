//! Queries of sync runs: reads what runs have written.

use entity::{sync_row, sync_run};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::model::{RowView, RunView};
use crate::{
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

pub(super) async fn runs(database: &Database, source: Option<Uuid>, page: Page) -> Result<Listing<RunView>> {
    let wanted = Condition::all().add_option(source.map(|id| sync_run::Column::DataSourceId.eq(id)));
    let select = sync_run::Entity::find().filter(wanted);
    let rows = keyset::newest_first(database.reader(), select, sync_run::Column::Id, page).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(run_view))
}

pub(super) async fn run(database: &Database, id: Uuid) -> Result<Option<RunView>> {
    let row = sync_run::Entity::find_by_id(id).one(database.reader()).await?;
    Ok(row.map(run_view))
}

fn run_view(row: sync_run::Model) -> RunView {
    RunView {
        id: row.id,
        data_source_id: row.data_source_id,
        cause: row.cause,
        state: row.state,
        started_at: row.started_at,
        finished_at: row.finished_at,
        counts: row.counts,
        findings: row.findings,
        failure_number: row.failure_number,
        failure_detail: row.failure_detail,
        undoes: row.undoes,
    }
}

pub(super) async fn rows(database: &Database, run: Uuid, page: Page) -> Result<Listing<RowView>> {
    let select = sync_row::Entity::find().filter(sync_row::Column::RunId.eq(run));
    let rows = keyset::oldest_first(database.reader(), select, sync_row::Column::Id, page).await?;
    Ok(Listing::cut(rows, page, |row| row.id).map(|row| RowView {
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

//! Fencing: a run that lost its lease writes nothing more. Each execution leaves its token in the data source's row, and every transaction of
//! a run begins by reading whether that token is still its own.

use entity::data_source;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::{
    directory::sync::{failure::SyncFailure, run_context::Job},
    kernel::failure::Result,
    store::{Database, writer::Transaction},
};

/// What becomes of the mark that a run was taken back.
#[derive(Clone, Copy)]
pub enum Mark {
    /// It stays as it is.
    Keep,
    /// An admin knows: runs may apply again.
    Clear,
    /// This run is being taken back.
    Set(Uuid),
}

/// Makes this the token of the data source: whoever had one before writes nothing more. To be called under the lease.
pub async fn take(db: &Database, data_source_id: Uuid, fence: Uuid, mark: Mark) -> Result<()> {
    let mut update = data_source::Entity::update_many().col_expr(data_source::Column::SyncFence, Expr::value(fence));
    let undone = match mark {
        Mark::Keep => None,
        Mark::Clear => Some(None),
        Mark::Set(run) => Some(Some(run)),
    };
    if let Some(run) = undone {
        update = update.col_expr(data_source::Column::UndoneRun, Expr::value(run));
    }
    // Uncounted: nothing that is cached of a data source tells of its runs.
    db.write_one(&update.filter(data_source::Column::Id.eq(data_source_id)))
        .await?;
    Ok(())
}

/// Begins a transaction of a run, or of what an event has something written. The data source's row stays locked against other tokens until it
/// ends (SQLite has one writer anyway).
///
/// # Errors
/// `SY-109` where another run holds the data source by now, or its company moved to another app, and when the database does not answer.
pub async fn begin(job: &Job<'_>) -> Result<Transaction> {
    let tx = job.db.begin_in_background().await?;
    let held: Option<(Option<Uuid>, String)> = data_source::Entity::find_by_id(job.data_source_id)
        .select_only()
        .columns([data_source::Column::SyncFence, data_source::Column::CorpKey])
        .lock_shared()
        .into_tuple()
        .one(&tx)
        .await?;
    // Its ids are others' since the company moved to another app.
    let same_corp = held.as_ref().is_some_and(|(_, key)| key == job.corp_key);
    let fence = held.and_then(|(fence, _)| fence);
    if same_corp && job.run.is_none_or(|run| fence == Some(run.fence)) {
        return Ok(tx);
    }
    tx.rollback().await?;
    Err(SyncFailure::Interrupted
        .failure()
        .cause("another run of this data source has taken over"))
}

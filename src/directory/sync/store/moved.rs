//! What becomes of runs when their company moves to another app: they knew its members by other ids.

use entity::{corp_move, sync_row, sync_run};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use super::{Stored, runs::standing};
use crate::{
    directory::sync::{
        failure::SyncFailure,
        guard::Impact,
        run_state::{Mode, State},
    },
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// Whether the company of a data source moved to another app, or back, at this moment (milliseconds) or later.
pub async fn since(db: &Database, data_source: Uuid, at: i64) -> Result<bool> {
    let back = Condition::all()
        .add(corp_move::Column::State.eq("undone"))
        .add(corp_move::Column::EndedAt.gte(at));
    let moved = corp_move::Entity::find()
        .filter(corp_move::Column::DataSourceId.eq(data_source))
        .filter(Condition::any().add(corp_move::Column::ChangedAt.gte(at)).add(back));
    Ok(moved.count(db.reader()).await? > 0)
}

/// What an admin agreed to when the company of a data source moved to another app: the sync that follows may do that, whoever starts it, until one was
/// applied.
pub async fn agreed(db: &Database, data_source: Uuid) -> Result<Option<Impact>> {
    let row = corp_move::Entity::find()
        .filter(corp_move::Column::DataSourceId.eq(data_source))
        .filter(corp_move::Column::State.is_in(["done", "final"]))
        .order_by_desc(corp_move::Column::ChangedAt)
        .one(db.reader())
        .await?;
    let moved = row.and_then(|row| row.changed_at.zip(row.rehearsal_run));
    let Some((at, run)) = moved else { return Ok(None) };
    let applied = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(data_source))
        .filter(sync_run::Column::Mode.eq(Mode::Apply.as_str()))
        .filter(sync_run::Column::State.eq(State::Succeeded.as_str()))
        .filter(sync_run::Column::StartedAt.gte(at))
        // Of one millisecond: later than the rehearsal.
        .filter(sync_run::Column::Id.gt(run))
        .count(db.reader())
        .await?;
    if applied > 0 {
        return Ok(None);
    }
    let rehearsed = standing(db, run).await?;
    Ok(rehearsed.map(|(_, counts, _)| counts.impact()))
}

/// Ends the runs of a data source that wait for an admin: nobody agreed to what they would do now.
pub async fn end_waiting<C: ConnectionTrait>(tx: &C, data_source: Uuid, now: Timestamp) -> Stored<()> {
    let waiting = [State::Paused.as_str(), State::Planned.as_str()];
    let ids = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::Id)
        .filter(sync_run::Column::DataSourceId.eq(data_source))
        .filter(sync_run::Column::State.is_in(waiting));
    sync_row::Entity::delete_many()
        .filter(sync_row::Column::RunId.in_subquery(ids.into_query()))
        .exec(tx)
        .await?;
    let why = SyncFailure::CompanyMoved.entry();
    sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value("failed"))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(now.millis()))
        .col_expr(sync_run::Column::FailureNumber, Expr::value(why.number))
        .col_expr(sync_run::Column::FailureDetail, Expr::value(why.en))
        .filter(sync_run::Column::DataSourceId.eq(data_source))
        .filter(sync_run::Column::State.is_in(waiting))
        .exec(tx)
        .await?;
    Ok(())
}

//! Apps of a service provider that a data source left and could still go back to.

use entity::corp_move;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::directory::store::audited_transaction::Change;

/// Which they are: nobody else uses them, and they hold a permanent code.
pub(super) async fn of(change: &Change, source: Uuid) -> Result<Vec<Uuid>, DbErr> {
    let apps: Vec<Option<Uuid>> = corp_move::Entity::find()
        .select_only()
        .column(corp_move::Column::FromApp)
        .filter(corp_move::Column::DataSourceId.eq(source))
        .filter(corp_move::Column::State.eq("done"))
        .into_tuple()
        .all(change.transaction())
        .await?;
    Ok(apps.into_iter().flatten().collect())
}

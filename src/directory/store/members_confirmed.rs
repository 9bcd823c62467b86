//! When runs last saw everybody of a data source.

use std::collections::HashMap;

use entity::data_source;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::SelectStatement,
};
use uuid::Uuid;

use crate::kernel::clock::Timestamp;

/// Of one data source, milliseconds.
///
/// # Errors
/// When the database does not answer.
pub async fn at<C: ConnectionTrait>(db: &C, data_source: Uuid) -> Result<Option<i64>, DbErr> {
    let found: Option<Option<i64>> = data_source::Entity::find_by_id(data_source)
        .select_only()
        .column(data_source::Column::MembersConfirmedAt)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.flatten())
}

/// Of each data source, milliseconds.
///
/// # Errors
/// When the database does not answer.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, i64>, DbErr> {
    let rows: Vec<(Uuid, Option<i64>)> = data_source::Entity::find()
        .select_only()
        .columns([data_source::Column::Id, data_source::Column::MembersConfirmedAt])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// The data sources of which a run has seen everybody since.
pub fn since(at: Timestamp) -> SelectStatement {
    data_source::Entity::find()
        .select_only()
        .column(data_source::Column::Id)
        .filter(data_source::Column::MembersConfirmedAt.gt(at.millis()))
        .into_query()
}

//! Queries of why requests at callback endpoints were refused: one row for each number.

use entity::{callback_endpoint, callback_failure};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

type Column = callback_failure::Column;

/// That requests were refused with this number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedWith {
    /// Reference number.
    pub number: String,
    /// First.
    pub first_at: Timestamp,
    /// Last, to the minute.
    pub last_at: Timestamp,
}

/// Whether there is such an endpoint.
pub async fn is_endpoint(db: &Database, endpoint: Uuid) -> Result<bool> {
    let found = callback_endpoint::Entity::find_by_id(endpoint)
        .count(db.reader())
        .await?;
    Ok(found > 0)
}

/// Records a refusal.
pub async fn record(db: &Database, endpoint: Uuid, number: &str, now: Timestamp) -> Result<()> {
    let row = callback_failure::ActiveModel {
        endpoint_id: Set(endpoint),
        number: Set(number.to_owned()),
        first_at: Set(now.millis()),
        last_at: Set(now.millis()),
    };
    let again = OnConflict::columns([Column::EndpointId, Column::Number])
        .update_column(Column::LastAt)
        .to_owned();
    callback_failure::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(db.writer())
        .await?;
    Ok(())
}

/// Lists the refusals at an endpoint, the last one first.
pub async fn find(db: &Database, endpoint: Uuid) -> Result<Vec<RefusedWith>> {
    let rows = callback_failure::Entity::find()
        .filter(Column::EndpointId.eq(endpoint))
        .order_by_desc(Column::LastAt)
        .order_by_asc(Column::Number)
        .all(db.reader())
        .await?;
    let rows = rows.into_iter().map(|row| RefusedWith {
        number: row.number,
        first_at: Timestamp::from_millis(row.first_at),
        last_at: Timestamp::from_millis(row.last_at),
    });
    Ok(rows.collect())
}

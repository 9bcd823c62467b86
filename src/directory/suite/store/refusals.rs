//! Queries of why requests at the callbacks of suites were refused: one row for each callback and number.

use entity::suite_refusal::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use uuid::Uuid;

use crate::{
    directory::suite::model::{Callback, RefusedWith},
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// Records a refusal.
pub(in crate::directory::suite) async fn record(
    database: &Database,
    (suite, callback): (Uuid, Callback),
    number: &str,
    now: Timestamp,
) -> Result<()> {
    let row = ActiveModel {
        suite: Set(suite),
        callback: Set(callback.word().to_owned()),
        number: Set(number.to_owned()),
        first_at: Set(now.millis()),
        last_at: Set(now.millis()),
    };
    let again = OnConflict::columns([Column::Suite, Column::Callback, Column::Number])
        .update_column(Column::LastAt)
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(database.writer())
        .await?;
    Ok(())
}

/// Whether anything was refused at this callback since then.
pub(in crate::directory::suite) async fn any_since(
    database: &Database,
    (suite, callback): (Uuid, Callback),
    since: Timestamp,
) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::Suite.eq(suite))
        .filter(Column::Callback.eq(callback.word()))
        .filter(Column::LastAt.gte(since.millis()))
        .one(database.reader())
        .await?;
    Ok(found.is_some())
}

/// The refusals of these suites, the last one first.
pub(in crate::directory::suite) async fn find(database: &Database, suites: &[Uuid]) -> Result<Vec<RefusedWith>> {
    let rows = Entity::find()
        .filter(Column::Suite.is_in(suites.iter().copied()))
        .order_by_desc(Column::LastAt)
        .order_by_asc(Column::Callback)
        .order_by_asc(Column::Number)
        .all(database.reader())
        .await?;
    let known = rows.into_iter().filter_map(|row| {
        Some(RefusedWith {
            suite: row.suite,
            callback: Callback::of_word(&row.callback)?,
            number: row.number,
            first_at: Timestamp::from_millis(row.first_at),
            last_at: Timestamp::from_millis(row.last_at),
        })
    });
    Ok(known.collect())
}

/// Forgets the refusals of a suite.
pub(super) async fn remove<C: ConnectionTrait>(connection: &C, suite: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Suite.eq(suite))
        .exec(connection)
        .await
        .map(drop)
}

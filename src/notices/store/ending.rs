//! Whose access ends soon, and who was told of it.

use entity::{member, users};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use crate::{kernel::clock::Timestamp, store::Database};

type Column = users::Column;

/// Most people who are told in one go.
const BATCH: u64 = 100;

/// Somebody whose access ends.
pub(in crate::notices) struct Ending {
    pub(in crate::notices) user: Uuid,
    pub(in crate::notices) username: String,
    /// From this moment on they have no access.
    pub(in crate::notices) until: i64,
}

/// Nobody was told of this date.
fn untold() -> Condition {
    Condition::any()
        .add(Column::AccessEndingTold.is_null())
        .add(Expr::col(Column::AccessEndingTold).ne(Expr::col(Column::AccessUntil)))
}

/// Those whose access ends after this moment and before the other one, and who were not told of that date, the first to end first.
pub(in crate::notices) async fn due(db: &Database, now: Timestamp, by: Timestamp) -> Result<Vec<Ending>, DbErr> {
    let found: Vec<(Uuid, String, Option<i64>)> = users::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Username, Column::AccessUntil])
        .filter(Column::Status.eq("active"))
        .filter(Column::AccessUntil.gt(now.millis()))
        .filter(Column::AccessUntil.lte(by.millis()))
        .filter(untold())
        .order_by_asc(Column::AccessUntil)
        .limit(BATCH)
        .into_tuple()
        .all(db.reader())
        .await?;
    let endings = found.into_iter().filter_map(|(user, username, until)| {
        Some(Ending {
            user,
            username,
            until: until?,
        })
    });
    Ok(endings.collect())
}

/// Notes that somebody is told of this date; false: they were, or the date is another by now. Of any number of replicas one tells.
pub(in crate::notices) async fn claim<C: ConnectionTrait>(tx: &C, ending: &Ending) -> Result<bool, DbErr> {
    let claimed = users::Entity::update_many()
        .col_expr(Column::AccessEndingTold, Expr::value(ending.until))
        .filter(Column::Id.eq(ending.user))
        .filter(Column::AccessUntil.eq(ending.until))
        .filter(untold())
        .exec(tx)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// As which members a user is there: data source and member ID, the oldest first.
pub(in crate::notices) async fn memberships<C: ConnectionTrait>(
    tx: &C,
    user: Uuid,
) -> Result<Vec<(Uuid, String)>, DbErr> {
    member::Entity::find()
        .select_only()
        .columns([member::Column::DataSourceId, member::Column::Userid])
        .filter(member::Column::UserId.eq(user))
        .filter(member::Column::State.eq("present"))
        .order_by_asc(member::Column::Id)
        .into_tuple()
        .all(tx)
        .await
}

//! When users signed in last.

use std::collections::HashMap;

use entity::{last_sign_in, users};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::SimpleExpr,
};
use uuid::Uuid;

use crate::{directory::user::listing::SignedIn, store::Database};

/// When each of these signed in last, milliseconds; who never did is left out.
pub(super) async fn of(database: &Database, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbErr> {
    let rows = last_sign_in::Entity::find()
        .filter(last_sign_in::Column::UserId.is_in(ids.iter().copied()))
        .filter(last_sign_in::Column::At.gt(0_i64))
        .all(database.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.at)).collect())
}

/// Whether whoever has this id signed in then.
pub(super) fn condition(id: users::Column, wanted: SignedIn) -> SimpleExpr {
    use last_sign_in::Column::{At, UserId};
    let then = match wanted {
        SignedIn::Never => Condition::all().add(At.eq(0_i64)),
        SignedIn::Since(moment) => Condition::all().add(At.gte(moment)),
        SignedIn::Before(moment) => Condition::all().add(At.gt(0_i64)).add(At.lt(moment)),
    };
    let theirs = last_sign_in::Entity::find().select_only().column(UserId).filter(then);
    id.in_subquery(theirs.into_query())
}

/// Users beside their last sign-ins.
pub(super) fn joined(select: Select<users::Entity>) -> Select<users::Entity> {
    let theirs = users::Entity::belongs_to(last_sign_in::Entity)
        .from(users::Column::Id)
        .to(last_sign_in::Column::UserId);
    select.join(JoinType::InnerJoin, theirs.into())
}

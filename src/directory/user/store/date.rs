//! Sets until when somebody who was just let in has access.

use entity::users;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use crate::directory::store::audited_transaction::Change;

/// From this moment on the user has no access; the door through which it ends looks at the date (`directory::offboarding`). For users who were
/// made in this very change.
///
/// # Errors
/// When the database does not answer.
pub async fn set_access_until(change: &Change, user: Uuid, until: i64) -> Result<(), DbErr> {
    users::Entity::update_many()
        .col_expr(users::Column::AccessUntil, Expr::value(until))
        .col_expr(users::Column::UpdatedAt, Expr::value(change.millis()))
        .filter(users::Column::Id.eq(user))
        .exec(change.transaction())
        .await
        .map(|_| ())
}

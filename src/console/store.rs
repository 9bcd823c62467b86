//! Queries of the console: the role of a user, and whether anybody owns it.

use entity::users;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{directory::user::input::ConsoleRole, store::Database};

/// The word of a user's console role; `None`: they have none, or do not exist.
pub(super) async fn role(database: &Database, user: Uuid) -> Result<Option<String>, DbErr> {
    let role: Option<Option<String>> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::ConsoleRole)
        .into_tuple()
        .one(database.reader())
        .await?;
    Ok(role.flatten())
}

/// Whether somebody owns the console who can sign in: with a password, or by WeCom. Who was made an owner and never chose a password does not
/// count.
pub(super) async fn has_owner(database: &Database) -> Result<bool, DbErr> {
    let can_sign_in = Condition::any()
        .add(users::Column::PasswordHash.is_not_null())
        .add(users::Column::DataSourceId.is_not_null());
    let owners = users::Entity::find()
        .filter(users::Column::ConsoleRole.eq(ConsoleRole::HIGHEST.word()))
        .filter(can_sign_in)
        .count(database.reader());
    Ok(owners.await? > 0)
}

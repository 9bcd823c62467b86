//! Query of the console: the role of a user.

use entity::users;
use sea_orm::{DbErr, EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::store::Database;

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

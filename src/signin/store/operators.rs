//! Query of console roles, for pages of a sign-in that lead to the console.

use entity::users;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::Store;

impl Store {
    /// Whether somebody has a console role.
    pub(in crate::signin) async fn has_console_role(&self, user: Uuid) -> Result<bool, DbErr> {
        let found = users::Entity::find_by_id(user).filter(users::Column::ConsoleRole.is_not_null());
        Ok(found.count(self.database.reader()).await? > 0)
    }
}

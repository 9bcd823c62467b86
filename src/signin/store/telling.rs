//! Keeps what telling somebody things needs: their language, and since when a browser can be an unknown one.

use entity::users;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::Store;
use crate::{kernel::clock::Timestamp, web::texts::Lang};

impl Store {
    /// Keeps the language that somebody chose on our pages.
    pub(in crate::signin) async fn keep_language(&self, user: Uuid, lang: Lang) -> Result<(), DbErr> {
        users::Entity::update_many()
            .col_expr(users::Column::Language, Expr::value(lang.tag()))
            .filter(users::Column::Id.eq(user))
            .exec(&self.database.writer_about(user))
            .await
            .map(drop)
    }

    /// Begins to know somebody's browsers; false where it had begun before. Of their first sign-in nobody can say that its browser is a new one.
    pub(in crate::signin) async fn begin_to_know_browsers(&self, user: Uuid, now: Timestamp) -> Result<bool, DbErr> {
        let begun = users::Entity::update_many()
            .col_expr(users::Column::BrowsersKnownAt, Expr::value(now.millis()))
            .filter(users::Column::Id.eq(user))
            .filter(users::Column::BrowsersKnownAt.is_null())
            .exec(&self.database.writer_about(user))
            .await?;
        Ok(begun.rows_affected == 1)
    }

    /// Since when a browser can be known for somebody; none of theirs was yet: `None`.
    pub(in crate::signin) async fn browsers_known_since(&self, user: Uuid) -> Result<Option<Timestamp>, DbErr> {
        let row = users::Entity::find_by_id(user).one(self.database.reader()).await?;
        Ok(row.and_then(|row| row.browsers_known_at).map(Timestamp::from_millis))
    }
}

//! Table `users_search`. What users are looked for by.

use sea_orm::entity::prelude::*;

/// A row for each user, which triggers of the database write.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users_search")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Username and name in small letters, with a line break between them.
    pub words: String,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Table `last_sign_in`. When people signed in last.

use sea_orm::entity::prelude::*;

/// A row for each user, which triggers of the database write: of a new user, and of each session that is opened or renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "last_sign_in")]
pub struct Model {
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// When, milliseconds; 0: never, as far as is known.
    pub at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

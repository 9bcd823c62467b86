//! Table `totp`. A user's secret of one-time codes.

use sea_orm::entity::prelude::*;

/// A user's secret of one-time codes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "totp")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// Sealed for `totp.secret`.
    pub secret_sealed: String,
    /// Step of the last code that was used; only a later one counts.
    pub last_step: i64,
    /// Milliseconds.
    pub created_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

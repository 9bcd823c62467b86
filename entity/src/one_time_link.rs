//! Table `one_time_link`. A link an admin hands to a user; once used its row is gone.

use sea_orm::entity::prelude::*;

/// A link an admin hands to a user; once used its row is gone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_link")]
pub struct Model {
    /// For whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// `password`, `totp`, `forgotten` or `email`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// SHA-256 of the token in the link, base64url.
    #[sea_orm(unique)]
    pub digest: String,
    /// The address that it verifies, or to which it was sent; null: an admin handed it over.
    pub email: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub expires_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Table `recovery_code`. Takes the place of a one-time code once; then its row is gone.

use sea_orm::entity::prelude::*;

/// Takes the place of a one-time code once; then its row is gone.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_code")]
pub struct Model {
    /// SHA-256 of user and code, base64url.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// Whose.
    pub user_id: Uuid,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

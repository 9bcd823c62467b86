//! Table `refresh_token`. One refresh token of a family; only its digest is kept.

use sea_orm::entity::prelude::*;

/// One refresh token of a family; only its digest is kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Family.
    pub grant_id: Uuid,
    /// SHA-256, base64url.
    #[sea_orm(unique)]
    pub digest: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub expires_at: i64,
    /// Milliseconds; used a second time, the family dies.
    pub consumed_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Table `initial_access_token`. With it strangers may register clients, a limited number of times; only its digest is kept.

use sea_orm::entity::prelude::*;

/// With it strangers may register clients (RFC 7591 §3), a limited number of times.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "initial_access_token")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For people and the audit trail.
    pub name: String,
    /// SHA-256 of the token, base64url.
    #[sea_orm(unique)]
    pub digest: String,
    /// How many clients it may register.
    pub max_uses: i64,
    /// How many it has registered.
    pub uses: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds.
    pub revoked_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

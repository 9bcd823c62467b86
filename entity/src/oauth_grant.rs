//! Table `oauth_grant`. What one person let one portal have in one session: the family of its refresh tokens.

use sea_orm::entity::prelude::*;

/// What one person let one portal have in one session: the family of its refresh tokens.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_grant")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// From which session.
    pub session_id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Which portal.
    pub client_id: Uuid,
    /// Granted scope, space-separated.
    pub scope: String,
    /// What was agreed besides the scope, as `oidc::terms` reads it.
    pub terms: Json,
    /// Milliseconds.
    pub auth_time: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; all its tokens are dead from then on.
    pub revoked_at: Option<i64>,
    /// `code_reuse`, `refresh_reuse`, `logout`, …
    pub revoke_reason: Option<String>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

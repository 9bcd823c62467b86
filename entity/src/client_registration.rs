//! Table `client_registration`. A client that registered itself, and the token it may change itself with.

use sea_orm::entity::prelude::*;

/// A client that registered itself (RFC 7592).
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_registration")]
pub struct Model {
    /// The client's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the registration access token, base64url.
    pub digest: String,
    /// Milliseconds.
    pub created_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

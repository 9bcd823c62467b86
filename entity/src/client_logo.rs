//! Table `client_logo`. Our copy of the picture at a client's `logo_uri`, so that no browser asks that address.

use sea_orm::entity::prelude::*;

/// Our copy of the picture at a client's `logo_uri`, so that no browser asks that address.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "client_logo")]
pub struct Model {
    /// The client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    /// Where it was fetched: where the client names another address by now, it is not shown.
    pub address: String,
    /// The file.
    pub file: Vec<u8>,
    /// Digest of it, base64url.
    pub digest: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// Milliseconds.
    pub fetched_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

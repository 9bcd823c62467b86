//! Table `api_token`. A bearer token of the admin API; only its digest is kept.

use sea_orm::entity::prelude::*;

use crate::json::Strings;

/// A bearer token of the admin API; only its digest is kept.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// Ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// SHA-256 of the token, base64url.
    #[sea_orm(unique)]
    pub digest: String,
    /// `owner`, `admin`, `operator`, `auditor`, `sync` or `portal`.
    pub role: String,
    /// Row ids of the data sources (`sync`) or clients (`portal`) it is limited to; null: not limited.
    pub scope: Option<Strings>,
    /// The first characters of a generated token; null: set by the operator, or of an earlier version.
    pub prefix: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds.
    pub revoked_at: Option<i64>,
    /// Milliseconds, to the minute; null: not used since this is written down.
    pub last_used_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

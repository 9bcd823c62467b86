//! Table `idempotency_key`. Requests of the admin API that were sent with an `Idempotency-Key`, and what was answered.

use sea_orm::entity::prelude::*;

/// A request that was sent with a key, and its answer.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The API token of the caller. With `key` unique.
    pub token_id: Uuid,
    /// As the caller sent it.
    pub key: String,
    /// SHA-256 of method, path, query string and body, base64url.
    pub fingerprint: String,
    /// Who carries the request out: whoever takes it over writes another one.
    pub claim: Uuid,
    /// Until then whoever carries it out is believed to be alive, milliseconds.
    pub leased_until: i64,
    /// When it was carried out, milliseconds; null: it is under way.
    pub finished_at: Option<i64>,
    /// The answer, sealed for `idempotency_key.reply` and this row; null: under way, or too large to be kept.
    pub reply: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// From then on the key is free again, milliseconds.
    pub expires_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

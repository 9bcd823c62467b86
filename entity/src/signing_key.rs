//! Table `signing_key`. A key that signs tokens; the private half is sealed.

use sea_orm::entity::prelude::*;

/// A key that signs tokens; the private half is sealed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Key id: the RFC 7638 thumbprint.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// `RS256`, `ES256`, `PS256`, `EdDSA`.
    pub alg: String,
    /// PKCS#8 DER, sealed for `signing_key.private`.
    pub private_sealed: String,
    /// As published.
    pub public_jwk: Json,
    /// Published since; milliseconds.
    pub created_at: i64,
    /// Signs from then on, until another of its algorithm does; milliseconds.
    pub activates_at: i64,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

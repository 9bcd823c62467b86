//! Table `passkey`. A public key credential (WebAuthn) by which a user signs in.

use sea_orm::entity::prelude::*;

/// A public key credential (WebAuthn) by which a user signs in.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// The host that it was set up at (RP ID): it works nowhere else.
    pub party: String,
    /// Credential id, base64url.
    #[sea_orm(unique)]
    pub credential_id: String,
    /// The credential as the crate `webauthn-rs` keeps it: public key, flags, counter as registered. Nothing in it is secret.
    pub credential: Json,
    /// Signature counter of the last sign-in; 0 where the authenticator has none.
    pub counter: i64,
    /// Whether a copy of it lay elsewhere at the last sign-in: it is synchronised between devices.
    pub backed_up: bool,
    /// What its user calls it.
    pub name: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub last_used_at: Option<i64>,
}

/// Queries name their joins themselves.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

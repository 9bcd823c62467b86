//! API tokens: input and view types. Pure.

use crate::{
    admin::{failure::AdminFailure, role::Role},
    kernel::{clock::Timestamp, failure::Result, validation::ValidationErrors},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Name of the first token.
pub const BOOTSTRAP: &str = "bootstrap";

/// Its fixed row id: whoever inserts it first wins, so that replicas starting together print one token, not several.
pub(in crate::admin) const BOOTSTRAP_ID: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

/// Shortest token an operator may set, characters.
pub(in crate::admin) const SHORTEST: usize = 32;

/// The caller of the admin API, identified by its token.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Name of the token.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// A new API token.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewApiToken)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What people and the audit log call it.
    #[schema(example = "helpdesk")]
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it stops working, milliseconds since 1970; null: never.
    #[serde(default)]
    #[schema(example = 1_830_000_000_000_i64)]
    pub expires_at: Option<i64>,
}

/// An API token, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub struct TokenView {
    /// Row id.
    pub id: Uuid,
    /// What people and the audit log call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it stops working, milliseconds since 1970; null: never.
    pub expires_at: Option<i64>,
    /// When it was revoked, milliseconds since 1970; null: it was not.
    pub revoked_at: Option<i64>,
}

/// An API token just created.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedApiToken)]
pub struct Created {
    /// Its view.
    #[serde(flatten)]
    pub about: TokenView,
    /// The token itself, shown this once.
    pub token: String,
}

pub(in crate::admin) fn check(input: &NewToken, now: Timestamp) -> Result<()> {
    let mut faults = ValidationErrors::default();
    faults.line("name", &input.name, 100);
    if let Some(expires_at) = input.expires_at {
        faults.check(
            expires_at > now.millis(),
            "expires_at",
            "must be a moment in the future, in milliseconds since 1970",
        );
    }
    faults.into_result(AdminFailure::Invalid.entry())
}

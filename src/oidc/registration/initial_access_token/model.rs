//! Initial access tokens (RFC 7591 §3): input and views of the admin API. Pure.

use crate::{
    kernel::{clock::Timestamp, failure::Result, validation::ValidationErrors},
    oidc::registration::failure::RegistrationFailure,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most clients one token may register.
const MOST_USES: i64 = 1000;

/// A new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInitial {
    /// Display name, also for the audit trail.
    pub name: String,
    /// How many clients it may register; one unless given.
    #[serde(default = "one")]
    pub max_uses: i64,
    /// Milliseconds since the epoch; null: never.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

const fn one() -> i64 {
    1
}

/// A token as the API shows it, without the token itself.
#[derive(Debug, Serialize)]
pub struct InitialView {
    /// Row id.
    pub id: Uuid,
    /// Display name.
    pub name: String,
    /// How many clients it may register.
    pub max_uses: i64,
    /// How many it has registered.
    pub uses: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds; null: it was not revoked.
    pub revoked_at: Option<i64>,
}

/// A token just created.
#[derive(Serialize)]
pub struct CreatedInitial {
    /// Its data.
    #[serde(flatten)]
    pub about: InitialView,
    /// The token, shown this once.
    pub token: String,
}

pub(in crate::oidc) fn check(input: &NewInitial, now: Timestamp) -> Result<()> {
    let mut faults = ValidationErrors::default();
    faults.line("name", &input.name, 100);
    faults.within("max_uses", input.max_uses, 1, MOST_USES);
    if let Some(expires_at) = input.expires_at {
        faults.check(
            expires_at > now.millis(),
            "expires_at",
            "must be a moment in the future, in milliseconds since 1970",
        );
    }
    faults.into_result(RegistrationFailure::InitialInvalid.entry())
}

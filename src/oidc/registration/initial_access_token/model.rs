//! Initial access tokens (RFC 7591 §3): input and views of the admin API. Pure.

use crate::{
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Kind, Sort, SortWords},
        validation::ValidationErrors,
    },
    oidc::registration::failure::RegistrationFailure,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most clients one token may register.
const MOST_USES: i64 = 1000;

/// How a list of tokens can be sorted.
pub const INITIAL_SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Id), ("name", Kind::Text)],
    Sort::up("created_at", Kind::Id),
);

/// A new initial access token.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewInitialAccessToken)]
#[serde(deny_unknown_fields)]
pub struct NewInitial {
    /// What people and the audit log call it, on one line; up to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "wiki")]
    pub name: String,
    /// How many clients it may register; 1 unless given.
    #[serde(default = "one")]
    #[schema(default = 1, minimum = 1, maximum = 1000)]
    pub max_uses: i64,
    /// When it stops working, milliseconds since 1970; null: never.
    #[serde(default)]
    #[schema(example = 1_830_000_000_000_i64)]
    pub expires_at: Option<i64>,
}

const fn one() -> i64 {
    1
}

/// An initial access token, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InitialAccessToken)]
pub struct InitialView {
    /// Row id.
    pub id: Uuid,
    /// What people and the audit log call it.
    pub name: String,
    /// How many clients it may register.
    pub max_uses: i64,
    /// How many it has registered.
    pub uses: i64,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it stops working, milliseconds since 1970; null: never.
    pub expires_at: Option<i64>,
    /// When it was revoked, milliseconds since 1970; null: it was not.
    pub revoked_at: Option<i64>,
}

/// An initial access token just created.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedInitialAccessToken)]
pub struct CreatedInitial {
    /// Its data.
    #[serde(flatten)]
    pub about: InitialView,
    /// The token itself, shown this once.
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

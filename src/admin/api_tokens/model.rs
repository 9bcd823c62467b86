//! API tokens: input and view types. Pure.

use crate::{
    admin::{failure::AdminFailure, role::Role},
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Kind, Sort, SortWords},
        validation::ValidationErrors,
    },
};
use serde::{Deserialize, Serialize};
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
    /// Row id of the token.
    pub id: Uuid,
    /// Name of the token.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// Input for a new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// For people and the audit trail.
    pub name: String,
    /// `admin`, `operator` or `auditor`.
    pub role: Role,
    /// Milliseconds since the epoch; null: never.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// How a list of tokens can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Number), ("name", Kind::Text)],
    Sort::up("created_at", Kind::Number),
);

/// Which tokens are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// With this role.
    pub role: Option<String>,
    /// Those in this state.
    pub state: Option<TokenState>,
}

/// What has become of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It works.
    Valid,
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

impl TokenState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Valid, Self::Expired, Self::Revoked];

    /// The word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// From the word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A token as the API shows it, without the secret itself.
#[derive(Debug, Serialize)]
pub struct TokenView {
    /// Row id.
    pub id: Uuid,
    /// For people.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds; null: it works.
    pub revoked_at: Option<i64>,
}

/// A token just created.
#[derive(Serialize)]
pub struct Created {
    /// Its view.
    #[serde(flatten)]
    pub about: TokenView,
    /// The token, shown this once.
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

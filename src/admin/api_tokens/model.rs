//! API tokens: input and view types. Pure.

use super::reach::Reach;
use crate::{
    admin::{failure::AdminFailure, role::Role},
    kernel::{clock::Timestamp, failure::Result, validation::ValidationErrors},
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
    /// What it reaches of what its kind is scoped to.
    pub reach: Reach,
}

/// Input for a new token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// For people and the audit trail.
    pub name: String,
    /// `owner`, `admin`, `operator`, `auditor`, `sync` or `portal`.
    pub role: Role,
    /// What a `sync` token is limited to, if anything, and which portals a `portal` token is for; absent for every other role.
    #[serde(default)]
    pub scope: Option<TokenScope>,
    /// Milliseconds since the epoch; null: never.
    #[serde(default)]
    pub expires_at: Option<i64>,
}

/// What a token is limited to: the member that fits its role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenScope {
    /// Row ids of data sources, for the role `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sources: Option<Vec<Uuid>>,
    /// Clients, for the role `portal`: entered by row id or `client_id`, kept and shown by row id, so that a client registered later
    /// under the name of a deleted one is not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<String>>,
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
    /// What it is limited to; null: nothing but its role.
    pub scope: Option<TokenScope>,
    /// The first characters of the token, by which it is told from others; null: set by the operator, or of an earlier version.
    pub prefix: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; null: never.
    pub expires_at: Option<i64>,
    /// Milliseconds; null: it works.
    pub revoked_at: Option<i64>,
    /// Milliseconds, to the minute; null: not used since this is written down.
    pub last_used_at: Option<i64>,
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

/// Most entries of a scope.
const MOST: usize = 100;

/// Characters of a generated token that are shown: 36 of its 256 random bits.
pub(in crate::admin) const PREFIX: usize = 6;

pub(in crate::admin) fn check(input: &NewToken, now: Timestamp) -> Result<()> {
    let mut faults = ValidationErrors::default();
    faults.line("name", &input.name, 100);
    check_scope(&mut faults, input);
    if let Some(expires_at) = input.expires_at {
        faults.check(
            expires_at > now.millis(),
            "expires_at",
            "must be a moment in the future, in milliseconds since 1970",
        );
    }
    faults.into_result(AdminFailure::Invalid.entry())
}

fn check_scope(faults: &mut ValidationErrors, input: &NewToken) {
    let scope = input.scope.clone().unwrap_or_default();
    let fits = |length: usize| (1..=MOST).contains(&length);
    let expected = format!("must name 1 to {MOST} of them");
    let sources = scope.data_sources.as_ref().map(Vec::len);
    let clients = scope.clients.as_ref().map(Vec::len);
    faults.check(
        sources.is_none() || input.role == Role::Sync,
        "scope.data_sources",
        "is for the role sync only",
    );
    faults.check(sources.is_none_or(fits), "scope.data_sources", &expected);
    faults.check(
        clients.is_none() || input.role == Role::Portal,
        "scope.clients",
        "is for the role portal only",
    );
    faults.check(clients.is_none_or(fits), "scope.clients", &expected);
    faults.check(
        clients.is_some() || input.role != Role::Portal,
        "scope.clients",
        "is needed for the role portal",
    );
}

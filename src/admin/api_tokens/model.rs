//! API tokens: input and view types. Pure.

use super::reach::Reach;
use crate::{
    admin::{failure::AdminFailure, role::Role},
    kernel::{
        clock::Timestamp,
        failure::Result,
        sorting::{Kind, Sort, SortWords},
        validation::ValidationErrors,
    },
    word_schema,
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

/// The caller of the admin API: a token, or somebody at the console.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Row id of the token, or id of the user.
    pub id: Uuid,
    /// In the audit log's words: `token:<name>`, `user:<id>`.
    pub actor: String,
    /// Its role.
    pub role: Role,
    /// What it reaches of what its kind is scoped to.
    pub reach: Reach,
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
    /// What a `sync` token is limited to, if anything, and which portals a `portal` token is for; absent for every other role.
    #[serde(default)]
    pub scope: Option<TokenScope>,
    /// When it stops working, milliseconds since 1970; null or absent: never.
    #[serde(default)]
    #[schema(example = 1_830_000_000_000_i64)]
    pub expires_at: Option<i64>,
}

/// What a token is limited to: the member that fits its role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenScope {
    /// Row ids of data sources, for the role `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_sources: Option<Vec<Uuid>>,
    /// Clients, for the role `portal`: entered by row id or `client_id`, kept and shown by row id, so that a client registered later
    /// under the name of a deleted one is not reached.
    #[schema(example = json!(["intranet"]))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<String>>,
}

/// How a list of tokens can be sorted.
pub const SORTS: SortWords = SortWords::new(
    &[("created_at", Kind::Number), ("name", Kind::Text)],
    Sort::up("created_at", Kind::Number),
);

/// Every token, oldest first: as they are exported.
pub const EXPORTED: SortWords = SortWords::new(&[("id", Kind::Id)], Sort::up("id", Kind::Id));

/// Which tokens are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// With this role.
    pub role: Option<String>,
    /// Those in this state.
    pub state: Option<TokenState>,
    /// Whose name contains this text, without regard to letter case.
    pub search: Option<String>,
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

word_schema!(
    TokenState,
    "TokenState",
    "What has become of a token: it works, its time is over, or somebody revoked it.",
    TokenState::ALL.map(TokenState::word)
);

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
    /// What it is limited to; null: nothing but its role.
    pub scope: Option<TokenScope>,
    /// The first characters of the token, by which it is told from others; null: set by the operator, or of an earlier version.
    pub prefix: Option<String>,
    /// When it was created, milliseconds since 1970.
    pub created_at: i64,
    /// When it stops working, milliseconds since 1970; null: never.
    pub expires_at: Option<i64>,
    /// When it was revoked, milliseconds since 1970; null: it was not.
    pub revoked_at: Option<i64>,
    /// Milliseconds, to the minute; null: not used since this is written down.
    pub last_used_at: Option<i64>,
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

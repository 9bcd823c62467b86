//! Grants: view and filter types. Pure.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A grant as the API shows it: never a token, nor anything a token could be made of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub struct GrantView {
    /// Row id; the `gid` of its access tokens.
    pub id: Uuid,
    /// Row id of the portal it was given to.
    pub client: Uuid,
    /// The portal's `client_id`.
    pub client_id: Option<String>,
    /// The portal's name.
    pub client_name: Option<String>,
    /// Who gave it: user id.
    pub user_id: Uuid,
    /// Their username.
    pub username: Option<String>,
    /// The session it was given in (`sid`). If that session is ended, so is the grant; if it only runs out, the grant goes on.
    pub session_id: Uuid,
    /// What was granted.
    pub scopes: Vec<String>,
    /// Whether the portal has a refresh token, so that it can go on after the person's session has run out. `false`: access tokens only,
    /// which live for minutes.
    pub offline: bool,
    /// When the person proved who they are, milliseconds since 1970.
    pub auth_time: i64,
    /// When it was given, milliseconds since 1970.
    pub created_at: i64,
    /// When tokens were issued under it last, milliseconds since 1970.
    pub last_used_at: i64,
    /// When its last token runs out unless it is refreshed, milliseconds since 1970.
    pub expires_at: i64,
    /// When it was ended, milliseconds since 1970; null: it was not.
    pub revoked_at: Option<i64>,
    /// Why it was ended: `admin`, `logout`, `withdrawn`, `revoked`, `refresh_reuse`, `code_reuse` …
    pub revoke_reason: Option<String>,
}

/// Filter of grants.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// Given by this user.
    pub user: Option<Uuid>,
    /// Given to this portal (row id).
    pub client: Option<Uuid>,
    /// Given in this session.
    pub session: Option<Uuid>,
    /// Only those that were ended, or only the others.
    pub revoked: Option<bool>,
}

/// Whose grants are to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::admin) enum GrantsOf {
    /// Given by this user.
    User(Uuid),
    /// Given to this portal (row id).
    Client(Uuid),
}

/// How many grants were ended, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantsEnded {
    /// Whether they were only counted.
    pub dry_run: bool,
    /// Grants that were ended or, if they were only counted, would be.
    pub ended: u64,
    /// Grants of people with a console role, which this token may not end.
    pub left_out: u64,
    /// Grants that were not ended yet: call again. 0 unless there are very many.
    pub remaining: u64,
}

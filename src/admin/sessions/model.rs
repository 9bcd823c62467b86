//! Sessions: view and filter types. Pure.

use serde::Serialize;
use uuid::Uuid;

/// A session as the API shows it.
#[derive(Debug, Serialize)]
pub struct SessionView {
    /// `sid`.
    pub id: Uuid,
    /// User id.
    pub user_id: Uuid,
    /// Their username.
    pub username: Option<String>,
    /// Row id of the auth source; null if that is gone.
    pub auth_source_id: Option<Uuid>,
    /// Authentication methods (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// Milliseconds: when the person last proved who they are.
    pub auth_time: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub last_seen_at: i64,
    /// Milliseconds: absolute expiry.
    pub expires_at: i64,
    /// Milliseconds.
    pub ended_at: Option<i64>,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Whether it is usable: not ended, not expired, not idle too long.
    pub active: bool,
    /// `client_id` of each portal with an active grant, which the mere expiry of the session does not end.
    pub clients: Vec<String>,
}

/// Filter of sessions.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Of this user.
    pub user: Option<Uuid>,
    /// In which something was granted to this portal: row id or `client_id`.
    pub client: Option<String>,
    /// Only active sessions, or only the others.
    pub active: Option<bool>,
}

/// The two moments that decide whether a session is active, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Now {
    pub(in crate::admin) now: i64,
    pub(in crate::admin) idle_since: i64,
}

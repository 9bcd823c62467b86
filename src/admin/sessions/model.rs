//! Sessions as the API shows them. Pure.

use serde::Serialize;
use uuid::Uuid;

/// A browser that signed in.
#[derive(Debug, Serialize)]
pub struct SessionView {
    /// `sid`.
    pub id: Uuid,
    /// Who.
    pub user_id: Uuid,
    /// Their username.
    pub username: Option<String>,
    /// Row id of the auth source; null if that is gone.
    pub auth_source_id: Option<Uuid>,
    /// How (RFC 8176 and ours).
    pub amr: Vec<String>,
    /// Milliseconds: when the person last proved who they are.
    pub auth_time: i64,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub last_seen_at: i64,
    /// Milliseconds: absolute end.
    pub expires_at: i64,
    /// Milliseconds.
    pub ended_at: Option<i64>,
    /// Why it was ended.
    pub end_reason: Option<String>,
    /// Whether it signs anybody in: not ended, not run out, not idle too long.
    pub active: bool,
    /// `client_id` of each portal whose grant still lives, which a session that merely ran out does not end.
    pub clients: Vec<String>,
}

/// Which sessions are wanted.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Of this user.
    pub user: Option<Uuid>,
    /// In which something was granted to this portal: row id or `client_id`.
    pub client: Option<String>,
    /// Only those that sign somebody in, or only the others.
    pub active: Option<bool>,
}

/// What decides whether a session is active: both in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Now {
    pub(in crate::admin) now: i64,
    pub(in crate::admin) idle_since: i64,
}

//! Sessions: view and filter types. Pure.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{admin::failure::AdminFailure, kernel::failure::Result};

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
    /// In which something was granted to one of these portals (row ids), which are then all that is shown of a session's portals.
    pub among: Option<Vec<Uuid>>,
    /// Only active sessions, or only the others.
    pub active: Option<bool>,
}

/// The two moments that decide whether a session is active, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::admin) struct Now {
    pub(in crate::admin) now: i64,
    pub(in crate::admin) idle_since: i64,
}

/// Whose sessions are to end, as the API takes it: exactly one of the members.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeInput {
    /// Of this user.
    pub user_id: Option<Uuid>,
    /// In which something is granted to this portal: row id or `client_id`.
    pub client_id: Option<String>,
    /// Of all users of this data source.
    pub data_source_id: Option<Uuid>,
    /// Of everybody.
    #[serde(default)]
    pub everybody: bool,
}

/// Asks to end sessions, or to count them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    /// Whose.
    pub scope: ScopeInput,
    /// Only count.
    #[serde(default)]
    pub dry_run: bool,
}

/// Whose sessions are to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of this user.
    User(Uuid),
    /// In which something is granted to this portal (row id).
    Portal(Uuid),
    /// Of all users of this data source.
    DataSource(Uuid),
    /// Of everybody.
    Everybody,
}

impl ScopeInput {
    /// The portal that is named, for somebody who may end nobody else's sessions.
    ///
    /// # Errors
    /// `AD-103` for any other scope, `AD-105` unless exactly one is named.
    pub(in crate::admin) fn only_portal(&self) -> Result<&str> {
        match self.named()? {
            NamedScope::Portal(portal) => Ok(portal),
            _ => Err(AdminFailure::Forbidden
                .failure()
                .detail("scope: a token of the role portal ends sessions of its portals, by client_id; others need the role operator")),
        }
    }

    /// The scope, with a portal still by whatever it is named.
    ///
    /// # Errors
    /// `AD-105` unless exactly one is named.
    pub(in crate::admin) fn named(&self) -> Result<NamedScope<'_>> {
        match (
            self.user_id,
            self.client_id.as_deref(),
            self.data_source_id,
            self.everybody,
        ) {
            (Some(user), None, None, false) => Ok(NamedScope::User(user)),
            (None, Some(portal), None, false) => Ok(NamedScope::Portal(portal)),
            (None, None, Some(source), false) => Ok(NamedScope::DataSource(source)),
            (None, None, None, true) => Ok(NamedScope::Everybody),
            _ => Err(AdminFailure::Invalid
                .failure()
                .detail("scope: must have exactly one of user_id, client_id, data_source_id and everybody: true")),
        }
    }
}

/// A scope as it was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::admin) enum NamedScope<'a> {
    User(Uuid),
    Portal(&'a str),
    DataSource(Uuid),
    Everybody,
}

/// How many sessions ended, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SessionsEnded {
    /// Whether they were only counted.
    pub dry_run: bool,
    /// Sessions that ended, or, if they were only counted, would end.
    pub sessions: u64,
    /// Sessions of people with a console role, which this token may not end.
    pub left_out: u64,
    /// Sessions of the scope that did not end yet: call again. 0 unless there are very many.
    pub remaining: u64,
}

#[cfg(test)]
mod tests {
    use super::{NamedScope, ScopeInput};

    fn named(json: serde_json::Value) -> bool {
        let scope: ScopeInput = serde_json::from_value(json).unwrap();
        scope.named().is_ok()
    }

    #[test]
    fn a_scope_names_exactly_one() {
        let one = serde_json::json!({ "client_id": "wiki" });
        let scope: ScopeInput = serde_json::from_value(one).unwrap();
        assert_eq!(scope.named().unwrap(), NamedScope::Portal("wiki"));
        assert!(named(serde_json::json!({ "everybody": true })));
        assert!(!named(serde_json::json!({})));
        assert!(!named(serde_json::json!({ "everybody": false })));
        assert!(!named(serde_json::json!({ "everybody": true, "client_id": "wiki" })));
    }
}

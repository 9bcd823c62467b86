//! Sessions: view and filter types. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{admin::failure::AdminFailure, kernel::failure::Result};

/// A person's session at Menjin.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Row id; the `sid` of portals with public subjects.
    pub id: Uuid,
    /// Row id of the user.
    pub user_id: Uuid,
    /// Their username; null: the user is gone.
    pub username: Option<String>,
    /// Row id of the auth source by which they signed in; null: a password, or it is gone.
    pub auth_source_id: Option<Uuid>,
    /// How the person signed in (RFC 8176 and ours).
    #[schema(example = json!(["wecom_qr"]))]
    pub amr: Vec<String>,
    /// When the person last proved who they are, milliseconds since 1970.
    pub auth_time: i64,
    /// When it began, milliseconds since 1970.
    pub created_at: i64,
    /// When it was used last, milliseconds since 1970.
    pub last_seen_at: i64,
    /// When it ends at the latest, milliseconds since 1970.
    pub expires_at: i64,
    /// When it was ended, milliseconds since 1970; null: it was not.
    pub ended_at: Option<i64>,
    /// Why it was ended: `logout`, `replaced`, or the reason for which access ended; null: it was not.
    #[schema(example = "logout")]
    pub end_reason: Option<String>,
    /// Browser and system at the last sign-in; null: not known.
    #[schema(example = "Firefox, Windows")]
    pub browser: Option<String>,
    /// The network around the address at the last sign-in: a /24 of IPv4, a /48 of IPv6; null: not known.
    #[schema(example = "203.0.113.0/24")]
    pub network: Option<String>,
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
    /// In which something was granted to this portal; row id.
    pub client: Option<Uuid>,
    /// Begun through this auth source.
    pub auth_source: Option<Uuid>,
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

/// Whose sessions are to end: exactly one of the members.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[schema(as = SessionScope)]
#[serde(deny_unknown_fields)]
pub struct ScopeInput {
    /// Of the user with this row id.
    pub user_id: Option<Uuid>,
    /// In which something is granted to this portal: row id or `client_id`.
    #[schema(example = "intranet")]
    pub client_id: Option<String>,
    /// Of all users of the data source with this row id.
    pub data_source_id: Option<Uuid>,
    /// True: of everybody.
    #[serde(default)]
    pub everybody: bool,
}

/// Sessions to end, or to count.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSessions {
    /// Whose.
    pub scope: ScopeInput,
    /// Only count; false unless given.
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
            _ => Err(AdminFailure::Invalid.failure().field(
                "scope",
                "must have exactly one of user_id, client_id, data_source_id and everybody: true",
            )),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
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

/// How many sessions of a user ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserSessionsEnded {
    /// Sessions that ended, those that had run out among them.
    pub ended: u64,
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

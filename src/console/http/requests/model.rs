//! Access requests as the API answers them.

use serde::Deserialize;

/// An access request.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) data_source_id: String,
    pub(super) userid: String,
    pub(super) name: Option<String>,
    pub(super) member_id: Option<String>,
    pub(super) mode: String,
    pub(super) client_id: Option<String>,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) created_at: i64,
    pub(super) expires_at: i64,
    pub(super) decided_by: Option<String>,
    pub(super) decided_at: Option<i64>,
    pub(super) user_id: Option<String>,
    pub(super) username: Option<String>,
    pub(super) portals: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) access_until: Option<i64>,
    pub(super) refusal_reason: Option<String>,
    pub(super) reason_shown: bool,
    pub(super) closed_because: Option<String>,
    pub(super) suggested_username: Option<String>,
    pub(super) username_taken: Option<bool>,
    pub(super) left_out: Option<String>,
    pub(super) allowed: Vec<String>,
}

impl Asked {
    /// Who asks: the name where WeCom told it, else the userid.
    pub(super) fn who(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.userid)
    }

    /// Whether it can be decided.
    pub(super) fn waits(&self) -> bool {
        self.allowed.iter().any(|allowed| allowed == "approve")
    }
}

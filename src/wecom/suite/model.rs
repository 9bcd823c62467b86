//! Values of service providers, after tolerant parsing.

use crate::kernel::secret::Secret;

/// A code with which an installation in the browser begins (reference 9.2).
#[derive(Clone, Debug)]
pub struct PreAuthCode {
    /// For [`crate::wecom::login_url::install`], once.
    pub code: Secret<String>,
    /// How long it is good, seconds.
    pub expires_in: u64,
}

/// What an authorisation code is exchanged for (reference 9.4).
#[derive(Clone, Debug)]
pub struct NewInstallation {
    /// The corp, as the suite knows it: usually encrypted for the provider.
    pub corp_id: String,
    /// Its short name; `None` where WeCom does not tell it.
    pub corp_name: Option<String>,
    /// The secret with which the corp's tokens are fetched from now on.
    pub permanent_code: Secret<String>,
    /// userid of who agreed, where WeCom tells it.
    pub installer: Option<String>,
    /// `state` of the QR code: a hint at an invitation, never proof of who installed (reference 9.3).
    pub state: Option<String>,
}

/// What a corp has authorised (reference 9.4, 9.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallationInfo {
    /// The corp's short name.
    pub corp_name: Option<String>,
    /// AgentId of the app in the corp.
    pub agent_id: i64,
    /// The app's name there.
    pub app_name: Option<String>,
    /// Installed by a member for themselves, and not by an admin.
    pub by_member: bool,
    /// userids in the visible scope that were picked individually.
    pub users: Vec<String>,
    /// Departments in the visible scope, each with its whole subtree.
    pub departments: Vec<i64>,
    /// Tags in the visible scope.
    pub tags: Vec<i64>,
    /// userids that are readable besides, without being users of the app.
    pub extra_users: Vec<String>,
    /// Departments that are readable besides.
    pub extra_departments: Vec<i64>,
    /// Tags that are readable besides.
    pub extra_tags: Vec<i64>,
}

/// An administrator of an installed app (reference 9.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteAdmin {
    /// As the suite knows them.
    pub userid: String,
    /// The provider's id of them, where WeCom tells it.
    pub open_userid: Option<String>,
    /// Manages the app, and does not only send messages.
    pub manages: bool,
}

/// Who signed in at a suite (reference 9.8). Employees of every corp may: whoever asks compares the corp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuiteIdentity {
    /// Somebody of a corp.
    Member {
        /// The corp, as the suite knows it.
        corp_id: String,
        /// Plain or encrypted, by the policy of the id upgrade; encrypted where the corp did not install the suite.
        userid: String,
        /// The provider's id of them.
        open_userid: Option<String>,
        /// For the details that they consented to show.
        user_ticket: Option<String>,
    },
    /// A visitor of a linked corp (`CorpId/userid`, reference 3.1): nobody's member, whatever stands before the slash.
    Linked {
        /// The other corp.
        corp_id: String,
        /// Their userid there.
        userid: String,
    },
    /// Of no corp; `openid` is never an identity here.
    Outsider,
}

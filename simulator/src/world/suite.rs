//! Service providers, the suites they make, and what a corp has installed of them (reference §0.2, §9).
//!
//! An installed suite is an app of the corp (`App::install`): it has an agentid, a visible scope and a token like any other.

use serde::{Deserialize, Serialize};

use super::scope::Scope;

/// A corp that makes suites.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Corpid of the provider; it needs no corp of this world.
    pub corpid: String,
    /// Name shown on the pages.
    pub name: String,
    /// `provider_secret` of `service/get_provider_token`.
    pub secret: String,
    /// The provider's IP list, which counts for all calls of its suites (§1.4); `None` = every caller is trusted.
    pub trusted_ips: Option<Vec<String>>,
}

/// A third-party app, or the template of an app that a vendor develops for one corp (its id begins with `dk`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Suite {
    /// `ww…`, or `dk…` of a template.
    pub suite_id: String,
    /// Name shown on the pages.
    pub name: String,
    /// `suite_secret`.
    pub secret: String,
    /// Corpid of its provider.
    pub provider: String,
    /// Token of both callbacks: at most 32 alphanumeric characters.
    pub token: String,
    /// EncodingAESKey of both callbacks: exactly 43 alphanumeric characters.
    pub aes_key: String,
    /// Command callback: tickets, installations, changes of contacts. `None`: nothing is pushed.
    pub command_url: Option<String>,
    /// Data callback: events of the installed app; `$CORPID$` in it becomes the corpid. `None`: nothing is sent.
    pub data_url: Option<String>,
    /// Domain (host and port) to which the install page may redirect (授权完成回调域名).
    pub install_domain: Option<String>,
    /// Trusted domain of in-app OAuth and the script.
    pub trusted_domain: Option<String>,
    /// Domain to which its web login may redirect.
    pub login_domain: Option<String>,
    /// Whether 登录授权 is opened: only then the web login takes it (§9.8).
    pub web_login: bool,
    /// An unpublished suite is installed only by way of `auth_type` 1, and has no QR code with parameters (§9.2, §9.3).
    pub published: bool,
    /// The permission 成员敏感信息授权: `snsapi_privateinfo` works (§2.4).
    pub sensitive: bool,
    /// `level` of `privilege`: 1 basic read, 2 full read, 3 full read and write, 4 basic read of single members, 5 full write only (§9.4).
    pub level: u8,
}

impl Default for Suite {
    fn default() -> Self {
        Self {
            suite_id: String::new(),
            name: String::new(),
            secret: String::new(),
            provider: String::new(),
            token: String::new(),
            aes_key: String::new(),
            command_url: None,
            data_url: None,
            install_domain: None,
            trusted_domain: None,
            login_domain: None,
            web_login: true,
            published: true,
            sensitive: false,
            level: 1,
        }
    }
}

/// Whether the id is that of a template by which a vendor develops an app for one corp.
pub(crate) fn is_template(suite_id: &str) -> bool {
    suite_id.starts_with("dk")
}

/// The authorisation by which an app of a corp came from a suite.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Install {
    /// The suite.
    pub suite_id: String,
    /// `permanent_code`; of a template also the app's secret (§0.2).
    pub permanent_code: String,
    /// Userid of who agreed.
    pub authorised_by: String,
    /// Unix seconds of the installation.
    pub at: u64,
    /// 0 by an administrator, 1 by a member.
    pub auth_mode: u8,
    /// `level` of `privilege`, as the suite asked for it.
    pub level: u8,
    /// `extra_*` of `privilege`: readable, but not users of the app (§9.4).
    pub extra: Scope,
    /// The app's administrators.
    pub admins: Vec<Admin>,
    /// `state` of the QR code by which it was installed.
    pub state: String,
    /// The administrator lets the app see names; only apps from a template can (§3.4).
    pub names: bool,
}

/// An administrator of an installed app (§9.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admin {
    /// Userid.
    pub userid: String,
    /// 0 may only send messages, 1 manages the app.
    pub auth_type: u8,
}

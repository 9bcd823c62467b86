//! Self-built apps, their visible scope and callbacks (reference §0.2, §2.1, §2.4, §4, §6.1).

use serde::{Deserialize, Serialize};

use super::member::Field;

/// A self-built app of one corp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// Typically 1000002 and up.
    pub agentid: u32,
    /// Name shown on the pages.
    pub name: String,
    /// The `corpsecret` of this app.
    pub secret: String,
    /// Apps made before 2022-06-20 20:00 still read the seven sensitive items (§3.4).
    pub created_before_2022_06_20: bool,
    /// Who may use the app; also the read boundary of its token.
    pub scope: Scope,
    /// OAuth trusted domain, `host[:port]`; `agent/get` shows it as `redirect_domain`.
    pub oauth_domain: Option<String>,
    /// Web login callback domain, `host[:port]`; what `None` means is `Switches::unset_domain_allows_any`.
    pub web_callback_domain: Option<String>,
    /// Trusted IPs, a trailing `*` matches any rest; `None` = every caller is trusted (§1.4).
    pub trusted_ips: Option<Vec<String>>,
    /// Receive-message callback.
    pub callback: Option<Callback>,
    /// Disabled in the console: `gettoken` answers 40001, other calls 50003.
    pub closed: bool,
    /// Switched off by WeCom because nobody used it for long: calls answer `Switches::disused_code`.
    pub disused: bool,
    /// Sensitive fields the administrator ticked for `snsapi_privateinfo` (§3.3).
    pub consent_fields: Vec<Field>,
    /// Text of `agent/get`.
    pub description: String,
    /// Home page of `agent/get`.
    pub home_url: String,
}

impl Default for App {
    fn default() -> Self {
        Self {
            agentid: 0,
            name: String::new(),
            secret: String::new(),
            created_before_2022_06_20: false,
            scope: Scope::default(),
            oauth_domain: None,
            web_callback_domain: None,
            trusted_ips: None,
            callback: None,
            closed: false,
            disused: false,
            consent_fields: Field::ALL.to_vec(),
            description: String::new(),
            home_url: String::new(),
        }
    }
}

/// Visible scope: members picked individually, departments with their subtrees, tags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Userids picked individually.
    pub users: Vec<String>,
    /// Department ids, each with its whole subtree.
    pub parties: Vec<u32>,
    /// Tag ids; a tag holds members and departments.
    pub tags: Vec<u32>,
}

/// URL, Token and EncodingAESKey as typed into the console (§6.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Where events are posted.
    pub url: String,
    /// At most 32 alphanumeric characters.
    pub token: String,
    /// Exactly 43 alphanumeric characters.
    pub aes_key: String,
}

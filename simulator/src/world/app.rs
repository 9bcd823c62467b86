//! Apps of a corp and their callbacks (reference §0.2, §2.1, §2.4, §4, §6.1).

use serde::{Deserialize, Serialize};

use super::{
    member::Field,
    scope::Scope,
    suite::{Install, is_template},
};

/// An app of one corp: a self-built one, or one that was installed from a suite.
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
    /// How it was installed; `None` for self-built apps.
    pub install: Option<Install>,
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
            install: None,
        }
    }
}

impl App {
    /// Whether it was installed from this suite.
    pub fn is_of(&self, suite_id: &str) -> bool {
        self.install
            .as_ref()
            .is_some_and(|install| install.suite_id == suite_id)
    }

    /// What its tokens are fetched with: the secret, or the permanent code of an installation.
    pub(crate) fn credential(&self) -> &str {
        self.install
            .as_ref()
            .map_or(&self.secret, |install| &install.permanent_code)
    }

    /// Whether plain `gettoken`, and the logins of a corp's own apps, serve it: own apps, and those from a template (§0.2).
    pub(crate) fn is_of_the_corp(&self) -> bool {
        self.install
            .as_ref()
            .is_none_or(|install| is_template(&install.suite_id))
    }

    /// Whether it sees ids instead of names (§9.10).
    pub(crate) fn sees_ids_only(&self) -> bool {
        let install = self.install.as_ref();
        install.is_some_and(|install| !(install.names && is_template(&install.suite_id)))
    }

    /// The lists of userids that it holds.
    pub(super) fn userids_mut(&mut self) -> Vec<&mut Vec<String>> {
        let extra = self.install.as_mut().map(|install| &mut install.extra.users);
        std::iter::once(&mut self.scope.users).chain(extra).collect()
    }
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

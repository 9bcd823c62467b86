//! Switches of `snsapi_privateinfo` and of what it yields: what the reference (§2.4, §3.1, §3.3) does not state.

use serde::{Deserialize, Serialize};

/// What comes of *deny* on the consent page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentRefusal {
    /// A redirect with `state` only, as the legacy web login does.
    #[default]
    StateOnly,
    /// A code as of `snsapi_base`: the exchange yields no `user_ticket`.
    CodeWithoutTicket,
    /// Nothing: the person stays in the client.
    Stays,
}

/// One field per uncertain fact about private fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrivateInfoSwitches {
    /// What comes of *deny*. Default: a redirect with `state` only.
    pub refusal: ConsentRefusal,
    /// Without `agentid` the scope degrades to `snsapi_base`. Default: yes; else an error page.
    pub degrades_without_agentid: bool,
    /// A member who agreed once is not asked again by the same app. Default: no, the page comes each time.
    pub remembers_consent: bool,
    /// A `user_ticket` works once, and is unknown (84015) afterwards. Default: no, until it expires.
    pub ticket_works_once: bool,
    /// Seconds a `user_ticket` lives. Default: 1800, as the internal page says; the third-party one shows 7200.
    pub ticket_seconds: u64,
    /// What an unknown or foreign `user_ticket` answers: 84015 or 84014. Default: 84015.
    pub unknown_ticket_code: i32,
}

impl Default for PrivateInfoSwitches {
    fn default() -> Self {
        Self {
            refusal: ConsentRefusal::StateOnly,
            degrades_without_agentid: true,
            remembers_consent: false,
            ticket_works_once: false,
            ticket_seconds: 1800,
            unknown_ticket_code: 84015,
        }
    }
}

//! Access tokens: one per (corp, secret), the same until it expires (reference §1.2, §1.3).

use std::collections::HashMap;

use rand::rngs::StdRng;

use crate::errmsg::{Refusal, alphanumeric, refusal};

/// Lifetime of tokens and JS-SDK tickets in seconds.
pub(crate) const LIFETIME: u64 = 7200;

/// The error that tokens answer which were invalidated early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForcedExpiry {
    /// 40014, invalid access_token.
    Code40014,
    /// 42001, access_token expired.
    Code42001,
}

impl ForcedExpiry {
    fn code(self) -> i32 {
        match self {
            Self::Code40014 => 40014,
            Self::Code42001 => 42001,
        }
    }
}

/// Which secret a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    App(u32),
    Contacts,
    /// The customer-contact helper.
    Customers,
}

/// The caller: the corp and the kind of secret behind the token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub corp: String,
    pub kind: Kind,
    /// The secret the token was fetched with: a reset secret kills its tokens (§14, 37). Of an installed app its permanent code.
    pub secret: String,
    /// The suite from which the app was installed.
    pub suite: Option<String>,
}

struct Issued {
    caller: Caller,
    expires: u64,
    forced: Option<ForcedExpiry>,
}

/// All tokens ever issued; old ones stay to tell "expired" from "never existed".
#[derive(Default)]
pub(crate) struct Tokens {
    issued: HashMap<String, Issued>,
    current: HashMap<(String, String), String>,
    js_tickets: HashMap<(String, Option<u32>), (String, u64)>,
}

impl Tokens {
    /// Returns the valid token of this secret if `reuse`, else a new one; with its remaining lifetime in seconds.
    pub(crate) fn fetch(&mut self, caller: Caller, now: u64, reuse: bool, rng: &mut StdRng) -> (String, u64) {
        let key = (caller.corp.clone(), caller.secret.clone());
        if reuse
            && let Some(token) = self.current.get(&key)
            && let Some(issued) = self.issued.get(token)
            && issued.forced.is_none()
            && issued.expires > now
        {
            return (token.clone(), issued.expires - now);
        }
        let token = alphanumeric(rng, 214);
        self.current.insert(key, token.clone());
        self.issued.insert(
            token.clone(),
            Issued {
                caller,
                expires: now + LIFETIME,
                forced: None,
            },
        );
        (token, LIFETIME)
    }

    /// The JS-SDK ticket of the corp (`None`) or of an app, the same until it expires; with its remaining lifetime (§11).
    pub(crate) fn js_ticket(&mut self, owner: (String, Option<u32>), now: u64, rng: &mut StdRng) -> (String, u64) {
        let fresh = || (alphanumeric(rng, 86), now + LIFETIME);
        let kept = self.js_tickets.remove(&owner).filter(|(_, expires)| *expires > now);
        let (ticket, expires) = kept.unwrap_or_else(fresh);
        self.js_tickets.insert(owner, (ticket.clone(), expires));
        (ticket, expires - now)
    }

    /// Ends every JS-SDK ticket before its time.
    pub(crate) fn expire_js_tickets(&mut self) {
        self.js_tickets.clear();
    }

    /// The JS-SDK ticket that was given out, while it is good.
    pub(crate) fn js_ticket_now(&self, owner: &(String, Option<u32>), now: u64) -> Option<&str> {
        let kept = self.js_tickets.get(owner).filter(|(_, expires)| *expires > now);
        kept.map(|(ticket, _)| ticket.as_str())
    }

    /// The caller behind a token. `expired_code` is the error of a token past its time.
    pub(crate) fn check(&self, token: &str, now: u64, expired_code: i32) -> Result<&Caller, Refusal> {
        let issued = self.issued.get(token).ok_or_else(|| refusal(40014))?;
        match issued.forced {
            Some(forced) => Err(refusal(forced.code())),
            None if issued.expires <= now => Err(refusal(expired_code)),
            None => Ok(&issued.caller),
        }
    }

    /// The corp behind a token, valid or not: for counters and the log.
    pub(crate) fn corp_of(&self, token: &str) -> Option<&str> {
        self.issued.get(token).map(|issued| issued.caller.corp.as_str())
    }

    /// Invalidates every token given out so far.
    pub(crate) fn expire(&mut self, forced: ForcedExpiry) {
        self.issued.values_mut().for_each(|issued| issued.forced = Some(forced));
    }
}

//! OAuth codes of the login pages, and user tickets of the privacy consent (reference §2.1, §3.1, §3.3).

use std::collections::HashMap;

use rand::rngs::StdRng;

use crate::errmsg::{Refusal, alphanumeric, refusal};
use crate::world::Field;

/// An unused code expires after five minutes (§2.1), in seconds.
const CODE_LIFETIME: u64 = 300;

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visitor {
    Member(String),
    /// Not of the corp; a customer also has an `external_userid`.
    Outsider {
        openid: String,
        external_userid: Option<String>,
    },
    /// Of a linked corp: `CorpId/userid`.
    Linked(String),
}

/// What a code grants: who signed in, for which app.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub corp: String,
    /// `None` only when in-app OAuth was called without `agentid`.
    pub agentid: Option<u32>,
    /// Host[:port] the code was sent to.
    pub host: String,
    pub visitor: Visitor,
    /// Fields of the privacy consent; `None` for logins without a consent page.
    pub consented: Option<Vec<Field>>,
}

struct Kept<T> {
    value: T,
    expires: u64,
}

/// A consent which can be redeemed at `auth/getuserdetail`.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub corp: String,
    pub agentid: u32,
    pub userid: String,
    pub fields: Vec<Field>,
}

/// Codes and user tickets.
#[derive(Default)]
pub(crate) struct Codes {
    codes: HashMap<String, Kept<Grant>>,
    consents: HashMap<String, Kept<Consent>>,
    /// What members agreed to, by corp, app and userid.
    agreed: HashMap<(String, u32, String), Vec<Field>>,
}

impl Codes {
    pub(crate) fn issue(&mut self, grant: Grant, now: u64, rng: &mut StdRng) -> String {
        let code = alphanumeric(rng, 43);
        self.codes.insert(
            code.clone(),
            Kept {
                value: grant,
                expires: now + CODE_LIFETIME,
            },
        );
        code
    }

    /// The grant of a valid code, without using the code up.
    pub(crate) fn peek(&self, code: &str, now: u64) -> Option<&Grant> {
        self.codes
            .get(code)
            .filter(|kept| kept.expires > now)
            .map(|kept| &kept.value)
    }

    /// Uses a code up and returns its grant. Used, expired and unknown codes are all 40029.
    pub(crate) fn take(&mut self, code: &str, now: u64) -> Result<Grant, Refusal> {
        let kept = self.codes.remove(code).ok_or_else(|| refusal(40029))?;
        if kept.expires > now {
            Ok(kept.value)
        } else {
            Err(refusal(40029))
        }
    }

    /// Keeps a consent for so many seconds.
    pub(crate) fn keep_consent(&mut self, consent: Consent, (now, seconds): (u64, u64), rng: &mut StdRng) -> String {
        let ticket = alphanumeric(rng, 64);
        self.consents.insert(
            ticket.clone(),
            Kept {
                value: consent,
                expires: now + seconds,
            },
        );
        ticket
    }

    /// The consent behind a ticket; an unknown one answers `unknown`.
    pub(crate) fn consent(&self, ticket: &str, now: u64, unknown: i32) -> Result<Consent, Refusal> {
        match self.consents.get(ticket) {
            None => Err(refusal(unknown)),
            Some(kept) if kept.expires <= now => Err(refusal(84014)),
            Some(kept) => Ok(kept.value.clone()),
        }
    }

    /// Forgets a ticket.
    pub(crate) fn spend(&mut self, ticket: &str) {
        self.consents.remove(ticket);
    }

    /// Notes what a member agreed to.
    pub(crate) fn agree(&mut self, corp: &str, agentid: u32, userid: &str, fields: &[Field]) {
        let whose = (corp.to_owned(), agentid, userid.to_owned());
        self.agreed.insert(whose, fields.to_vec());
    }

    /// What a member agreed to before.
    pub(crate) fn agreed(&self, corp: &str, agentid: u32, userid: &str) -> Option<Vec<Field>> {
        let whose = (corp.to_owned(), agentid, userid.to_owned());
        self.agreed.get(&whose).cloned()
    }
}

//! Pre-auth codes, auth codes, codes of sign-ins by a suite, and user tickets of them (reference §9.2–9.4, §9.8).

use rand::rngs::StdRng;

use super::expiring::{Expiring, Found};
use crate::codes::Visitor;
use crate::errmsg::{Refusal, refusal};
use crate::world::Field;

/// An auth code is good for ten minutes, in seconds (§9.3).
pub(crate) const AUTH_CODE_LIFETIME: u64 = 600;
/// A code of a sign-in is good for five minutes, in seconds (§2.1).
const LOGIN_LIFETIME: u64 = 300;
/// A user ticket of a suite lives 7200 s (§3.1).
pub(crate) const SUITE_TICKET_LIFETIME: u64 = 7200;

/// What a pre-auth code is for.
#[derive(Debug, Clone)]
pub(crate) struct PreAuth {
    pub suite_id: String,
    /// `auth_type` 1: a test installation.
    pub test: bool,
}

/// What an auth code is exchanged for.
#[derive(Debug, Clone)]
pub(crate) struct AuthCode {
    pub suite_id: String,
    pub corp: String,
}

/// Who signed in by a suite.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub suite_id: String,
    /// Corpid of a member; of an outsider empty.
    pub corp: String,
    /// Host[:port] the code was sent to.
    pub host: String,
    pub visitor: Visitor,
    /// Fields of the consent; `None` for sign-ins without a consent page.
    pub consented: Option<Vec<Field>>,
}

/// A consent that can be redeemed at `getuserdetail3rd`.
#[derive(Debug, Clone)]
pub(crate) struct SuiteConsent {
    pub suite_id: String,
    pub corp: String,
    pub userid: String,
    pub fields: Vec<Field>,
}

/// See the module.
#[derive(Default)]
pub(crate) struct SuiteCodes {
    pre_auth: Expiring<PreAuth>,
    auth: Expiring<AuthCode>,
    logins: Expiring<Login>,
    consents: Expiring<SuiteConsent>,
}

impl SuiteCodes {
    pub(crate) fn give_pre_auth(&mut self, suite_id: &str, until: u64, rng: &mut StdRng) -> String {
        let code = PreAuth {
            suite_id: suite_id.to_owned(),
            test: false,
        };
        self.pre_auth.keep(code, until, 64, rng)
    }

    /// The pre-auth code of this suite; 40077 where it is another's or unknown, 42007 where it is too old.
    pub(crate) fn pre_auth(&self, suite_id: &str, code: &str, now: u64) -> Result<PreAuth, Refusal> {
        match self.pre_auth.look(code, now) {
            Found::Good(found) if found.suite_id == suite_id => Ok(found),
            Found::Expired => Err(refusal(42007)),
            Found::Good(_) | Found::Unknown => Err(refusal(40077)),
        }
    }

    pub(crate) fn set_test(&mut self, code: &str, test: bool) {
        self.pre_auth.change(code, |found| found.test = test);
    }

    /// Uses a pre-auth code up: somebody agreed.
    pub(crate) fn spend_pre_auth(&mut self, code: &str, now: u64) {
        let _spent = self.pre_auth.take(code, now);
    }

    pub(crate) fn give_auth(&mut self, code: AuthCode, now: u64, rng: &mut StdRng) -> String {
        self.auth.keep(code, now + AUTH_CODE_LIFETIME, 172, rng)
    }

    /// Uses an auth code up; 40078 for used, old, foreign and unknown ones.
    pub(crate) fn take_auth(&mut self, suite_id: &str, code: &str, now: u64) -> Result<AuthCode, Refusal> {
        let own = self.auth.find(code, now).filter(|found| found.suite_id == suite_id);
        own.ok_or_else(|| refusal(40078))?;
        self.auth.take(code, now).ok_or_else(|| refusal(40078))
    }

    pub(crate) fn give_login(&mut self, login: Login, now: u64, rng: &mut StdRng) -> String {
        self.logins.keep(login, now + LOGIN_LIFETIME, 43, rng)
    }

    /// The sign-in behind a code, without using it up; 40029 for used, old, foreign and unknown ones.
    pub(crate) fn login(&self, suite_id: &str, code: &str, now: u64) -> Result<Login, Refusal> {
        let own = self.logins.find(code, now).filter(|login| login.suite_id == suite_id);
        own.ok_or_else(|| refusal(40029))
    }

    pub(crate) fn spend_login(&mut self, code: &str, now: u64) {
        let _spent = self.logins.take(code, now);
    }

    pub(crate) fn keep_consent(&mut self, consent: SuiteConsent, now: u64, rng: &mut StdRng) -> String {
        self.consents.keep(consent, now + SUITE_TICKET_LIFETIME, 64, rng)
    }

    /// The consent behind a user ticket; 84015 for unknown ones and those of other suites, 84014 for old ones.
    pub(crate) fn consent(&self, suite_id: &str, ticket: &str, now: u64) -> Result<SuiteConsent, Refusal> {
        match self.consents.look(ticket, now) {
            Found::Good(consent) if consent.suite_id == suite_id => Ok(consent),
            Found::Expired => Err(refusal(84014)),
            Found::Good(_) | Found::Unknown => Err(refusal(84015)),
        }
    }
}

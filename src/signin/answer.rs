//! What a step of a sign-in answers: a session, a question, a refusal. Pure.

use serde::{Deserialize, Serialize};

use crate::{
    gate::Denied,
    kernel::failure::Failure,
    web::{failure, reference},
};

/// How the callback is answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Signed in: set the session cookie and go on.
    SignedIn {
        /// Session cookie.
        cookie: String,
        /// Marks of a browser that proved itself by password, if it is one now.
        #[serde(default)]
        trusted_browser: Option<String>,
        /// Where to.
        to: String,
    },
    /// The browser was switched on the way: ask the person, in a browser bound by this cookie.
    Confirm {
        /// Journey cookie.
        cookie: String,
        /// Names what is to be confirmed.
        token: String,
    },
    /// Refused or failed.
    Refused(RefusalPage),
    /// The first request is still being worked on.
    Moment,
}

/// A failure as it is shown, in a form that can be remembered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusalPage {
    /// HTTP status.
    pub status: u16,
    /// Reference number of the kind.
    pub number: String,
    /// Code of this occurrence.
    pub reference: String,
    /// English sentence.
    pub en: String,
    /// Chinese sentence.
    pub zh: String,
    /// Hint.
    pub detail: Option<String>,
    /// Local path to try again.
    pub again: Option<String>,
}

impl RefusalPage {
    /// The words of a failure, which is logged under a new reference.
    pub fn of(failure: &Failure, again: Option<String>) -> Self {
        let reference = reference::new();
        failure::log(failure, &reference);
        Self::on_record(failure, reference, again)
    }

    /// The words of a failure that is on record under `reference` already.
    pub fn on_record(failure: &Failure, reference: String, again: Option<String>) -> Self {
        let entry = failure.entry;
        Self {
            status: entry.status,
            number: entry.number.to_owned(),
            reference,
            en: entry.en.to_owned(),
            zh: entry.zh.to_owned(),
            detail: failure.detail.clone(),
            again,
        }
    }

    /// The words for a gate's no.
    pub fn denied(denied: Denied, again: Option<String>) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::on_record(&refusal.reason.failure(), refusal.reference, again),
            Denied::Failed(failure) => Self::of(&failure, again),
        }
    }
}

//! Result of a sign-in step: session opened, confirmation needed, or refusal page. Pure.

use serde::{Deserialize, Serialize};

use crate::{gate::Denied, kernel::failure::Failure, web::failure::Told};

/// Result of a WeCom callback or of another sign-in step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SignInOutcome {
    /// Signed in: set the session cookie and redirect.
    SignedIn {
        /// Session cookie.
        cookie: String,
        /// New value of the trusted-browser cookie, after a sign-in by password.
        #[serde(default, rename = "known")]
        trusted_browser: Option<String>,
        /// Address to redirect to.
        to: String,
    },
    /// The callback came in another browser: ask the person to confirm, in a browser bound by this cookie.
    Confirm {
        /// Journey cookie.
        cookie: String,
        /// Token of the pending confirmation.
        token: String,
    },
    /// Refused or failed.
    Refused(RefusalPage),
    /// The first request with this `state` is still being processed: show a page that waits.
    #[serde(rename = "Moment")]
    InProgress,
}

/// A failure as the page shows it, in a form that can be stored for duplicates.
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
    /// Local path where the person can try again.
    pub again: Option<String>,
    /// What is to be logged and recorded; not stored, so that a duplicate's page is the same occurrence.
    #[serde(skip)]
    pub told: Option<Box<Told>>,
}

impl RefusalPage {
    /// The page for a failure.
    pub fn of(failure: &Failure, again: Option<String>) -> Self {
        let (entry, told) = (failure.entry, Told::of(failure));
        Self {
            status: entry.status,
            number: entry.number.to_owned(),
            reference: told.reference.clone(),
            en: entry.en.to_owned(),
            zh: entry.zh.to_owned(),
            again,
            told: Some(Box::new(told)),
        }
    }

    /// The page for a denial by the gate.
    pub fn denied(denied: Denied, again: Option<String>) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::of(&refusal.failure(), again),
            Denied::Failed(failure) => Self::of(&failure, again),
        }
    }
}

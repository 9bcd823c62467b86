//! Result of a sign-in step: session opened, confirmation needed, or refusal page. Pure.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{gate::Denied, kernel::failure::Failure, signin::trial::entering::TriedVisit, web::failure::Told};

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
    /// A trial that the gate permits: nobody is signed in.
    Tried(Box<TriedVisit>),
    /// Refused or failed.
    Refused(RefusalPage),
    /// The first request with this `state` is still being processed: show a page that waits.
    #[serde(rename = "Moment")]
    InProgress,
}

/// What a refusal is about, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Id of the journey, whose login page takes another account.
    pub journey: Option<String>,
    /// Row id of the portal.
    pub portal: Option<Uuid>,
    /// Who was scanned or typed, in words; only for the browser that the sign-in is bound to.
    pub who: Option<String>,
    /// Id of the trial, where no journey tells it.
    #[serde(default)]
    pub trial: Option<Uuid>,
    /// Local path where they can ask to be let in.
    #[serde(default)]
    pub apply: Option<String>,
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
    /// What it is about.
    #[serde(default)]
    pub about: About,
    /// What is to be logged and recorded; not stored, so that a duplicate's page is the same occurrence.
    #[serde(skip)]
    pub told: Option<Box<Told>>,
}

impl RefusalPage {
    /// The page for a failure.
    pub fn of(failure: &Failure, about: About) -> Self {
        let (entry, told) = (failure.entry, Told::of(failure));
        Self {
            status: entry.status,
            number: entry.number.to_owned(),
            reference: told.reference.clone(),
            en: entry.en.to_owned(),
            zh: entry.zh.to_owned(),
            about,
            told: Some(Box::new(told)),
        }
    }

    /// The page for a denial by the gate.
    pub fn denied(denied: Denied, about: About) -> Self {
        match denied {
            Denied::Refused(refusal) => Self::of(&refusal.failure(), about),
            Denied::Failed(failure) => Self::of(&failure, about),
        }
    }
}

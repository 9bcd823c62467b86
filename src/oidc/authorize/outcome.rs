//! Outcome of an authorization request (redirect, sign-in, consent or refusal), and the context it is processed in. Pure.

use crate::oidc::authorize::destination::Answer;
use crate::oidc::authorize::destination::Destination;
use crate::oidc::authorize::request::Request;
use uuid::Uuid;

use crate::{gate::Refusal, oidc::client::Client, signin::Visitor};

/// The answer to the browser.
pub enum Outcome {
    /// Back to the portal, with a code or an error.
    Answer(Answer),
    /// To this local path, to sign in.
    SignIn(String),
    /// To this local path, to be asked for consent.
    Ask(String),
    /// A page: the gate refused whoever is signed in.
    Refused {
        /// The refusal.
        refusal: Refusal,
        /// Id of a journey that takes another account; none where no more may be begun.
        journey: Option<String>,
        /// Row id of the portal.
        portal: Uuid,
    },
}

/// A request being processed: its client, redirect target, the id under which it is kept if a journey was begun, the consent
/// decision, and who asks.
pub(in crate::oidc) struct AuthorizationContext<'a> {
    pub(in crate::oidc) client: &'a Client,
    pub(in crate::oidc) destination: &'a Destination,
    pub(in crate::oidc) request: &'a Request,
    pub(in crate::oidc) stored_request_id: Option<&'a str>,
    pub(in crate::oidc) consent_decision: ConsentDecision,
    pub(in crate::oidc) visitor: Visitor<'a>,
}

/// The person's consent decision on this request so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oidc) enum ConsentDecision {
    /// None yet.
    Silence,
    /// Consented a moment ago.
    Yes,
}

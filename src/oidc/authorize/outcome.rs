//! What comes of an authorization request, and who asked. Pure.

use crate::oidc::authorize::destination::Answer;
use crate::oidc::authorize::destination::Destination;
use crate::oidc::authorize::request::Request;
use crate::{gate::Refusal, oidc::client::Client};

/// What the browser is answered.
pub enum Outcome {
    /// Back to the portal, with a code or an error.
    Answer(Answer),
    /// To this local path, to sign in.
    SignIn(String),
    /// To this local path, to be asked for consent.
    Ask(String),
    /// A page: the gate said no.
    Refused(Refusal),
}

/// An authorization under way: what was asked, by whom, the id under which it is kept if a journey was begun, and the person's word on it.
pub(in crate::oidc) struct Visitor<'a> {
    pub(in crate::oidc) client: &'a Client,
    pub(in crate::oidc) destination: &'a Destination,
    pub(in crate::oidc) request: &'a Request,
    pub(in crate::oidc) kept: Option<&'a str>,
    pub(in crate::oidc) word: ConsentDecision,
}

/// What the person has said about this request so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConsentDecision {
    /// Nothing.
    Silence,
    /// Yes, a moment ago.
    Yes,
}

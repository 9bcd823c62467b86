//! The authorization endpoint (OpenID Connect Core 3.1.2): resolve the request, check it, find the session, ask the gate, issue a code.
//!
//! Until client and redirect URI matched exactly, a fault is a page; from then on there is a [`destination::Destination`] and faults are
//! sent to it. Who must sign in is sent on a journey and returns to `resume` with a session; nothing here knows how they signed in.

pub(in crate::oidc) mod checks;
pub(in crate::oidc) mod consent;
pub(in crate::oidc) mod destination;
pub(in crate::oidc) mod endpoint;
pub(in crate::oidc) mod interaction_policy;
pub(in crate::oidc) mod outcome;
mod private_fields;
pub(in crate::oidc) mod request;
pub(in crate::oidc) mod resolve;

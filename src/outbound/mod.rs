//! Outbound HTTP calls to portals' own servers, guarded against SSRF: key sets (`jwks_uri`), sector identifiers, back-channel logout.
//!
//! The addresses come from registrations, so every call is guarded: https (or http on loopback), no redirects, a bounded reply, and never a
//! private, loopback or link-local address unless the operator allowed it (`outbound.allow`): otherwise whoever may register a portal
//! could make Menjin talk to the company's inner network. Nothing here knows OpenID.

mod failure;
mod transport;

pub use failure::OutboundFailure;
pub use transport::{Answer, Outbound};

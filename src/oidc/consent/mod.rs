//! Consent: what a portal would be given, item by item, and what a person agreed to.
//!
//! For its own portals the company decided by registering them ([`Consent::Implicit`](super::metadata::Consent)). For the others each person
//! decides once; what they said yes to is remembered per person and portal, and asked again only when it grows. Who is asked, and when,
//! is in `authorize/consent.rs`; nothing here knows browsers.

pub(in crate::oidc) mod agreement;
pub mod failure;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod service;
pub(in crate::oidc) mod store;

pub use failure::ConsentFailure;
pub use model::{ConsentView, Consents};

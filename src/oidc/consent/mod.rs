//! Consent: the items a portal would get, and those a person agreed to.
//!
//! For its own portals the company decided by registering them ([`Consent::Implicit`](super::metadata::Consent)). For the others each
//! person decides once; the agreed items are stored per person and portal, and the person is asked again only when a request needs more.
//! Who is asked, and when, is in `authorize/consent.rs`; nothing here knows browsers.

pub(in crate::oidc) mod agreement;
pub mod failure;
pub(in crate::oidc) mod model;
pub(in crate::oidc) mod service;
pub(in crate::oidc) mod store;

pub use failure::ConsentFailure;
pub use model::{ConsentView, Consents};

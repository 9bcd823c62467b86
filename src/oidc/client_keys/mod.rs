//! Keys of clients: who signed this JWT? For client assertions (RFC 7523) and request objects (RFC 9101).
//!
//! [`jwt`] reads a JWT and tries keys, [`fetch`] brings the keys. Neither judges claims: what a JWT must say is its receiver's business.

pub(in crate::oidc) mod fetch;
pub(in crate::oidc) mod jwt;
pub(in crate::oidc) mod single_flight;

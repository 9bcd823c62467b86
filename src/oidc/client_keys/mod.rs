//! Public keys of clients (JWKS), to verify client assertions (RFC 7523) and request objects (RFC 9101).
//!
//! [`jwt`] reads a JWT and tries keys, [`fetch`] fetches and caches the keys. Neither checks claims: that is left to the caller.

pub(in crate::oidc) mod fetch;
pub(in crate::oidc) mod jwt;
pub(in crate::oidc) mod single_flight;

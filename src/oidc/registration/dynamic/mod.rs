//! Clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0) and look after themselves (RFC 7592).
//!
//! An initial access token opens the auth source; a registration access token, kept as a digest and never rotated, lets the client read, replace and
//! delete its own registration. What only admins decide (`names`) a client can neither set nor see. What an admin has set of the rest stays as
//! the admin left it.

pub(in crate::oidc) mod client_metadata;
pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod service;
pub(in crate::oidc) mod store;

pub use failure::DynamicFailure;

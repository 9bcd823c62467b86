//! Dynamic client registration (RFC 7591, OpenID Connect Dynamic Client Registration 1.0) and its management by the client (RFC 7592).
//!
//! An initial access token permits a client to register itself; a registration access token, kept as a digest and never rotated, lets it
//! read, replace and delete its own registration. What only admins decide (`client_metadata`) a client can neither set nor see. What an
//! admin has set of the rest stays as the admin left it.

pub(in crate::oidc) mod client_metadata;
pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod service;
pub(in crate::oidc) mod store;

pub use failure::DynamicFailure;

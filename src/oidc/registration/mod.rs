//! Clients: the portals, as an admin registers them. What is accepted here the protocol endpoints rely on without looking again.
//!
//! A client secret is made (or given) once, returned once, and kept as a digest; only `client_secret_jwt`, where we must make the same
//! signature, keeps it sealed besides.

pub mod addresses;
pub(in crate::oidc) mod admin_fields;
pub mod dynamic;
pub mod failure;
pub mod initial_access_token;
pub mod input;
pub(in crate::oidc) mod rules;
pub(in crate::oidc) mod secret;
pub(in crate::oidc) mod service;
pub mod settings;
pub mod store;
pub(in crate::oidc) mod validation;
pub mod view;

pub use failure::RegistrationFailure;
pub use service::Registrations;

//! Client registration: by admins, and by clients themselves (`dynamic`). The protocol endpoints rely on what is accepted here without
//! checking it again.
//!
//! A client secret is generated (or given) once, returned once, and kept as a digest; only for `client_secret_jwt`, where we must make the
//! same signature, it is also kept sealed.

pub mod addresses;
pub(in crate::oidc) mod admin_fields;
pub mod dynamic;
pub mod failure;
pub mod initial_access_token;
pub mod input;
pub mod listing;
pub mod portal_fields;
pub(in crate::oidc) mod rules;
pub(in crate::oidc) mod secret;
pub(in crate::oidc) mod service;
pub mod settings;
pub mod store;
pub(in crate::oidc) mod validation;
pub mod view;
pub(in crate::oidc) mod warnings;

pub use failure::RegistrationFailure;
pub use service::Registrations;
pub use view::PortalNames;

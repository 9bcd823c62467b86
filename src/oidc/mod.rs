//! The OpenID Connect provider: discovery, keys, authorize, token, userinfo, introspection, revocation, device flow, logout.
//!
//! A [`Provider`] holds what the endpoints share. It knows sessions and the gate, never how somebody signs in: a person who must do so is
//! sent on a journey that returns to `/oauth2/authorize/resume`. No person's token is minted without a [`Permit`](crate::gate::Permit).
//! Deliberately absent: implicit and hybrid flows, the password grant, request objects by reference.

pub mod account;
pub(in crate::oidc) mod authorization_code;
pub(in crate::oidc) mod authorize;
pub(in crate::oidc) mod bearer;
pub(in crate::oidc) mod claims;
pub(in crate::oidc) mod client;
pub(in crate::oidc) mod client_authentication;
pub(in crate::oidc) mod client_keys;
pub mod consent;
pub mod device;
pub mod discovery;
pub(in crate::oidc) mod dpop;
pub(in crate::oidc) mod failure;
pub mod http;
pub(in crate::oidc) mod introspection;
pub(in crate::oidc) mod jwk_thumbprint;
pub mod keys;
pub mod logout;
pub mod metadata;
pub(in crate::oidc) mod offline_access;
pub(in crate::oidc) mod params;
pub(in crate::oidc) mod pkce;
pub(in crate::oidc) mod posted_form;
pub(in crate::oidc) mod provider;
pub(in crate::oidc) mod registered_address;
pub mod registration;
pub(in crate::oidc) mod resource;
pub(in crate::oidc) mod revocation;
pub(in crate::oidc) mod scope;
pub(in crate::oidc) mod security_profile;
pub(in crate::oidc) mod store;
pub(in crate::oidc) mod subject_derivation;
pub(in crate::oidc) mod subject_identifier;
pub(in crate::oidc) mod terms;
pub(in crate::oidc) mod token;
pub(in crate::oidc) mod userinfo;

pub use authorize::resolve::failure::RequestFailure;
pub use claims::{failure::ClaimsFailure, preview::ClaimsPreview};
pub use client_authentication::failure::AuthenticationFailure;
pub use dpop::failure::DpopFailure;
pub use failure::OidcFailure;
pub use provider::{Dependencies, Provider, Settings};
pub use token::failure::TokenFailure;

#[cfg(test)]
mod tests;

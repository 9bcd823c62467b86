//! The token endpoint: shared steps (parse once, authenticate the client, choose the grant), and one file per grant type.

pub mod access_token;
pub(in crate::oidc) mod authorization_code;
pub(in crate::oidc) mod client_credentials;
pub(in crate::oidc) mod client_request;
pub(in crate::oidc) mod constraints;
pub(in crate::oidc) mod device_code;
pub(in crate::oidc) mod endpoint;
pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod family_revocation;
pub(in crate::oidc) mod id_token;
pub(in crate::oidc) mod mint;
pub(in crate::oidc) mod refresh_retry;
pub(in crate::oidc) mod refresh_token;

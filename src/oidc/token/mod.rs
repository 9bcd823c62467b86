//! The token endpoint: it owns the shared phases (parse once, authenticate the client, choose the grant), each grant its rules.

pub mod access;
pub(in crate::oidc) mod call;
pub(in crate::oidc) mod client_credentials;
pub(in crate::oidc) mod code;
pub(in crate::oidc) mod constraints;
pub(in crate::oidc) mod device;
pub(in crate::oidc) mod endpoint;
pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod id_token;
pub(in crate::oidc) mod mint;
pub(in crate::oidc) mod refresh;
pub(in crate::oidc) mod reuse;

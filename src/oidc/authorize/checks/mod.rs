//! The checks of an authorization request that may be answered by redirect, as a table in order. Pure.
//!
//! Unknown parameters are ignored, and so are `display`, `claims_locales`, `login_hint` and what is unknown in `acr_values`, which never err.

pub(in crate::oidc) mod acr;
pub(in crate::oidc) mod claims;
pub(in crate::oidc) mod dpop;
pub(in crate::oidc) mod draft;
pub(in crate::oidc) mod pkce;
pub(in crate::oidc) mod prompt;
pub(in crate::oidc) mod resource;
pub(in crate::oidc) mod scope;
pub(in crate::oidc) mod shape;
pub(in crate::oidc) mod table;

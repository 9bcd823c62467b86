//! Checks of an authorization request whose errors may be sent by redirect, as an ordered table. Pure.
//!
//! Unknown parameters, `display`, `claims_locales`, `login_hint` and unknown values in `acr_values` are ignored and never cause an error.

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

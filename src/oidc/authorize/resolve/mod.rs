//! How an authorization request arrived: plain, pushed beforehand (RFC 9126) or signed (RFC 9101). Whatever the way, what leaves here are
//! [`Params`], and the rest of the endpoint need not know.
//!
//! Where parameters come from a pushed or signed request they come from nowhere else: what else stands in the address is not looked at.

pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod pushed_request;
pub(in crate::oidc) mod request_object;
pub(in crate::oidc) mod resolved;
pub(in crate::oidc) mod service;

//! Resolving an authorization request: plain, pushed (PAR, RFC 9126) or signed (JAR, RFC 9101). The result is always a
//! [`resolved::ResolvedRequest`], so the checks after it are the same for all three.
//!
//! Parameters of a pushed or signed request come from nowhere else: other parameters sent beside it are ignored.

pub(in crate::oidc) mod failure;
pub(in crate::oidc) mod pushed_request;
pub(in crate::oidc) mod request_object;
pub(in crate::oidc) mod resolve_request;
pub(in crate::oidc) mod resolved;

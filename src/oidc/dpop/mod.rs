//! DPoP (RFC 9449): a client proves with each request that it holds a key, and its tokens are worth nothing without that key.
//!
//! A proof is verified in [`proof`], then counted once here. Nonces are verified where a proof has one and offered with every answer to a
//! proof; they are not demanded, because the `jti` of a proof works once and its `iat` counts for a minute.

pub mod failure;
pub(in crate::oidc) mod key;
pub(in crate::oidc) mod nonce;
pub(in crate::oidc) mod place;
pub(in crate::oidc) mod proof;
pub(in crate::oidc) mod verify;

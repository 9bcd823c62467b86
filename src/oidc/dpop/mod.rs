//! DPoP, sender-constrained tokens (RFC 9449): a client proves with each request that it holds a key; its tokens are useless without it.
//!
//! A proof is checked in [`proof`], then consumed in [`verify`]. Nonces are verified where a proof has one and offered with every answer to
//! a proof; they are not required, because the `jti` of a proof works once and its `iat` counts for a minute.

pub mod failure;
pub(in crate::oidc) mod key;
pub(in crate::oidc) mod nonce;
pub(in crate::oidc) mod proof;
pub(in crate::oidc) mod proof_target;
pub(in crate::oidc) mod verify;

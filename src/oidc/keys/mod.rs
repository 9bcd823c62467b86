//! Signing keys: RS256, ES256, PS256 and EdDSA, persisted sealed, published as JWKS, rotated without a failed verification.
//!
//! A key is `next` (published, does not sign yet), `active` (signs) or `retired` (published until its last token has expired); which of
//! these follows from its dates ([`Phase`]). The keyring keeps the keys parsed in memory and reads them again every few seconds of use, so
//! that replicas follow each other without messages. Deliberately absent: keys of clients, and encryption.

pub(in crate::oidc) mod alg;
mod failure;
pub(in crate::oidc) mod keyring;
mod rotation;
mod rotation_policy;
mod signature_cache;
pub(in crate::oidc) mod signing_key;
mod store;
pub(in crate::oidc) mod verifying_key;

pub use alg::Alg;
pub use failure::KeyFailure;
pub use keyring::Keyring;
pub use rotation::KeyView;
pub use rotation_policy::Phase;
#[cfg(test)]
pub use signing_key::SigningKey;
pub use verifying_key::Verification;

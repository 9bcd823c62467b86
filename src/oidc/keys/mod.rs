//! Signing keys: RS256, ES256, PS256 and EdDSA, persisted sealed, published as JWKS, rotated without a failed verification.
//!
//! A key is `next` (published, does not sign yet), `active` (signs) or `retired` (published until its last token died); which of these
//! follows from its dates ([`Phase`]). The ring keeps the keys parsed in memory and reads them again every few seconds of use, so that
//! replicas follow each other without messages. Deliberately absent: keys of clients, and encryption.

mod alg;
mod change;
mod failure;
mod material;
mod noted;
mod ring;
mod rotation;
mod store;
mod verify;

pub use alg::Alg;
pub use change::KeyView;
pub use failure::KeyFailure;
#[cfg(test)]
pub use material::SigningKey;
pub use ring::Keyring;
pub use rotation::Phase;
pub use verify::Judged;

//! Cryptography: digests, message authentication, sealing at rest, password hashes, one-time codes. Signing keys live with the protocol that publishes them
//! (`oidc::keys`).

pub mod digest;
pub mod failure;
pub mod mac;
pub mod password_hash;
pub mod seal;
pub mod totp;

//! Digests and sealing at rest. Signing keys live with the protocol that publishes them (`oidc::keys`).

pub mod digest;
pub mod failure;
pub mod seal;

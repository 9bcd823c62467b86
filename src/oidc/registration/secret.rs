//! What is kept of a client secret.

use super::Registrations;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, secret::Secret},
    oidc::client::AuthMethod,
};

/// Where secrets are sealed for.
pub const PLACE: &str = "client.secret";

/// A secret as it may be stored.
pub struct Kept {
    digest: String,
    sealed: String,
}

impl Kept {
    /// The columns `secret_digest` and `secret_sealed` of a client that proves itself this way: never more than the method needs.
    pub fn columns(self, method: AuthMethod) -> (Option<String>, Option<String>) {
        let sealed = (method == AuthMethod::ClientSecretJwt).then_some(self.sealed);
        (method.has_secret().then_some(self.digest), sealed)
    }
}

impl Registrations {
    pub(super) fn kept(&self, secret: &Secret<String>) -> Result<Kept> {
        let bytes = secret.expose().as_bytes();
        Ok(Kept {
            digest: sha256_base64url(bytes),
            sealed: self.sealer.seal(PLACE, bytes)?,
        })
    }
}

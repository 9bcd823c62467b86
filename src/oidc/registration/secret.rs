//! Storage of client secrets: as a digest, and sealed where the method needs the secret itself.

use crate::oidc::client::AuthMethod;

/// The place that secrets are sealed for.
pub const PLACE: &str = "client.secret";

/// A secret as it may be stored.
pub struct StoredSecret {
    pub(super) digest: String,
    pub(super) sealed: String,
}

impl StoredSecret {
    /// The columns `secret_digest` and `secret_sealed` of a client with this authentication method: never more than the method needs.
    pub fn columns(self, method: AuthMethod) -> (Option<String>, Option<String>) {
        let sealed = (method == AuthMethod::ClientSecretJwt).then_some(self.sealed);
        (method.has_secret().then_some(self.digest), sealed)
    }
}

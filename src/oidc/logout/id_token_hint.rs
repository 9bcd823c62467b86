//! Verification of `id_token_hint` (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 1.0 section 2).
//!
//! The token may be so old that its signing key was deleted: then nobody can verify any more whether it is ours. It is ignored, not
//! refused, because its sender did nothing wrong. What can be verified and is not ours is refused.

use serde::Deserialize;

use crate::{
    kernel::failure::Result,
    oidc::{keys::verifying_key::Verification, provider::Provider, token::id_token},
};

/// The result of the verification.
pub enum Hint {
    /// An ID token of ours, expired or not.
    Valid(HintClaims),
    /// Its key is not known (any more), and all else has our form: treated as if there were no hint.
    UnknownKey,
    /// Everything else: forged, `alg=none`, of another issuer, not an ID token.
    Invalid,
}

/// The claims of the ID token that are used.
#[derive(Deserialize)]
pub struct HintClaims {
    /// Issuer.
    iss: String,
    /// The user's `sub` for that client.
    pub sub: String,
    /// `client_id` of the client it was issued to.
    pub aud: String,
    /// The session's `sid` for that client.
    pub sid: Option<String>,
    /// When the person proved who they are, seconds.
    pub auth_time: Option<i64>,
    /// Expiry; signed userinfo has none, and is not accepted as a hint.
    #[expect(dead_code, reason = "it must be there; whether it has passed does not matter")]
    exp: i64,
}

impl Provider {
    /// Verifies a hint.
    ///
    /// # Errors
    /// When the keys have to be read again and the database does not answer.
    pub(in crate::oidc) async fn hint(&self, token: &str) -> Result<Hint> {
        if token.len() > id_token::LONGEST {
            return Ok(Hint::Invalid);
        }
        let issued_here = |claims: &HintClaims| claims.iss == self.issuer();
        Ok(match self.keyring().verify_or_unknown(token, "JWT").await? {
            Verification::Valid(claims) if issued_here(&claims) => Hint::Valid(claims),
            Verification::UnknownKey(claims) if issued_here(&claims) => Hint::UnknownKey,
            _ => Hint::Invalid,
        })
    }
}

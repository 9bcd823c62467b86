//! ID tokens that portals show us again (`id_token_hint`: OpenID Connect Core 3.1.2.1, RP-Initiated Logout 1.0 section 2).
//!
//! Such a token may be older than the key that signed it is kept: then nobody can tell any more whether it is ours. It says nothing, but whoever
//! shows it did nothing wrong. What can be judged and is not ours is refused.

use serde::Deserialize;

use crate::{
    kernel::failure::Result,
    oidc::{keys::verifying_key::Judged, provider::Provider},
};

/// No ID token of ours is longer.
const LONGEST: usize = 32 * 1024;

/// What a hint is worth.
pub enum Hint {
    /// An ID token of ours, expired or not.
    Ours(HintClaims),
    /// Its key is not known (any more), and all else is as we write it: as if there were no hint.
    Forgotten,
    /// Everything else: forged, `alg=none`, of another issuer, no ID token.
    Foreign,
}

/// The claims of an ID token that a hint is read for.
#[derive(Deserialize)]
pub struct HintClaims {
    /// Issuer.
    iss: String,
    /// Who.
    pub sub: String,
    /// Which client.
    pub aud: String,
    /// Which session, as that client calls it.
    pub sid: Option<String>,
    /// Signed userinfo has none, and is no hint.
    #[expect(dead_code, reason = "it must be there; whether it has passed does not matter")]
    exp: i64,
}

impl Provider {
    /// Reads a hint.
    ///
    /// # Errors
    /// When the keys have to be read again and the database does not answer.
    pub(in crate::oidc) async fn hint(&self, token: &str) -> Result<Hint> {
        if token.len() > LONGEST {
            return Ok(Hint::Foreign);
        }
        let issued_here = |claims: &HintClaims| claims.iss == self.issuer();
        Ok(match self.keyring().judge(token, "JWT").await? {
            Judged::Signed(claims) if issued_here(&claims) => Hint::Ours(claims),
            Judged::Forgotten(claims) if issued_here(&claims) => Hint::Forgotten,
            _ => Hint::Foreign,
        })
    }
}

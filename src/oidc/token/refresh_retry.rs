//! A refresh whose answer was lost, or that came twice at once: for some seconds the used token is answered with its successor again
//! (RFC 9700 §4.14.2 leaves it open how reuse is told from a retry).
//!
//! The successor's value is chosen before the used token is consumed, by one atomic `put_new`, so that parallel callers agree on it. It lies
//! in the ephemeral store under the used token's digest, sealed, and is gone after the window. Whether it was issued, and is unused, its row
//! decides.

use crate::{
    crypto::digest::sha256_base64url,
    kernel::{failure::Result, secret::Secret},
    oidc::{
        client::{AuthMethod, Client},
        provider::Provider,
        security_profile,
        store::model::RefreshToken,
    },
};

/// Key of the successor of the refresh token with this digest, and the place it is sealed for.
fn key(digest: &str) -> String {
    format!("refresh-successor:{digest}")
}

impl Provider {
    /// Whether a retry is told from reuse for this token: only where its sender proves more than the token, a client's credentials or the
    /// key it is bound to.
    fn may_retry(&self, client: &Client, token: &RefreshToken) -> bool {
        let proven = client.method != AuthMethod::None || token.grant.terms.dpop_jkt.is_some();
        proven && security_profile::rotates(client) && !self.deps().settings.refresh_retry.is_zero()
    }

    /// The value of the successor of an unused token, found under `digest`: for all who ask within the window the same.
    ///
    /// # Errors
    /// When the ephemeral store does not answer; nothing has been consumed then.
    pub(super) async fn choose_successor(
        &self,
        client: &Client,
        (digest, token): (&str, &RefreshToken),
    ) -> Result<Secret<String>> {
        let own = self.deps().entropy.token();
        if !self.may_retry(client, token) {
            return Ok(own);
        }
        let (ephemeral, window) = (&self.deps().ephemeral, self.deps().settings.refresh_retry);
        let place = key(digest);
        let sealed = self.deps().sealer.seal(&place, own.expose().as_bytes())?;
        if ephemeral.put_new(&place, sealed.as_bytes(), window).await? {
            return Ok(own);
        }
        let Some(chosen) = ephemeral.get(&place).await? else {
            return Ok(own);
        };
        // An earlier try may have failed at the database: the window counts from the try that succeeds.
        ephemeral.extend_if(&place, &chosen, window).await?;
        self.opened(&place, &chosen)
    }

    /// The successor that was issued for a used token, found under `digest`, if a retry may have it again. `None` is reuse: another kind of
    /// client, too late, or the successor was used itself.
    ///
    /// # Errors
    /// When a store does not answer.
    pub(super) async fn issued_successor(
        &self,
        client: &Client,
        (digest, token): (&str, &RefreshToken),
    ) -> Result<Option<Secret<String>>> {
        if !self.may_retry(client, token) {
            return Ok(None);
        }
        let place = key(digest);
        let Some(chosen) = self.deps().ephemeral.get(&place).await? else {
            return Ok(None);
        };
        let successor = self.opened(&place, &chosen)?;
        let row = sha256_base64url(successor.expose().as_bytes());
        let issued = self.store().find_refresh(&row).await?;
        let unused = issued.is_some_and(|next| next.grant.id == token.grant.id && !next.consumed);
        Ok(unused.then_some(successor))
    }

    fn opened(&self, place: &str, sealed: &[u8]) -> Result<Secret<String>> {
        self.deps().sealer.open_text(place, &String::from_utf8_lossy(sealed))
    }
}

//! Verifies DPoP proofs of requests: the key, the nonce, and the single use of the `jti` (replay protection).

use super::proof::{Expected, Proof, WINDOW};
use crate::oidc::dpop::failure::DpopFailure;
use crate::oidc::dpop::key::Thumbprint;
use crate::oidc::dpop::proof_target::ProofTarget;
use crate::{
    crypto::digest::sha256_base64url,
    oidc::{
        client::{AuthMethod, Client},
        failure::Fault,
        provider::Provider,
        security_profile,
    },
    store::Shelf,
};

impl Client {
    /// Whether its tokens must be bound to a key: by its registration (RFC 9449 §5.2) or its security profile.
    pub fn needs_dpop(&self) -> bool {
        security_profile::requires_dpop(self)
    }
}

impl Provider {
    /// The key this client's request proves; `None` without a `DPoP` header. `access_token` is the one that came with it. Two headers, or
    /// one that is not text, arrive here as an empty one and are malformed.
    ///
    /// # Errors
    /// `OP-251`…`OP-259` when there is a header and its proof is invalid.
    pub(in crate::oidc) async fn dpop_key(
        &self,
        client: &Client,
        sent: Option<&str>,
        place: ProofTarget<'_>,
        access_token: Option<&str>,
    ) -> Result<Option<Thumbprint>, Fault> {
        let Some(sent) = sent else { return Ok(None) };
        let now = self.deps().clock.now();
        let url = format!("{}{}", self.issuer(), place.path);
        let expected = Expected {
            client,
            method: place.method,
            url: &url,
            access_token,
            now,
        };
        let proof = Proof::read(sent, &expected)?;
        if let Some(nonce) = &proof.nonce
            && !self.nonces().is_current(nonce, now)
        {
            return Err(DpopFailure::NonceStale.into());
        }
        self.use_up(&proof, client).await?;
        Ok(Some(proof.thumbprint))
    }

    /// Consumes a proof. Of any number of parallel requests with the same proof one stores its `jti`, because `put_new` is one atomic step
    /// on both stores. It is stored for longer than its `iat` can be accepted, which is from a minute ahead to a minute behind.
    ///
    /// Proofs of public clients, which anybody may make in any number, lie on a shelf of their own and can push out one another only.
    async fn use_up(&self, proof: &Proof, client: &Client) -> Result<(), Fault> {
        let name = format!("{}.{}", proof.thumbprint.as_str(), proof.jti);
        let key = format!("dpop:{}", sha256_base64url(name.as_bytes()));
        let ephemeral = &self.deps().ephemeral;
        let first = match client.method {
            AuthMethod::None => ephemeral.put_new_on(Shelf::Proofs, &key, b"1", WINDOW * 3).await?,
            _ => ephemeral.put_new(&key, b"1", WINDOW * 3).await?,
        };
        if first {
            Ok(())
        } else {
            Err(DpopFailure::ProofUsed.into())
        }
    }

    /// The key a pushed request proves instead of naming it in `dpop_jkt` (RFC 9449 §10.1), to be kept as if it had been named; `named` is
    /// the `dpop_jkt` it has besides, if any.
    ///
    /// # Errors
    /// `OP-264` when `dpop_jkt` names another key; `OP-251`…`OP-259` as [`Provider::dpop_key`].
    pub(in crate::oidc) async fn pushed_key(
        &self,
        client: &Client,
        sent: Option<&str>,
        place: ProofTarget<'_>,
        named: Option<&str>,
    ) -> Result<Option<Thumbprint>, Fault> {
        let key = self.dpop_key(client, sent, place, None).await?;
        match (&key, named) {
            (Some(key), Some(named)) if named != key.as_str() => Err(DpopFailure::KeysDiffer.into()),
            _ => Ok(key),
        }
    }

    /// The value of a `DPoP-Nonce` header, to go with every answer to a proof.
    pub(in crate::oidc) fn dpop_nonce(&self) -> Option<String> {
        self.nonces().current(self.deps().clock.now()).ok()
    }
}

//! A client's JWKS: from its registration, or fetched from its own server (`jwks_uri`) and cached.
//!
//! Anonymous requests can cause a fetch (they need only claim to be the client), so calls to the client's server are limited: one at a time
//! from this process, one refetch for a changed set in half a minute, a pause after a failure.

use super::jwt::Jwt;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::{Failure, Result},
    oidc::{client::Client, provider::Provider},
    outbound::OutboundFailure,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a fetched set is cached.
const JWKS_TTL: Duration = Duration::from_secs(5 * 60);

/// A signature that no cached key verifies causes a refetch at most this often.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(30);

/// After a failure the client's server is not called for this long.
const PAUSE: Duration = Duration::from_secs(10);

/// Why a signature was not verified.
#[derive(Debug)]
pub enum SignatureError {
    /// None of the client's keys verifies this signature.
    NoMatchingKey,
    /// The keys could not be fetched from the client's server.
    KeysUnreachable(Failure),
    /// An internal failure.
    Internal(Failure),
}

impl From<Failure> for SignatureError {
    fn from(failure: Failure) -> Self {
        Self::Internal(failure)
    }
}

impl Provider {
    /// The claims of a JWT that this client signed with a private key.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub(in crate::oidc) async fn verify_client_jwt(
        &self,
        client: &Client,
        jwt: &Jwt<'_>,
    ) -> Result<Map<String, Value>, SignatureError> {
        if let Some(jwks) = &client.metadata.jwks {
            return jwt.verify_with_jwks(jwks).ok_or(SignatureError::NoMatchingKey);
        }
        let address = client
            .metadata
            .jwks_uri
            .as_deref()
            .ok_or(SignatureError::NoMatchingKey)?;
        let known = self.cached_jwks(address).await?;
        if let Some(claims) = known.and_then(|jwks| jwt.verify_with_jwks(&jwks)) {
            return Ok(claims);
        }
        let flight = self.single_flights().of(client.id);
        let _guard = flight.lock().await;
        // A caller that waited finds here what the one before fetched.
        if let Some(jwks) = self.cached_jwks(address).await? {
            if let Some(claims) = jwt.verify_with_jwks(&jwks) {
                return Ok(claims);
            }
            let again = format!("client-keys-again:{}", client.id);
            if !self.deps().ephemeral.put_new(&again, b"1", LOOK_AGAIN_EVERY).await? {
                return Err(SignatureError::NoMatchingKey);
            }
        }
        let jwks = self.fetch_jwks(address).await?;
        jwt.verify_with_jwks(&jwks).ok_or(SignatureError::NoMatchingKey)
    }

    async fn cached_jwks(&self, address: &str) -> Result<Option<Value>> {
        let kept = self.deps().ephemeral.get(&cache_key("client-keys", address)).await?;
        Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn fetch_jwks(&self, address: &str) -> Result<Value, SignatureError> {
        let ephemeral = &self.deps().ephemeral;
        let failed = cache_key("client-keys-failed", address);
        if ephemeral.get(&failed).await?.is_some() {
            let failure = OutboundFailure::Unreachable.failure();
            return Err(SignatureError::KeysUnreachable(failure.cause("it failed a moment ago")));
        }
        match self.deps().outbound.get_json(address).await {
            Ok(jwks) => {
                let bytes = serde_json::to_vec(&jwks).unwrap_or_default();
                ephemeral
                    .put(&cache_key("client-keys", address), &bytes, JWKS_TTL)
                    .await?;
                Ok(jwks)
            }
            Err(failure) => {
                ephemeral.put(&failed, b"1", PAUSE).await?;
                Err(SignatureError::KeysUnreachable(failure))
            }
        }
    }
}

/// Key in the ephemeral store, by a digest: an address is of any length, a key is not.
fn cache_key(kind: &str, address: &str) -> String {
    format!("{kind}:{}", sha256_base64url(address.as_bytes()))
}

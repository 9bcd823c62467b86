//! Where a client's keys come from: its registration, or its own server (`jwks_uri`), remembered for a while.
//!
//! Strangers can make us look (they need only claim to be the client), so the client's server hears little of them: one call at a time from
//! this process, one look for a changed set in half a minute, a pause after a failure.

use super::jwt::Jwt;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::{Failure, Result},
    oidc::{client::Client, provider::Provider},
    outbound::OutboundFailure,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// How long a fetched set serves.
const REMEMBERED: Duration = Duration::from_secs(5 * 60);

/// A signature no known key made leads to another look at most this often.
const LOOK_AGAIN_EVERY: Duration = Duration::from_secs(30);

/// A server that failed is left alone this long.
const PAUSE: Duration = Duration::from_secs(10);

/// Why nothing is proven.
#[derive(Debug)]
pub enum Unproven {
    /// None of the client's keys made this signature.
    Foreign,
    /// The client's server did not give its keys.
    Unreachable(Failure),
    /// Trouble of ours.
    Broken(Failure),
}

impl From<Failure> for Unproven {
    fn from(failure: Failure) -> Self {
        Self::Broken(failure)
    }
}

impl Provider {
    /// The claims of a JWT that this client signed with a private key.
    ///
    /// # Errors
    /// [`Unproven`].
    pub(in crate::oidc) async fn signed_by(
        &self,
        client: &Client,
        jwt: &Jwt<'_>,
    ) -> Result<Map<String, Value>, Unproven> {
        if let Some(jwks) = &client.metadata.jwks {
            return jwt.signed_by(jwks).ok_or(Unproven::Foreign);
        }
        let address = client.metadata.jwks_uri.as_deref().ok_or(Unproven::Foreign)?;
        let known = self.remembered(address).await?;
        if let Some(claims) = known.and_then(|jwks| jwt.signed_by(&jwks)) {
            return Ok(claims);
        }
        let flight = self.single_flights().of(client.id);
        let _landed = flight.lock().await;
        // Whoever waited finds here what the one before brought.
        if let Some(jwks) = self.remembered(address).await? {
            if let Some(claims) = jwt.signed_by(&jwks) {
                return Ok(claims);
            }
            let again = format!("client-keys-again:{}", client.id);
            if !self.deps().ephemeral.put_new(&again, b"1", LOOK_AGAIN_EVERY).await? {
                return Err(Unproven::Foreign);
            }
        }
        let jwks = self.fetched(address).await?;
        jwt.signed_by(&jwks).ok_or(Unproven::Foreign)
    }

    async fn remembered(&self, address: &str) -> Result<Option<Value>> {
        let kept = self.deps().ephemeral.get(&place("client-keys", address)).await?;
        Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn fetched(&self, address: &str) -> Result<Value, Unproven> {
        let ephemeral = &self.deps().ephemeral;
        let failed = place("client-keys-failed", address);
        if ephemeral.get(&failed).await?.is_some() {
            let failure = OutboundFailure::Unreachable.failure();
            return Err(Unproven::Unreachable(failure.cause("it failed a moment ago")));
        }
        match self.deps().outbound.get_json(address).await {
            Ok(jwks) => {
                let bytes = serde_json::to_vec(&jwks).unwrap_or_default();
                ephemeral
                    .put(&place("client-keys", address), &bytes, REMEMBERED)
                    .await?;
                Ok(jwks)
            }
            Err(failure) => {
                ephemeral.put(&failed, b"1", PAUSE).await?;
                Err(Unproven::Unreachable(failure))
            }
        }
    }
}

/// An address is of any length; a key is not.
fn place(kind: &str, address: &str) -> String {
    format!("{kind}:{}", sha256_base64url(address.as_bytes()))
}

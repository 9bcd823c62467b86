//! Authorization codes: issued once, redeemed once.
//!
//! A code lives in the ephemeral store under its digest. Its grant's id is chosen when it is issued, so that every caller who tries to
//! redeem it writes the same tombstone, and whoever meets the tombstone knows which family to end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::terms::Terms;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{clock::Timestamp, failure::Result, secret::Secret},
    store::{Ephemeral, failure::StoreFailure},
};

/// How long a redeemed code is remembered at least, so that a late replay is seen as what it is.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// What a code stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    /// Id the grant will have.
    pub grant: Uuid,
    /// Which portal.
    pub client: Uuid,
    /// As in the authorization request, character by character.
    pub redirect_uri: String,
    /// S256 challenge, if there was one.
    pub challenge: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Granted scope.
    pub scope: String,
    /// Agreed besides the scope.
    #[serde(default)]
    pub terms: Terms,
    /// Session it was issued in.
    pub session: Uuid,
    /// Who.
    pub user: Uuid,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
}

/// What lies under a code's digest.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Found {
    /// Not redeemed yet.
    Live(Box<Code>),
    /// Redeemed; by whom it may be.
    Spent {
        /// The family that was issued for it.
        grant: Uuid,
        /// Whose code it was.
        client: Uuid,
        /// S256 challenge, if there was one: whoever cannot answer it only saw the code somewhere.
        #[serde(default)]
        challenge: Option<String>,
    },
}

/// The codes of this provider.
#[derive(Clone)]
pub struct Codes {
    ephemeral: Ephemeral,
    lifetime: Duration,
}

impl Codes {
    /// Codes in this store with this life.
    pub const fn new(ephemeral: Ephemeral, lifetime: Duration) -> Self {
        Self { ephemeral, lifetime }
    }

    /// Codes that live no longer than this.
    #[must_use]
    pub fn at_most(mut self, longest: Duration) -> Self {
        self.lifetime = self.lifetime.min(longest);
        self
    }

    /// Keeps what `secret` shall stand for.
    ///
    /// # Errors
    /// When the store does not answer; so for all here.
    pub async fn issue(&self, secret: &Secret<String>, code: Code) -> Result<()> {
        let value = serde_json::to_vec(&Found::Live(Box::new(code))).unwrap_or_default();
        self.ephemeral.put(&key(secret.expose()), &value, self.lifetime).await
    }

    /// What lies under a code; consumes nothing.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn peek(&self, secret: &str) -> Result<Option<Found>> {
        read(self.ephemeral.get(&key(secret)).await?)
    }

    /// Leaves the tombstone and returns what was there before: of any number of parallel callers exactly one gets [`Found::Live`],
    /// because the exchange is one atomic step on both stores. `None`: its life ended since the look.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn redeem(&self, secret: &str, code: &Code) -> Result<Option<Found>> {
        let tombstone = Found::Spent {
            grant: code.grant,
            client: code.client,
            challenge: code.challenge.clone(),
        };
        let tombstone = serde_json::to_vec(&tombstone).unwrap_or_default();
        let ttl = REMEMBERED.max(self.lifetime);
        read(self.ephemeral.exchange(&key(secret), &tombstone, ttl).await?)
    }

    /// Notes that the grant must die. The loser of a race may come here before the winner has written the grant's row; see
    /// [`Codes::is_marked_for_revocation`].
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn mark_for_revocation(&self, grant: Uuid) -> Result<()> {
        self.ephemeral
            .put(&condemned(grant), b"1", REMEMBERED.max(self.lifetime))
            .await
    }

    /// Whether somebody used the code a second time. Loser: condemn, then revoke the row. Winner: write the row, then ask this. In
    /// whatever order these four happen, either the revocation finds the row or this finds the note.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn is_marked_for_revocation(&self, grant: Uuid) -> Result<bool> {
        Ok(self.ephemeral.get(&condemned(grant)).await?.is_some())
    }
}

fn key(secret: &str) -> String {
    format!("code:{}", sha256_base64url(secret.as_bytes()))
}

fn condemned(grant: Uuid) -> String {
    format!("condemned:{grant}")
}

fn read(value: Option<Vec<u8>>) -> Result<Option<Found>> {
    let Some(value) = value else { return Ok(None) };
    let found = serde_json::from_slice(&value).map_err(|error| StoreFailure::Corrupt.failure().cause(error))?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{Code, Codes};
    use crate::{
        kernel::{
            clock::{Clock, Timestamp},
            secret::Secret,
        },
        store::Ephemeral,
    };

    /// FAPI 2.0 Security Profile §5.3.2.1: at most 60 seconds, whatever the operator set.
    #[tokio::test]
    async fn a_profile_shortens_the_life_of_a_code_and_never_lengthens_it() {
        let clock = Clock::manual(Timestamp::from_secs(1_000));
        let codes = Codes::new(Ephemeral::memory(clock.clone()), Duration::from_secs(300));
        let code = Code {
            grant: Uuid::nil(),
            client: Uuid::nil(),
            redirect_uri: String::new(),
            challenge: None,
            nonce: None,
            scope: String::new(),
            terms: Default::default(),
            session: Uuid::nil(),
            user: Uuid::nil(),
            auth_time: clock.now(),
        };
        let (short, usual) = (Secret::new("a".to_owned()), Secret::new("b".to_owned()));
        let limited = codes.clone().at_most(Duration::from_secs(60));
        limited.issue(&short, code.clone()).await.unwrap();
        codes.at_most(Duration::MAX).issue(&usual, code).await.unwrap();
        clock.advance(Duration::from_secs(61));
        assert!(limited.peek("a").await.unwrap().is_none());
        assert!(limited.peek("b").await.unwrap().is_some());
    }
}

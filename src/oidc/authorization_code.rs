//! Authorization codes (RFC 6749 §4.1.2): issued once, redeemed once; reuse of a code is detected by a tombstone.
//!
//! A code is kept in the ephemeral store under its digest. The id of its grant is chosen when it is issued, so that every caller who tries
//! to redeem it writes the same tombstone, and a caller who finds the tombstone knows which token family to revoke.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::terms::GrantTerms;
use crate::{
    crypto::digest::sha256_base64url,
    kernel::{clock::Timestamp, entropy::Entropy, failure::Result, secret::Secret, spans},
    store::Ephemeral,
};

/// Shortest time the tombstone of a redeemed code is kept, so that a late replay is recognised as one.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// What an authorization code was issued for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    /// Id the grant will have.
    pub grant: Uuid,
    /// Row id of the client.
    pub client: Uuid,
    /// `redirect_uri` of the authorization request, character by character.
    pub redirect_uri: String,
    /// S256 challenge, if there was one.
    pub challenge: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Granted scope.
    pub scope: String,
    /// What was agreed besides the scope.
    #[serde(default)]
    pub terms: GrantTerms,
    /// Session it was issued in.
    pub session: Uuid,
    /// Row id of the user.
    pub user: Uuid,
    /// When the person proved who they are.
    pub auth_time: Timestamp,
    /// When it was issued.
    #[serde(default = "long_ago")]
    pub issued_at: Timestamp,
    /// The `traceparent` of the request that issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// The moment of a code that does not say when it was issued.
const fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

impl Code {
    /// The same code under another grant. Whether a transaction that failed was committed is not always known: its grant may exist.
    #[must_use]
    pub fn renamed(mut self, entropy: &Entropy, now: Timestamp) -> Self {
        self.grant = entropy.id(now);
        self
    }
}

/// What is stored under a code's digest.
#[derive(Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CodeState {
    /// Not redeemed yet.
    Live(Box<Code>),
    /// The tombstone of a redeemed code, with what a replay is checked against.
    Spent {
        /// The family that was issued for it.
        grant: Uuid,
        /// Row id of the client the code was issued to.
        client: Uuid,
        /// S256 challenge, if there was one: a caller without the verifier only saw the code somewhere, and ends nothing.
        #[serde(default)]
        challenge: Option<String>,
    },
}

/// The store of authorization codes.
#[derive(Clone)]
pub struct Codes {
    ephemeral: Ephemeral,
    lifetime: Duration,
}

impl Codes {
    /// Codes kept in this store, with this lifetime.
    pub const fn new(ephemeral: Ephemeral, lifetime: Duration) -> Self {
        Self { ephemeral, lifetime }
    }

    /// The same store with the lifetime cut to at most this.
    #[must_use]
    pub fn at_most(mut self, longest: Duration) -> Self {
        self.lifetime = self.lifetime.min(longest);
        self
    }

    /// Stores what the code `secret` was issued for.
    ///
    /// # Errors
    /// When the store does not answer; so for all here.
    pub async fn issue(&self, secret: &Secret<String>, code: Code) -> Result<()> {
        let live = CodeState::Live(Box::new(code));
        self.ephemeral
            .put_json(&key(secret.expose()), &live, self.lifetime)
            .await
    }

    /// Reads what is stored under a code; consumes nothing.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn peek(&self, secret: &str) -> Result<Option<CodeState>> {
        let found = self.ephemeral.get_json(&key(secret)).await?;
        if let Some(CodeState::Live(code)) = &found {
            spans::adopt(code.trace.as_deref());
        }
        Ok(found)
    }

    /// Redeems a code: writes the tombstone and returns what was there before. Of any number of parallel callers exactly one gets
    /// [`CodeState::Live`], because the exchange is one atomic step on both stores. `None`: the code expired since it was read.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn redeem(&self, secret: &str, code: &Code) -> Result<Option<CodeState>> {
        let tombstone = CodeState::Spent {
            grant: code.grant,
            client: code.client,
            challenge: code.challenge.clone(),
        };
        let ttl = REMEMBERED.max(self.lifetime);
        self.ephemeral.exchange_json(&key(secret), &tombstone, ttl).await
    }

    /// Puts a code back whose grant could not be written, in place of its tombstone, for the rest of its life.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn put_back(&self, secret: &str, code: Code, now: Timestamp) -> Result<()> {
        let left = self.lifetime.saturating_sub(now.since(code.issued_at));
        if left.is_zero() {
            return Ok(());
        }
        let live = CodeState::Live(Box::new(code));
        self.ephemeral.exchange_json(&key(secret), &live, left).await.map(drop)
    }

    /// Marks the grant of a reused code for revocation. The loser of a race may call this before the winner has written the grant's row;
    /// see [`Codes::is_marked_for_revocation`].
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn mark_for_revocation(&self, grant: Uuid) -> Result<()> {
        self.ephemeral
            .put(&revocation_mark_key(grant), b"1", REMEMBERED.max(self.lifetime))
            .await
    }

    /// Whether the code of this grant was used a second time. Race: the loser marks the grant, then revokes the row; the winner writes the
    /// row, then calls this. In whatever order these four happen, either the revocation finds the row or this finds the mark.
    ///
    /// # Errors
    /// See [`Codes::issue`].
    pub async fn is_marked_for_revocation(&self, grant: Uuid) -> Result<bool> {
        Ok(self.ephemeral.get(&revocation_mark_key(grant)).await?.is_some())
    }
}

fn key(secret: &str) -> String {
    format!("code:{}", sha256_base64url(secret.as_bytes()))
}

fn revocation_mark_key(grant: Uuid) -> String {
    format!("condemned:{grant}")
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
            issued_at: clock.now(),
            trace: None,
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

//! Lockout (brute-force protection): counts failed password and code attempts per username and per client address, in the ephemeral store,
//! so that all replicas count together.
//!
//! An attempt is counted before anything is checked and taken back when it succeeds: of any number of parallel attempts no more are checked
//! than the limit allows. Usernames that do not exist are counted like any other, so that a lock does not tell which users exist.
//!
//! A trusted browser, which proved itself for this user before ([`trusted_browser`](super::trusted_browser)), has a counter of its own: no
//! other client can lock it out, neither by trying that username nor by sharing its address.

use std::net::IpAddr;

use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::journey::Journeys,
    web::{client_address::networks, rate_limit::RateLimit},
};

/// Whose attempt it is: the counters it belongs to.
pub(super) struct AttemptScope<'a> {
    /// The username as typed, trimmed and lower-cased.
    pub username_key: &'a str,
    /// What is counted instead of the username: a trusted browser's record id, or a user's code attempts; `None` for any other client.
    pub mark: Option<&'a str>,
    /// Client address.
    pub address: Option<IpAddr>,
}

/// A counted attempt whose credentials may now be checked.
pub(super) struct CountedAttempt {
    /// Digest of what it is counted for: a username, a trusted browser, or a user's code attempts.
    who: String,
    /// Client address that is counted too; `None` for a trusted browser, whose attempts count for no address.
    from: Option<Option<IpAddr>>,
    count: u64,
}

impl CountedAttempt {
    fn failures(&self) -> String {
        format!("password:user:{}", self.who)
    }

    fn lock(&self) -> String {
        lock_key(&self.who)
    }

    /// Key of the counter of an address's failures that were at this username.
    fn address_share(&self, from: Option<IpAddr>) -> String {
        let place = networks(from).into_iter().next().map(|(place, _)| place);
        format!("password:share:{}:{}", place.unwrap_or_default(), self.who)
    }
}

fn lock_key(who: &str) -> String {
    format!("password:locked:{who}")
}

/// The username as a digest, so that the key has one length whatever was typed.
fn name_digest(username_key: &str) -> String {
    sha256_base64url(username_key.as_bytes())
}

impl Journeys {
    fn per_address(&self) -> RateLimit<'static> {
        RateLimit {
            name: "password:address",
            limit: self.deps.passwords.settings.address_failures,
            window: self.deps.passwords.settings.window,
        }
    }

    /// Counts an attempt; `None` when the username, the trusted browser or the address is locked. A refused attempt is not counted, so the
    /// counters never run ahead of what was checked.
    pub(super) async fn attempt(&self, tries: &AttemptScope<'_>) -> Result<Option<CountedAttempt>> {
        let (store, settings) = (&self.deps.ephemeral, &self.deps.passwords.settings);
        let mut attempt = CountedAttempt {
            // The record's id is sealed in the cookie, so nobody can type a username that shares its counter.
            who: name_digest(
                &tries
                    .mark
                    .map_or(tries.username_key.to_owned(), |mark| format!("known\n{mark}")),
            ),
            from: tries.mark.is_none().then_some(tries.address),
            count: 0,
        };
        if store.get(&attempt.lock()).await?.is_some() {
            return Ok(None);
        }
        if let Some(from) = attempt.from
            && !self.per_address().try_acquire(store, from).await?
        {
            return Ok(None);
        }
        attempt.count = store.increment_lasting(&attempt.failures(), settings.window).await?;
        if attempt.count > settings.user_failures {
            self.attempt_undone(&attempt).await?;
            return Ok(None);
        }
        Ok(Some(attempt))
    }

    /// Records a wrong attempt: it stays counted, and the last one allowed locks the username or the browser. The counter stays too: if it
    /// were removed now, attempts that passed the lock check a moment ago would begin a new count.
    pub(super) async fn attempt_failed(&self, attempt: &CountedAttempt) -> Result<()> {
        let (store, settings) = (&self.deps.ephemeral, &self.deps.passwords.settings);
        if let Some(from) = attempt.from {
            store.increment(&attempt.address_share(from), settings.window).await?;
        }
        if attempt.count >= settings.user_failures {
            store.put(&attempt.lock(), b"1", settings.lockout).await?;
        }
        Ok(())
    }

    /// Records a right first factor: no failure of that address. The user's counter stays until every factor is proven, or somebody who
    /// knows the password could reset it between guesses at the code.
    pub(super) async fn attempt_passed(&self, attempt: &CountedAttempt) -> Result<()> {
        match attempt.from {
            Some(from) => self.per_address().release(&self.deps.ephemeral, from, 1).await,
            None => Ok(()),
        }
    }

    /// Records a complete sign-in: the failures so far were the person's own mistakes and are removed, also those counted for their
    /// address, which a whole office may share. Failures at other usernames stay. Taking the address's share is atomic, so that of parallel
    /// successes only one takes it back.
    pub(super) async fn attempt_proven(&self, attempt: &CountedAttempt) -> Result<()> {
        self.attempt_passed(attempt).await?;
        if let Some(from) = attempt.from {
            let address_share = self.deps.ephemeral.take(&attempt.address_share(from)).await?;
            let address_share = address_share.and_then(|digits| String::from_utf8(digits).ok()?.parse().ok());
            let slips = address_share
                .unwrap_or(0)
                .min(self.deps.passwords.settings.user_failures);
            self.per_address().release(&self.deps.ephemeral, from, slips).await?;
        }
        self.forget_failures(&attempt.who).await
    }

    /// Takes an attempt back that was not checked after all.
    pub(super) async fn attempt_undone(&self, attempt: &CountedAttempt) -> Result<()> {
        self.deps.ephemeral.decrement(&attempt.failures()).await?;
        self.attempt_passed(attempt).await
    }

    /// Unlocks a user who was given a new password.
    pub(super) async fn unlock(&self, username: &str) -> Result<()> {
        self.forget_failures(&name_digest(&username.to_lowercase())).await
    }

    async fn forget_failures(&self, who: &str) -> Result<()> {
        self.deps.ephemeral.take(&format!("password:user:{who}")).await?;
        self.deps.ephemeral.take(&lock_key(who)).await?;
        Ok(())
    }
}

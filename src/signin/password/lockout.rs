//! Failures are counted per username and per address, in the ephemeral store, so that all replicas count together.
//!
//! A try is counted before anything is checked and taken back when it succeeds: of any number of parallel tries no more are checked than the
//! bound allows. Names nobody has are counted like any other, so that a lock tells nothing about who exists.
//!
//! A browser that proved itself for this user before ([`trusted_browser`](super::trusted_browser)) is counted by itself: no stranger can lock it out, neither by
//! trying that name nor by sharing its address.

use std::net::IpAddr;

use crate::{
    crypto::digest::sha256_base64url,
    kernel::failure::Result,
    signin::journey::Journeys,
    web::{client_address::networks, rate_limit::RateLimit},
};

/// Whose try it is.
pub(super) struct Tries<'a> {
    /// What was typed as a name, folded.
    pub username_key: &'a str,
    /// Mark of a browser known for that name.
    pub mark: Option<&'a str>,
    /// Where from.
    pub address: Option<IpAddr>,
}

/// A try that may be checked.
pub(super) struct Attempt {
    /// What it counts for, digested: a name, or a known browser.
    who: String,
    /// A stranger's counts for this address too.
    from: Option<Option<IpAddr>>,
    count: u64,
}

impl Attempt {
    fn failures(&self) -> String {
        format!("password:user:{}", self.who)
    }

    fn lock(&self) -> String {
        lock_key(&self.who)
    }

    /// The part of an address's failures that were at this name.
    fn address_share(&self, from: Option<IpAddr>) -> String {
        let place = networks(from).into_iter().next().map(|(place, _)| place);
        format!("password:share:{}:{}", place.unwrap_or_default(), self.who)
    }
}

fn lock_key(who: &str) -> String {
    format!("password:locked:{who}")
}

/// A digest: whatever somebody typed, the key has one length.
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

    /// Counts a try; `None` when the name, the known browser or the address is locked. A refused try is not counted, so the counters never run
    /// ahead of what was checked.
    pub(super) async fn attempt(&self, tries: &Tries<'_>) -> Result<Option<Attempt>> {
        let (store, settings) = (&self.deps.ephemeral, &self.deps.passwords.settings);
        let mut attempt = Attempt {
            // Nobody sees a mark, so nobody can type what is counted with a browser.
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
        attempt.count = store.increment(&attempt.failures(), settings.window).await?;
        if attempt.count > settings.user_failures {
            self.attempt_undone(&attempt).await?;
            return Ok(None);
        }
        Ok(Some(attempt))
    }

    /// It was wrong: it stays counted, and the last one allowed locks the name or the browser. The counter stays too: taken away now, tries that
    /// passed the lock a moment ago would begin a new count.
    pub(super) async fn attempt_failed(&self, attempt: &Attempt) -> Result<()> {
        let (store, settings) = (&self.deps.ephemeral, &self.deps.passwords.settings);
        if let Some(from) = attempt.from {
            store.increment(&attempt.address_share(from), settings.window).await?;
        }
        if attempt.count >= settings.user_failures {
            store.put(&attempt.lock(), b"1", settings.lockout).await?;
        }
        Ok(())
    }

    /// It was right as far as it went: no failure of that address. The user's counter stays until everything is proven, or somebody who knows
    /// the password could reset it between guesses at the code.
    pub(super) async fn attempt_passed(&self, attempt: &Attempt) -> Result<()> {
        match attempt.from {
            Some(from) => self.per_address().release(&self.deps.ephemeral, from, 1).await,
            None => Ok(()),
        }
    }

    /// Everything is proven: these failures were the person's own slips and are forgotten, also those counted for their address, which a whole
    /// office may share. Failures at other names stay. Whoever takes the share takes it back, so that of parallel successes one does.
    pub(super) async fn attempt_proven(&self, attempt: &Attempt) -> Result<()> {
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

    /// It was not checked after all.
    pub(super) async fn attempt_undone(&self, attempt: &Attempt) -> Result<()> {
        self.deps.ephemeral.decrement(&attempt.failures()).await?;
        self.attempt_passed(attempt).await
    }

    /// Unlocks a user, who was given a new password.
    pub(super) async fn unlock(&self, username: &str) -> Result<()> {
        self.forget_failures(&name_digest(&username.to_lowercase())).await
    }

    async fn forget_failures(&self, who: &str) -> Result<()> {
        self.deps.ephemeral.take(&format!("password:user:{who}")).await?;
        self.deps.ephemeral.take(&lock_key(who)).await?;
        Ok(())
    }
}

//! Failures are counted per username and per address, in the ephemeral store, so that all replicas count together.
//!
//! A try is counted before anything is checked and taken back when it succeeds: of any number of parallel tries no more are checked than the
//! bound allows. Names nobody has are counted like any other, so that a lock tells nothing about who exists.

use std::net::IpAddr;

use crate::{
    crypto::digest::sha256_base64url, kernel::failure::Result, signin::journey::Journeys, web::address::neighbourhood,
};

/// A try that may be checked.
pub struct Attempt {
    user: String,
    address: String,
    count: u64,
}

fn lock_key(user: &str) -> String {
    format!("password:locked:{user}")
}

impl Journeys {
    /// Counts a try; `None` when the name or the address is locked. A refused try is not counted, so the counters never run ahead of what was
    /// checked.
    pub(super) async fn attempt(&self, username_key: &str, address: Option<IpAddr>) -> Result<Option<Attempt>> {
        let store = &self.parts.ephemeral;
        let settings = &self.parts.passwords.settings;
        // A digest: whatever somebody typed, the key has one length.
        let name = sha256_base64url(username_key.as_bytes());
        if store.get(&lock_key(&name)).await?.is_some() {
            return Ok(None);
        }
        let address = address.map_or_else(|| "unknown".to_owned(), |address| neighbourhood(address).to_string());
        let address = format!("password:address:{address}");
        let user = format!("password:user:{name}");
        if store.increment(&address, settings.window).await? > settings.address_failures {
            store.decrement(&address).await?;
            return Ok(None);
        }
        let count = store.increment(&user, settings.window).await?;
        if count > settings.user_failures {
            store.decrement(&user).await?;
            store.decrement(&address).await?;
            return Ok(None);
        }
        Ok(Some(Attempt {
            user: name,
            address,
            count,
        }))
    }

    /// It was wrong: it stays counted, and the last one allowed locks the user. The counter stays too: taken away now, tries that passed the
    /// lock a moment ago would begin a new count.
    pub(super) async fn attempt_failed(&self, attempt: &Attempt) -> Result<()> {
        let settings = &self.parts.passwords.settings;
        if attempt.count >= settings.user_failures {
            let key = lock_key(&attempt.user);
            self.parts.ephemeral.put(&key, b"1", settings.lockout).await?;
        }
        Ok(())
    }

    /// It was right as far as it went: no failure of that address. The user's counter stays until everything is proven, or somebody who knows
    /// the password could reset it between guesses at the code.
    pub(super) async fn attempt_passed(&self, attempt: &Attempt) -> Result<()> {
        self.parts.ephemeral.decrement(&attempt.address).await
    }

    /// Everything is proven: the user's failures are forgotten, the address's are not.
    pub(super) async fn attempt_proven(&self, attempt: &Attempt) -> Result<()> {
        self.attempt_passed(attempt).await?;
        self.forget_failures(&attempt.user).await
    }

    /// It was not checked after all.
    pub(super) async fn attempt_undone(&self, attempt: &Attempt) -> Result<()> {
        let user = format!("password:user:{}", attempt.user);
        self.parts.ephemeral.decrement(&user).await?;
        self.attempt_passed(attempt).await
    }

    /// Unlocks a user, who was given a new password.
    pub(super) async fn unlock(&self, username: &str) -> Result<()> {
        let name = sha256_base64url(username.to_lowercase().as_bytes());
        self.forget_failures(&name).await
    }

    async fn forget_failures(&self, name: &str) -> Result<()> {
        self.parts.ephemeral.take(&format!("password:user:{name}")).await?;
        self.parts.ephemeral.take(&lock_key(name)).await?;
        Ok(())
    }
}

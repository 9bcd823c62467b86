//! Lease: a distributed lock with expiry on one job, held by at most one replica at a time and lost by itself when its holder dies.

use std::time::Duration;

use super::ephemeral::Ephemeral;
use crate::kernel::{entropy::Entropy, failure::Result};

/// A lease that is held. Dropping it without [`Lease::release`] lets it expire.
pub struct Lease {
    key: String,
    holder: String,
    ttl: Duration,
    store: Ephemeral,
}

impl Lease {
    /// Takes the lease on `job` for `ttl`, unless somebody holds it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn acquire(store: &Ephemeral, entropy: &Entropy, job: &str, ttl: Duration) -> Result<Option<Self>> {
        let key = key(job);
        let holder = entropy.hex_id();
        let won = store.put_new(&key, holder.as_bytes(), ttl).await?;
        Ok(won.then(|| Self {
            key,
            holder,
            ttl,
            store: store.clone(),
        }))
    }

    /// Takes the lease on `job` from whoever holds it, who is known to be dead.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn revoke(store: &Ephemeral, job: &str) -> Result<()> {
        store.take(&key(job)).await.map(drop)
    }

    /// Prolongs the lease by its full term; false when it was lost meanwhile, and the holder must stop.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn renew(&self) -> Result<bool> {
        self.store.extend_if(&self.key, self.holder.as_bytes(), self.ttl).await
    }

    /// Releases the lease, if it is still ours.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release(self) -> Result<()> {
        self.store
            .remove_if(&self.key, self.holder.as_bytes())
            .await
            .map(|_| ())
    }
}

fn key(job: &str) -> String {
    format!("lease:{job}")
}

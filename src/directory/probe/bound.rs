//! How many credentials may be tried: of one admin within a minute, and of all together within an hour. WeCom blocks the address of this
//! server for an hour when about 2000 wrong secrets came from it (reference 1.2). A counter that does not answer keeps nobody from saving.

use std::time::Duration;

use super::{failure::ProbeFailure, model::Probed};
use crate::{kernel::failure::Result, store::Ephemeral};

/// The window of one admin's bounds.
const WINDOW: Duration = Duration::from_secs(60);
/// Credentials that one admin may have probed in it, at once or one after the other.
const MOST_PROBES: u64 = 60;
/// Of them, such that WeCom refused, after which no more are tried.
const MOST_REFUSED: u64 = 10;
/// The window of the bound of all.
const HOUR: Duration = Duration::from_secs(3600);
/// Credentials that WeCom refused in it, whoever entered them.
const MOST_REFUSED_OF_ALL: u64 = 200;
/// For how long no entered credential is tried after WeCom throttled `gettoken` (45009).
const QUIET: Duration = Duration::from_secs(300);

const REFUSED_OF_ALL: &str = "probes-refused-of-all";
const QUIET_KEY: &str = "probes-quiet";

/// Counts what one admin has probed.
pub(in crate::directory) struct Bound<'a> {
    store: &'a Ephemeral,
    probes: String,
    refused: String,
}

impl<'a> Bound<'a> {
    pub(in crate::directory) fn of(store: &'a Ephemeral, actor: &str) -> Self {
        Self {
            store,
            probes: format!("probes:{actor}"),
            refused: format!("probes-refused:{actor}"),
        }
    }

    /// Counts entered credentials before WeCom is asked about them. `Some`: they are to be kept without asking, for this reason.
    ///
    /// # Errors
    /// `DI-242` after too many that WeCom refused.
    pub(in crate::directory) async fn admit(&self, credentials: usize) -> Result<Option<&'static str>> {
        let (own, all) = (self.read(&self.refused).await, self.read(REFUSED_OF_ALL).await);
        if own >= MOST_REFUSED || all >= MOST_REFUSED_OF_ALL {
            return Err(ProbeFailure::TooManyProbes.into());
        }
        if self.read(QUIET_KEY).await > 0 {
            return Ok(Some(
                "Not tried yet: WeCom wanted no more tokens to be asked for a moment ago (45009).",
            ));
        }
        let counted = self.count(credentials).await;
        Ok(counted
            .is_err()
            .then_some("Not tried yet: too many credentials were saved within a minute."))
    }

    /// Whether what WeCom said of stored credentials may be forgotten, so that it is asked at their next use. Each counts as one that WeCom
    /// refused, since nobody looks whether it does.
    pub(super) async fn asks_again(&self, credentials: usize) -> bool {
        let (own, all) = (self.read(&self.refused).await, self.read(REFUSED_OF_ALL).await);
        if own >= MOST_REFUSED || all >= MOST_REFUSED_OF_ALL || self.read(QUIET_KEY).await > 0 {
            return false;
        }
        for _ in 0..credentials {
            self.add(&self.refused, WINDOW).await;
            self.add(REFUSED_OF_ALL, HOUR).await;
        }
        true
    }

    /// Counts credentials before WeCom is asked about them.
    ///
    /// # Errors
    /// `DI-242` beyond the most probes.
    pub(super) async fn count(&self, credentials: usize) -> Result<()> {
        let mut most = 0;
        for _ in 0..credentials {
            most = self.add(&self.probes, WINDOW).await;
        }
        match most > MOST_PROBES {
            true => Err(ProbeFailure::TooManyProbes.into()),
            false => Ok(()),
        }
    }

    /// Counts what WeCom refused, and remembers that it wants to be left alone.
    pub(in crate::directory) async fn settle(&self, probed: &[&Probed]) {
        for _ in probed.iter().filter(|probed| probed.counts_as_wrong()) {
            self.add(&self.refused, WINDOW).await;
            self.add(REFUSED_OF_ALL, HOUR).await;
        }
        if probed.iter().any(|probed| probed.is_throttled())
            && let Err(error) = self.store.put(QUIET_KEY, b"1", QUIET).await
        {
            tracing::warn!(%error, "that WeCom throttles could not be remembered");
        }
    }

    async fn read(&self, key: &str) -> u64 {
        let value = self.store.get(key).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the bound of probes is not known");
            None
        });
        let text = value.and_then(|value| String::from_utf8(value).ok());
        text.and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    async fn add(&self, key: &str, window: Duration) -> u64 {
        let counted = self.store.increment(key, window).await;
        counted.unwrap_or_else(|error| {
            tracing::warn!(%error, "a probe could not be counted");
            0
        })
    }
}

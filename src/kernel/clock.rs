//! Injected clock and timestamps. Everything that asks for the time holds a [`Clock`]; tests hold one they can move.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment, in milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(example = 1_800_000_000_000_i64)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From whole seconds since the epoch (a JWT's `NumericDate`, RFC 7519 §2).
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment plus a duration, saturating.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(millis_of(duration)))
    }

    /// This moment minus a duration, saturating.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(millis_of(duration)))
    }

    /// How long ago `earlier` was; zero when it lies in the future.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How far this moment and another lie apart, whichever came first.
    pub const fn apart(self, other: Self) -> Duration {
        Duration::from_millis(self.0.abs_diff(other.0))
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A clock: the machine's, one that tests move by hand, or one that runs behind the machine's until it is let catch up.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
    /// Milliseconds behind the machine's.
    #[cfg(feature = "demo")]
    Behind(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it. Clones move together.
    pub fn manual(start: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start.0))))
    }

    /// A clock that runs as the machine's does, so much behind it. Clones move together. For the demo, which plays its past.
    #[cfg(feature = "demo")]
    pub fn behind(by: Duration) -> Self {
        Self(Source::Behind(Arc::new(AtomicI64::new(millis_of(by)))))
    }

    /// Moves a clock that is behind forward to this moment, never beyond the machine's; other clocks and earlier moments change nothing.
    #[cfg(feature = "demo")]
    pub fn catch_up_to(&self, moment: Timestamp) {
        if let Source::Behind(behind) = &self.0 {
            let left = millis_of(system_now().since(moment));
            behind.fetch_min(left, Ordering::SeqCst);
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => system_now(),
            Source::Manual(millis) => Timestamp(millis.load(Ordering::SeqCst)),
            #[cfg(feature = "demo")]
            Source::Behind(millis) => Timestamp(system_now().0.saturating_sub(millis.load(Ordering::SeqCst))),
        }
    }

    /// Waits so long. A manual clock does not move by itself, so with one nothing is waited for.
    pub async fn pause(&self, time: Duration) {
        match &self.0 {
            Source::System => tokio::time::sleep(time).await,
            #[cfg(feature = "demo")]
            Source::Behind(_) => tokio::time::sleep(time).await,
            Source::Manual(_) => tokio::task::yield_now().await,
        }
    }

    /// Moves a manual clock forward; does nothing to the machine's clock.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(millis) = &self.0 {
            millis.fetch_add(millis_of(by), Ordering::SeqCst);
        }
    }

    /// Sets a manual clock back, as a corrected machine's clock jumps; does nothing to the machine's clock.
    pub fn set_back(&self, by: Duration) {
        if let Source::Manual(millis) = &self.0 {
            millis.fetch_sub(millis_of(by), Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn system_now() -> Timestamp {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(millis_of(elapsed))
}

#[cfg(all(test, feature = "demo"))]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_catches_up_and_never_runs_ahead() {
        let day = Duration::from_secs(86_400);
        let clock = Clock::behind(day);
        let twin = clock.clone();
        let hour = Duration::from_secs(3600);
        let noon = clock.now().plus(hour);
        clock.catch_up_to(noon);
        assert!(twin.now() >= noon && twin.now().since(noon) < hour);
        clock.catch_up_to(noon.minus(hour));
        assert!(twin.now() >= noon, "never back");
        clock.catch_up_to(noon.plus(day + day));
        assert!(
            twin.now().apart(Clock::system().now()) < hour,
            "never beyond the machine's"
        );
    }
}

//! Injected clock of the simulator. Tokens, codes, tickets and limits follow it, so a test advances hours in one call.
//!
//! It does not delay anything: slow answers (`FaultKind::Slow`) and the callback time-outs run on real time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A shared clock with a resolution of one second. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Option<u64>,
    behind: u64,
    ahead: Arc<AtomicU64>,
}

impl Clock {
    /// Follows the machine's clock; `advance` puts it ahead of it.
    pub fn system() -> Self {
        Self {
            start: None,
            behind: 0,
            ahead: Arc::default(),
        }
    }

    /// Runs with the machine's clock, so many seconds behind it, until `advance` makes up for them.
    pub fn behind(seconds: u64) -> Self {
        Self {
            behind: seconds,
            ..Self::system()
        }
    }

    /// Stands still at `unix_seconds` until it is advanced.
    pub fn manual(unix_seconds: u64) -> Self {
        Self {
            start: Some(unix_seconds),
            behind: 0,
            ahead: Arc::default(),
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> u64 {
        let base = self.start.unwrap_or_else(machine_time);
        (base + self.ahead.load(Ordering::SeqCst)).saturating_sub(self.behind)
    }

    /// Moves the time forward. Time never goes back.
    pub fn advance(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock the rest of the simulator takes as an argument"
)]
fn machine_time() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn clones_show_the_same_time() {
        let clock = Clock::manual(100);
        let twin = clock.clone();
        clock.advance(7200);
        assert_eq!(twin.now(), 7300);
    }
}

//! Shelves: bounded parts of the ephemeral store for what is kept before somebody has proven themselves, or without their proof.
//!
//! Each shelf has a share of one budget. What does not fit pushes out what was put there first. Codes, device codes, locks, leases and
//! WeCom's tokens lie on no shelf: nothing pushes them out, and each is bounded by the proof or the counter that comes before it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::kernel::clock::{Clock, Timestamp};

/// Budget of all shelves unless one is set, bytes.
pub const BUDGET: u64 = 128 * 1024 * 1024;
/// Counted for each entry besides its key and value: what the maps around it take, bytes.
pub(super) const OVERHEAD: u64 = 256;
/// A full shelf is told in the log at most this often.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// A bounded part of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Sign-ins begun by browsers and programs that proved nothing: requests, journeys, departures to WeCom and their answers.
    Strangers,
    /// The same of browsers that proved themselves before, and of authenticated clients; strangers cannot push them out.
    Proven,
    /// Marks of DPoP proofs that were used.
    Proofs,
    /// Rate counters.
    Counters,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Strangers, Self::Proven, Self::Proofs, Self::Counters];

    /// Its word in logs and keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Strangers => "strangers",
            Self::Proven => "proven",
            Self::Proofs => "proofs",
            Self::Counters => "counters",
        }
    }

    /// Its share of a budget, bytes.
    pub(super) const fn share(self, budget: u64) -> u64 {
        match self {
            Self::Strangers => budget / 2,
            Self::Proven => budget / 4,
            Self::Proofs | Self::Counters => budget / 8,
        }
    }
}

/// What an entry counts on its shelf, bytes.
pub(super) fn size(key: &str, value: usize) -> u64 {
    let bytes = key.len().saturating_add(value);
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(OVERHEAD)
}

/// Tells the log that shelves are full: at once, and then the sum of each minute.
pub(super) struct FullLog {
    clock: Clock,
    /// For each shelf, in the order of [`Shelf::ALL`].
    state: Mutex<[Told; 4]>,
}

#[derive(Clone, Copy, Default)]
struct Told {
    last: Option<Timestamp>,
    since: u64,
}

impl FullLog {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    /// Notes that so many living entries were pushed off a shelf. Returns the number told in the log, if it was told now.
    pub(super) fn note(&self, shelf: Shelf, gone: u64) -> Option<u64> {
        if gone == 0 {
            return None;
        }
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = state
            .iter_mut()
            .zip(Shelf::ALL)
            .find_map(|(told, other)| (other == shelf).then_some(told))?;
        told.since = told.since.saturating_add(gone);
        if told.last.is_some_and(|last| now.since(last) < TELL_EVERY) {
            return None;
        }
        let sum = std::mem::take(&mut told.since);
        told.last = Some(now);
        drop(state);
        let shelf = shelf.word();
        tracing::warn!(
            shelf,
            sum,
            "More is kept for visitors than ephemeral.unproven_megabytes allows: the oldest entries of this kind were dropped. Sign-ins \
             begun long ago have to be begun again; codes and tokens are not touched. Raise it if your people are many."
        );
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_make_up_the_budget() {
        let shares = Shelf::ALL.map(|shelf| shelf.share(BUDGET));
        assert_eq!(shares.iter().sum::<u64>(), BUDGET);
    }

    #[test]
    fn a_full_shelf_is_told_once_a_minute_with_the_sum() {
        let clock = Clock::manual(Timestamp::from_secs(1_767_600_000));
        let log = FullLog::new(clock.clone());
        assert_eq!(log.note(Shelf::Strangers, 0), None);
        assert_eq!(log.note(Shelf::Strangers, 3), Some(3));
        assert_eq!(log.note(Shelf::Strangers, 4), None);
        assert_eq!(log.note(Shelf::Counters, 1), Some(1), "each shelf by itself");
        clock.advance(TELL_EVERY);
        assert_eq!(log.note(Shelf::Strangers, 5), Some(9));
    }
}

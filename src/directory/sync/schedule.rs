//! Sync schedule: when a data source is due. Which replica runs it is decided by one conditional update (see [`super::store::sources`]).

use crate::kernel::clock::Timestamp;
use std::time::Duration;
use uuid::Uuid;

/// A due data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The data source.
    pub data_source_id: Uuid,
    /// When it was to run; `None`: it never had a date.
    pub at: Option<Timestamp>,
    /// 4, 12 or 24; `None`: there is no schedule, and one run is to be made up for.
    pub hours: Option<u32>,
}

/// The first due time after `now` that is whole intervals after `last`: after a night out of service it runs once, not once per missed
/// interval.
pub fn next_after(last: Timestamp, hours: u32, now: Timestamp) -> Timestamp {
    let step = Duration::from_secs(u64::from(hours.max(1)) * 3600);
    let missed = now.since(last).as_millis() / step.as_millis().max(1);
    let turns = u32::try_from(missed).unwrap_or(u32::MAX - 1).saturating_add(1);
    last.plus(step.saturating_mul(turns))
}

#[cfg(test)]
mod tests {
    use super::{Timestamp, next_after};

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * HOUR)
    }

    #[test]
    fn the_next_turn_lies_one_interval_after_the_last() {
        assert_eq!(next_after(at(8), 4, at(8)), at(12));
        assert_eq!(next_after(at(8), 4, Timestamp::from_millis(8 * HOUR + 90_000)), at(12));
    }

    #[test]
    fn missed_turns_are_skipped_and_the_rhythm_is_kept() {
        assert_eq!(next_after(at(8), 4, at(31)), at(32));
        assert_eq!(next_after(at(8), 12, at(44)), at(56));
    }

    #[test]
    fn a_last_turn_in_the_future_counts_from_there() {
        assert_eq!(next_after(at(20), 24, at(10)), at(44));
    }
}

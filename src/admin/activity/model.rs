//! Activity: which days are wanted, and view types. Pure.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::clock::Timestamp;

/// Milliseconds of a day.
pub(in crate::admin) const DAY: i64 = 86_400_000;
/// Days that are told unless asked otherwise.
pub(in crate::admin) const USUAL_DAYS: i64 = 14;
/// Most days that are told.
pub(in crate::admin) const MOST_DAYS: i64 = 90;
/// Farthest a clock on a wall is from UTC, minutes.
pub(in crate::admin) const FARTHEST: i64 = 14 * 60;

/// The days up to now, as a clock reads that is ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// How many, today included.
    pub count: i64,
    /// By how much the clock is ahead of UTC, milliseconds.
    pub ahead: i64,
    /// Now.
    pub now: Timestamp,
}

impl Days {
    /// The day of a moment, counted from 1970.
    const fn of(self, millis: i64) -> i64 {
        (millis + self.ahead).div_euclid(DAY)
    }

    /// When the first of them began, milliseconds since 1970.
    pub const fn since(self) -> i64 {
        (self.of(self.now.millis()) - self.count + 1) * DAY - self.ahead
    }

    /// Each day with its counts, the earliest first; what is not counted is none.
    pub fn filled(self, signed_in: &BTreeMap<i64, u64>, refused: &BTreeMap<i64, u64>) -> Vec<DayActivity> {
        let first = self.of(self.since());
        let many = |counts: &BTreeMap<i64, u64>, day: i64| counts.get(&day).copied().unwrap_or_default();
        let days = (first..first + self.count).map(|day| DayActivity {
            since: day * DAY - self.ahead,
            signed_in: many(signed_in, day),
            refused: many(refused, day),
        });
        days.collect()
    }
}

/// What happened, day by day.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// When the first day began, milliseconds since 1970.
    pub since: i64,
    /// Until when was counted, milliseconds since 1970.
    pub until: i64,
    /// One entry for each day, the earliest first; the last one is not over.
    pub days: Vec<DayActivity>,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayActivity {
    /// When it began, milliseconds since 1970.
    pub since: i64,
    /// Sign-ins.
    pub signed_in: u64,
    /// What people were shown instead of being let in, as `GET /api/v1/refusals/summary` counts it.
    pub refused: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_of_the_clock_that_is_meant() {
        // 2026-11-29T21:00Z is the 30th at 05:00 in Shanghai.
        let now = Timestamp::from_millis(1_795_986_000_000);
        let days = |count, ahead| Days { count, ahead, now };
        assert_eq!(days(1, 0).since(), 1_795_910_400_000);
        assert_eq!(days(1, 8 * 3_600_000).since(), 1_795_968_000_000);
        assert_eq!(days(14, 0).since(), 1_795_910_400_000 - 13 * DAY);
        let today = 1_795_910_400_000 / DAY;
        let filled = days(2, 0).filled(&BTreeMap::from([(today, 3)]), &BTreeMap::from([(today - 1, 2)]));
        let numbers: Vec<_> = filled.iter().map(|day| (day.signed_in, day.refused)).collect();
        assert_eq!(numbers, [(0, 2), (3, 0)]);
    }
}

//! When a subscriber is told: quiet hours and digests. Pure.

use serde::{Deserialize, Serialize};

use crate::{kernel::clock::Timestamp, word_schema};

/// Minutes of a day.
pub const DAY: i32 = 24 * 60;
/// Minute of the subscriber's day at which a daily digest is sent: nine o'clock.
const DAILY_AT: i32 = 9 * 60;
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// How notices are gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Digest {
    /// Each by itself, at once.
    None,
    /// Those of an hour together.
    Hourly,
    /// Those of a day together.
    Daily,
}

impl Digest {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::None, Self::Hourly, Self::Daily];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }

    /// From its word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.word() == word)
    }
}

word_schema!(
    Digest,
    "NoticeDigest",
    "How notices are gathered: `none`: each by itself, at once; `hourly`: those of an hour together, at the full hour; `daily`: those of a day together, at nine \
     o'clock.",
    Digest::ALL.map(Digest::word)
);

/// When a subscriber may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Quiet hours: the first quiet minute of the day, and the first that is not quiet any more. They may span midnight.
    pub quiet: Option<(i32, i32)>,
    /// Minutes by which the subscriber's clock is ahead of UTC.
    pub utc_offset: i32,
    /// How notices are gathered.
    pub digest: Digest,
}

impl Times {
    /// The first moment, not before `now`, at which what happens now may be told.
    pub fn first_moment(&self, now: Timestamp) -> Timestamp {
        let gathered = match self.digest {
            Digest::None => now,
            Digest::Hourly => self.next(now, 60, 0),
            Digest::Daily => self.next(now, DAY, DAILY_AT),
        };
        match self.quiet {
            Some((from, to)) if is_within(self.minute_of_day(gathered), from, to) => self.next(gathered, DAY, to),
            _ => gathered,
        }
    }

    /// The next minute of the subscriber's clock, after this moment, that lies `at` minutes after a multiple of `every`.
    fn next(&self, moment: Timestamp, every: i32, at: i32) -> Timestamp {
        let shift = i64::from(self.utc_offset.saturating_sub(at)).saturating_mul(MINUTE);
        let every = i64::from(every).saturating_mul(MINUTE);
        let since = moment.millis().saturating_add(shift).rem_euclid(every.max(1));
        Timestamp::from_millis(moment.millis().saturating_sub(since).saturating_add(every))
    }

    fn minute_of_day(&self, moment: Timestamp) -> i32 {
        let local = moment
            .millis()
            .div_euclid(MINUTE)
            .saturating_add(i64::from(self.utc_offset));
        i32::try_from(local.rem_euclid(i64::from(DAY))).unwrap_or(0)
    }
}

/// Whether a minute of the day lies in quiet hours, which may span midnight.
const fn is_within(minute: i32, from: i32, to: i32) -> bool {
    if from <= to {
        from <= minute && minute < to
    } else {
        from <= minute || minute < to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment of 1 January 1970 by a clock that is eight hours ahead.
    fn at(hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis((hour * 60 + minute - 480) * MINUTE)
    }

    fn times(quiet: Option<(i32, i32)>, digest: Digest) -> Times {
        Times {
            quiet,
            utc_offset: 480,
            digest,
        }
    }

    #[test]
    fn what_happens_in_quiet_hours_is_told_when_they_end() {
        let night = times(Some((22 * 60, 7 * 60)), Digest::None);
        assert_eq!(night.first_moment(at(21, 59)), at(21, 59));
        assert_eq!(night.first_moment(at(22, 0)), at(31, 0));
        assert_eq!(night.first_moment(at(30, 59)), at(31, 0));
        assert_eq!(night.first_moment(at(31, 0)), at(31, 0));
        let noon = times(Some((12 * 60, 13 * 60 + 30)), Digest::None);
        assert_eq!(noon.first_moment(at(12, 30)), at(13, 30));
        assert_eq!(noon.first_moment(at(13, 30)), at(13, 30));
        assert_eq!(noon.first_moment(at(11, 59)), at(11, 59));
    }

    #[test]
    fn a_digest_is_sent_at_the_full_hour_or_at_nine_and_never_in_quiet_hours() {
        let hourly = times(None, Digest::Hourly);
        assert_eq!(hourly.first_moment(at(10, 1)), at(11, 0));
        assert_eq!(
            hourly.first_moment(at(10, 0)),
            at(11, 0),
            "what was sent at ten holds nothing of ten"
        );
        let daily = times(None, Digest::Daily);
        assert_eq!(daily.first_moment(at(8, 59)), at(9, 0));
        assert_eq!(daily.first_moment(at(9, 0)), at(33, 0));
        let late = times(Some((20 * 60, 10 * 60)), Digest::Daily);
        assert_eq!(late.first_moment(at(12, 0)), at(34, 0));
        let night = times(Some((22 * 60, 7 * 60)), Digest::Hourly);
        assert_eq!(night.first_moment(at(21, 30)), at(31, 0));
    }
}

//! Bound on recorded failures: strangers cause as many as they like, and must not fill the disk. Pure.
//!
//! Token buckets: one for each source, so that one address does not use up what the others may, and one for all strangers together, apart
//! from the one for all whom we know. What gets none is only counted; the log has a line of it all the same.

use std::{collections::HashMap, time::Duration};

use crate::kernel::clock::Timestamp;

/// Who caused a failure, as far as the bound tells people apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A person, token or member who was proven.
    Known(String),
    /// Anybody at this address or network.
    Stranger(String),
}

/// A bucket: at most `burst` at once, then one more after each `interval`.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    burst: u32,
    interval: Duration,
}

/// One address, or one known person: an office of 300 people may meet an outage together; after that fourteen thousand events a day.
const EACH: Allowance = Allowance {
    burst: 300,
    interval: Duration::from_secs(6),
};
/// All strangers, or all known people: some hundred thousand events a day at most, about fifty megabytes.
const ALL: Allowance = Allowance {
    burst: 3000,
    interval: Duration::from_secs(1),
};
/// Sources remembered by name; further ones share what all may have.
const MOST_SOURCES: usize = 10_000;
/// At most so often are all of them looked at.
const SWEEP: Duration = Duration::from_secs(1);

/// What of an allowance is used up, as time until it is whole again.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    used: Duration,
    at: Option<Timestamp>,
}

impl Bucket {
    fn used(self, now: Timestamp) -> Duration {
        let passed = self.at.map_or(Duration::ZERO, |at| now.since(at));
        self.used.saturating_sub(passed)
    }

    fn has_room(self, allowance: Allowance, now: Timestamp) -> bool {
        self.used(now) + allowance.interval <= allowance.interval * allowance.burst
    }

    fn take(&mut self, allowance: Allowance, now: Timestamp) {
        self.used = self.used(now) + allowance.interval;
        self.at = Some(now);
    }
}

/// The bound, and how many were only counted since the last one that was admitted.
#[derive(Debug, Default)]
pub struct RecordLimit {
    each: HashMap<Source, Bucket>,
    strangers: Bucket,
    known: Bucket,
    only_counted: u64,
    /// When sources whose bucket is whole again were last forgotten.
    swept: Option<Timestamp>,
}

impl RecordLimit {
    /// Admits one more of this source; answers how many were only counted before it, or `None` where this one is only counted too.
    pub fn admit(&mut self, source: Source, now: Timestamp) -> Option<u64> {
        let all = match source {
            Source::Known(_) => &mut self.known,
            Source::Stranger(_) => &mut self.strangers,
        };
        let due = self.swept.is_none_or(|swept| now.since(swept) >= SWEEP);
        if self.each.len() >= MOST_SOURCES && due {
            self.each.retain(|_, bucket| !bucket.used(now).is_zero());
            self.swept = Some(now);
        }
        let room_for_source = self.each.len() < MOST_SOURCES || self.each.contains_key(&source);
        let own = self.each.get(&source).copied().unwrap_or_default();
        if !own.has_room(EACH, now) || !all.has_room(ALL, now) {
            self.only_counted = self.only_counted.saturating_add(1);
            return None;
        }
        all.take(ALL, now);
        if room_for_source {
            self.each.entry(source).or_default().take(EACH, now);
        }
        Some(std::mem::take(&mut self.only_counted))
    }

    /// Counts one that was admitted and could not be kept, and again those that were left out before it.
    pub fn count(&mut self, left_out: u64) {
        self.only_counted = self.only_counted.saturating_add(left_out).saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_767_600_000;

    fn admitted(limit: &mut RecordLimit, source: &Source, many: usize, now: Timestamp) -> usize {
        (0..many).filter(|_| limit.admit(source.clone(), now).is_some()).count()
    }

    #[test]
    fn one_address_gets_its_burst_and_then_ten_a_minute() {
        let (mut limit, now) = (RecordLimit::default(), Timestamp::from_secs(START));
        let stranger = Source::Stranger("192.0.2.1".to_owned());
        assert_eq!(admitted(&mut limit, &stranger, 1000, now), 300);
        let neighbour = Source::Stranger("192.0.2.2".to_owned());
        assert_eq!(
            limit.admit(neighbour, now),
            Some(700),
            "and it says what is missing before it"
        );
        let later = now.plus(Duration::from_secs(60));
        assert_eq!(admitted(&mut limit, &stranger, 1000, later), 10);
    }

    #[test]
    fn all_strangers_together_are_bounded_and_do_not_crowd_out_whom_we_know() {
        let (mut limit, now) = (RecordLimit::default(), Timestamp::from_secs(START));
        let of = |network: usize| Source::Stranger(format!("2001:db8:{network:x}::/64"));
        let kept: usize = (0..20_000)
            .map(|network| admitted(&mut limit, &of(network), 1, now))
            .sum();
        assert_eq!(kept, 3000);
        assert!(limit.each.len() <= MOST_SOURCES);
        assert_eq!(admitted(&mut limit, &Source::Known("user:1".to_owned()), 1, now), 1);
        let later = now.plus(Duration::from_secs(60));
        let kept: usize = (0..20_000)
            .map(|network| admitted(&mut limit, &of(network), 1, later))
            .sum();
        assert_eq!(kept, 60);
    }
}

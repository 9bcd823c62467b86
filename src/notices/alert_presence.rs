//! Which troubles stood at the last look, and since when those that stood before are gone: what comes back was over, and is told anew. Pure.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::kernel::clock::Timestamp;

/// How long a trouble must be gone to be over: what is gone for one look, such as while a sync runs, is the same trouble still.
const OVER: Duration = Duration::from_secs(15 * 60);
/// How long it is remembered that a trouble is over: after that no notice of it counts any more.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A trouble that stands, or stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Presence {
    /// What looked for it.
    check: String,
    /// Since when it is gone, milliseconds; `None`: it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_at: Option<i64>,
}

/// Troubles by their matters, as they are kept from one look to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::notices) struct Presences(BTreeMap<String, Presence>);

impl Presences {
    /// Since when a trouble that is found now was over; `None`: it stands since it was first found.
    pub(in crate::notices) fn over_since(&self, subject: &str, now: Timestamp) -> Option<Timestamp> {
        let gone_at = self.0.get(subject)?.gone_at.map(Timestamp::from_millis)?;
        (gone_at <= now && now.since(gone_at) >= OVER).then_some(gone_at)
    }

    /// Notes that a trouble stands.
    pub(in crate::notices) fn found(&mut self, subject: String, check: &str) {
        let presence = Presence {
            check: check.to_owned(),
            gone_at: None,
        };
        self.0.insert(subject, presence);
    }

    /// Notes that of these checks, which were made to their end, nothing but these troubles was found. What was not looked at stays as it was.
    pub(in crate::notices) fn missing(&mut self, found: &[String], looked: &[&str], now: Timestamp) {
        for (subject, presence) in &mut self.0 {
            let is_gone = looked.contains(&presence.check.as_str()) && !found.contains(subject);
            if is_gone && presence.gone_at.is_none() {
                presence.gone_at = Some(now.millis());
            }
        }
        let forgotten = now.minus(REMEMBERED).millis();
        self.0
            .retain(|_, presence| presence.gone_at.is_none_or(|at| at > forgotten));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBJECT: &str = "alert:WC-110:x";

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_secs(minutes * 60)
    }

    fn stands() -> Presences {
        let mut presences = Presences::default();
        presences.found(SUBJECT.to_owned(), "sync_runs");
        presences
    }

    #[test]
    fn what_is_gone_for_a_quarter_of_an_hour_is_over() {
        let mut presences = stands();
        assert_eq!(presences.over_since(SUBJECT, at(0)), None);
        for minutes in [10, 15, 20] {
            presences.missing(&[], &["sync_runs"], at(minutes));
        }
        assert_eq!(presences.over_since(SUBJECT, at(24)), None, "not long enough");
        assert_eq!(presences.over_since(SUBJECT, at(25)), Some(at(10)));
        presences.found(SUBJECT.to_owned(), "sync_runs");
        assert_eq!(presences.over_since(SUBJECT, at(90)), None, "it stands again");
        assert_eq!(presences.over_since("alert:WC-111:x", at(90)), None, "it never stood");
    }

    #[test]
    fn what_was_not_looked_at_is_not_over() {
        let mut presences = stands();
        presences.missing(&[], &["database"], at(10));
        assert_eq!(presences, stands());
        presences.missing(&[SUBJECT.to_owned()], &["sync_runs"], at(10));
        assert_eq!(presences, stands(), "it was found");
    }

    #[test]
    fn what_is_over_is_forgotten_after_a_week() {
        let mut presences = stands();
        presences.missing(&[], &["sync_runs"], at(0));
        presences.missing(&[], &[], at(7 * 24 * 60));
        assert_eq!(presences, Presences::default());
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let mut presences = stands();
        presences.missing(&[], &["sync_runs"], at(10));
        let kept = serde_json::to_string(&presences).unwrap();
        assert_eq!(serde_json::from_str::<Presences>(&kept).unwrap(), presences);
    }
}

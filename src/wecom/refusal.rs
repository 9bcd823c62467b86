//! Refusals of a credential: WeCom called the secret or corp ID wrong, which it also says while an app is switched off (reference 17.3), so
//! it is asked again now and then: half-open, with growing gaps. Pure.
//!
//! About 2000 wrong secrets within an hour block an egress address (reference 1.2); these gaps make four in the first hour and a half, and one in each
//! further hour.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    classify::{WRONG_CREDENTIAL, classify},
    error::{Class, WeComError},
    failure::WeComFailure,
};
use crate::kernel::clock::Timestamp;

/// Waits before the first, second, … probe; the last one repeats.
const GAPS: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(60 * 60),
];
/// After a throttled `gettoken`: the shortest window WeCom blocks for (reference 12).
const THROTTLED: Duration = Duration::from_secs(60);
/// After a suite was refused for its ticket or its address.
const REST: Duration = Duration::from_secs(30);
/// How long a refusal is remembered where nobody asks any more.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// Why `gettoken` is not called with this credential, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    errcode: i64,
    message: String,
    observed_ip: Option<String>,
    /// When WeCom refused first.
    pub since: Timestamp,
    /// From when on WeCom is asked again.
    pub next_try_at: Timestamp,
    /// Probes made so far.
    probes: usize,
}

impl Refusal {
    /// The refusal that follows from a failed `gettoken`; `None`: whoever asks next simply tries again.
    pub(super) fn after(error: &WeComError, before: Option<Self>, now: Timestamp) -> Option<Self> {
        let wrong = error.errcode.filter(|errcode| WRONG_CREDENTIAL.contains(errcode));
        let before = before.filter(Self::is_wrong_credential);
        match (wrong, before, error.errcode) {
            (Some(_), Some(before), _) => {
                let (probes, since) = (before.probes.saturating_add(1), before.since);
                let refused = Self {
                    probes,
                    since,
                    ..Self::of(error, now)?
                };
                Some(refused.retried(now))
            }
            (Some(_), None, _) => Some(Self::of(error, now)?.retried(now)),
            // A probe that told nothing: the refusal stands.
            (None, Some(before), _) => Some(before.retried(now)),
            (None, None, Some(_)) if error.class == Class::Throttled => Self::of(error, now),
            _ => None,
        }
    }

    /// The refusal of a suite that an admin or WeCom's next ticket mends.
    pub(super) fn for_a_rest(error: &WeComError, now: Timestamp) -> Option<Self> {
        let next_try_at = now.plus(REST);
        Some(Self {
            next_try_at,
            ..Self::of(error, now)?
        })
    }

    pub(super) fn of(error: &WeComError, now: Timestamp) -> Option<Self> {
        Some(Self {
            errcode: error.errcode?,
            message: error.message.clone(),
            observed_ip: error.observed_ip.clone(),
            since: now,
            next_try_at: now.plus(THROTTLED),
            probes: 0,
        })
    }

    fn retried(self, now: Timestamp) -> Self {
        let [.., last] = GAPS;
        let gap = GAPS.get(self.probes).copied().unwrap_or(last);
        Self {
            next_try_at: now.plus(gap),
            ..self
        }
    }

    /// Whether secret or corp ID are called wrong; else WeCom only wants to be left alone for a while.
    pub fn is_wrong_credential(&self) -> bool {
        WRONG_CREDENTIAL.contains(&self.errcode)
    }

    /// The entry of the catalogue that says it.
    pub fn kind(&self) -> WeComFailure {
        self.error("gettoken").kind()
    }

    /// WeCom's code and words.
    pub fn words(&self) -> String {
        format!("WeCom code {}: {}", self.errcode, self.message)
    }

    /// The error that callers get meanwhile who need a token by this call.
    pub(super) fn error(&self, call: &'static str) -> WeComError {
        WeComError {
            call,
            class: classify(self.errcode),
            errcode: Some(self.errcode),
            message: self.message.clone(),
            observed_ip: self.observed_ip.clone(),
            export: None,
        }
    }

    /// How long it is kept.
    pub(super) fn lifetime(&self) -> Duration {
        if self.is_wrong_credential() {
            REMEMBERED
        } else {
            THROTTLED
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(errcode: Option<i64>) -> WeComError {
        let class = errcode.map_or(Class::Retry, classify);
        WeComError {
            errcode,
            ..WeComError::without_code("gettoken", class, "words")
        }
    }

    #[test]
    fn gaps_grow_to_an_hour_and_the_first_refusal_is_remembered() {
        let start = Timestamp::from_secs(1_760_000_000);
        let (mut now, mut refusal, mut gaps) = (start, None, Vec::new());
        for _ in 0..6 {
            refusal = Refusal::after(&error(Some(40001)), refusal, now);
            let next = refusal.as_ref().unwrap().next_try_at;
            gaps.push(next.since(now).as_secs() / 60);
            now = next;
        }
        assert_eq!(gaps, [1, 5, 15, 60, 60, 60]);
        assert_eq!(refusal.unwrap().since, start);
    }

    #[test]
    fn a_probe_that_tells_nothing_leaves_the_refusal_standing() {
        let now = Timestamp::from_secs(1_760_000_000);
        let refused = Refusal::after(&error(Some(40001)), None, now);
        for nothing in [Some(45009), Some(-1), None] {
            let after = Refusal::after(&error(nothing), refused.clone(), now).unwrap();
            assert_eq!((after.errcode, after.probes), (40001, 0), "{nothing:?}");
        }
        assert!(Refusal::after(&error(Some(-1)), None, now).is_none());
        assert!(
            !Refusal::after(&error(Some(45009)), None, now)
                .unwrap()
                .is_wrong_credential()
        );
    }
}

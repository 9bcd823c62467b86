//! Key rotation policy: when keys are made, sign and are deleted. Dates and the time in, a plan out. Pure.
//!
//! Which key signs follows from the stored dates and the time alone, so all replicas change over at the same moment without telling each
//! other. A key is published long before it signs, because clients keep a JWKS for minutes and replicas read the keys anew only every few
//! seconds; and it stays published until the last token it may have signed has expired.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::alg::Alg;
use crate::{config::KeysConfig as Policy, kernel::clock::Timestamp};

/// How long a retired key stays: the longest life of a token that registration allows (a day), and an hour for clocks that differ.
pub const RETIRED_RETENTION: Duration = Duration::from_secs(25 * 3600);

/// The dates of a key, as far as rotation needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDates {
    /// Key id.
    pub kid: String,
    /// Its algorithm.
    pub alg: Alg,
    /// Published since.
    pub created_at: Timestamp,
    /// Signs from then on, until another does.
    pub activates_at: Timestamp,
}

/// The phase of a key's life: `next`: published, does not sign yet; `active`: signs; `retired`: signs no more, published until its tokens
/// have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = KeyPhase)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Signs no more; published until its tokens have expired.
    Retired,
}

impl Phase {
    /// The word in the API and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// Keys of one algorithm in the order in which they sign. The kid decides between equal moments, alike on every replica.
pub fn order(key: &KeyDates) -> (Timestamp, &str) {
    (key.activates_at, &key.kid)
}

/// When `key` stopped signing, or will: when the next of its algorithm starts. `None`: no successor yet.
pub fn retires_at(keys: &[KeyDates], key: &KeyDates) -> Option<Timestamp> {
    let later = keys
        .iter()
        .filter(|other| other.alg == key.alg && order(other) > order(key));
    later.map(|other| other.activates_at).min()
}

/// Whether `key` has begun to sign. The first of its algorithm always has: where the clock is behind the one its date was written by, or
/// was set back, there is still a key in use.
fn has_begun(keys: &[KeyDates], key: &KeyDates, now: Timestamp) -> bool {
    let mut others = keys.iter().filter(|other| other.alg == key.alg);
    key.activates_at <= now || others.all(|other| order(other) >= order(key))
}

/// The phase of `key` among `keys` now.
pub fn phase(keys: &[KeyDates], key: &KeyDates, now: Timestamp) -> Phase {
    if !has_begun(keys, key, now) {
        Phase::Next
    } else if retires_at(keys, key).is_some_and(|at| at <= now) {
        Phase::Retired
    } else {
        Phase::Active
    }
}

/// What is to be done, all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Keys to make, and from when they sign.
    pub add: Vec<(Alg, Timestamp)>,
    /// Keys to delete.
    pub remove: Vec<String>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

fn of(keys: &[KeyDates], alg: Alg, wanted: Phase, now: Timestamp) -> Option<&KeyDates> {
    let mut ours = keys.iter().filter(|key| key.alg == alg);
    ours.find(|key| phase(keys, key, now) == wanted)
}

/// A key for every algorithm that has none that signs: at the first start, and after an update that brings an algorithm.
pub fn missing(keys: &[KeyDates], now: Timestamp) -> Plan {
    let bare = Alg::ALL
        .into_iter()
        .filter(|alg| of(keys, *alg, Phase::Active, now).is_none());
    Plan {
        add: bare.map(|alg| (alg, now)).collect(),
        remove: Vec::new(),
    }
}

/// The plan of the schedule: successors of keys that will have signed long enough, and deletion of those whose tokens have expired.
pub fn due(keys: &[KeyDates], policy: Policy, now: Timestamp) -> Plan {
    let mut plan = missing(keys, now);
    if let Some(term) = policy.rotate_after {
        for alg in Alg::ALL {
            let Some(active) = of(keys, alg, Phase::Active, now) else {
                continue;
            };
            let end = active.activates_at.plus(term);
            let soon = now.plus(policy.publish_ahead);
            if end <= soon && of(keys, alg, Phase::Next, now).is_none() {
                plan.add.push((alg, soon.max(end)));
            }
        }
    }
    let dead = |key: &&KeyDates| retires_at(keys, key).is_some_and(|at| at.plus(RETIRED_RETENTION) <= now);
    plan.remove = keys.iter().filter(dead).map(|key| key.kid.clone()).collect();
    plan
}

/// The plan of a manual rotation: a successor for each of these algorithms that has none yet; asked for twice, made once.
pub fn asked(keys: &[KeyDates], algs: &[Alg], policy: Policy, now: Timestamp) -> Plan {
    let free = algs.iter().filter(|alg| of(keys, **alg, Phase::Next, now).is_none());
    Plan {
        add: free.map(|alg| (*alg, now.plus(policy.publish_ahead))).collect(),
        remove: Vec::new(),
    }
}

/// The plan after a leak: new keys sign at once, and all other keys of these algorithms are deleted, whatever they signed. Whoever could
/// read the active key could read the next and the retired ones too.
pub fn emergency(keys: &[KeyDates], algs: &[Alg], now: Timestamp) -> Plan {
    Plan {
        add: algs.iter().map(|alg| (*alg, now)).collect(),
        remove: keys
            .iter()
            .filter(|key| algs.contains(&key.alg))
            .map(|key| key.kid.clone())
            .collect(),
    }
}

#[cfg(test)]
mod tests;

//! Tests of key rotation. Simulates twenty days, minute by minute: whatever is asked for when, no verification fails.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;

use super::{KeyDates, Phase, Plan, Policy, RETIRED_RETENTION, asked, due, emergency, missing, phase};
use crate::{kernel::clock::Timestamp, oidc::keys::alg::Alg};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

const fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn apply_plan(keys: &mut Vec<KeyDates>, plan: Plan, now: Timestamp) {
    keys.retain(|key| !plan.remove.contains(&key.kid));
    for (alg, activates_at) in plan.add {
        keys.push(KeyDates {
            kid: format!("{}-{}-{}", alg.word(), now.millis(), keys.len()),
            alg,
            created_at: now,
            activates_at,
        });
    }
}

/// An installation that was started at 0.
fn begun() -> Vec<KeyDates> {
    let mut keys = Vec::new();
    apply_plan(&mut keys, missing(&[], at(0)), at(0));
    keys
}

fn active(keys: &[KeyDates], alg: Alg, now: Timestamp) -> Vec<&KeyDates> {
    let ours = keys.iter().filter(|key| key.alg == alg);
    ours.filter(|key| phase(keys, key, now) == Phase::Active).collect()
}

#[test]
fn the_first_keys_sign_at_once_and_are_made_once() {
    let mut keys = Vec::new();
    let plan = missing(&keys, at(5));
    assert_eq!(plan.add, Alg::ALL.map(|alg| (alg, at(5))));
    apply_plan(&mut keys, plan, at(5));
    assert!(missing(&keys, at(5)).is_empty());
    assert!(due(&keys, Policy::default(), at(5)).is_empty());
}

#[test]
fn the_schedule_publishes_ahead_changes_over_and_cleans_up() {
    let policy = Policy::default();
    let mut keys = begun();
    let ahead = at(0).plus(89 * DAY);
    assert!(due(&keys, policy, ahead.minus(MINUTE)).is_empty());
    let plan = due(&keys, policy, ahead);
    assert_eq!(plan.add.len(), 4);
    assert!(plan.add.iter().all(|(_, from)| *from == at(0).plus(90 * DAY)));
    apply_plan(&mut keys, plan, ahead);
    assert!(due(&keys, policy, ahead).is_empty(), "once");
    let over = at(0).plus(90 * DAY);
    assert!(due(&keys, policy, over.plus(RETIRED_RETENTION).minus(MINUTE)).is_empty());
    assert_eq!(due(&keys, policy, over.plus(RETIRED_RETENTION)).remove.len(), 4);
}

#[test]
fn without_a_schedule_nothing_is_ever_due_and_a_late_start_still_publishes_ahead() {
    let keys = begun();
    let years = at(0).plus(5 * 365 * DAY);
    let never = Policy {
        rotate_after: None,
        ..Policy::default()
    };
    assert!(due(&keys, never, years).is_empty());
    let plan = due(&keys, Policy::default(), years);
    assert!(plan.add.iter().all(|(_, from)| *from == years.plus(DAY)));
}

#[test]
fn asking_twice_makes_one_and_only_where_asked() {
    let policy = Policy::default();
    let mut keys = begun();
    let plan = asked(&keys, &[Alg::Es256], policy, at(60));
    assert_eq!(plan.add, [(Alg::Es256, at(60).plus(DAY))]);
    apply_plan(&mut keys, plan, at(60));
    assert!(asked(&keys, &[Alg::Es256], policy, at(61)).is_empty());
    assert_eq!(asked(&keys, &Alg::ALL, policy, at(61)).add.len(), 3);
}

#[test]
fn an_emergency_leaves_only_the_new_key_of_its_algorithm() {
    let policy = Policy::default();
    let mut keys = begun();
    let plan = asked(&keys, &Alg::ALL, policy, at(60));
    apply_plan(&mut keys, plan, at(60));
    let plan = emergency(&keys, &[Alg::Rs256], at(61));
    assert_eq!(plan.remove.len(), 2, "the next key may have leaked with the active one");
    apply_plan(&mut keys, plan, at(61));
    let rs256: Vec<_> = keys.iter().filter(|key| key.alg == Alg::Rs256).collect();
    assert_eq!(rs256.len(), 1);
    assert_eq!(phase(&keys, rs256[0], at(61)), Phase::Active);
    assert_eq!(keys.len(), 7);
}

/// A clock that was set back, or runs behind the one the dates were written by.
#[test]
fn before_every_date_the_first_key_is_in_use_and_none_is_made() {
    let policy = Policy::default();
    let mut keys = begun();
    let plan = asked(&keys, &Alg::ALL, policy, at(60));
    apply_plan(&mut keys, plan, at(60));
    let early = at(-3600);
    for alg in Alg::ALL {
        let signers = active(&keys, alg, early);
        assert_eq!((signers.len(), signers[0].activates_at), (1, at(0)), "{}", alg.word());
    }
    assert!(due(&keys, policy, early).is_empty() && missing(&keys, early).is_empty());
    let plan = emergency(&keys, &Alg::ALL, at(120));
    apply_plan(&mut keys, plan, at(120));
    assert!(Alg::ALL.iter().all(|alg| active(&keys, *alg, early).len() == 1));
    assert!(due(&keys, policy, early).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Two replicas read the keys at most 30 s late, clients their JWKS at most five minutes late; people ask for keys whenever they
    /// like, and a look at the schedule may be hours late.
    #[test]
    fn no_moment_of_any_timeline_fails_a_verification(
        asks in prop::collection::vec((0_u64..20 * 24 * 60, 0_usize..4), 0..12),
        looks in 1_u64..240,
        rotate_days in 2_u32..8,
        ahead_hours in 1_u32..24,
    ) {
        let policy = Policy { rotate_after: Some(rotate_days * DAY), publish_ahead: ahead_hours * HOUR };
        let mut keys = begun();
        // What was published how long ago: the stalest cache is six minutes old.
        let mut history: Vec<Vec<KeyDates>> = Vec::new();
        let mut last_signed: HashMap<String, Timestamp> = HashMap::new();
        for minute in 0..20 * 24 * 60_u64 {
            let now = at(0).plus(Duration::from_secs(minute * 60));
            let before = keys.clone();
            if minute % looks == 0 {
                apply_plan(&mut keys, due(&before, policy, now), now);
            }
            for (_, which) in asks.iter().filter(|(when, _)| *when == minute) {
                let known = keys.clone();
                apply_plan(&mut keys, asked(&known, &[Alg::ALL[*which]], policy, now), now);
            }
            for alg in Alg::ALL {
                let signers = active(&keys, alg, now);
                prop_assert_eq!(signers.len(), 1);
                // A replica that has not read the change yet signs with the same key.
                prop_assert_eq!(active(&before, alg, now), signers.clone());
                last_signed.insert(signers[0].kid.clone(), now);
                for stale in history.iter().rev().take(6) {
                    prop_assert!(stale.iter().any(|key| key.kid == signers[0].kid), "a client does not know the key yet");
                }
            }
            for gone in before.iter().filter(|key| !keys.contains(key)) {
                let alive = last_signed.get(&gone.kid).is_some_and(|signed| signed.plus(DAY) > now);
                prop_assert!(!alive, "a key is gone before its tokens");
            }
            history.push(keys.clone());
        }
    }
}

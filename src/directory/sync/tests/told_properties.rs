//! Property tests of planning with changed userids that were told: chains, swaps, duplicates, what is told too early, too late or never.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use proptest::prelude::*;
use uuid::Uuid;

use super::{
    model::{Ids, applied},
    properties::present,
    stories::{CORP, rule},
};
use crate::{
    directory::{
        importing::outcome::Outcome,
        sync::{
            mirror::{MemberRow, Mirror, Standing, ToldRename, UserOrigin, UserProfile, UserRow},
            plan::plan,
            snapshot::{Person, Profile, Snapshot},
            source::DuplicateRule,
        },
    },
    kernel::clock::Timestamp,
};

const KEYS: [&str; 7] = ["ann", "bob", "cat", "dan", "eve", "fay", "gus"];

/// What tells people apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Each has a name of their own.
    Names,
    /// And a number.
    Numbers,
    /// Ids are all that is shown.
    Nothing,
    /// All have one name.
    Namesakes,
}

/// What happened in a corp, and what was told of it.
#[derive(Clone, Debug)]
struct History {
    known: Known,
    /// How many people there are at first, under the first keys.
    people: usize,
    /// Who is to change to which key, as far as it is free then.
    moves: Vec<(usize, usize)>,
    /// Whether it is told by now; the order in which it is told, and once more.
    told: Vec<(bool, u8, bool)>,
    /// The reading shows what there was before so many of the last ones.
    early: usize,
    /// Somebody new, under a key that nobody had.
    newcomer: bool,
}

/// Somebody changed from one key to another.
type Step = (usize, &'static str, &'static str);

impl History {
    fn steps(&self, most: usize) -> Vec<Step> {
        let mut at: Vec<usize> = (0..self.people).collect();
        let mut steps: Vec<Step> = Vec::new();
        for (who, to) in &self.moves {
            let who = who % self.people;
            let often = steps.iter().filter(|step| step.0 == who).count();
            if !at.contains(to) && often < most {
                steps.push((who, KEYS[at[who]], KEYS[*to]));
                at[who] = *to;
            }
        }
        steps
    }

    fn person(&self, who: usize, userid: &str) -> Person {
        let named = ["赵明", "钱红", "孙伟", "李娜", "周强", "吴芳"][who].to_owned();
        let name = match self.known {
            Known::Names | Known::Numbers => Some(named),
            Known::Nothing => None,
            Known::Namesakes => Some("张伟".to_owned()),
        };
        let mobile = (self.known == Known::Numbers).then(|| format!("1380000000{who}"));
        Person {
            userid: userid.to_owned(),
            profile: Profile {
                name,
                mobile,
                ..Profile::default()
            },
            departments: vec![2],
            status: Some(1),
            ..Person::default()
        }
    }

    /// Everybody as they are held, each with a user.
    fn mirror(&self, ids: &mut Ids) -> Mirror {
        let mut mirror = Mirror {
            data_source_id: ids.next(),
            corp_id: CORP.to_owned(),
            corp_key: CORP.to_owned(),
            ..Mirror::default()
        };
        for (who, key) in KEYS.iter().enumerate().take(self.people) {
            let person = self.person(who, key);
            let user = ids.next();
            mirror.users.push(UserRow {
                id: user,
                username: (*key).to_owned(),
                username_key: (*key).to_owned(),
                owner: UserOrigin::Ours,
                standing: Standing::Active,
                profile: UserProfile::given(&person.profile, mirror.data_source_id),
            });
            mirror.members.push(MemberRow {
                id: ids.next(),
                version: 1,
                key: (*key).to_owned(),
                person,
                present: true,
                checked_at: 1,
                missed: false,
                doubt: None,
                user_id: Some(user),
                outcome: Outcome::Imported,
                reason: None,
            });
        }
        mirror
    }

    fn told(&self, steps: &[Step], all: bool) -> Vec<ToldRename> {
        let mut told = Vec::new();
        for (index, (_, old, new)) in steps.iter().enumerate() {
            let (by_now, order, twice) = self.told[index];
            let second = i64::try_from(index).unwrap();
            let step = ToldRename {
                old: (*old).to_owned(),
                new: (*new).to_owned(),
                happened_at: Timestamp::from_secs(second),
                told_at: Timestamp::from_secs(100 + i64::from(order)),
                awaited: true,
                carried_out: false,
            };
            told.extend((by_now || all).then(|| step.clone()));
            told.extend(((by_now || all) && twice).then_some(step));
        }
        told.sort_by_key(|step| step.told_at);
        told
    }

    /// Who has which key, after these steps.
    fn truth(&self, steps: &[Step]) -> BTreeMap<&'static str, usize> {
        let mut at: Vec<&str> = KEYS.iter().copied().take(self.people).collect();
        steps.iter().for_each(|(who, _, new)| at[*who] = *new);
        at.into_iter().enumerate().map(|(who, key)| (key, who)).collect()
    }

    fn shown(&self, truth: &BTreeMap<&'static str, usize>) -> Snapshot {
        let known = truth.iter().map(|(key, who)| (*key, *who));
        let people = known.chain(self.newcomer.then_some(("new", 5)));
        let people = people.map(|(key, who)| (key.to_owned(), Arc::new(self.person(who, key))));
        Snapshot {
            members: people.collect(),
            ..Snapshot::default()
        }
    }
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![
        Just(Known::Names),
        Just(Known::Numbers),
        Just(Known::Nothing),
        Just(Known::Namesakes)
    ]
}

fn history() -> impl Strategy<Value = History> {
    let moves = proptest::collection::vec((0..5_usize, 0..KEYS.len()), 0..9);
    let told = proptest::collection::vec((any::<bool>(), 0..9_u8, any::<bool>()), 9);
    (known(), 1..6_usize, moves, told, 0..4_usize, any::<bool>()).prop_map(
        |(known, people, moves, told, early, newcomer)| History {
            known,
            people,
            moves,
            told,
            early,
            newcomer,
        },
    )
}

/// Whose user everybody has, by their row.
fn owners(mirror: &Mirror) -> BTreeMap<Uuid, usize> {
    mirror
        .members
        .iter()
        .enumerate()
        .map(|(who, row)| (row.id, who))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6 * ProptestConfig::default().cases, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn where_all_is_told_everybody_keeps_their_user(history in history(), late in any::<bool>()) {
        let mut ids = Ids(0);
        let mut mirror = history.mirror(&mut ids);
        let steps = history.steps(9);
        mirror.told = history.told(&steps, true);
        mirror.told.iter_mut().for_each(|told| told.awaited = !late);
        let truth = history.truth(&steps);
        let seen = history.shown(&truth);
        let planned = plan(&mirror, &seen, DuplicateRule::Skip);
        prop_assert!(planned.departures.is_empty() && planned.doubts() == 0, "{planned:#?}");
        let after = applied(&mirror, &planned, &mut ids);
        let owners = owners(&mirror);
        let now: BTreeMap<&str, usize> =
            present(&after).into_iter().filter_map(|(key, row)| Some((key, *owners.get(&row.id)?))).collect();
        prop_assert_eq!(now, truth);
        prop_assert!(plan(&after, &seen, DuplicateRule::Skip).is_empty());
    }

    // WeCom tells no more than once of one person; its clock may be another one for each event.
    #[test]
    fn where_each_is_told_of_once_the_moments_may_be_in_any_order(history in history()) {
        let mut ids = Ids(0);
        let mut mirror = history.mirror(&mut ids);
        let steps = history.steps(1);
        mirror.told = history.told(&steps, true);
        mirror.told.iter_mut().for_each(|told| told.happened_at = told.told_at);
        let truth = history.truth(&steps);
        let planned = plan(&mirror, &history.shown(&truth), DuplicateRule::Skip);
        prop_assert!(planned.departures.is_empty() && planned.doubts() == 0, "{planned:#?}");
        let after = applied(&mirror, &planned, &mut ids);
        let owners = owners(&mirror);
        let now: BTreeMap<&str, usize> =
            present(&after).into_iter().filter_map(|(key, row)| Some((key, *owners.get(&row.id)?))).collect();
        prop_assert_eq!(now, truth);
    }

    // Each changed once at most. Who changed and is told of, or had to make room for somebody who is, waits for the rest.
    #[test]
    fn a_sync_before_the_rest_is_told_costs_nobody_their_user(mut history in history()) {
        let mut ids = Ids(0);
        let mut mirror = history.mirror(&mut ids);
        let steps = history.steps(1);
        let truth = history.truth(&steps);
        let seen = history.shown(&truth);
        for (index, (_, old, _)) in steps.iter().enumerate() {
            let told = history.told(&steps, false);
            let concerns = told.iter().any(|told| told.old == *old || told.new == *old);
            history.told[index].0 |= !concerns;
        }
        mirror.told = history.told(&steps, false);
        let first = plan(&mirror, &seen, DuplicateRule::Skip);
        prop_assert!(first.departures.is_empty() && first.doubts() == 0, "{first:#?}");
        let mut after = applied(&mirror, &first, &mut ids);
        let owners = owners(&mirror);
        // What was carried out is told no more.
        let carried_out = present(&mirror).into_iter().filter(|(key, row)| present(&after).get(key).is_none_or(|now| now.id != row.id));
        let carried_out: BTreeSet<String> = carried_out.map(|(key, _)| key.to_owned()).collect();
        after.told = history.told(&steps, true);
        after.told.iter_mut().for_each(|told| told.carried_out = carried_out.contains(&told.old));
        let second = plan(&after, &seen, DuplicateRule::Skip);
        prop_assert!(second.departures.is_empty() && second.doubts() == 0, "{second:#?}");
        let after = applied(&after, &second, &mut ids);
        let now: BTreeMap<&str, usize> =
            present(&after).into_iter().filter_map(|(key, row)| Some((key, *owners.get(&row.id)?))).collect();
        prop_assert_eq!(now, truth);
    }

    // Whatever was told, and whichever moment a reading shows.
    #[test]
    fn nobody_is_confirmed_under_the_userid_of_somebody_of_another_name(mut history in history(), late in any::<bool>(), rule in rule()) {
        if history.known != Known::Names {
            history.known = Known::Numbers;
        }
        let mut ids = Ids(0);
        let mut mirror = history.mirror(&mut ids);
        let steps = history.steps(2);
        mirror.told = history.told(&steps, false);
        mirror.told.iter_mut().for_each(|told| told.awaited = !late);
        let shown = steps.len().saturating_sub(history.early);
        let truth = history.truth(&steps[..shown]);
        let seen = history.shown(&truth);
        let planned = plan(&mirror, &seen, rule);
        let owners = owners(&mirror);
        let after = applied(&mirror, &planned, &mut ids);
        let confirmed: BTreeSet<Uuid> = planned.confirmed.iter().copied().collect();
        for (key, row) in present(&after).into_iter().filter(|(_, row)| confirmed.contains(&row.id) && row.doubt.is_none()) {
            prop_assert_eq!(truth.get(key), owners.get(&row.id), "{} {:#?}", key, planned);
        }
        // Who is in doubt is weighed next as if nothing had been told; what is awaited shows otherwise once others have theirs.
        let second = plan(&after, &seen, rule);
        prop_assert!(second.is_empty() || planned.doubts() > 0 || planned.awaits_told, "{second:#?}");
    }
}

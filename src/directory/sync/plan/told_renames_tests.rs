//! Tests of told renames: chains, swaps, what was told too early, twice or in part, and what is still awaited.

use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    directory::{
        importing::outcome::Outcome,
        sync::{
            mirror::ToldRename,
            plan::{model::Plan, plan},
            snapshot::{Completeness, Profile},
            source::DuplicateRule,
        },
    },
    kernel::clock::Timestamp,
};

fn person(userid: &str, name: &str) -> Person {
    Person {
        userid: userid.to_owned(),
        profile: Profile {
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            ..Profile::default()
        },
        departments: vec![2],
        ..Person::default()
    }
}

fn row(number: u128, key: &str, name: &str) -> MemberRow {
    MemberRow {
        id: Uuid::from_u128(number),
        version: 1,
        key: key.to_owned(),
        person: person(key, name),
        present: true,
        checked_at: 1,
        missed: false,
        doubt: None,
        user_id: Some(Uuid::from_u128(number + 100)),
        outcome: Outcome::Imported,
        reason: None,
    }
}

/// Userids and names, as held in order, what was told with its second, and what is shown.
struct Case {
    mirror: Mirror,
    snapshot: Snapshot,
}

fn case(held: &[(&str, &str)], told: &[(&str, &str, i64)], shown: &[(&str, &str)]) -> Case {
    let members = (1..).zip(held).map(|(number, (key, name))| row(number, key, name));
    let told = told.iter().map(|(old, new, second)| ToldRename {
        old: (*old).to_owned(),
        new: (*new).to_owned(),
        happened_at: Timestamp::from_secs(*second),
        told_at: Timestamp::from_secs(1000),
        awaited: true,
        carried_out: false,
    });
    let shown = shown
        .iter()
        .map(|(key, name)| ((*key).to_owned(), Arc::new(person(key, name))));
    Case {
        mirror: Mirror {
            members: members.collect(),
            told: told.collect(),
            ..Mirror::default()
        },
        snapshot: Snapshot {
            members: shown.collect(),
            ..Snapshot::default()
        },
    }
}

impl Case {
    fn partial(mut self) -> Self {
        let reasons = vec!["user/list did not answer".to_owned()];
        self.snapshot.completeness = Completeness::Partial { reasons };
        self
    }

    /// The same, once nothing more is to be told.
    fn late(mut self) -> Self {
        self.mirror.told.iter_mut().for_each(|told| told.awaited = false);
        self
    }

    fn find(&self) -> Told<'_> {
        find(&self.mirror, &self.snapshot, Some(&HashSet::new()))
    }

    fn plan(&self) -> Plan {
        plan(&self.mirror, &self.snapshot, DuplicateRule::Skip)
    }

    /// Nobody departs, nobody gets another's row, and nobody is made anew.
    fn assert_waits(&self) {
        let plan = self.plan();
        assert!(plan.awaits_told && plan.departures.is_empty(), "{plan:#?}");
        assert!(plan.members.iter().all(|change| change.held.is_some()), "{plan:#?}");
        assert_eq!(self.moved(), pairs(&[]));
    }

    /// Who has which key now, by the keys before.
    fn moved(&self) -> BTreeMap<String, String> {
        let told = self.find();
        let pair = |(new, row): (&str, &MemberRow)| (row.key.clone(), new.to_owned());
        told.moved.into_iter().map(pair).collect()
    }

    fn left_alone(&self) -> Vec<String> {
        let told = self.find();
        assert_eq!(told.left_alone.is_empty(), told.waiting.is_empty());
        let mut keys: Vec<String> = told.left_alone.iter().map(|key| (*key).to_owned()).collect();
        keys.sort();
        keys
    }
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs.iter().map(|(old, new)| ((*old).to_owned(), (*new).to_owned()));
    owned.collect()
}

// With names, and where ids are all that is shown.
const NAMES: [[&str; 2]; 2] = [["张伟", "李娜"], ["", ""]];

#[test]
fn a_chain_is_followed_whichever_event_came_first() {
    for [one, two] in NAMES {
        for seconds in [(1, 2), (2, 2), (2, 1)] {
            let told = [("b", "c", seconds.0), ("a", "b", seconds.1)];
            for told in [told, [told[1], told[0]]] {
                let case = case(&[("a", one), ("b", two)], &told, &[("b", one), ("c", two)]);
                assert_eq!(case.moved(), pairs(&[("a", "b"), ("b", "c")]), "{one} {seconds:?}");
            }
        }
    }
}

#[test]
fn a_swap_over_a_third_userid_is_followed() {
    for [one, two] in NAMES {
        let told = [("a", "t", 1), ("b", "a", 2), ("t", "b", 3)];
        let case = case(&[("a", one), ("b", two)], &told, &[("b", one), ("a", two)]);
        assert_eq!(case.moved(), pairs(&[("a", "b"), ("b", "a")]), "{one}");
    }
}

#[test]
fn half_of_a_swap_is_left_alone_until_the_rest_is_told() {
    let half = [("a", "t", 1), ("b", "a", 2)];
    let case = case(&[("a", "张伟"), ("b", "李娜")], &half, &[("b", "张伟"), ("a", "李娜")]);
    assert_eq!(
        (case.moved(), case.left_alone()),
        (pairs(&[]), vec!["a".into(), "b".into(), "t".into()])
    );
}

#[test]
fn what_is_told_ahead_of_what_is_shown_changes_nothing() {
    let case = case(&[("a", "张伟")], &[("a", "b", 1)], &[("a", "张伟")]);
    assert_eq!((case.moved(), case.left_alone()), (pairs(&[]), vec![]));
}

#[test]
fn who_is_plainly_where_they_were_stays_whoever_has_the_new_userid() {
    let case = case(&[("a", "张伟")], &[("a", "b", 1)], &[("a", "张伟"), ("b", "李娜")]);
    assert_eq!(case.moved(), pairs(&[]));
}

#[test]
fn a_newcomer_under_the_old_userid_keeps_nobody_from_the_new_one() {
    for [one, two] in NAMES {
        let case = case(&[("a", one)], &[("a", "b", 1)], &[("a", two), ("b", one)]);
        assert_eq!(case.moved(), pairs(&[("a", "b")]), "{one}");
    }
}

// What was told was carried out, and is told again when the old userid is somebody else's.
#[test]
fn what_was_carried_out_long_ago_takes_no_userid_from_its_owner() {
    for [one, two] in NAMES {
        let case = case(&[("b", one), ("a", two)], &[("a", "b", 1)], &[("b", one), ("a", two)]);
        assert_eq!(case.moved(), pairs(&[]), "{one}");
    }
}

#[test]
fn who_had_the_new_userid_and_is_nowhere_gives_it_up_once_everything_was_read() {
    for [one, two] in NAMES {
        let gone = || case(&[("a", one), ("b", two)], &[("a", "b", 1)], &[("b", one)]);
        assert_eq!(gone().late().moved(), pairs(&[("a", "b")]), "{one}");
        for waits in [gone().late().partial(), gone()] {
            assert_eq!(
                (waits.moved(), waits.left_alone()),
                (pairs(&[]), vec!["a".into(), "b".into()])
            );
        }
    }
}

#[test]
fn another_name_under_the_new_userid_is_a_doubt_and_another_person_none() {
    let early = case(&[("a", "张伟")], &[("a", "b", 1)], &[("b", "欧阳伟")]);
    early.assert_waits();
    let mut case = early.late();
    assert_eq!(case.find().doubted.len(), 1);
    let with = |person: &mut Person, mobile: &str, email: &str| {
        person.profile.mobile = Some(mobile.to_owned());
        person.profile.email = Some(email.to_owned());
    };
    with(&mut case.mirror.members[0].person, "13800000001", "a@corp.example");
    let mut other = person("b", "欧阳伟");
    with(&mut other, "13800000002", "b@corp.example");
    case.snapshot.members.insert("b".to_owned(), Arc::new(other));
    assert_eq!(case.moved(), pairs(&[]));
}

// 张伟 changed twice, and only the first is told.
#[test]
fn who_is_not_where_they_were_told_to_be_is_waited_for_and_found_once_the_rest_is_told() {
    for [one, _] in NAMES {
        let told = [("a", "b", 1), ("b", "c", 2)];
        let early = case(&[("a", one)], &told[..1], &[("c", one)]);
        early.assert_waits();
        let partial = case(&[("a", one)], &told[..1], &[("c", one)]).partial();
        partial.assert_waits();
        let all = case(&[("a", one)], &told, &[("c", one)]);
        assert_eq!(all.moved(), pairs(&[("a", "c")]), "{one}");
        let plan = early.late().plan();
        assert_eq!(
            (plan.departures.len(), plan.awaits_told),
            (1, false),
            "nothing more is told"
        );
    }
}

#[test]
fn whose_userid_is_told_to_be_somebody_elses_is_waited_for_and_found_once_the_rest_is_told() {
    for [one, two] in [NAMES[0], NAMES[1], ["张伟", "张伟"]] {
        let (held, shown) = ([("a", one), ("b", two)], [("b", one), ("c", two)]);
        case(&held, &[("a", "b", 2)], &shown).assert_waits();
        case(&held, &[("a", "b", 2)], &shown).partial().assert_waits();
        let all = case(&held, &[("a", "b", 2), ("b", "c", 1)], &shown);
        assert_eq!(all.moved(), pairs(&[("a", "b"), ("b", "c")]), "{one}");
        assert!(all.plan().departures.is_empty());
        // Nobody told where the other went: the word that was given counts.
        let late = case(&held, &[("a", "b", 2)], &shown).late();
        assert_eq!(late.moved(), pairs(&[("a", "b")]), "{one}");
    }
}

// The old userid is a newcomer's of the same name.
#[test]
fn a_namesake_under_the_old_userid_keeps_nobody_from_the_new_one() {
    let case = case(&[("a", "张伟")], &[("a", "b", 1)], &[("a", "张伟"), ("b", "张伟")]);
    assert_eq!(case.moved(), pairs(&[("a", "b")]));
}

#[test]
fn two_who_swapped_wait_until_the_second_is_told() {
    for [one, two] in [NAMES[0], NAMES[1], ["张伟", "张伟"]] {
        let told = [("a", "t", 1), ("b", "a", 2), ("t", "b", 3)];
        let part = |told: &[(&str, &str, i64)]| case(&[("a", one), ("b", two)], told, &[("b", one), ("a", two)]);
        for some in [&told[..2], &told[1..], &[told[0], told[2]][..]] {
            let case = part(some);
            let plan = case.plan();
            assert!(plan.departures.is_empty(), "{one} {some:?} {plan:#?}");
            assert!(
                plan.members
                    .iter()
                    .all(|change| change.held.is_some() && change.doubt.is_none()),
                "{plan:#?}"
            );
            // Whoever moves is who is shown there.
            for (old, new) in case.moved() {
                assert_ne!(old, new, "{one} {some:?}");
            }
        }
        assert_eq!(part(&told).moved(), pairs(&[("a", "b"), ("b", "a")]), "{one}");
    }
}

#[test]
fn newcomers_who_cannot_be_whom_is_waited_for_do_not_wait() {
    let mut case = case(&[("a", "张伟")], &[("a", "b", 1)], &[("c", "王五")]);
    let with = |person: &mut Person, mobile: &str, email: &str| {
        person.profile.mobile = Some(mobile.to_owned());
        person.profile.email = Some(email.to_owned());
    };
    with(&mut case.mirror.members[0].person, "13800000001", "a@corp.example");
    let mut other = person("c", "王五");
    with(&mut other, "13800000002", "c@corp.example");
    case.snapshot.members.insert("c".to_owned(), Arc::new(other));
    let plan = case.plan();
    assert_eq!(
        (plan.departures.len(), plan.members.len(), plan.awaits_told),
        (0, 1, true)
    );
    // Whom their number finds need not be waited for.
    let mut same = person("c", "张伟");
    with(&mut same, "13800000001", "a@corp.example");
    case.snapshot.members.insert("c".to_owned(), Arc::new(same));
    let plan = case.plan();
    assert_eq!((plan.departures.len(), plan.awaits_told), (0, false));
    assert_eq!(plan.members[0].renamed_from.as_deref(), Some("a"));
}

#[test]
fn of_two_told_of_one_userid_the_later_counts_whichever_came_first() {
    let told = [("a", "b", 1), ("a", "c", 2)];
    for told in [told, [told[1], told[0]]] {
        let shown_at = |shown| case(&[("a", "张伟")], &told, &[(shown, "张伟")]);
        assert_eq!(shown_at("c").moved(), pairs(&[("a", "c")]));
        // Nothing else is there.
        assert_eq!(shown_at("b").moved(), pairs(&[("a", "b")]));
    }
    // 李娜 had the old userid in between.
    for [one, two] in NAMES {
        let told = [("a", "b", 1), ("x", "a", 2), ("a", "c", 3)];
        for told in [told, [told[2], told[0], told[1]]] {
            let case = case(&[("a", one), ("x", two)], &told, &[("b", one), ("c", two)]);
            assert_eq!(case.moved(), pairs(&[("a", "b"), ("x", "c")]), "{one}");
        }
    }
    // Nothing can be compared: perhaps somebody unknown had the old userid in between.
    case(&[("a", "")], &told, &[("c", "")]).assert_waits();
}

// 张伟 changed twice, and only the second is told.
#[test]
fn of_whom_an_old_userid_is_told_that_nobody_had_is_found_once_the_first_is_told() {
    for [one, two] in NAMES {
        let told = [("b", "c", 2), ("a", "b", 1)];
        let early = case(&[("a", one), ("x", two)], &told[..1], &[("c", one), ("x", two)]);
        early.assert_waits();
        let all = case(&[("a", one)], &told, &[("c", one)]);
        assert_eq!(all.moved(), pairs(&[("a", "c")]), "{one}");
        assert_eq!(early.late().plan().departures.len(), 1);
        // Nobody who is held is missing.
        let new = case(&[("x", two)], &told[..1], &[("c", one), ("x", two)]).plan();
        assert_eq!((new.members.len(), new.awaits_told), (1, false));
    }
}

// A second event of a swap was lost, or the first was carried out before, and was told again: nobody can tell, and neither gets the other's account.
#[test]
fn where_nothing_can_be_compared_half_of_what_may_be_a_swap_is_in_doubt_once_nothing_more_is_told() {
    let case = || case(&[("a", ""), ("b", "")], &[("a", "b", 1)], &[("a", ""), ("b", "")]);
    case().assert_waits();
    let plan = case().late().plan();
    assert_eq!(
        (plan.departures.len(), plan.doubts(), plan.members.len()),
        (0, 2, 2),
        "{plan:#?}"
    );
}

#[test]
fn what_is_told_late_and_happened_before_is_not_about_who_was_given_the_userid_since() {
    for [one, two] in NAMES {
        // 张伟 has the former userid of 李娜, who departed.
        let mut case = case(
            &[("b", one)],
            &[("a", "b", 2), ("b", "c", 1)],
            &[("b", one), ("c", two)],
        );
        case.mirror.told[0].carried_out = true;
        let plan = case.plan();
        assert_eq!((case.moved(), plan.members.len()), (pairs(&[]), 1), "{one}");
        assert_eq!(plan.members[0].held, None);
    }
}

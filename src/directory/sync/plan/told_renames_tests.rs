//! Tests of told renames: chains, swaps, what was told too early, twice or in part.

use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    directory::{
        importing::outcome::Outcome,
        sync::snapshot::{Completeness, Profile},
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

    /// Who has which key now, by the keys before.
    fn moved(&self) -> BTreeMap<String, String> {
        let told = find(&self.mirror, &self.snapshot);
        let pair = |(new, row): (&str, &MemberRow)| (row.key.clone(), new.to_owned());
        told.moved.into_iter().map(pair).collect()
    }

    fn left_alone(&self) -> Vec<String> {
        let told = find(&self.mirror, &self.snapshot);
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
        for seconds in [(1, 2), (2, 2)] {
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
        assert_eq!(gone().moved(), pairs(&[("a", "b")]), "{one}");
        let partial = gone().partial();
        assert_eq!(
            (partial.moved(), partial.left_alone()),
            (pairs(&[]), vec!["a".into(), "b".into()])
        );
    }
}

#[test]
fn another_name_under_the_new_userid_is_a_doubt_and_another_person_none() {
    let mut case = case(&[("a", "张伟")], &[("a", "b", 1)], &[("b", "欧阳伟")]);
    assert_eq!(find(&case.mirror, &case.snapshot).doubted.len(), 1);
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

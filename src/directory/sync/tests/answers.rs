//! Property tests of incomplete fetches against the simulator: whichever calls fail for a while, nothing that rests on them changes and
//! nobody departs who is there; and what is refused for good gives the same picture each time.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::subsequence, test_runner::TestRunner};
use simulator::world::{Fault, FaultKind, FaultSecret};

use super::{
    bench::{Bench, Secrets, corp, empty, later},
    model::{Ids, applied},
};
use crate::directory::sync::mirror::Mirror;

const CALLS: [&str; 7] = [
    "agent/get",
    "user/list_id",
    "department/simplelist",
    "department/list",
    "tag/list",
    "tag/get",
    "user/list",
];

/// Calls that fail for a while: whole lists, single departments, tags and members, by one secret or both.
fn passing_faults() -> impl Strategy<Value = Vec<Fault>> {
    let mut places: Vec<(&'static str, Option<&'static str>)> = CALLS.iter().map(|call| (*call, None)).collect();
    places.extend(["1", "2", "3", "4"].map(|id| ("user/list", Some(id))));
    places.extend(["1", "2"].map(|id| ("tag/get", Some(id))));
    places.extend(["picked", "tagged"].map(|userid| ("user/get", Some(userid))));
    let kind = prop_oneof![
        Just(FaultKind::Errcode(45009)),
        Just(FaultKind::Errcode(45033)),
        Just(FaultKind::Errcode(6000)),
        Just(FaultKind::Errcode(48006)),
        Just(FaultKind::BadGateway),
        Just(FaultKind::Truncated),
    ];
    let secret = prop_oneof![
        2 => Just(None),
        1 => Just(Some(FaultSecret::App)),
        1 => Just(Some(FaultSecret::Contacts)),
    ];
    subsequence(places, 1..5).prop_flat_map(move |places| {
        let count = places.len();
        let details = proptest::collection::vec((kind.clone(), secret.clone()), count);
        (Just(places), details).prop_map(|(places, details)| {
            let faults = places.into_iter().zip(details);
            let faults = faults.map(|((call, about), (kind, secret))| Fault {
                about: about.map(str::to_owned),
                secret,
                ..Fault::new(&format!("/cgi-bin/{call}"), kind)
            });
            faults.collect()
        })
    })
}

/// Refusals that last, of whatever but single members.
fn lasting_faults() -> impl Strategy<Value = Vec<Fault>> {
    let refused = |call: &str, about: Option<&str>, errcode| Fault {
        about: about.map(str::to_owned),
        ..Fault::new(&format!("/cgi-bin/{call}"), FaultKind::Errcode(errcode))
    };
    let faults = vec![
        refused("department/list", None, 60011),
        refused("department/simplelist", None, 60011).with(FaultSecret::App),
        refused("user/list", Some("2"), 60003),
        refused("user/list", Some("3"), 60123),
        refused("user/list", Some("3"), 60011),
        refused("tag/get", Some("1"), 81011),
        refused("tag/get", Some("1"), 40068),
        refused("tag/get", Some("2"), 60011),
        refused("tag/list", None, 48002),
    ];
    subsequence(faults, 1..4)
}

fn secrets() -> impl Strategy<Value = Secrets> {
    prop_oneof![Just(Secrets::App), Just(Secrets::Contacts), Just(Secrets::Both)]
}

/// Departments, name and presence of each member, each by itself.
fn members(mirror: &Mirror) -> BTreeMap<(String, &'static str), String> {
    let rows = mirror.members.iter().flat_map(|row| {
        let person = &row.person;
        let field = |name, value| ((row.key.clone(), name), value);
        [
            field("departments", format!("{:?}", person.departments)),
            field("name", format!("{:?}", person.profile.name)),
            field("present", row.present.to_string()),
        ]
    });
    rows.collect()
}

fn departments(mirror: &Mirror) -> BTreeMap<i64, (i64, String, String)> {
    let rows = mirror.departments.iter();
    rows.map(|row| (row.wecom_id, (row.parent_wecom_id, row.name.clone(), row.path.clone())))
        .collect()
}

fn tags(mirror: &Mirror) -> BTreeMap<i64, (Vec<String>, Vec<i64>)> {
    let rows = mirror.tags.iter().map(|row| {
        let content = (
            row.users.iter().cloned().collect(),
            row.departments.iter().copied().collect(),
        );
        (row.wecom_id, content)
    });
    rows.collect()
}

/// Each value is that of before or that of after.
fn each_is_old_or_new<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    now: &BTreeMap<K, V>,
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
) -> Result<(), TestCaseError> {
    for key in now.keys().chain(old.keys()).chain(new.keys()) {
        let value = now.get(key);
        prop_assert!(value == old.get(key) || value == new.get(key), "{:?}: {:?}", key, value);
    }
    Ok(())
}

fn run<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

fn world() -> impl Strategy<Value = (Secrets, bool, Vec<Fault>)> {
    (secrets(), any::<bool>(), passing_faults())
}

#[test]
fn calls_that_fail_for_a_while_change_nothing_where_wecom_did_not() {
    let bench = Bench::new();
    run(120, world(), |(secrets, new_address, faults)| {
        let mut corp = corp();
        corp.contacts_ip_is_new = new_address;
        bench.set(corp.clone(), Vec::new());
        let before = bench.after(&empty(), secrets, &mut Ids(0));
        bench.set(corp, faults);
        if let Some((plan, _)) = bench.plan(&before, secrets) {
            prop_assert!(plan.is_empty(), "{:#?}", plan);
        }
        Ok(())
    });
}

#[test]
fn calls_that_fail_for_a_while_leave_each_value_old_or_make_it_new_and_the_next_run_catches_up() {
    let bench = Bench::new();
    run(120, world(), |(secrets, new_address, faults)| {
        let mut corp = corp();
        corp.contacts_ip_is_new = new_address;
        let mut ids = Ids(0);
        bench.set(corp.clone(), Vec::new());
        let before = bench.after(&empty(), secrets, &mut ids);
        let corp = later(corp);
        bench.set(corp.clone(), Vec::new());
        let desired = bench.after(&before, secrets, &mut ids);
        bench.set(corp.clone(), faults);
        let during = bench.after(&before, secrets, &mut ids);
        each_is_old_or_new(&members(&during), &members(&before), &members(&desired))?;
        each_is_old_or_new(&departments(&during), &departments(&before), &departments(&desired))?;
        each_is_old_or_new(&tags(&during), &tags(&before), &tags(&desired))?;
        bench.set(corp, Vec::new());
        let caught_up = bench.after(&during, secrets, &mut ids);
        prop_assert_eq!(members(&caught_up), members(&desired));
        prop_assert_eq!(departments(&caught_up), departments(&desired));
        prop_assert_eq!(tags(&caught_up), tags(&desired));
        Ok(())
    });
}

#[test]
fn what_is_refused_for_good_hides_no_leaver_removes_nobody_else_and_stands_after_one_run() {
    let bench = Bench::new();
    run(120, (secrets(), lasting_faults()), |(secrets, faults)| {
        let mut ids = Ids(0);
        bench.set(corp(), Vec::new());
        let before = bench.after(&empty(), secrets, &mut ids);
        bench.set(later(corp()), faults);
        let Some((plan, findings)) = bench.plan(&before, secrets) else {
            return Err(TestCaseError::fail("the run failed"));
        };
        let mut gone: Vec<&str> = plan
            .departures
            .iter()
            .map(|departure| departure.userid.as_str())
            .collect();
        gone.sort_unstable();
        // Refusals that leave nobody visible prove nothing.
        if findings.iter().any(|finding| finding.number == "SY-108") {
            prop_assert!(gone.is_empty());
        } else {
            prop_assert_eq!(gone, ["dan", "picked"], "{:?}", findings);
        }
        let after = applied(&before, &plan, &mut ids);
        let second = bench.plan(&after, secrets);
        prop_assert!(second.is_some_and(|(plan, _)| plan.is_empty()));
        Ok(())
    });
}

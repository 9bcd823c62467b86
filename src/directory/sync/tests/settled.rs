//! Tests of members who are settled: a plan without them is the plan with them, and whatever changed is found.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use proptest::prelude::*;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::{
    fixture::{Fixture, corp, person, staff},
    model::Ids,
    runs::job,
    stories::{Story, mirror, rule, snapshot, stories},
};
use crate::directory::{
    importing::{decision::ImportDecision, rules::MatchKey},
    sync::{
        counts::Counts,
        mirror::{AppRow, Mirror, Settled, Standing, UserRow},
        plan::{
            model::{Plan, UserChange},
            plan,
            settled::{Settling, wants_names},
        },
        run_state::State,
        snapshot::{AppFact, Person, ScopeLine, Snapshot},
        source::DuplicateRule,
        store,
    },
};

/// The same without whoever is settled, as it is loaded.
fn reduced(mirror: &Mirror, snapshot: &Snapshot, rule: DuplicateRule) -> (Mirror, Snapshot) {
    let (mut mirror, mut snapshot) = (mirror.clone(), snapshot.clone());
    let Some(settling) = Settling::of(&mirror, &snapshot, rule) else {
        return (mirror, snapshot);
    };
    let (mut settled, mut names) = (Vec::new(), Vec::new());
    let users = std::mem::take(&mut mirror.users);
    let seen = snapshot.members.clone();
    mirror.members.retain(|row| {
        let user = users.iter().find(|user| Some(user.id) == row.user_id);
        let person = seen.get(&row.key).filter(|seen| settling.may_be(&row.key, seen));
        let Some((user, person)) = user.zip(person) else {
            return true;
        };
        if !settling.is(row, user, person) {
            return true;
        }
        settled.push(Settled {
            member: row.id,
            said: person.digest(),
            kept: false,
        });
        snapshot.members.remove(&row.key);
        names.push(user.clone());
        false
    });
    mirror.users = users.into_iter().filter(|user| !names.contains(user)).collect();
    if wants_names(&mirror, &snapshot) {
        mirror.settled_names = names.into_iter().map(|user| user.username_key).collect();
    } else {
        let linked = |user: &UserRow| mirror.members.iter().any(|row| row.user_id == Some(user.id));
        mirror.users.retain(linked);
    }
    mirror.settled = settled;
    (mirror, snapshot)
}

/// Some members are seen as they are held, and their users have what WeCom gives: else hardly anybody is settled.
fn calm(stories: &mut [Story], calm: &[bool]) {
    for (story, _) in stories.iter_mut().zip(calm).filter(|(_, calm)| **calm) {
        if let (Some((_, held, _)), Some(seen)) = (&mut story.held, &story.seen) {
            *held = seen.clone();
        }
    }
}

/// What a plan says, whatever the order of those who are confirmed.
fn told(plan: &Plan) -> String {
    let confirmed: BTreeSet<Uuid> = plan.confirmed.iter().copied().collect();
    let plan = Plan {
        confirmed: Vec::new(),
        ..plan.clone()
    };
    format!("{confirmed:?} {plan:#?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_without_whoever_is_settled_is_the_plan_with_them(
        mut stories in stories(), rule in rule(), complete in any::<bool>(), calmed in prop::collection::vec(any::<bool>(), 8),
        scopes in proptest::option::of((prop::collection::btree_set(1..5_i64, 0..4), prop::collection::btree_set(1..5_i64, 0..4))),
        standings in prop::collection::vec(0..6_u8, 40), template in prop_oneof![Just("{userid}"), Just("{name}"), Just("{email}")],
        matched in any::<bool>(), decisions in prop::collection::vec(proptest::option::of(0..16_usize), 8),
    ) {
        calm(&mut stories, &calmed);
        let mut ids = Ids(0);
        let mut mirror = mirror(&stories, &mut ids);
        template.clone_into(&mut mirror.import.username_template);
        mirror.import.match_by = if matched { vec![MatchKey::Username] } else { Vec::new() };
        let mut snapshot = snapshot(&stories, complete);
        if let Some((before, now)) = scopes {
            let lines = |ids: &BTreeSet<i64>| ids.iter().copied().map(ScopeLine::Department).collect();
            mirror.whole_corp = true;
            mirror.app = Some(AppRow { id: ids.next(), scope: lines(&before), read: true });
            snapshot.departments_complete = true;
            snapshot.app = Some(AppFact { scope: lines(&now), ..AppFact::default() });
        }
        for (user, standing) in mirror.users.iter_mut().zip(&standings) {
            user.standing = match standing {
                0 => Standing::Outside,
                1 => Standing::Disabled,
                2 => user.standing,
                _ => Standing::Active,
            };
        }
        let users: Vec<Uuid> = mirror.users.iter().map(|user| user.id).collect();
        for (row, user) in mirror.members.iter().zip(decisions) {
            if let Some(user) = user.filter(|_| row.user_id.is_none()) {
                let decided = ImportDecision::Link(users.get(user).copied().unwrap_or_default());
                mirror.decisions.insert(row.id, decided);
            }
        }
        // What a run would write is held already.
        let profiles: Vec<_> = plan(&mirror, &snapshot, rule).members;
        for (change, _) in profiles.iter().zip(&calmed).filter(|(_, calm)| **calm) {
            if let UserChange::Write { id, profile: Some(profile), .. } = &change.user {
                let user = mirror.users.iter_mut().find(|user| user.id == *id).unwrap();
                user.profile = (**profile).clone();
            }
        }
        let (fewer, rest) = reduced(&mirror, &snapshot, rule);
        prop_assert_eq!(told(&plan(&mirror, &snapshot, rule)), told(&plan(&fewer, &rest, rule)));
    }
}

/// How many members a run need not plan with now.
pub(super) async fn settled(fixture: &Fixture) -> usize {
    let found = entity::sync_settled::Entity::find().all(fixture.runs.db.reader()).await;
    found.unwrap().iter().map(|part| part.members.len() / 32).sum()
}

/// What is loaded for this snapshot, as by a run now.
pub(super) async fn loaded(fixture: &Fixture, mut snapshot: Snapshot) -> Mirror {
    let db = &fixture.runs.db;
    let source = store::sources::find(db, fixture.source).await.unwrap().unwrap();
    let known = store::settled::take(&job(fixture), &source.digest(&[7; 32]))
        .await
        .unwrap();
    store::mirror::load_for(db, &source, (known, fixture.runs.clock.now()), &mut snapshot)
        .await
        .unwrap()
}

#[tokio::test]
async fn whom_a_run_creates_the_next_need_not_read() {
    let fixture = Fixture::new("overwrite").await;
    let mut seen = staff(5);
    Arc::make_mut(seen.members.get_mut("staff3").unwrap()).status = Some(4);
    fixture.sync(seen.clone()).await;
    assert_eq!(settled(&fixture).await, 5);
    let mirror = loaded(&fixture, seen.clone()).await;
    assert!(mirror.members.is_empty() && mirror.users.is_empty(), "{mirror:#?}");
    assert_eq!(mirror.settled.len(), 5);
    // Should the run come no further, the next knows as much.
    assert_eq!(settled(&fixture).await, 5);
    assert_eq!(loaded(&fixture, seen.clone()).await.settled.len(), 5);
    let (run, state) = fixture.sync(seen).await;
    let counts: Counts = serde_json::from_value(fixture.run_row(run).await.counts).unwrap();
    assert_eq!((state, counts.unchanged, counts.fetched), (State::Succeeded, 5, 5));
    assert_eq!(settled(&fixture).await, 5);
}

#[tokio::test]
async fn whoever_changed_here_or_there_is_read() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(6)).await;
    let mut seen = staff(6);
    Arc::make_mut(seen.members.get_mut("staff1").unwrap()).profile.position = Some("other".to_owned());
    let changes = [
        "UPDATE member SET checked_at = 0 WHERE userid_key = 'staff2'",
        "UPDATE users SET display_name = 'x' WHERE username_key = 'staff3'",
        "DELETE FROM users WHERE username_key = 'staff4'",
        "DELETE FROM member WHERE userid_key = 'staff5'",
    ];
    for change in changes {
        let done = fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{change}");
    }
    let mirror = loaded(&fixture, seen).await;
    let mut read: Vec<&str> = mirror.members.iter().map(|row| row.key.as_str()).collect();
    read.sort_unstable();
    assert_eq!(read, ["staff1", "staff2", "staff3", "staff4"]);
    assert_eq!(mirror.settled.len(), 1);
    // Somebody may want a name: those of the others are known, the user of the deleted member is nobody's.
    assert_eq!(mirror.settled_names, ["staff0"]);
    let mut users: Vec<&str> = mirror.users.iter().map(|user| user.username_key.as_str()).collect();
    users.sort_unstable();
    assert_eq!(users, ["staff1", "staff2", "staff3", "staff5"]);
}

#[tokio::test]
async fn what_no_plan_reads_settles_nobody_anew() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(2)).await;
    for change in [
        "UPDATE member SET checked_at = 5, updated_at = 5",
        "UPDATE users SET password_hash = 'x', updated_at = 5",
    ] {
        fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    }
    let notes = entity::sync_member_change::Entity::find()
        .count(fixture.runs.db.reader())
        .await;
    assert_eq!(notes.unwrap(), 0);
    assert_eq!(loaded(&fixture, staff(2)).await.settled.len(), 2);
}

#[tokio::test]
async fn notes_stay_as_long_as_somebody_may_look_for_them() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(2)).await;
    let change = "UPDATE users SET display_name = 'x' WHERE username_key = 'staff1'";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    store::proof::sweep(&fixture.runs.db).await.unwrap();
    assert_eq!(loaded(&fixture, staff(2)).await.members[0].key, "staff1");
    // After a start nothing is known, and no note needed.
    fixture.sync(staff(2)).await;
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    store::proof::forget(&fixture.runs.db).await.unwrap();
    let notes = entity::sync_member_change::Entity::find()
        .count(fixture.runs.db.reader())
        .await;
    assert_eq!((notes.unwrap(), settled(&fixture).await), (0, 0));
    let change = "UPDATE users SET display_name = 'y' WHERE username_key = 'staff1'";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    store::proof::sweep(&fixture.runs.db).await.unwrap();
    let notes = entity::sync_member_change::Entity::find()
        .count(fixture.runs.db.reader())
        .await;
    assert_eq!(notes.unwrap(), 0);
}

#[tokio::test]
async fn settings_and_another_program_have_everybody_read() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let change = "UPDATE data_source SET duplicate_rule = 'skip'";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    let mirror = loaded(&fixture, corp([])).await;
    assert_eq!(mirror.members.len(), 3);
}

/// Changes of what a plan reads, each as SQL.
const CHANGES: [&str; 13] = [
    "UPDATE member SET position = 'x' WHERE userid_key = 'ben'",
    "UPDATE member SET checked_at = 0 WHERE userid_key = 'ben'",
    "UPDATE member SET state = 'departed' WHERE userid_key = 'ben'",
    "UPDATE member SET departments = '[9]' WHERE userid_key = 'anna'",
    "UPDATE users SET display_name = 'x' WHERE username_key = 'ben'",
    "UPDATE users SET status = 'disabled', disabled_reason = 'out_of_scope' WHERE username_key = 'anna'",
    "UPDATE users SET status = 'active', disabled_reason = NULL",
    "UPDATE users SET console_role = 'admin' WHERE username_key = 'anna'",
    "UPDATE users SET console_role = NULL WHERE username_key = 'anna'",
    "DELETE FROM users WHERE username_key = 'ben'",
    "DELETE FROM member WHERE userid_key = 'carl'",
    "DELETE FROM scope_entry",
    "UPDATE data_source SET duplicate_rule = CASE duplicate_rule WHEN 'skip' THEN 'overwrite' ELSE 'skip' END",
];

fn said(step: u8) -> Snapshot {
    let status = |person: Person, status| Person {
        status: Some(status),
        ..person
    };
    let mut people = vec![person("anna", "Anna"), person("carl", "Carl"), person("dora", "Dora")];
    if step & 1 == 0 {
        people.push(status(person("ben", "Ben"), 1 + i32::from(step & 2)));
    }
    if step & 4 == 0 {
        people[1].profile.position = Some("other".to_owned());
    }
    corp(people)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // Whatever happened between runs, in whichever order: what a run found and wrote leaves nothing to do to one that reads everybody.
    #[test]
    fn a_run_that_reads_a_few_leaves_nothing_to_do(steps in prop::collection::vec((0..CHANGES.len() * 2, 0..8_u8), 2..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::new("overwrite").await;
            let db = &fixture.runs.db;
            db.writer().execute_unprepared("UPDATE data_source SET removal_threshold_percent = 100").await.unwrap();
            for (change, step) in steps {
                if let Some(change) = CHANGES.get(change) {
                    db.writer().execute_unprepared(change).await.unwrap();
                }
                let all = |source| async move { store::mirror::load(db, &source).await.unwrap() };
                let source = store::sources::find(db, fixture.source).await.unwrap().unwrap();
                fixture.runs.clock.advance(Duration::from_secs(60));
                let expected = plan(&all(source.clone()).await, &said(step), source.rule);
                let (run, state) = fixture.sync(said(step)).await;
                if state != State::Succeeded {
                    continue;
                }
                let counts: Counts = serde_json::from_value(fixture.run_row(run).await.counts).unwrap();
                let mut planned = Counts::seen(&said(step), None);
                planned.planned(&expected);
                assert_eq!((counts.unchanged, counts.updated, counts.created), (planned.unchanged, planned.updated, planned.created));
                let again = plan(&all(source.clone()).await, &said(step), source.rule);
                // Whose user was in doubt when they came back is weighed next by what WeCom shows alone.
                let weighed = again.members.iter().all(|change| change.settled) && !again.members.is_empty();
                assert!(again.is_empty() || weighed, "{again:#?}");
            }
        });
    }
}

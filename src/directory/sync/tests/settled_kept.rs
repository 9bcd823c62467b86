//! Tests of what is kept of members who are settled, from one run to the next.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::{
    fixture::{Fixture, person, staff},
    runs::job,
    settled::{loaded, settled},
};
use crate::directory::sync::{
    mirror::Settled,
    snapshot::{Person, Profile},
    store,
};

#[tokio::test]
async fn a_run_that_fails_has_those_alone_read_who_changed() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(4)).await;
    let change = "UPDATE users SET display_name = 'x' WHERE username_key = 'staff1'";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    let db = &fixture.runs.db;
    let source = store::sources::find(db, fixture.source).await.unwrap().unwrap();
    for _ in 0..2 {
        // Begins and comes no further.
        let known = store::settled::take(&job(&fixture), &source.digest(&[7; 32]))
            .await
            .unwrap();
        let read = |number: &usize| known.find(&person(&format!("Staff{number}"), "Li")).is_none();
        assert_eq!((0..4).filter(read).collect::<Vec<_>>(), [1]);
        assert_eq!(settled(&fixture).await, 3);
    }
    for _ in 0..2 {
        fixture.sync(staff(4)).await;
    }
    assert_eq!(settled(&fixture).await, 4, "each is kept once");
}

#[tokio::test]
async fn nothing_is_kept_once_notes_were_forgotten_meanwhile() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let (db, job, rules) = (&fixture.runs.db, job(&fixture), [7; 32]);
    store::settled::take(&job, &rules).await.unwrap();
    let mut found = loaded(&fixture, staff(3)).await.settled;
    found.iter_mut().for_each(|settled| settled.kept = false);
    store::settled::take(&job, &rules).await.unwrap();
    // Another replica starts, and forgets what the change told.
    let change = "UPDATE users SET display_name = 'x' WHERE username_key = 'staff1'";
    db.writer().execute_unprepared(change).await.unwrap();
    store::proof::forget(db).await.unwrap();
    store::settled::keep(&job, &rules, &found).await.unwrap();
    assert_eq!((found.len(), settled(&fixture).await), (3, 0));
}

#[tokio::test]
async fn what_many_runs_added_is_made_few_rows() {
    let fixture = Fixture::new("overwrite").await;
    let (db, job, rules) = (&fixture.runs.db, job(&fixture), [7; 32]);
    let rows = async || entity::sync_settled::Entity::find().count(db.reader()).await.unwrap();
    let mut most = 0;
    for run in 0..200_u128 {
        store::settled::take(&job, &rules).await.unwrap();
        let new = Settled {
            member: Uuid::from_u128(run),
            said: run.to_be_bytes(),
            kept: false,
        };
        store::settled::keep(&job, &rules, &[new]).await.unwrap();
        most = most.max(rows().await);
    }
    assert!(most < 80, "{most}");
    assert_eq!(settled(&fixture).await, 200, "and nobody is forgotten");
}

/// How many notes of changes there are.
async fn notes(fixture: &Fixture) -> u64 {
    let notes = entity::sync_member_change::Entity::find();
    notes.count(fixture.runs.db.reader()).await.unwrap()
}

#[tokio::test]
async fn no_notes_gather_where_nothing_is_synced() {
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 200000) \
                INSERT INTO sync_member_change SELECT randomblob(16), 0, (SELECT id FROM data_source) FROM n";
    for over in ["UPDATE data_source SET enabled = 0", many] {
        let fixture = Fixture::new("overwrite").await;
        fixture.sync(staff(2)).await;
        let db = &fixture.runs.db;
        let change = "UPDATE users SET display_name = 'x' WHERE username_key = 'staff1'";
        db.writer().execute_unprepared(change).await.unwrap();
        store::proof::sweep(db).await.unwrap();
        assert_eq!((notes(&fixture).await, settled(&fixture).await), (1, 2));
        db.writer().execute_unprepared(over).await.unwrap();
        let change = "UPDATE users SET nickname = 'y' WHERE username_key = 'staff1'";
        db.writer().execute_unprepared(change).await.unwrap();
        store::proof::sweep(db).await.unwrap();
        assert_eq!((notes(&fixture).await, settled(&fixture).await), (0, 0), "{over}");
    }
}

#[test]
fn everything_wecom_says_of_a_member_is_told_apart() {
    let whole = || Person {
        userid: "x".to_owned(),
        profile: Profile::default(),
        other_email: None,
        departments: vec![1],
        main_department: None,
        status: None,
    };
    let given = || Some("x".to_owned());
    let changes: &[fn(&mut Person, Option<String>)] = &[
        |person, _| person.userid.push('x'),
        |person, given| person.profile.name = given,
        |person, given| person.profile.alias = given,
        |person, given| person.profile.position = given,
        |person, given| person.profile.email = given,
        |person, given| person.other_email = given,
        |person, given| person.profile.mobile = given,
        |person, given| person.profile.avatar = given,
        |person, given| person.profile.gender = given,
        |person, given| person.profile.open_userid = given,
        |person, _| person.departments.push(2),
        |person, _| person.main_department = Some(1),
        |person, _| person.status = Some(1),
        // Nothing is not empty.
        |person, _| person.profile.name = Some(String::new()),
        |person, _| person.main_department = Some(0),
    ];
    let mut said = BTreeSet::from([whole().digest()]);
    for change in changes {
        let mut person = whole();
        change(&mut person, given());
        assert!(said.insert(person.digest()), "{person:?}");
    }
}

#[tokio::test]
async fn what_was_learnt_outlasts_that_a_run_was_taken_back() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let change = "UPDATE data_source SET undone_run = id";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    let mirror = loaded(&fixture, staff(3)).await;
    assert_eq!((mirror.members.len(), mirror.settled.len()), (0, 3));
}

//! Tests of runs that only plan: they show what a run would do, and write nothing.

use std::{sync::Arc, time::Duration};

use entity::{data_source, sync_row};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Set, Statement};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Fixture, corp, person, source_row, staff};
use crate::directory::sync::{
    run_state::{Cause, Mode, State},
    snapshot::{DepartmentFact, Snapshot},
    store,
};

/// Everything in the database but the runs, their rows, and who may write.
async fn contents(fixture: &Fixture) -> Vec<String> {
    let db = fixture.runs.db.reader();
    let texts = async |sql: String| -> Vec<String> {
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Sqlite, sql))
            .await
            .unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let mut contents = Vec::new();
    for table in texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name".to_owned()).await {
        if ["sync_run", "sync_row"].contains(&table.as_str()) {
            continue;
        }
        let columns = texts(format!(
            "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') FROM pragma_table_info('{table}') WHERE name <> 'sync_fence'"
        ));
        let columns = columns.await.remove(0);
        let rows = texts(format!("SELECT {columns} FROM \"{table}\" ORDER BY 1")).await;
        contents.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    assert!(contents.iter().any(|line| line.starts_with("member: ")), "{contents:?}");
    contents
}

/// Runs a plan to its end.
async fn planned(fixture: &Fixture, snapshot: Snapshot) -> Uuid {
    fixture.runs.clock.advance(Duration::from_secs(60));
    let run = fixture
        .runs
        .start_as(fixture.source, (Cause::Manual, Mode::Plan))
        .await
        .unwrap();
    let id = run.id();
    let state = fixture.runs.execute(run, async { Ok(snapshot) }, None).await.unwrap();
    assert_eq!(state, State::Planned);
    id
}

/// (subject, userid, outcome, has changes) of a run's rows, sorted.
async fn shown(fixture: &Fixture, run: Uuid) -> Vec<(String, String, String, bool)> {
    let rows = sync_row::Entity::find().filter(sync_row::Column::RunId.eq(run));
    let rows = rows.all(fixture.runs.db.reader()).await.unwrap();
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|row| (row.subject, row.userid, row.outcome, row.changes.is_some()))
        .collect();
    rows.sort();
    rows
}

/// Somebody leaves, comes, is renamed; a department and a user of that name are there.
async fn before_and_after(fixture: &Fixture) -> Snapshot {
    let mut first = corp(["anna", "ben", "carl"].map(|userid| person(userid, "Li")));
    for member in first.members.values_mut() {
        let member = Arc::make_mut(member);
        member.profile.mobile = Some(format!("1380000{:04}", member.userid.len() * 100));
    }
    fixture.sync(first.clone()).await;
    fixture.user("dora", None, None).await;
    let mut after = first;
    after.members.remove("ben");
    Arc::make_mut(after.members.get_mut("anna").unwrap()).profile.name = Some("Anna".to_owned());
    after.members.insert("dora".to_owned(), person("dora", "Dora").into());
    after.members.insert("emil".to_owned(), person("emil", "Emil").into());
    after.departments_complete = true;
    after.departments = vec![DepartmentFact {
        id: 1,
        parent_id: Some(0),
        name: Some("All".to_owned()),
        order: 1,
    }];
    after
}

#[tokio::test]
async fn a_plan_shows_everything_and_writes_nothing_and_once_confirmed_does_what_it_showed() {
    let fixture = Fixture::new("overwrite").await;
    let after = before_and_after(&fixture).await;
    let before = contents(&fixture).await;
    let run = planned(&fixture, after.clone()).await;
    assert_eq!(contents(&fixture).await, before);
    let rows = shown(&fixture, run).await;
    let row = |subject: &str, userid: &str, outcome: &str, changes| {
        (subject.to_owned(), userid.to_owned(), outcome.to_owned(), changes)
    };
    for expected in [
        row("member", "anna", "updated", true),
        row("member", "ben", "departed", true),
        row("member", "dora", "created", true),
        row("member", "emil", "created", false),
        row("department", "1", "created", true),
    ] {
        assert!(rows.contains(&expected), "{expected:?} is missing in {rows:?}");
    }
    assert!(!rows.iter().any(|row| row.1 == "carl"), "{rows:?}");
    let held = fixture.run_row(run).await;
    assert_eq!((held.state.as_str(), held.mode.as_str()), ("planned", "plan"));
    for (count, value) in [
        ("created", 2),
        ("updated", 1),
        ("departed", 1),
        ("overwrites", 1),
        ("removals", 1),
    ] {
        assert_eq!(held.counts[count], value, "{count} in {}", held.counts);
    }

    let confirmed = fixture.runs.confirm(run).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(after.clone()) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);
    let held = fixture.run_row(run).await;
    assert_eq!((held.state.as_str(), held.mode.as_str()), ("succeeded", "apply"));
    let applied = shown(&fixture, run).await;
    // What follows for addresses is known only once the rest is written.
    let keys = |rows: &[(String, String, String, bool)]| -> Vec<(String, String, String)> {
        let rows = rows.iter().filter(|row| row.0 != "user");
        rows.map(|row| (row.0.clone(), row.1.clone(), row.2.clone())).collect()
    };
    assert_eq!(keys(&applied), keys(&rows), "what was shown was done");
    assert_eq!(fixture.member("ben").await.state, "departed");

    let again = planned(&fixture, after).await;
    assert_eq!(shown(&fixture, again).await, [], "a second plan is empty");
}

#[tokio::test]
async fn a_confirmed_plan_does_as_much_as_was_seen_and_no_more() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(40)).await;
    let run = planned(&fixture, staff(25)).await;
    let findings = fixture.run_row(run).await.findings;
    assert_eq!(
        findings[0]["number"], "SY-104",
        "the plan says what would pause it: {findings}"
    );
    let confirmed = fixture.runs.confirm(run).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(staff(20)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Paused);
    assert_eq!(fixture.member("staff39").await.state, "present");
    let confirmed = fixture.runs.confirm(run).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(staff(21)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);
}

#[tokio::test]
async fn a_plan_neither_brings_a_run_forward_nor_is_made_up_for_nor_lets_others_apply() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let far = fixture.runs.clock.now().plus(Duration::from_secs(24 * 3600));
    let mut row = source_row(fixture.source, "ww1", "overwrite", Some(fixture.app));
    row.next_sync_at = Set(Some(far.millis()));
    row.undone_run = Set(Some(fixture.app));
    row.update(fixture.runs.db.writer()).await.unwrap();
    let failed = fixture
        .runs
        .start_as(fixture.source, (Cause::Manual, Mode::Plan))
        .await
        .unwrap();
    let failure = crate::directory::sync::SyncFailure::FetchIncomplete.failure();
    assert!(
        fixture
            .runs
            .execute(failed, async { Err::<Snapshot, _>(failure) }, None)
            .await
            .is_err()
    );
    drop(
        fixture
            .runs
            .start_as(fixture.source, (Cause::Manual, Mode::Plan))
            .await
            .unwrap(),
    );
    fixture.runs.clock.advance(Duration::from_secs(61));
    fixture.runs.interrupt_dead().await.unwrap();
    let db = &fixture.runs.db;
    assert!(
        !store::runs::is_running(db, fixture.source).await.unwrap(),
        "the dead one was found"
    );
    assert!(
        store::sources::due(db, fixture.runs.clock.now())
            .await
            .unwrap()
            .is_empty()
    );
    planned(&fixture, staff(3)).await;
    let recent = store::runs::recent(db, fixture.source).await.unwrap();
    assert_eq!(recent.len(), 1, "{recent:?}");
    let source = data_source::Entity::find_by_id(fixture.source)
        .one(db.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        source.undone_run,
        Some(fixture.app),
        "a plan is no word of an admin that runs may apply again"
    );
}

#[tokio::test]
async fn each_guard_pauses_with_its_own_number_until_confirmed() {
    let fixture = Fixture::new("overwrite").await;
    for number in 0..12 {
        fixture.user(&format!("staff{number}"), None, None).await;
    }
    // Twelve of twenty are users made here.
    let (run, state) = fixture.sync(staff(20)).await;
    assert_eq!(state, State::Paused);
    assert_eq!(fixture.run_row(run).await.findings[0]["number"], "SY-149");
    let confirmed = fixture.runs.confirm(run).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(staff(20)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);

    let mut row = source_row(fixture.source, "ww1", "overwrite", Some(fixture.app));
    row.guard = Set(json!({ "departures": { "count": 0 }, "outside": { "count": 0 } }));
    row.update(fixture.runs.db.writer()).await.unwrap();
    let (run, state) = fixture.sync(staff(19)).await;
    assert_eq!(state, State::Paused);
    let findings = fixture.run_row(run).await.findings;
    assert_eq!(findings[0]["number"], "SY-147");
    assert_eq!(
        findings[0]["detail"],
        "1 of 20 members would depart (guard.departures); 0 pass unasked"
    );
    let mut disabled = staff(20);
    Arc::make_mut(disabled.members.get_mut("staff3").unwrap()).status = Some(2);
    let (run, state) = fixture.sync(disabled).await;
    assert_eq!(state, State::Paused);
    assert_eq!(fixture.run_row(run).await.findings[0]["number"], "SY-148");
}

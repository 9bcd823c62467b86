//! Crashes at every boundary of a run: what was written by then stands in the journal, can be taken back, and is completed by the next run.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use entity::sync_run;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{
    fixture::{Fixture, corp, person},
    tables::dump,
};
use crate::directory::sync::{
    run_state::{Cause, State},
    snapshot::{AppFact, DepartmentFact, Person, ScopeLine, Snapshot, TagFact, TagMembers},
    store,
};

fn numbered(userid: &str, name: &str, status: i32) -> Person {
    let mut person = person(userid, name);
    person.profile.mobile = Some(format!(
        "138{:08}",
        userid.bytes().fold(0, |sum, byte| sum * 31 + u64::from(byte))
    ));
    person.status = Some(status);
    person
}

fn structure(mut seen: Snapshot, departments: &[(i64, i64)], bearers: &[&str]) -> Snapshot {
    let department = |(id, parent_id): &(i64, i64)| DepartmentFact {
        id: *id,
        parent_id: Some(*parent_id),
        name: Some(format!("D{id}")),
        order: 1,
    };
    seen.departments = departments.iter().map(department).collect();
    seen.departments_complete = true;
    let content = TagMembers {
        users: bearers.iter().map(|key| (*key).to_owned()).collect(),
        departments: BTreeSet::new(),
    };
    let id = i64::try_from(bearers.len()).unwrap();
    let tag = |id, content| TagFact {
        id,
        name: format!("T{id}"),
        content: Some(content),
    };
    seen.tags = vec![tag(9, content), tag(id, TagMembers::default())];
    seen.tags_complete = true;
    seen.app = Some(AppFact {
        name: "SSO".to_owned(),
        scope: departments.iter().map(|(id, _)| ScopeLine::Department(*id)).collect(),
        ..AppFact::default()
    });
    seen
}

/// Who leaves, is disabled, is back, is renamed and is new; departments, tags and the visible scope change as well.
fn before() -> Snapshot {
    let people = [("ann", 1), ("bob", 1), ("cat", 2), ("dan", 1)];
    let seen = corp(people.map(|(userid, status)| numbered(userid, "A", status)));
    structure(seen, &[(1, 0), (2, 1)], &["ann"])
}

fn after() -> Snapshot {
    let people = [("bob", 2), ("cat", 1), ("dan", 1), ("eve", 1)];
    let mut seen = corp(people.map(|(userid, status)| numbered(userid, "A", status)));
    Arc::make_mut(seen.members.get_mut("dan").unwrap()).profile.alias = Some("D".to_owned());
    structure(seen, &[(1, 0), (3, 1)], &["bob", "cat"])
}

/// Has the database fail whatever writes this batch of a run's journal.
async fn fail_at(fixture: &Fixture, batch: i32) {
    let trigger = format!(
        "CREATE TRIGGER crash BEFORE INSERT ON sync_row WHEN NEW.batch = {batch} BEGIN SELECT RAISE(ABORT, 'crash'); END"
    );
    fixture.runs.db.writer().execute_unprepared(&trigger).await.unwrap();
}

async fn mend(fixture: &Fixture) {
    fixture
        .runs
        .db
        .writer()
        .execute_unprepared("DROP TRIGGER crash")
        .await
        .unwrap();
}

/// A run that fails at this batch of its journal; `None`: it has fewer.
async fn crashed(fixture: &Fixture, batch: i32) -> Option<Uuid> {
    fail_at(fixture, batch).await;
    fixture.runs.clock.advance(Duration::from_secs(60));
    let run = fixture.start().await;
    let id = run.id();
    let outcome = fixture.runs.execute(run, async { Ok(after()) }, None).await;
    mend(fixture).await;
    outcome.is_err().then_some(id)
}

async fn undo(fixture: &Fixture, run: Uuid) -> State {
    fixture.runs.clock.advance(Duration::from_secs(60));
    let undo = fixture.runs.undo(run).await.unwrap();
    fixture.runs.take_back(undo, run).await.unwrap()
}

/// Without ids that are given anew in each database, and dates.
fn shape(rows: &BTreeSet<String>) -> Vec<String> {
    let is_name =
        |word: &&str| !word.contains('-') && !word.chars().any(|letter| letter.is_ascii_digit() && word.len() > 6);
    let words = |row: &String| row.split(' ').filter(is_name).collect::<Vec<_>>().join(" ");
    let mut shape: Vec<String> = rows.iter().map(words).collect();
    shape.sort();
    shape
}

#[tokio::test]
async fn a_run_that_crashes_at_any_batch_is_taken_back_or_completed() {
    let whole = Fixture::new("overwrite").await;
    whole.sync(before()).await;
    whole.sync(after()).await;
    let done = shape(&dump(&whole).await);
    let mut crashes = 0;
    for batch in 1.. {
        let fixture = Fixture::new("overwrite").await;
        fixture.sync(before()).await;
        let was = dump(&fixture).await;
        let Some(run) = crashed(&fixture, batch).await else {
            break;
        };
        crashes += 1;
        assert_eq!(fixture.run_row(run).await.state, "failed");
        assert_eq!(fixture.rows(run).await.is_empty(), batch == 1, "batch {batch}");
        if batch > 1 {
            assert_eq!(undo(&fixture, run).await, State::Succeeded);
        }
        assert_eq!(dump(&fixture).await, was, "batch {batch}");
        crashed(&fixture, batch).await.unwrap();
        fixture.sync(after()).await;
        assert_eq!(shape(&dump(&fixture).await), done, "batch {batch}");
    }
    assert!(crashes > 7, "{crashes}");
}

/// What a process leaves behind that is killed instead.
async fn as_if_killed(fixture: &Fixture, run: Uuid) {
    let killed = sync_run::Entity::update_many()
        .col_expr(sync_run::Column::State, Expr::value("running"))
        .col_expr(sync_run::Column::FinishedAt, Expr::value(None::<i64>))
        .col_expr(sync_run::Column::FailureNumber, Expr::value(None::<String>))
        .filter(sync_run::Column::Undoes.eq(run));
    let killed = killed.exec(fixture.runs.db.writer()).await.unwrap();
    assert_eq!(killed.rows_affected, 1);
}

#[tokio::test]
async fn an_undo_that_is_killed_at_any_batch_goes_on_by_itself_where_it_stopped() {
    for batch in 1.. {
        let fixture = Fixture::new("overwrite").await;
        fixture.sync(before()).await;
        let was = dump(&fixture).await;
        let (run, _) = fixture.sync(after()).await;
        let todo = store::undo::count(&fixture.runs.db, run).await.unwrap();
        fail_at(&fixture, batch).await;
        fixture.runs.clock.advance(Duration::from_secs(60));
        let first = fixture.runs.undo(run).await.unwrap();
        let id = first.id();
        let outcome = fixture.runs.take_back(first, run).await;
        mend(&fixture).await;
        if outcome.is_ok() {
            assert!(batch > 7, "{batch}");
            break;
        }
        as_if_killed(&fixture, run).await;
        let refused = fixture.runs.start(fixture.source, Cause::Schedule).await.err().unwrap();
        assert_eq!(refused.entry.number, "SY-101", "no other run comes before it by itself");
        let undo = fixture.runs.interrupt_dead().await.unwrap().remove(0);
        assert_eq!(undo.id(), id);
        assert_eq!(fixture.runs.take_back(undo, run).await.unwrap(), State::Succeeded);
        assert_eq!(dump(&fixture).await, was, "batch {batch}");
        let counts = fixture.run_row(id).await.counts;
        assert_eq!(
            (&counts["undone"], &counts["todo"]),
            (&todo.into(), &todo.into()),
            "batch {batch}"
        );
    }
}

#[tokio::test]
async fn an_undo_that_crashes_at_any_batch_goes_on_where_it_stopped() {
    for batch in 1.. {
        let fixture = Fixture::new("overwrite").await;
        fixture.sync(before()).await;
        let was = dump(&fixture).await;
        let (run, _) = fixture.sync(after()).await;
        fail_at(&fixture, batch).await;
        fixture.runs.clock.advance(Duration::from_secs(60));
        let first = fixture.runs.undo(run).await.unwrap();
        let outcome = fixture.runs.take_back(first, run).await;
        mend(&fixture).await;
        if outcome.is_ok() {
            assert!(batch > 7, "{batch}");
            break;
        }
        assert_eq!(undo(&fixture, run).await, State::Succeeded);
        assert_eq!(dump(&fixture).await, was, "batch {batch}");
    }
}

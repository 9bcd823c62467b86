//! Tests of taking runs back: what is refused and why, what waits for an admin afterwards, and who may write at all.

use std::time::Duration;

use entity::{audit_event, data_source, member, sync_row, sync_run, users};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    fixture::{Fixture, corp, person, staff},
    tables::{dump, journal},
};
use crate::{
    directory::sync::{
        apply::Job,
        journal::Entry,
        plan::{
            self,
            changes::Said,
            model::{Row, RowOutcome},
        },
        run_context::Execution,
        run_state::{Cause, State},
        snapshot::{Person, Snapshot},
        source::DuplicateRule,
        store::{self, fence::Mark},
    },
    store::lease::Lease,
};

pub(super) fn numbered(userid: &str, name: &str, number: &str) -> Person {
    let mut person = person(userid, name);
    person.profile.mobile = Some(number.to_owned());
    person
}

/// Three people, of whom one leaves, one is renamed, and one stays; and one is new.
pub(super) fn before() -> Snapshot {
    corp([
        numbered("lihua", "李华", "13800000001"),
        numbered("wangwu", "王五", "13800000002"),
        numbered("zhao", "赵", "13800000003"),
    ])
}

fn after() -> Snapshot {
    corp([
        numbered("lihua", "李华华", "13800000001"),
        numbered("wangwu", "王五", "13800000002"),
        numbered("sun", "孙", "13800000004"),
    ])
}

pub(super) async fn undo(fixture: &Fixture, run: Uuid) -> (Uuid, State) {
    fixture.runs.clock.advance(Duration::from_secs(60));
    let undo = fixture.runs.undo(run).await.unwrap();
    let id = undo.id();
    (id, fixture.runs.take_back(undo, run).await.unwrap())
}

pub(super) async fn refused(fixture: &Fixture, run: Uuid) -> &'static str {
    fixture.runs.undo(run).await.err().unwrap().entry.number
}

pub(super) async fn user_of(fixture: &Fixture, userid: &str) -> users::Model {
    fixture.find_user(fixture.member(userid).await.user_id.unwrap()).await
}

#[tokio::test]
async fn a_run_is_taken_back_once_and_an_undo_never() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let was = dump(&fixture).await;
    let (run, _) = fixture.sync(after()).await;
    let rows = journal(&fixture, run).await;
    let renamed = rows.iter().find(|row| row.userid == "lihua").unwrap();
    assert_eq!(
        renamed.changes.as_ref().unwrap()["user.display_name"],
        serde_json::json!({ "from": "李华", "to": "李华华" })
    );
    let created = rows.iter().find(|row| row.userid == "sun").unwrap();
    assert_eq!((created.outcome.as_str(), &created.changes), ("created", &None));
    assert_eq!(rows.len(), 3, "one row for each who was written: {rows:#?}");

    let (undone, state) = undo(&fixture, run).await;
    assert_eq!(state, State::Succeeded);
    assert_eq!(dump(&fixture).await, was);
    let row = fixture.run_row(undone).await;
    assert_eq!((row.cause.as_str(), row.undoes), ("undo", Some(run)));
    assert_eq!((&row.counts["undone"], &row.counts["refused"]), (&3.into(), &0.into()));
    assert!(
        journal(&fixture, run)
            .await
            .iter()
            .all(|row| row.undone.as_deref() == Some("undone"))
    );
    let returned = audit_event::Entity::find().filter(audit_event::Column::Kind.eq("access.returned"));
    assert_eq!(returned.count(fixture.runs.db.reader()).await.unwrap(), 1);

    assert_eq!(refused(&fixture, run).await, "SY-137");
    assert_eq!(refused(&fixture, undone).await, "SY-138");
    assert_eq!(refused(&fixture, fixture.source).await, "SY-110");
}

#[tokio::test]
async fn what_somebody_changed_since_is_refused_row_by_row() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let (run, _) = fixture.sync(after()).await;
    fixture.runs.clock.advance(Duration::from_secs(60));
    let db = fixture.runs.db.writer();
    // An admin renames lihua, sun signs in; nobody touches zhao, who left.
    let mut lihua = user_of(&fixture, "lihua").await.into_active_model();
    lihua.display_name = Set(Some("by hand".to_owned()));
    lihua.update(db).await.unwrap();
    fixture.signed_in(user_of(&fixture, "sun").await.id).await;

    let (undone, state) = undo(&fixture, run).await;
    assert_eq!(state, State::Incomplete);
    assert_eq!(fixture.run_row(undone).await.findings[0]["number"], "SY-140");
    assert_eq!(
        user_of(&fixture, "lihua").await.display_name.as_deref(),
        Some("by hand")
    );
    assert_eq!(
        fixture.member("lihua").await.name.as_deref(),
        Some("李华华"),
        "a row is one thing"
    );
    assert_eq!(fixture.member("sun").await.state, "present");
    assert_eq!(fixture.member("zhao").await.state, "present");
    assert_eq!(user_of(&fixture, "zhao").await.status, "active");
    let told = |rows: Vec<sync_row::Model>| {
        let mut told: Vec<_> = rows.into_iter().map(|row| (row.userid, row.undone.unwrap())).collect();
        told.sort();
        told
    };
    let refused = |why: &str| format!("refused: {why}");
    assert_eq!(
        told(journal(&fixture, run).await),
        [
            ("lihua".to_owned(), refused("user.display_name was changed since")),
            (
                "sun".to_owned(),
                refused("the user has signed in, or was given credentials or access, since")
            ),
            ("zhao".to_owned(), "undone".to_owned()),
        ]
    );
    // What was refused may be tried again, once what stood in the way is put right.
    let mut lihua = user_of(&fixture, "lihua").await.into_active_model();
    lihua.display_name = Set(Some("李华华".to_owned()));
    lihua.update(db).await.unwrap();
    undo(&fixture, run).await;
    assert_eq!(user_of(&fixture, "lihua").await.display_name.as_deref(), Some("李华"));
}

#[tokio::test]
async fn nobody_takes_a_console_admin_back() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let (run, _) = fixture.sync(after()).await;
    let mut lihua = user_of(&fixture, "lihua").await.into_active_model();
    lihua.console_role = Set(Some("auditor".to_owned()));
    let lihua = lihua.update(fixture.runs.db.writer()).await.unwrap();
    undo(&fixture, run).await;
    assert_eq!(fixture.find_user(lihua.id).await, lihua);
}

#[tokio::test]
async fn after_an_undo_no_run_applies_by_itself_until_an_admin_started_or_confirmed_one() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let (run, _) = fixture.sync(after()).await;
    undo(&fixture, run).await;
    let was = dump(&fixture).await;
    let by_itself = async |cause| {
        let run = fixture.runs.start(fixture.source, cause).await.unwrap();
        let id = run.id();
        (
            id,
            fixture.runs.execute(run, async { Ok(after()) }, None).await.unwrap(),
        )
    };
    for cause in [Cause::Schedule, Cause::Event] {
        let (paused, state) = by_itself(cause).await;
        assert_eq!(state, State::Paused);
        assert_eq!(fixture.run_row(paused).await.findings[0]["number"], "SY-139");
        assert_eq!(dump(&fixture).await, was);
        assert_eq!(journal(&fixture, paused).await.len(), 3, "it shows what it would do");
        assert_eq!(refused(&fixture, paused).await, "SY-137", "it wrote nothing");
    }
    // Nothing to do is nothing to ask about.
    let run = fixture.runs.start(fixture.source, Cause::Schedule).await.unwrap();
    let state = fixture.runs.execute(run, async { Ok(before()) }, None).await.unwrap();
    assert_eq!(state, State::Succeeded);
    let (paused, _) = by_itself(Cause::Schedule).await;
    let confirmed = fixture.runs.confirm(paused).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(after()) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);
    assert_eq!(fixture.member("sun").await.state, "present");
    let source = data_source::Entity::find_by_id(fixture.source)
        .one(fixture.runs.db.reader())
        .await;
    assert_eq!(source.unwrap().unwrap().undone_run, None);

    undo(&fixture, paused).await;
    assert_eq!(dump(&fixture).await, was);
    let (_, state) = fixture.sync(after()).await;
    assert_eq!(state, State::Succeeded, "by hand");
    assert_eq!(by_itself(Cause::Schedule).await.1, State::Succeeded);
}

#[tokio::test]
async fn a_run_that_lost_its_lease_writes_nothing_more() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let was = dump(&fixture).await;
    let first = fixture.start().await;
    let (first_id, lease) = (first.id(), format!("sync:{}", fixture.source));
    let mut second = None;
    // While it fetches, its lease runs out and another replica begins.
    let fetching = async {
        Lease::revoke(&fixture.runs.ephemeral, &lease).await.unwrap();
        second = Some(fixture.start().await);
        Ok(after())
    };
    let failure = fixture.runs.execute(first, fetching, None).await.unwrap_err();
    assert_eq!(failure.entry.number, "SY-109");
    assert_eq!(dump(&fixture).await, was);
    assert!(journal(&fixture, first_id).await.is_empty());
    let (second, ended) = (second.unwrap(), fixture.run_row(first_id).await);
    assert_eq!(ended.state, "failed");
    let second_id = second.id();
    assert_eq!(
        fixture.run_row(second_id).await.state,
        "running",
        "nobody wrote over its row"
    );
    let state = fixture.runs.execute(second, async { Ok(after()) }, None).await.unwrap();
    assert_eq!(state, State::Succeeded);
    assert_eq!(fixture.run_row(first_id).await, ended);
}

#[tokio::test]
async fn the_fence_falls_between_two_batches_as_well() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    let db = &fixture.runs.db;
    let source = store::sources::find(db, fixture.source).await.unwrap().unwrap();
    let mirror = store::mirror::load(db, &source).await.unwrap();
    let plan = plan::plan(&mirror, &after(), DuplicateRule::Overwrite);
    let run = fixture.start().await;
    let (run_id, fence) = (run.id(), fixture.id());
    store::fence::take(db, fixture.source, fence, Mark::Keep).await.unwrap();
    let execution = Execution::new(run_id, fence);
    let job = Job {
        run: Some(&execution),
        fetched_at: fixture.runs.clock.now(),
        ..super::runs::job(&fixture)
    };
    let said = Said::default();
    let gone = store::departures::write(&job, &plan.departures, &said).await.unwrap();
    assert_eq!(gone.len(), 1);
    store::fence::take(db, fixture.source, fixture.id(), Mark::Keep)
        .await
        .unwrap();
    // Something to settle: nobody has an address that could be verified.
    let verified = users::Entity::update_many().col_expr(users::Column::EmailVerified, Expr::value(true));
    verified.exec(db.writer()).await.unwrap();
    let was = dump(&fixture).await;
    let failure = store::members::write(&job, &plan.members, &said).await.unwrap_err();
    assert_eq!(failure.entry.number, "SY-109");
    for refused in [
        store::members::confirm(&job, &plan.confirmed).await,
        store::members::confirm_everybody(&job).await,
        store::journal::remark(&job, &[Entry::from(&remark())]).await,
        store::addresses::settle(&job).await,
    ] {
        assert_eq!(refused.unwrap_err().entry.number, "SY-109");
    }
    assert_eq!(dump(&fixture).await, was);
    assert_eq!(
        journal(&fixture, run_id).await.len(),
        1,
        "the journal says what was written until then"
    );
    drop(run);
}

fn remark() -> Row {
    Row {
        userid: "lihua".to_owned(),
        outcome: RowOutcome::Skipped,
        reason: String::new(),
    }
}

#[tokio::test]
async fn a_userid_that_is_somebody_elses_by_now_is_not_taken_from_them() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(before()).await;
    // lihua gets another userid, and somebody else gets theirs.
    let moved = corp([
        numbered("lihua2", "李华", "13800000001"),
        numbered("wangwu", "王五", "13800000002"),
        numbered("zhao", "赵", "13800000003"),
    ]);
    let (run, _) = fixture.sync(moved.clone()).await;
    assert_eq!(fixture.rows(run).await, [("lihua2".to_owned(), "renamed".to_owned())]);
    let mut given_on = moved;
    given_on
        .members
        .insert("lihua".to_owned(), numbered("lihua", "别人", "13800000009").into());
    let (newer, _) = fixture.sync(given_on).await;
    let (_, state) = undo(&fixture, run).await;
    assert_eq!(state, State::Incomplete);
    assert_eq!(fixture.member("lihua").await.name.as_deref(), Some("别人"));
    // In the order in which they were written both go.
    undo(&fixture, newer).await;
    let (_, state) = undo(&fixture, run).await;
    assert_eq!(state, State::Succeeded);
    assert_eq!(fixture.member("lihua").await.name.as_deref(), Some("李华"));
    assert_eq!(member::Entity::find().count(fixture.runs.db.reader()).await.unwrap(), 3);
}

#[tokio::test]
async fn a_first_run_of_many_is_taken_back_in_batches_and_its_rows_are_short() {
    let fixture = Fixture::new("overwrite").await;
    let was = dump(&fixture).await;
    let (run, _) = fixture.sync(staff(1203)).await;
    let rows = journal(&fixture, run).await;
    assert_eq!(rows.len(), 1203);
    assert!(
        rows.iter()
            .all(|row| row.changes.is_none() && row.subject_id.is_some() && row.user_id.is_some())
    );
    let (undone, state) = undo(&fixture, run).await;
    assert_eq!(state, State::Succeeded);
    assert_eq!(dump(&fixture).await, was);
    let db = fixture.runs.db.reader();
    let batches = sync_row::Entity::find().filter(sync_row::Column::RunId.eq(undone));
    let last = batches.all(db).await.unwrap().iter().map(|row| row.batch).max();
    assert_eq!(last, Some(17), "in transactions of 75");
    assert_eq!(sync_run::Entity::find().count(db).await.unwrap(), 2);
}

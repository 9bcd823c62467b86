//! Tests of runs: one at a time, paused, failed, overtaken, scheduled.

use std::time::Duration;

use entity::{department, member, scope_entry, tag_user, wecom_app};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set,
};

use super::fixture::{Fixture, corp, person, source_row, staff};
use crate::directory::sync::{
    apply,
    failure::SyncFailure,
    plan::{self, changes::Said, model::Plan},
    run_state::{Cause, State},
    schedule::Due,
    snapshot::{AppFact, Completeness, DepartmentFact, ScopeLine, Snapshot, TagFact, TagMembers},
    source::DuplicateRule,
    store,
};

#[tokio::test]
async fn too_many_removals_pause_until_confirmed() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(40)).await;
    let (run, state) = fixture.sync(staff(20)).await;
    assert_eq!(state, State::Paused);
    let row = fixture.run_row(run).await;
    assert_eq!((row.state.as_str(), &row.counts["departed"]), ("paused", &20.into()));
    assert_eq!(row.findings[0]["number"], "SY-104");
    assert_eq!(fixture.member("staff39").await.state, "present");
    assert_eq!(fixture.rows(run).await.len(), 20);

    let confirmed = fixture.runs.confirm(run).await.unwrap();
    // More are gone by now than the admin agreed to.
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(staff(15)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Paused);
    let confirmed = fixture.runs.confirm(run).await.unwrap();
    let state = fixture
        .runs
        .execute(confirmed, async { Ok(staff(15)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);
    assert_eq!(fixture.member("staff39").await.state, "departed");
    assert_eq!(fixture.rows(run).await.len(), 25);
    assert_eq!(fixture.runs.confirm(run).await.err().unwrap().entry.number, "SY-118");
    assert_eq!(
        fixture.runs.confirm(fixture.source).await.err().unwrap().entry.number,
        "SY-110"
    );
}

#[tokio::test]
async fn a_partial_fetch_adds_but_never_removes() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let mut partial = corp([person("new", "新")]);
    partial.completeness = Completeness::Partial {
        reasons: vec!["user/list failed".to_owned()],
    };
    let (run, state) = fixture.sync(partial).await;
    assert_eq!(state, State::Incomplete);
    assert_eq!(fixture.run_row(run).await.state, "incomplete");
    assert_eq!(fixture.member("staff0").await.state, "present");
    assert_eq!(fixture.member("new").await.state, "present");
}

#[tokio::test]
async fn a_failed_fetch_fails_the_run_with_its_number() {
    let fixture = Fixture::new("overwrite").await;
    let run = fixture.start().await;
    let id = run.id();
    let failure = SyncFailure::SecretRefused.failure().detail("gettoken answered 40001");
    let outcome = fixture
        .runs
        .execute(run, async { Err::<Snapshot, _>(failure) }, None)
        .await;
    assert_eq!(outcome.unwrap_err().entry.number, "SY-114");
    let row = fixture.run_row(id).await;
    assert_eq!(
        (row.state.as_str(), row.failure_number.as_deref()),
        ("failed", Some("SY-114"))
    );
    assert_eq!(row.failure_detail.as_deref(), Some("gettoken answered 40001"));
    fixture.sync(staff(1)).await;
}

#[tokio::test]
async fn one_run_at_a_time_and_a_dead_one_is_found_interrupted() {
    let fixture = Fixture::new("overwrite").await;
    let dead = fixture.start().await.id();
    let refused = fixture.runs.start(fixture.source, Cause::Schedule).await.err().unwrap();
    assert_eq!(refused.entry.number, "SY-101");
    fixture.runs.clock.advance(Duration::from_secs(61));
    fixture.sync(staff(1)).await;
    let row = fixture.run_row(dead).await;
    assert_eq!(
        (row.state.as_str(), row.failure_number.as_deref()),
        ("failed", Some("SY-109"))
    );
}

#[tokio::test]
async fn a_killed_run_is_interrupted_and_its_source_is_due_again_at_once() {
    let fixture = Fixture::new("overwrite").await;
    let far = fixture.runs.clock.now().plus(Duration::from_secs(24 * 3600));
    let mut row = source_row(fixture.source, "ww1", "overwrite", Some(fixture.app));
    row.next_sync_at = Set(Some(far.millis()));
    row.update(fixture.runs.db.writer()).await.unwrap();
    let dead = fixture.start().await.id();
    fixture.runs.interrupt_dead().await.unwrap();
    assert_eq!(fixture.run_row(dead).await.state, "running", "it may still be alive");
    fixture.runs.clock.advance(Duration::from_secs(61));
    fixture.runs.interrupt_dead().await.unwrap();
    assert_eq!(fixture.run_row(dead).await.failure_number.as_deref(), Some("SY-109"));
    let now = fixture.runs.clock.now();
    let due = store::sources::due(&fixture.runs.db, now).await.unwrap();
    assert_eq!(due[0].at, Some(now), "at once");
    let again = fixture.start().await.id();
    fixture.runs.clock.advance(Duration::from_secs(16));
    fixture.runs.interrupt_dead().await.unwrap();
    assert_eq!(fixture.run_row(again).await.state, "failed");
}

#[tokio::test]
async fn a_killed_run_of_a_source_without_a_schedule_is_made_up_for_once() {
    let fixture = Fixture::new("overwrite").await;
    let mut row = source_row(fixture.source, "ww1", "overwrite", Some(fixture.app));
    row.auto_sync_hours = Set(None);
    row.update(fixture.runs.db.writer()).await.unwrap();
    let (db, clock) = (&fixture.runs.db, &fixture.runs.clock);
    assert!(store::sources::due(db, clock.now()).await.unwrap().is_empty());
    drop(fixture.start().await);
    // A process that knows that it is alone need not wait until the lease runs out.
    fixture.runs.take_over().await.unwrap();
    fixture.runs.interrupt_dead().await.unwrap();
    let due = store::sources::due(db, clock.now()).await.unwrap();
    assert_eq!((due[0].data_source_id, due[0].hours), (fixture.source, None));
    let claimed = clock.now().plus(Duration::from_secs(15));
    assert!(store::sources::claim_turn(db, &due[0], claimed).await.unwrap());
    store::sources::set_next_turn(db, fixture.source, claimed, None)
        .await
        .unwrap();
    clock.advance(Duration::from_secs(24 * 3600));
    assert!(store::sources::due(db, clock.now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_turn_that_was_claimed_by_a_process_that_died_before_its_run_began_is_due_again_soon() {
    let fixture = Fixture::new("overwrite").await;
    let (db, clock) = (&fixture.runs.db, &fixture.runs.clock);
    let due = store::sources::due(db, clock.now()).await.unwrap();
    let claimed = clock.now().plus(Duration::from_secs(15));
    assert!(store::sources::claim_turn(db, &due[0], claimed).await.unwrap());
    assert!(store::sources::due(db, clock.now()).await.unwrap().is_empty());
    clock.advance(Duration::from_secs(15));
    assert_eq!(store::sources::due(db, clock.now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn unknown_and_disabled_sources_are_refused() {
    let fixture = Fixture::new("overwrite").await;
    let unknown = fixture.runs.start(fixture.app, Cause::Manual).await.err().unwrap();
    assert_eq!(unknown.entry.number, "SY-111");
    let mut row = source_row(fixture.source, "ww1", "skip", None);
    row.enabled = Set(false);
    row.update(fixture.runs.db.writer()).await.unwrap();
    let disabled = fixture.runs.start(fixture.source, Cause::Manual).await.err().unwrap();
    assert_eq!(disabled.entry.number, "SY-103");
}

#[tokio::test]
async fn of_a_hundred_replicas_one_claims_the_turn() {
    let fixture = Fixture::new("overwrite").await;
    let now = fixture.runs.clock.now();
    let due = store::sources::due(&fixture.runs.db, now).await.unwrap();
    assert_eq!(
        due.iter().map(|due| due.data_source_id).collect::<Vec<_>>(),
        [fixture.source]
    );
    for at in [None, Some(now)] {
        let due = Due { at, ..due[0] };
        let next = now.plus(Duration::from_secs(if at.is_none() { 0 } else { 3600 }));
        let claims = (0..100).map(|_| store::sources::claim_turn(&fixture.runs.db, &due, next));
        let claims = futures_util::future::join_all(claims).await;
        let winners = claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count();
        assert_eq!(winners, 1);
    }
    assert!(store::sources::due(&fixture.runs.db, now).await.unwrap().is_empty());
}

async fn department_7(db: &impl ConnectionTrait) -> department::Model {
    let row = department::Entity::find().filter(department::Column::WecomId.eq(7));
    row.one(db).await.unwrap().unwrap()
}

#[tokio::test]
async fn structure_and_scope_are_mirrored_and_what_is_gone_disappears() {
    let fixture = Fixture::new("overwrite").await;
    let department = |id, parent_id| DepartmentFact {
        id,
        parent_id: Some(parent_id),
        name: Some(format!("D{id}")),
        order: 1,
    };
    let mut full = staff(1);
    full.departments = vec![department(1, 0), department(2, 1), department(7, 2)];
    full.departments_complete = true;
    full.tags = vec![TagFact {
        id: 3,
        name: "oncall".to_owned(),
        content: Some(TagMembers {
            users: ["staff0".to_owned(), "gone".to_owned()].into(),
            departments: [7].into(),
        }),
    }];
    full.tags_complete = true;
    full.app = Some(AppFact {
        name: "SSO".to_owned(),
        scope: [
            ScopeLine::Department(1),
            ScopeLine::Tag(3),
            ScopeLine::User("staff0".to_owned()),
        ]
        .into(),
        ..AppFact::default()
    });
    fixture.sync(full.clone()).await;
    let db = fixture.runs.db.reader();
    let row = department_7(db).await;
    assert_eq!((row.path.as_str(), row.name.as_str()), ("/1/2/7/", "D7"));
    assert_eq!(tag_user::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(scope_entry::Entity::find().count(db).await.unwrap(), 3);

    full.departments = vec![department(1, 0), department(7, 1)];
    full.tags[0].content = Some(TagMembers::default());
    full.app = Some(AppFact::default());
    fixture.sync(full.clone()).await;
    let row = department_7(db).await;
    assert_eq!(row.path, "/1/7/");
    assert_eq!(department::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(tag_user::Entity::find().count(db).await.unwrap(), 0);
    assert_eq!(scope_entry::Entity::find().count(db).await.unwrap(), 0);
    let app = wecom_app::Entity::find_by_id(fixture.app)
        .one(db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(app.scope_fetched_at, Some(fixture.runs.clock.now().millis()));
}

/// The plan for a snapshot, as a run would make it.
pub(super) async fn planned(fixture: &Fixture, snapshot: &Snapshot) -> Plan {
    let source = store::sources::find(&fixture.runs.db, fixture.source)
        .await
        .unwrap()
        .unwrap();
    let mirror = store::mirror::load(&fixture.runs.db, &source).await.unwrap();
    plan::plan(&mirror, snapshot, DuplicateRule::Overwrite)
}

pub(in crate::directory) fn job(fixture: &Fixture) -> apply::Job<'_> {
    apply::Job {
        db: &fixture.runs.db,
        clock: &fixture.runs.clock,
        entropy: &fixture.runs.entropy,
        data_source_id: fixture.source,
        corp_key: "ww1",
        run: None,
        fetched_at: fixture.runs.clock.now(),
    }
}

#[tokio::test]
async fn what_changed_since_the_plan_was_made_is_left_alone() {
    let fixture = Fixture::new("overwrite").await;
    // Whose number stays is the same person under a new name.
    let numbered = |userid: &str, name| {
        let mut person = person(userid, name);
        person.profile.mobile = Some(format!(
            "13800000{:03}",
            userid.len() * 7 + usize::from(userid.as_bytes()[0])
        ));
        person
    };
    fixture
        .sync(corp([
            numbered("lihua", "李华"),
            numbered("wangwu", "王五"),
            person("zhao", "赵"),
        ]))
        .await;
    let local = fixture.user("qian", None, None).await;
    let desired = ["lihua", "wangwu", "qian", "sun"].map(|userid| numbered(userid, "new"));
    let plan = planned(&fixture, &corp(desired)).await;
    assert_eq!((plan.members.len(), plan.departures.len()), (4, 1));

    // Meanwhile: lihua changes, wangwu's user and qian become admins, somebody takes the name sun, zhao signs in.
    let db = fixture.runs.db.writer();
    let mut lihua = fixture.member("lihua").await.into_active_model();
    lihua.updated_at = Set(1);
    lihua.update(db).await.unwrap();
    for id in [fixture.member("wangwu").await.user_id.unwrap(), local] {
        let mut user = fixture.find_user(id).await.into_active_model();
        user.console_role = Set(Some("admin".to_owned()));
        user.update(db).await.unwrap();
    }
    fixture.user("sun", None, None).await;
    let mut zhao = fixture.member("zhao").await.into_active_model();
    zhao.checked_at = Set(fixture.runs.clock.now().millis() + 1);
    zhao.update(db).await.unwrap();

    let missed = store::members::write(&job(&fixture), &plan.members, &Said::default())
        .await
        .unwrap();
    assert_eq!(missed, ["lihua", "qian", "sun", "wangwu"]);
    assert!(
        store::departures::write(&job(&fixture), &plan.departures, &Said::default())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(fixture.find_user(local).await.display_name.as_deref(), Some("before"));
    assert_eq!(fixture.member("zhao").await.state, "present");
    assert_eq!(member::Entity::find().count(db).await.unwrap(), 3);
}

//! Runs as such: one at a time, paused, failed, overtaken, scheduled.

use std::time::Duration;

use entity::{department, member, scope_entry, tag_user, wecom_app};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};

use super::bench::{Bench, corp, person, source_row, staff};
use crate::directory::sync::{
    apply,
    failure::SyncFailure,
    plan::{self, model::Plan},
    run_state::{Cause, State},
    schedule::Due,
    snapshot::{AppFact, Completeness, DepartmentFact, ScopeLine, Snapshot, TagFact, TagMembers},
    source::DuplicateRule,
    store,
};

#[tokio::test]
async fn too_many_removals_pause_until_confirmed() {
    let bench = Bench::new("overwrite").await;
    bench.sync(staff(40)).await;
    let (run, state) = bench.sync(staff(20)).await;
    assert_eq!(state, State::Paused);
    let row = bench.run_row(run).await;
    assert_eq!((row.state.as_str(), &row.counts["departed"]), ("paused", &20.into()));
    assert_eq!(row.findings[0]["number"], "SY-104");
    assert_eq!(bench.member("staff39").await.state, "present");
    assert_eq!(bench.rows(run).await.len(), 20);

    let confirmed = bench.runs.confirm(run).await.unwrap();
    // More are gone by now than the admin agreed to.
    let state = bench
        .runs
        .execute(confirmed, async { Ok(staff(15)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Paused);
    let confirmed = bench.runs.confirm(run).await.unwrap();
    let state = bench
        .runs
        .execute(confirmed, async { Ok(staff(15)) }, None)
        .await
        .unwrap();
    assert_eq!(state, State::Succeeded);
    assert_eq!(bench.member("staff39").await.state, "departed");
    assert_eq!(bench.rows(run).await.len(), 25);
    assert_eq!(bench.runs.confirm(run).await.err().unwrap().entry.number, "SY-118");
    assert_eq!(
        bench.runs.confirm(bench.source).await.err().unwrap().entry.number,
        "SY-110"
    );
}

#[tokio::test]
async fn a_partial_fetch_adds_but_never_removes() {
    let bench = Bench::new("overwrite").await;
    bench.sync(staff(3)).await;
    let mut partial = corp([person("new", "新")]);
    partial.completeness = Completeness::Partial {
        reasons: vec!["user/list failed".to_owned()],
    };
    let (run, state) = bench.sync(partial).await;
    assert_eq!(state, State::Incomplete);
    assert_eq!(bench.run_row(run).await.state, "incomplete");
    assert_eq!(bench.member("staff0").await.state, "present");
    assert_eq!(bench.member("new").await.state, "present");
}

#[tokio::test]
async fn a_failed_fetch_fails_the_run_with_its_number() {
    let bench = Bench::new("overwrite").await;
    let run = bench.start().await;
    let id = run.id();
    let failure = SyncFailure::SecretRefused.failure().detail("gettoken answered 40001");
    let outcome = bench.runs.execute(run, async { Err(failure) }, None).await;
    assert_eq!(outcome.unwrap_err().entry.number, "SY-114");
    let row = bench.run_row(id).await;
    assert_eq!(
        (row.state.as_str(), row.failure_number.as_deref()),
        ("failed", Some("SY-114"))
    );
    assert_eq!(row.failure_detail.as_deref(), Some("gettoken answered 40001"));
    bench.sync(staff(1)).await;
}

#[tokio::test]
async fn one_run_at_a_time_and_a_dead_one_is_found_interrupted() {
    let bench = Bench::new("overwrite").await;
    let dead = bench.start().await.id();
    let refused = bench.runs.start(bench.source, Cause::Schedule).await.err().unwrap();
    assert_eq!(refused.entry.number, "SY-101");
    bench.runs.clock.advance(Duration::from_secs(61));
    bench.sync(staff(1)).await;
    let row = bench.run_row(dead).await;
    assert_eq!(
        (row.state.as_str(), row.failure_number.as_deref()),
        ("failed", Some("SY-109"))
    );
}

#[tokio::test]
async fn a_killed_run_is_interrupted_and_its_source_is_due_again_soon() {
    let bench = Bench::new("overwrite").await;
    let far = bench.runs.clock.now().plus(Duration::from_secs(24 * 3600));
    let mut row = source_row(bench.source, "ww1", "overwrite", Some(bench.app));
    row.next_sync_at = Set(Some(far.millis()));
    row.update(bench.runs.db.writer()).await.unwrap();
    let dead = bench.start().await.id();
    bench.runs.interrupt_dead().await.unwrap();
    assert_eq!(bench.run_row(dead).await.state, "running", "it may still be alive");
    bench.runs.clock.advance(Duration::from_secs(61));
    bench.runs.interrupt_dead().await.unwrap();
    assert_eq!(bench.run_row(dead).await.failure_number.as_deref(), Some("SY-109"));
    let soon = bench.runs.clock.now().plus(Duration::from_secs(30 * 60));
    let due = store::sources::due(&bench.runs.db, soon).await.unwrap();
    assert_eq!(due[0].at, Some(soon));
    bench.start().await;
}

#[tokio::test]
async fn unknown_and_disabled_sources_are_refused() {
    let bench = Bench::new("overwrite").await;
    let unknown = bench.runs.start(bench.app, Cause::Manual).await.err().unwrap();
    assert_eq!(unknown.entry.number, "SY-111");
    let mut row = source_row(bench.source, "ww1", "skip", None);
    row.enabled = Set(false);
    row.update(bench.runs.db.writer()).await.unwrap();
    let disabled = bench.runs.start(bench.source, Cause::Manual).await.err().unwrap();
    assert_eq!(disabled.entry.number, "SY-103");
}

#[tokio::test]
async fn of_a_hundred_replicas_one_claims_the_turn() {
    let bench = Bench::new("overwrite").await;
    let now = bench.runs.clock.now();
    let due = store::sources::due(&bench.runs.db, now).await.unwrap();
    assert_eq!(
        due.iter().map(|due| due.data_source_id).collect::<Vec<_>>(),
        [bench.source]
    );
    for at in [None, Some(now)] {
        let due = Due { at, ..due[0] };
        let next = now.plus(Duration::from_secs(if at.is_none() { 0 } else { 3600 }));
        let claims = (0..100).map(|_| store::sources::claim_turn(&bench.runs.db, &due, next));
        let claims = futures_util::future::join_all(claims).await;
        let winners = claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count();
        assert_eq!(winners, 1);
    }
    assert!(store::sources::due(&bench.runs.db, now).await.unwrap().is_empty());
}

#[tokio::test]
async fn structure_and_scope_are_mirrored_and_what_is_gone_disappears() {
    let bench = Bench::new("overwrite").await;
    let department = |id, parent_id| DepartmentFact {
        id,
        parent_id,
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
    bench.sync(full.clone()).await;
    let db = bench.runs.db.reader();
    let row = department::Entity::find()
        .filter(department::Column::WecomId.eq(7))
        .one(db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.path.as_str(), row.name.as_str()), ("/1/2/7/", "D7"));
    assert_eq!(tag_user::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(scope_entry::Entity::find().count(db).await.unwrap(), 3);

    full.departments = vec![department(1, 0), department(7, 1)];
    full.tags[0].content = Some(TagMembers::default());
    full.app = Some(AppFact::default());
    bench.sync(full.clone()).await;
    let row = department::Entity::find()
        .filter(department::Column::WecomId.eq(7))
        .one(db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.path, "/1/7/");
    assert_eq!(department::Entity::find().count(db).await.unwrap(), 2);
    assert_eq!(tag_user::Entity::find().count(db).await.unwrap(), 0);
    assert_eq!(scope_entry::Entity::find().count(db).await.unwrap(), 0);
    let app = wecom_app::Entity::find_by_id(bench.app).one(db).await.unwrap().unwrap();
    assert_eq!(app.scope_fetched_at, Some(bench.runs.clock.now().millis()));
}

/// The plan for a snapshot, as a run would make it.
async fn planned(bench: &Bench, snapshot: &Snapshot) -> Plan {
    let source = store::sources::find(&bench.runs.db, bench.source)
        .await
        .unwrap()
        .unwrap();
    let mirror = store::mirror::load(&bench.runs.db, &source).await.unwrap();
    plan::plan(&mirror, snapshot, DuplicateRule::Overwrite)
}

pub(in crate::directory) fn job(bench: &Bench) -> apply::Job<'_> {
    apply::Job {
        db: &bench.runs.db,
        clock: &bench.runs.clock,
        entropy: &bench.runs.entropy,
        data_source_id: bench.source,
        corp_id: "ww1",
        run_id: bench.source,
        fetched_at: bench.runs.clock.now(),
    }
}

#[tokio::test]
async fn what_changed_since_the_plan_was_made_is_left_alone() {
    let bench = Bench::new("overwrite").await;
    bench
        .sync(corp([
            person("lihua", "李华"),
            person("wangwu", "王五"),
            person("zhao", "赵"),
        ]))
        .await;
    let local = bench.user("qian", None, None).await;
    let desired = ["lihua", "wangwu", "qian", "sun"].map(|userid| person(userid, "new"));
    let plan = planned(&bench, &corp(desired)).await;
    assert_eq!((plan.members.len(), plan.departures.len()), (4, 1));

    // Meanwhile: lihua changes, wangwu's user and qian become admins, somebody takes the name sun, zhao signs in.
    let db = bench.runs.db.writer();
    let mut lihua = bench.member("lihua").await.into_active_model();
    lihua.updated_at = Set(1);
    lihua.update(db).await.unwrap();
    for id in [bench.member("wangwu").await.user_id.unwrap(), local] {
        let mut user = bench.find_user(id).await.into_active_model();
        user.console_role = Set(Some("admin".to_owned()));
        user.update(db).await.unwrap();
    }
    bench.user("sun", None, None).await;
    let mut zhao = bench.member("zhao").await.into_active_model();
    zhao.checked_at = Set(bench.runs.clock.now().millis() + 1);
    zhao.update(db).await.unwrap();

    let missed = store::members::write(&job(&bench), &plan.members).await.unwrap();
    assert_eq!(missed, ["lihua", "qian", "sun", "wangwu"]);
    assert!(
        store::departures::write(&job(&bench), &plan.departures)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(bench.find_user(local).await.display_name.as_deref(), Some("before"));
    assert_eq!(bench.member("zhao").await.state, "present");
    assert_eq!(member::Entity::find().count(db).await.unwrap(), 3);
}

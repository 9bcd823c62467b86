//! Tests of the short way: it is taken only where nothing changed, and what it says is what the long way would say.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use entity::{import_decision, member, sync_run};
use proptest::prelude::*;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::fixture::{Fixture, corp, person, staff};
use crate::directory::sync::{
    SyncFailure,
    counts::{Counts, Phase},
    plan,
    run_state::State,
    short_way::ShortWay,
    snapshot::{AppFact, Completeness, DepartmentFact, Finding, ScopeLine, Snapshot, TagFact, TagMembers, Unreadable},
    store,
};

/// A run to which WeCom replied this, which means that snapshot.
async fn told(fixture: &Fixture, snapshot: Snapshot, replies: &[u8]) -> sync_run::Model {
    fixture.runs.clock.advance(Duration::from_secs(60));
    let run = fixture.start().await;
    let (id, record) = (run.id(), run.replies().clone());
    let fetching = async {
        for (call, answer) in (0..).zip(replies) {
            record.pretend(call, *answer);
        }
        Ok(snapshot)
    };
    fixture.runs.execute(run, fetching, None).await.unwrap();
    fixture.run_row(id).await
}

fn counts(run: &sync_run::Model) -> Counts {
    serde_json::from_value(run.counts.clone()).unwrap()
}

fn is_short(run: &sync_run::Model) -> bool {
    counts(run).as_before
}

/// Departments, a tag, an app with a scope, a member with a remark, and one whom the duplicate rule leaves out.
fn small_corp() -> Snapshot {
    Snapshot {
        departments: vec![DepartmentFact {
            id: 1,
            parent_id: Some(0),
            name: Some("Acme".to_owned()),
            order: 1,
        }],
        departments_complete: true,
        tags: vec![TagFact {
            id: 3,
            name: "oncall".to_owned(),
            content: Some(TagMembers {
                users: ["anna".to_owned()].into(),
                departments: [1].into(),
            }),
        }],
        tags_complete: true,
        adjusted: vec![Unreadable {
            userid: Some("anna".to_owned()),
            reason: "`mobile` is no number and was left out".to_owned(),
        }],
        app: Some(AppFact {
            name: "Menjin".to_owned(),
            scope: [ScopeLine::Department(1)].into(),
            ..AppFact::default()
        }),
        ..corp([person("anna", "Anna"), person("ben", "Ben"), person("admin", "Admin")])
    }
}

/// An installation whose next run, told the same, has nothing to do.
async fn settled(replies: &[u8]) -> Fixture {
    let fixture = Fixture::new("skip").await;
    fixture.user("admin", None, Some("admin")).await;
    for _ in 0..2 {
        let run = told(&fixture, small_corp(), replies).await;
        assert_eq!((run.state.as_str(), is_short(&run)), (State::Succeeded.as_str(), false));
    }
    fixture
}

#[tokio::test]
async fn told_the_same_again_a_run_says_what_the_long_way_says() {
    let fixture = settled(&[1, 2, 3]).await;
    let long = told(&fixture, small_corp(), &[9]).await;
    assert!(!is_short(&long));
    let short = told(&fixture, small_corp(), &[9]).await;
    assert!(is_short(&short));
    let as_long = Counts {
        as_before: false,
        ..counts(&short)
    };
    assert_eq!(
        (as_long, &short.findings, &short.state),
        (counts(&long), &long.findings, &long.state)
    );
    let rows = fixture.rows(long.id).await;
    assert!(rows.len() >= 2, "{rows:?}");
    assert_eq!(fixture.rows(short.id).await, rows);
    // Everybody is as fresh as after the long way.
    let began = fixture.runs.clock.now().millis();
    assert_eq!(fixture.confirmed_at("ben").await, began);
    // And again, and with the proof of a short one.
    assert!(is_short(&told(&fixture, small_corp(), &[9]).await));
    assert_eq!(fixture.rows(short.id).await, rows);
}

#[tokio::test]
async fn another_reply_more_and_fewer_take_the_long_way() {
    for replies in [&[1, 2, 4][..], &[2, 1, 3], &[1, 2], &[1, 2, 3, 4], &[]] {
        let fixture = settled(&[1, 2, 3]).await;
        let run = told(&fixture, small_corp(), replies).await;
        assert!(!is_short(&run), "{replies:?}");
    }
}

/// Syncs until nothing is left to do.
async fn until_short(fixture: &Fixture) {
    for _ in 0..4 {
        if is_short(&told(fixture, small_corp(), &[1]).await) {
            return;
        }
    }
    panic!("the long way is taken for ever");
}

/// Changes of what a plan reads, each as SQL.
const CHANGES: [&str; 14] = [
    "UPDATE member SET position = 'x' WHERE userid = 'ben'",
    "UPDATE member SET checked_at = 0 WHERE userid = 'ben'",
    "UPDATE member SET doubt = 'gap' WHERE userid = 'ben'",
    "UPDATE member SET state = 'departed' WHERE userid = 'ben'",
    "UPDATE users SET display_name = 'x' WHERE username = 'ben'",
    "UPDATE users SET console_role = NULL WHERE username = 'admin'",
    "DELETE FROM users WHERE username = 'ben'",
    "UPDATE department SET name = 'x'",
    "DELETE FROM department",
    "UPDATE tag SET name = 'x'",
    "DELETE FROM tag_user",
    "DELETE FROM scope_entry",
    "UPDATE wecom_app SET scope_fetched_at = NULL",
    "UPDATE data_source SET duplicate_rule = 'overwrite'",
];

#[tokio::test]
async fn whatever_a_plan_reads_has_changed_the_long_way_is_taken_once() {
    let fixture = settled(&[1]).await;
    for change in CHANGES {
        until_short(&fixture).await;
        let changed = fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
        assert!(changed.rows_affected() > 0, "{change}");
        let run = told(&fixture, small_corp(), &[1]).await;
        assert!(!is_short(&run), "{change}");
    }
}

#[tokio::test]
async fn a_decision_and_an_undo_take_the_long_way() {
    let fixture = settled(&[1]).await;
    let ben = fixture.member("ben").await;
    let decision = import_decision::Model {
        member_id: ben.id,
        data_source_id: fixture.source,
        userid: ben.userid,
        kind: "ignore".to_owned(),
        user_id: None,
        username: None,
        decided_by: "x".to_owned(),
        decided_at: 1,
    };
    import_decision::Entity::insert(decision.into_active_model().reset_all())
        .exec_without_returning(fixture.runs.db.writer())
        .await
        .unwrap();
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
    until_short(&fixture).await;
    let first = sync_run::Entity::find()
        .all(fixture.runs.db.reader())
        .await
        .unwrap()
        .remove(0);
    let undo = fixture.runs.undo(first.id).await.unwrap();
    fixture.runs.take_back(undo, first.id).await.unwrap();
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
}

#[tokio::test]
async fn a_change_while_a_run_is_under_way_is_seen() {
    let fixture = settled(&[1]).await;
    let departments = std::sync::atomic::AtomicI64::new(100);
    let change = || async {
        let another = departments.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let ben = member::Entity::update_many()
            .col_expr(member::Column::MainDepartment, sea_orm::sea_query::Expr::value(another))
            .filter(member::Column::Userid.eq("ben"));
        ben.exec(fixture.runs.db.writer()).await.unwrap();
    };
    // While one is told the same: the proof falls, and what was held back is read.
    fixture.runs.clock.advance(Duration::from_secs(60));
    let run = fixture.start().await;
    let (id, record) = (run.id(), run.replies().clone());
    let fetching = async {
        change().await;
        record.pretend(0, 1);
        Ok(small_corp())
    };
    fixture.runs.execute(run, fetching, None).await.unwrap();
    let row = fixture.run_row(id).await;
    assert!(!is_short(&row));
    assert_eq!(counts(&row).updated, 1);
    // While another makes the proof: it is not made, whether or not the change was read.
    fixture.runs.clock.advance(Duration::from_secs(60));
    let run = fixture.start().await;
    let record = run.replies().clone();
    let fetching = async {
        record.pretend(0, 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
        change().await;
        Ok(small_corp())
    };
    fixture.runs.execute(run, fetching, None).await.unwrap();
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
}

#[tokio::test]
async fn another_data_source_that_takes_the_notes_away_takes_the_proof_with_them() {
    let fixture = settled(&[1]).await;
    let change = "UPDATE users SET nickname = 'x' WHERE username = 'ben'";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    store::proof::sweep(&fixture.runs.db).await.unwrap();
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
}

#[tokio::test]
async fn who_only_seems_gone_keeps_the_long_way() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let mut partial = staff(2);
    partial.completeness = Completeness::Withheld { reasons: Vec::new() };
    for _ in 0..3 {
        let run = told(&fixture, partial.clone(), &[1]).await;
        assert!(!is_short(&run));
    }
}

#[tokio::test]
async fn the_proof_of_another_program_proves_nothing() {
    let mut fixture = settled(&[1]).await;
    assert!(is_short(&told(&fixture, small_corp(), &[1]).await));
    fixture.runs.short_way = ShortWay::of(Arc::new(|| async { Some([8_u8; 32]) }.boxed()));
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
    assert!(is_short(&told(&fixture, small_corp(), &[1]).await));
    fixture.runs.short_way = ShortWay::closed();
    for _ in 0..2 {
        assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
    }
}

#[tokio::test]
async fn words_of_wecom_are_not_repeated() {
    let fixture = settled(&[1]).await;
    let hint = Some("tag/get answered 81011: hint: [1]".to_owned());
    let withheld = Snapshot {
        findings: vec![Finding::of(SyncFailure::ListsWithheld, false, hint)],
        ..small_corp()
    };
    for _ in 0..3 {
        let run = told(&fixture, withheld.clone(), &[2]).await;
        assert_eq!((run.state.as_str(), is_short(&run)), (State::Succeeded.as_str(), false));
    }
}

#[tokio::test]
async fn after_a_start_everything_is_compared_once() {
    let fixture = settled(&[1]).await;
    assert!(is_short(&told(&fixture, small_corp(), &[1]).await));
    store::proof::forget(&fixture.runs.db).await.unwrap();
    assert!(!is_short(&told(&fixture, small_corp(), &[1]).await));
    assert!(is_short(&told(&fixture, small_corp(), &[1]).await));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    // Whatever happened between runs, in whichever order: after a short one a plan would be empty.
    #[test]
    fn after_the_short_way_a_plan_is_empty(steps in prop::collection::vec((0..CHANGES.len() * 2, 0..3_u8), 1..12)) {
        runtime().block_on(async {
            let fixture = settled(&[0]).await;
            for (change, reply) in steps {
                if let Some(change) = CHANGES.get(change) {
                    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
                }
                let mut said = small_corp();
                if reply == 2 {
                    said.members.remove("ben");
                }
                fixture.runs.clock.advance(Duration::from_secs(60));
                let run = fixture.start().await;
                let (id, record): (Uuid, _) = (run.id(), run.replies().clone());
                let told = said.clone();
                let fetching = async {
                    record.pretend(0, reply);
                    Ok(told)
                };
                fixture.runs.execute(run, fetching, None).await.unwrap();
                let run = fixture.run_row(id).await;
                if is_short(&run) {
                    let source = store::sources::find(&fixture.runs.db, fixture.source).await.unwrap().unwrap();
                    let mirror = store::mirror::load(&fixture.runs.db, &source).await.unwrap();
                    let plan = plan::plan(&mirror, &said, source.rule);
                    let mut expected = Counts::seen(&said, None);
                    expected.planned(&plan);
                    let expected = Counts { phase: Phase::Finished, as_before: true, ..expected };
                    assert!(plan.is_empty());
                    assert_eq!(counts(&run), expected);
                }
            }
        });
    }
}

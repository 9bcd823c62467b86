//! Tests of how a run confirms memberships: everybody at once, or one by one where it did not see everybody.

use std::time::Duration;

use entity::users;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{
    fixture::{Fixture, corp, person, staff},
    runs::{job, planned},
};
use crate::directory::sync::{
    apply,
    counts::Counts,
    plan::changes::Said,
    snapshot::{Completeness, Snapshot},
    store,
};

fn partial(seen: Snapshot) -> Snapshot {
    Snapshot {
        completeness: Completeness::Partial {
            reasons: vec!["a list is missing".to_owned()],
        },
        ..seen
    }
}

async fn does_not_show(fixture: &Fixture, userid: &str) {
    let mut member = fixture.member(userid).await.into_active_model();
    member.checked_at = Set(0);
    member.update(fixture.runs.db.writer()).await.unwrap();
}

#[tokio::test]
async fn whom_a_partial_run_did_not_see_is_not_confirmed_by_it() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(20)).await;
    let first = fixture.confirmed_at("staff7").await;
    fixture.sync(partial(staff(10))).await;
    assert_eq!(fixture.confirmed_at("staff7").await, first + 60_000);
    assert_eq!(fixture.confirmed_at("staff15").await, first, "nobody saw them");
}

#[tokio::test]
async fn a_run_confirms_again_whom_wecom_had_not_shown() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let first = fixture.confirmed_at("staff1").await;
    does_not_show(&fixture, "staff1").await;
    assert_eq!(fixture.confirmed_at("staff1").await, 0);
    fixture.sync(staff(3)).await;
    assert_eq!(fixture.confirmed_at("staff1").await, first + 60_000);
}

#[tokio::test]
async fn who_departs_is_confirmed_no_more_and_an_undo_confirms_nobody() {
    let fixture = Fixture::new("overwrite").await;
    let (lihua, wangwu) = (person("lihua", "李华"), person("wangwu", "王五"));
    fixture.sync(corp([lihua.clone(), wangwu])).await;
    let first = fixture.confirmed_at("lihua").await;
    let (run, _) = fixture.sync(corp([lihua])).await;
    assert_eq!(fixture.confirmed_at("lihua").await, first + 60_000);
    assert_eq!(fixture.confirmed_at("wangwu").await, first);
    let undo = fixture.runs.undo(run).await.unwrap();
    fixture.runs.take_back(undo, run).await.unwrap();
    assert_eq!(fixture.member("wangwu").await.state, "present");
    assert_eq!(fixture.confirmed_at("wangwu").await, 0, "the run had not seen them");
    assert_eq!(fixture.confirmed_at("lihua").await, first + 60_000);
}

#[tokio::test]
async fn who_was_to_depart_and_changed_meanwhile_is_not_confirmed_with_everybody() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    let first = fixture.confirmed_at("staff2").await;
    fixture.runs.clock.advance(Duration::from_secs(60));
    let plan = planned(&fixture, &staff(2)).await;
    assert!(plan.confirms_everybody());
    let mut member = fixture.member("staff2").await.into_active_model();
    member.updated_at = Set(1);
    member.update(fixture.runs.db.writer()).await.unwrap();
    let mut counts = Counts::default();
    apply::apply(&job(&fixture), &plan, &mut counts).await.unwrap();
    assert_eq!(fixture.member("staff2").await.state, "present");
    assert_eq!(fixture.confirmed_at("staff2").await, first, "nobody saw them");
    assert!(fixture.confirmed_at("staff1").await > first);
}

#[tokio::test]
async fn what_was_asked_before_a_run_saw_them_ends_nothing_after_it() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(2)).await;
    let asked = job(&fixture);
    let plan = planned(&fixture, &staff(1)).await;
    fixture.sync(staff(2)).await;
    let gone = store::departures::write(&asked, &plan.departures, &Said::default()).await;
    assert!(gone.unwrap().is_empty());
    assert_eq!(fixture.member("staff1").await.state, "present");
    // Whom WeCom does not show to a look since is none of those the run saw.
    does_not_show(&fixture, "staff1").await;
    let gone = store::departures::write(&asked, &plan.departures, &Said::default()).await;
    assert_eq!(gone.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_look_denied_while_wecom_was_read_is_known_to_the_plan() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(staff(3)).await;
    fixture.runs.clock.advance(Duration::from_secs(3600));
    let run = fixture.start().await;
    let id = run.id();
    let fetching = async {
        does_not_show(&fixture, "staff1").await;
        let removed = fixture.member("staff2").await.user_id.unwrap();
        let removed = users::Entity::delete_by_id(removed);
        removed.exec(fixture.runs.db.writer()).await.unwrap();
        Ok(staff(3))
    };
    fixture.runs.execute(run, fetching, None).await.unwrap();
    assert_eq!(
        fixture.confirmed_at("staff1").await,
        fixture.confirmed_at("staff0").await
    );
    let counts: Counts = serde_json::from_value(fixture.run_row(id).await.counts).unwrap();
    assert_eq!(
        (counts.unchanged, counts.updated),
        (2, 1),
        "who has no user is imported again"
    );
}

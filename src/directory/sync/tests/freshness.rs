//! Tests of how a run confirms memberships: everybody at once, or one by one where it did not see everybody.

use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::fixture::{Fixture, corp, person, staff};
use crate::directory::sync::snapshot::{Completeness, Snapshot};

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

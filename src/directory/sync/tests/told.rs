//! Tests of changed userids that WeCom told of, against a real database: how long they are kept, what an undo does, and what comes late.

use std::time::Duration;

use entity::pending_look;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait};
use uuid::Uuid;

use super::{
    fixture::{Fixture, corp, person},
    tables::dump,
    undo::undo,
};
use crate::{
    directory::sync::{
        run_state::State,
        snapshot::{Completeness, Person, Snapshot},
    },
    kernel::clock::Timestamp,
};

const DAY: Duration = Duration::from_secs(86_400);
/// Longer than clocks may be apart, and than WeCom may take to show what it told.
const LATER: Duration = Duration::from_secs(660);

/// Somebody of whom the id is all that is shown.
fn nameless(userid: &str) -> Person {
    let mut person = person(userid, "");
    person.profile.name = None;
    person
}

/// Where everybody is, before what is told happens.
async fn held(people: impl IntoIterator<Item = Person>) -> Fixture {
    let fixture = Fixture::new("overwrite").await;
    let change = "UPDATE data_source SET removal_threshold_percent = 100";
    fixture.runs.db.writer().execute_unprepared(change).await.unwrap();
    fixture.sync(corp(people)).await;
    fixture.runs.clock.advance(LATER);
    fixture
}

/// It was told now, and left to a sync.
async fn tell(fixture: &Fixture, (old, new): (&str, &str), happened_at: Timestamp) {
    let now = fixture.runs.clock.now().millis();
    let row = pending_look::Model {
        data_source_id: fixture.source,
        userid_key: old.to_owned(),
        kind: format!("renamed:{}:{new}", happened_at.millis()),
        userid: old.to_owned(),
        new_userid: Some(new.to_owned()),
        told_at: now,
        next_at: i64::MAX,
        attempts: 1,
        happened_at: Some(happened_at.millis()),
        left_at: Some(now),
    };
    let row = pending_look::Entity::insert(row.into_active_model());
    row.exec_without_returning(fixture.runs.db.writer()).await.unwrap();
}

async fn tell_now(fixture: &Fixture, old: &str, new: &str) {
    tell(fixture, (old, new), fixture.runs.clock.now()).await;
}

async fn user(fixture: &Fixture, userid: &str) -> Uuid {
    fixture.member(userid).await.user_id.unwrap()
}

fn partial(people: impl IntoIterator<Item = Person>) -> Snapshot {
    let reasons = vec!["user/list did not answer".to_owned()];
    Snapshot {
        completeness: Completeness::Partial { reasons },
        ..corp(people)
    }
}

/// Somebody's changed userid is told, the run after that reads a part alone so long later, and the next one everything. Whether they kept their user.
async fn is_kept_for(length: Duration) -> bool {
    let fixture = held([person("a", "张伟"), person("x", "王五")]).await;
    let before = user(&fixture, "a").await;
    tell_now(&fixture, "a", "b").await;
    fixture.runs.clock.advance(length - Duration::from_secs(60));
    let (_, state) = fixture.sync(partial([person("x", "王五")])).await;
    assert_eq!(state, State::Incomplete);
    assert_eq!(user(&fixture, "a").await, before);
    fixture.sync(corp([person("b", "张伟"), person("x", "王五")])).await;
    user(&fixture, "b").await == before
}

#[tokio::test]
async fn what_no_run_could_weigh_is_kept_for_a_day_and_no_longer() {
    assert!(is_kept_for(DAY - Duration::from_secs(1)).await);
    assert!(!is_kept_for(DAY).await);
}

#[tokio::test]
async fn what_a_run_carried_out_stands_again_once_it_is_taken_back() {
    let fixture = held([nameless("a"), nameless("b")]).await;
    let (one, two) = (user(&fixture, "a").await, user(&fixture, "b").await);
    tell_now(&fixture, "b", "c").await;
    tell_now(&fixture, "a", "b").await;
    let was = dump(&fixture).await;
    let after = || corp([nameless("b"), nameless("c")]);
    for _ in 0..2 {
        let (run, _) = fixture.sync(after()).await;
        assert_eq!((user(&fixture, "b").await, user(&fixture, "c").await), (one, two));
        let (_, state) = undo(&fixture, run).await;
        assert_eq!((state, dump(&fixture).await == was), (State::Succeeded, true));
    }
    // Also much later, though it is told no more by then.
    fixture.runs.clock.advance(DAY * 30);
    let (run, _) = fixture.sync(after()).await;
    assert_eq!((user(&fixture, "b").await, user(&fixture, "c").await), (one, two));
    // Nothing is left to do, and nothing is forgotten before a run can be taken back no more.
    fixture.sync(after()).await;
    fixture.runs.clock.advance(DAY * 91);
    fixture.sync(after()).await;
    let left = pending_look::Entity::find().count(fixture.runs.db.reader()).await;
    assert_eq!((left.unwrap(), fixture.runs.undo(run).await.is_err()), (0, true));
}

#[tokio::test]
async fn what_a_run_weighed_in_vain_stands_again_once_it_is_taken_back() {
    let fixture = held([person("a", "张伟"), person("x", "王五")]).await;
    let before = user(&fixture, "a").await;
    tell_now(&fixture, "a", "b").await;
    fixture.runs.clock.advance(LATER);
    // WeCom shows a part of the corp, as if it were all.
    let (run, _) = fixture.sync(corp([person("x", "王五")])).await;
    assert_eq!(fixture.member("a").await.state, "departed");
    undo(&fixture, run).await;
    fixture.sync(corp([person("b", "张伟"), person("x", "王五")])).await;
    assert_eq!(user(&fixture, "b").await, before);
    assert_eq!(fixture.find_user(before).await.status, "active");
}

#[tokio::test]
async fn what_is_told_late_is_not_about_who_was_given_the_userid_since() {
    let fixture = held([nameless("a"), nameless("b")]).await;
    let (one, two) = (user(&fixture, "a").await, user(&fixture, "b").await);
    let happened_at = fixture.runs.clock.now();
    fixture.runs.clock.advance(Duration::from_secs(5));
    tell_now(&fixture, "a", "b").await;
    fixture.runs.clock.advance(LATER);
    fixture.sync(corp([nameless("b")])).await;
    assert_eq!(user(&fixture, "b").await, one);
    // Whoever had it before has another one by then, and it is told only now.
    tell(&fixture, ("b", "c"), happened_at).await;
    fixture.sync(corp([nameless("b"), nameless("c")])).await;
    let newcomer = user(&fixture, "c").await;
    assert_eq!(user(&fixture, "b").await, one);
    assert!(newcomer != one && newcomer != two);
}

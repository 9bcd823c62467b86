//! Tests of taking runs back: what must not come back with an account, an address or a journal that is no longer whole.

use std::time::Duration;

use entity::data_source;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{
    fixture::{Fixture, corp, person},
    undo::{before, numbered, refused, undo, user_of},
};
use crate::directory::sync::run_state::State;

// Equal names do not prove that it is the same person: what the member set up meanwhile must not open the account that is given back.
#[tokio::test]
async fn an_account_that_is_given_back_has_no_credentials_of_whoever_had_it() {
    let fixture = Fixture::new("overwrite").await;
    let db = fixture.runs.db.writer();
    fixture.sync(corp([person("zhao", "赵")])).await;
    let mut local = user_of(&fixture, "zhao").await;
    (local.id, local.username, local.username_key) = (fixture.id(), "lihua".to_owned(), "lihua".to_owned());
    (local.data_source_id, local.corp_id) = (None, None);
    local.clone().into_active_model().reset_all().insert(db).await.unwrap();
    let (run, _) = fixture
        .sync(corp([person("zhao", "赵"), person("lihua", "李华")]))
        .await;
    let mut taken = fixture.find_user(local.id).await;
    assert_eq!(taken.data_source_id, Some(fixture.source));
    taken.password_hash = Some("theirs".to_owned());
    taken.into_active_model().reset_all().update(db).await.unwrap();
    assert_eq!(undo(&fixture, run).await.1, State::Succeeded);
    let back = fixture.find_user(local.id).await;
    assert_eq!((back.data_source_id, back.password_hash), (None, None));
}

// Somebody else has the address by now, or nobody vouches for it any more.
#[tokio::test]
async fn an_address_that_comes_back_is_verified_only_where_it_still_is_by_the_settings() {
    let fixture = Fixture::new("overwrite").await;
    let source = data_source::Entity::find_by_id(fixture.source);
    let source = source.one(fixture.runs.db.reader()).await.unwrap().unwrap();
    let mut source = source.into_active_model();
    source.vouched_email_domains =
        Set(serde_json::json!([{ "domain": "corp.example", "vouched_by": "token:a", "vouched_at": 1 }]));
    source.update(fixture.runs.db.writer()).await.unwrap();
    let addressed = |userid: &str, number: &str, email: &str| {
        let mut person = numbered(userid, userid, number);
        person.profile.email = Some(format!("{email}@corp.example"));
        person
    };
    let ann = |email: &str| addressed("ann", "13800000001", email);
    fixture.sync(corp([ann("a")])).await;
    assert!(user_of(&fixture, "ann").await.email_verified);
    let (run, _) = fixture.sync(corp([ann("b")])).await;
    fixture
        .sync(corp([ann("b"), addressed("bob", "13800000002", "a")]))
        .await;
    assert!(user_of(&fixture, "bob").await.email_verified);
    undo(&fixture, run).await;
    let (ann, bob) = (user_of(&fixture, "ann").await, user_of(&fixture, "bob").await);
    assert_eq!(
        (ann.email, &bob.email),
        (Some("a@corp.example".to_owned()), &Some("a@corp.example".to_owned()))
    );
    assert!(
        !ann.email_verified && !bob.email_verified,
        "one verified address of two people"
    );
}

#[tokio::test]
async fn a_run_of_long_ago_is_not_taken_back_in_part() {
    let fixture = Fixture::new("overwrite").await;
    let (run, _) = fixture.sync(before()).await;
    fixture.runs.clock.advance(Duration::from_secs(89 * 24 * 3600 + 1));
    assert_eq!(refused(&fixture, run).await, "SY-137");
}

// Its moment lies before the end of the run, as that of whatever the run itself wrote.
#[tokio::test]
async fn a_new_user_whom_an_admin_edited_while_the_run_was_going_on_stays() {
    let fixture = Fixture::new("overwrite").await;
    let (run, _) = fixture.sync(before()).await;
    let mut edited = user_of(&fixture, "lihua").await.into_active_model();
    edited.access_until = Set(Some(4_000_000_000_000));
    edited.update(fixture.runs.db.writer()).await.unwrap();
    assert_eq!(undo(&fixture, run).await.1, State::Incomplete);
    assert!(user_of(&fixture, "lihua").await.access_until.is_some());
}

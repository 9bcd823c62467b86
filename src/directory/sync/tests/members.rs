//! Tests of what happens to members and their users, run by run.

use entity::{audit_event, data_source, member, oauth_grant, session};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};

use super::fixture::{Fixture, corp, person, source_row, staff};
use crate::directory::sync::{
    run_state::State,
    snapshot::{Person, Profile, STATUS_LEFT},
};

#[tokio::test]
async fn a_first_run_imports_everybody_and_a_second_writes_nothing() {
    let fixture = Fixture::new("overwrite").await;
    let (run, state) = fixture.sync(staff(1203)).await;
    assert_eq!(state, State::Succeeded);
    let row = fixture.run_row(run).await;
    assert_eq!(
        (row.state.as_str(), &row.counts["created"]),
        ("succeeded", &1203.into())
    );
    let first = fixture.member("STAFF7").await;
    let user = fixture.find_user(first.user_id.unwrap()).await;
    assert_eq!(
        (user.username.as_str(), user.display_name.as_deref()),
        ("Staff7", Some("Li"))
    );
    assert_eq!(user.password_hash, None, "no known default password");
    let source = data_source::Entity::find_by_id(fixture.source)
        .one(fixture.runs.db.reader())
        .await;
    assert!(source.unwrap().unwrap().last_synced_at.is_some());

    let (run, _) = fixture.sync(staff(1203)).await;
    assert_eq!(fixture.run_row(run).await.counts["unchanged"], 1203);
    let second = fixture.member("staff7").await;
    assert_eq!(second.updated_at, first.updated_at);
    assert_eq!(
        second.checked_at, first.checked_at,
        "one write for everybody, not one each"
    );
    assert_eq!(
        fixture.confirmed_at("staff7").await,
        first.checked_at + 60_000,
        "the membership is fresh again"
    );
}

#[tokio::test]
async fn a_changed_member_changes_the_user_and_a_withheld_field_erases_nothing() {
    let fixture = Fixture::new("overwrite").await;
    let mut lihua = person("LiHua", "李华");
    lihua.profile.email = Some("a@example.com".to_owned());
    fixture.sync(corp([lihua.clone()])).await;
    lihua.profile = Profile {
        mobile: Some("13800000000".to_owned()),
        ..Profile::default()
    };
    lihua.userid = "lihua".to_owned();
    lihua.departments = vec![9];
    fixture.sync(corp([lihua])).await;
    let member = fixture.member("lihua").await;
    let user = fixture.find_user(member.user_id.unwrap()).await;
    assert_eq!((member.userid.as_str(), member.departments.0), ("lihua", vec![9]));
    assert_eq!(user.email.as_deref(), Some("a@example.com"));
    assert_eq!(
        (user.phone_number.as_deref(), user.phone_verified),
        (Some("13800000000"), false)
    );
    assert_eq!(
        (user.display_name.as_deref(), user.username.as_str()),
        (Some("李华"), "LiHua")
    );
}

#[tokio::test]
async fn who_leaves_is_out_at_once_and_who_returns_is_let_in() {
    let fixture = Fixture::new("overwrite").await;
    fixture
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let user_id = fixture.member("lihua").await.user_id.unwrap();
    let (session, grant) = fixture.signed_in(user_id).await;

    let (run, state) = fixture.sync(corp([person("wangwu", "王五")])).await;
    assert_eq!(state, State::Succeeded);
    assert_eq!(fixture.rows(run).await, [("lihua".to_owned(), "departed".to_owned())]);
    assert_eq!(fixture.member("lihua").await.state, "departed");
    let user = fixture.find_user(user_id).await;
    assert_eq!(
        (user.status.as_str(), user.disabled_reason.as_deref()),
        ("disabled", Some("departed"))
    );
    let db = fixture.runs.db.reader();
    let session = session::Entity::find_by_id(session).one(db).await.unwrap().unwrap();
    assert_eq!(session.end_reason.as_deref(), Some("departed"));
    let grant = oauth_grant::Entity::find_by_id(grant).one(db).await.unwrap().unwrap();
    assert!(grant.revoked_at.is_some());
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::Kind.eq("member.departed"))
        .count(db)
        .await;
    assert_eq!(events.unwrap(), 1);

    fixture
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let member = fixture.member("lihua").await;
    assert_eq!(
        (member.state.as_str(), member.departed_at, member.user_id),
        ("present", None, Some(user_id))
    );
    assert_eq!(fixture.find_user(user_id).await.status, "active");
}

#[tokio::test]
async fn status_5_counts_as_departed_and_is_never_imported() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(corp([person("lihua", "李华")])).await;
    let left = |userid| Person {
        status: Some(STATUS_LEFT),
        ..person(userid, "李华")
    };
    fixture.sync(corp([left("lihua"), left("wangwu")])).await;
    assert_eq!(fixture.member("lihua").await.state, "departed");
    assert_eq!(member::Entity::find().count(fixture.runs.db.reader()).await.unwrap(), 1);
}

#[tokio::test]
async fn an_admin_disabled_user_stays_disabled_when_they_return() {
    let fixture = Fixture::new("overwrite").await;
    fixture.sync(corp([person("lihua", "李华")])).await;
    let user_id = fixture.member("lihua").await.user_id.unwrap();
    let mut user = fixture.find_user(user_id).await.into_active_model();
    user.status = Set("disabled".to_owned());
    user.disabled_reason = Set(Some("admin".to_owned()));
    user.update(fixture.runs.db.writer()).await.unwrap();
    fixture.sync(corp([person("wangwu", "王五")])).await;
    fixture
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    assert_eq!(
        fixture.find_user(user_id).await.disabled_reason.as_deref(),
        Some("admin")
    );
}

#[tokio::test]
async fn a_reused_userid_never_reaches_the_old_user() {
    let fixture = Fixture::new("overwrite").await;
    fixture
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let old = fixture.member("lihua").await;
    fixture.sync(corp([person("wangwu", "王五")])).await;
    fixture
        .sync(corp([person("LiHua", "李花"), person("wangwu", "王五")]))
        .await;
    let new = fixture.member("lihua").await;
    assert_ne!((new.id, new.user_id), (old.id, old.user_id));
    assert_eq!(fixture.find_user(new.user_id.unwrap()).await.username, "LiHua-2");
    assert_eq!(fixture.find_user(old.user_id.unwrap()).await.status, "disabled");
    let tombstone = fixture.member(&format!("lihua#{}", old.id)).await;
    assert_eq!((tombstone.id, tombstone.state.as_str()), (old.id, "departed"));
}

#[tokio::test]
async fn duplicates_follow_the_rule_and_admins_and_other_corps_are_left_alone() {
    for (rule, outcome) in [("overwrite", "imported"), ("skip", "skipped")] {
        let fixture = Fixture::new(rule).await;
        let other = fixture.id();
        source_row(other, "ww2", "skip", None)
            .insert(fixture.runs.db.writer())
            .await
            .unwrap();
        let local = fixture.user("lihua", None, None).await;
        let admin = fixture.user("admin", None, Some("admin")).await;
        let foreign = fixture.user("wangwu", Some(other), None).await;
        let before = (fixture.find_user(admin).await, fixture.find_user(foreign).await);
        let people = ["LiHua", "admin", "wangwu"].map(|userid| person(userid, "after"));
        let (run, state) = fixture.sync(corp(people)).await;
        assert_eq!(state, State::Succeeded);
        assert_eq!(
            (fixture.find_user(admin).await, fixture.find_user(foreign).await),
            before
        );
        let member = fixture.member("lihua").await;
        assert_eq!(member.import_outcome, outcome);
        let user = fixture.find_user(local).await;
        if rule == "overwrite" {
            assert_eq!(
                (member.user_id, user.data_source_id),
                (Some(local), Some(fixture.source))
            );
            assert_eq!(
                (user.display_name.as_deref(), user.email_verified),
                (Some("after"), true)
            );
        } else {
            assert_eq!((member.user_id, user.display_name.as_deref()), (None, Some("before")));
            assert!(member.import_reason.is_some());
        }
        let member = fixture.member("admin").await;
        assert_eq!((member.import_outcome.as_str(), member.user_id), ("conflict", None));
        let member = fixture.member("wangwu").await;
        assert_eq!(fixture.find_user(member.user_id.unwrap()).await.username, "wangwu@ww1");
        assert!(
            fixture
                .rows(run)
                .await
                .contains(&("admin".to_owned(), "conflict".to_owned()))
        );
    }
}

//! Whole runs against SQLite, with snapshots made by hand.

use std::time::Duration;

use entity::{
    audit_event, client, data_source, department, json::Strings, member, oauth_grant, scope_entry, session, sync_row,
    sync_run, tag_user, users, wecom_app,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};
use uuid::Uuid;

use crate::{
    directory::sync::{
        Cause, Run, Runs, State, SyncFailure, apply,
        plan::{self, Plan},
        schedule::Due,
        snapshot::{
            AppFact, Completeness, DepartmentFact, Person, Profile, STATUS_LEFT, ScopeLine, Snapshot, TagFact,
            TagMembers, key,
        },
        source::DuplicateRule,
        store,
    },
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::{Database, Ephemeral},
};

struct Bench {
    runs: Runs,
    source: Uuid,
    app: Uuid,
}

impl Bench {
    async fn new(rule: &str) -> Self {
        let entropy = Entropy::system();
        let path = std::env::temp_dir().join(format!("menjin-sync-{}.db", entropy.alphanumeric()));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let db = Database::connect(&url, 4).await.unwrap();
        Migrator::up(db.writer(), None).await.unwrap();
        let clock = Clock::manual(Timestamp::from_secs(1_800_000_000));
        let ephemeral = Ephemeral::memory(clock.clone());
        let runs = Runs {
            db,
            clock,
            entropy,
            ephemeral,
        };
        let app = runs.entropy.id(runs.clock.now());
        app_row(app).insert(runs.db.writer()).await.unwrap();
        let source = runs.entropy.id(runs.clock.now());
        source_row(source, "ww1", rule, Some(app))
            .insert(runs.db.writer())
            .await
            .unwrap();
        Self { runs, source, app }
    }

    fn id(&self) -> Uuid {
        self.runs.entropy.id(self.runs.clock.now())
    }

    async fn start(&self) -> Run {
        self.runs.start(self.source, Cause::Manual).await.unwrap()
    }

    async fn sync(&self, snapshot: Snapshot) -> (Uuid, State) {
        self.runs.clock.advance(Duration::from_secs(60));
        let run = self.start().await;
        let id = run.id();
        (id, self.runs.execute(run, async { Ok(snapshot) }).await.unwrap())
    }

    async fn user(&self, username: &str, source: Option<Uuid>, role: Option<&str>) -> Uuid {
        let id = self.id();
        let row = users::ActiveModel {
            id: Set(id),
            username: Set(username.to_owned()),
            username_key: Set(key(username)),
            display_name: Set(Some("before".to_owned())),
            email: Set(Some("before@example.com".to_owned())),
            email_verified: Set(true),
            phone_number: Set(None),
            phone_verified: Set(false),
            picture: Set(None),
            locale: Set(None),
            data_source_id: Set(source),
            console_role: Set(role.map(str::to_owned)),
            status: Set("active".to_owned()),
            disabled_reason: Set(None),
            password_hash: Set(None),
            created_at: Set(1),
            updated_at: Set(1),
        };
        row.insert(self.runs.db.writer()).await.unwrap();
        id
    }

    async fn find_user(&self, id: Uuid) -> users::Model {
        users::Entity::find_by_id(id)
            .one(self.runs.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    async fn member(&self, userid: &str) -> member::Model {
        let filter = member::Column::UseridKey.eq(key(userid));
        let found = member::Entity::find().filter(filter).one(self.runs.db.reader()).await;
        found.unwrap().unwrap()
    }

    async fn run_row(&self, id: Uuid) -> sync_run::Model {
        sync_run::Entity::find_by_id(id)
            .one(self.runs.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    /// (userid, outcome) of a run's rows.
    async fn rows(&self, id: Uuid) -> Vec<(String, String)> {
        let filter = sync_row::Column::RunId.eq(id);
        let rows = sync_row::Entity::find()
            .filter(filter)
            .all(self.runs.db.reader())
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.userid, row.outcome)).collect()
    }

    /// A session and a grant of this user.
    async fn signed_in(&self, user_id: Uuid) -> (Uuid, Uuid) {
        let (session_id, client_id, grant_id) = (self.id(), self.id(), self.id());
        let db = self.runs.db.writer();
        session_row(session_id, user_id).insert(db).await.unwrap();
        client_row(client_id).insert(db).await.unwrap();
        let grant = oauth_grant::Model {
            id: grant_id,
            session_id,
            user_id,
            client_id,
            scope: "openid".to_owned(),
            auth_time: 1,
            created_at: 1,
            revoked_at: None,
            revoke_reason: None,
        };
        oauth_grant::Entity::insert(grant.into_active_model())
            .exec_without_returning(db)
            .await
            .unwrap();
        (session_id, grant_id)
    }
}

fn app_row(id: Uuid) -> wecom_app::ActiveModel {
    wecom_app::ActiveModel {
        id: Set(id),
        corp_id: Set("ww1".to_owned()),
        agent_id: Set(1_000_002),
        name: Set(String::new()),
        secret_sealed: Set("sealed".to_owned()),
        closed: Set(false),
        redirect_domain: Set(None),
        scope_fetched_at: Set(None),
        created_at: Set(1),
        updated_at: Set(1),
    }
}

fn source_row(id: Uuid, corp_id: &str, rule: &str, app_id: Option<Uuid>) -> data_source::ActiveModel {
    data_source::ActiveModel {
        id: Set(id),
        name: Set(corp_id.to_owned()),
        description: Set(String::new()),
        corp_id: Set(corp_id.to_owned()),
        contacts_secret_sealed: Set(None),
        app_id: Set(app_id),
        auto_sync_hours: Set(Some(4)),
        duplicate_rule: Set(rule.to_owned()),
        login_password: Set(false),
        login_wecom: Set(true),
        removal_threshold_percent: Set(20),
        enabled: Set(true),
        next_sync_at: Set(None),
        last_synced_at: Set(None),
        created_at: Set(1),
        updated_at: Set(1),
    }
}

fn session_row(id: Uuid, user_id: Uuid) -> session::ActiveModel {
    session::ActiveModel {
        id: Set(id),
        digest: Set(id.to_string()),
        user_id: Set(user_id),
        member_id: Set(None),
        auth_source_id: Set(None),
        auth_time: Set(1),
        amr: Set(Strings::default()),
        created_at: Set(1),
        last_seen_at: Set(1),
        expires_at: Set(i64::MAX),
        ended_at: Set(None),
        end_reason: Set(None),
    }
}

fn client_row(id: Uuid) -> client::ActiveModel {
    client::ActiveModel {
        id: Set(id),
        client_id: Set(id.to_string()),
        name: Set("portal".to_owned()),
        auth_method: Set("none".to_owned()),
        secret_digest: Set(None),
        redirect_uris: Set(Strings::default()),
        post_logout_redirect_uris: Set(Strings::default()),
        scopes: Set(Strings::default()),
        require_pkce: Set(true),
        id_token_alg: Set("RS256".to_owned()),
        auth_sources: Set(None),
        allowed_departments: Set(Strings::default()),
        allowed_users: Set(Strings::default()),
        membership_max_age: Set(1),
        access_token_lifetime: Set(1),
        id_token_lifetime: Set(1),
        refresh_token_lifetime: Set(1),
        enabled: Set(true),
        created_at: Set(1),
        updated_at: Set(1),
    }
}

fn person(userid: &str, name: &str) -> Person {
    Person {
        userid: userid.to_owned(),
        profile: Profile {
            name: Some(name.to_owned()),
            ..Profile::default()
        },
        departments: vec![1, 2],
        main_department: Some(2),
        status: Some(1),
    }
}

fn corp(people: impl IntoIterator<Item = Person>) -> Snapshot {
    Snapshot {
        members: people.into_iter().map(|person| (key(&person.userid), person)).collect(),
        ..Snapshot::default()
    }
}

fn staff(count: usize) -> Snapshot {
    corp((0..count).map(|number| person(&format!("Staff{number}"), "Li")))
}

#[tokio::test]
async fn a_first_run_imports_everybody_and_a_second_writes_nothing() {
    let bench = Bench::new("overwrite").await;
    let (run, state) = bench.sync(staff(1203)).await;
    assert_eq!(state, State::Succeeded);
    let row = bench.run_row(run).await;
    assert_eq!(
        (row.state.as_str(), &row.counts["created"]),
        ("succeeded", &1203.into())
    );
    let first = bench.member("STAFF7").await;
    let user = bench.find_user(first.user_id.unwrap()).await;
    assert_eq!(
        (user.username.as_str(), user.display_name.as_deref()),
        ("Staff7", Some("Li"))
    );
    assert_eq!(user.password_hash, None, "no known default password");
    let source = data_source::Entity::find_by_id(bench.source)
        .one(bench.runs.db.reader())
        .await;
    assert!(source.unwrap().unwrap().last_synced_at.is_some());

    let (run, _) = bench.sync(staff(1203)).await;
    assert_eq!(bench.run_row(run).await.counts["unchanged"], 1203);
    let second = bench.member("staff7").await;
    assert_eq!(second.updated_at, first.updated_at);
    assert_eq!(
        second.checked_at,
        first.checked_at + 60_000,
        "the membership is fresh again"
    );
}

#[tokio::test]
async fn a_changed_member_changes_the_user_and_a_withheld_field_erases_nothing() {
    let bench = Bench::new("overwrite").await;
    let mut lihua = person("LiHua", "李华");
    lihua.profile.email = Some("a@example.com".to_owned());
    bench.sync(corp([lihua.clone()])).await;
    lihua.profile = Profile {
        mobile: Some("13800000000".to_owned()),
        ..Profile::default()
    };
    lihua.userid = "lihua".to_owned();
    lihua.departments = vec![9];
    bench.sync(corp([lihua])).await;
    let member = bench.member("lihua").await;
    let user = bench.find_user(member.user_id.unwrap()).await;
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
    let bench = Bench::new("overwrite").await;
    bench
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let user_id = bench.member("lihua").await.user_id.unwrap();
    let (session, grant) = bench.signed_in(user_id).await;

    let (run, state) = bench.sync(corp([person("wangwu", "王五")])).await;
    assert_eq!(state, State::Succeeded);
    assert_eq!(bench.rows(run).await, [("lihua".to_owned(), "departed".to_owned())]);
    assert_eq!(bench.member("lihua").await.state, "departed");
    let user = bench.find_user(user_id).await;
    assert_eq!(
        (user.status.as_str(), user.disabled_reason.as_deref()),
        ("disabled", Some("departed"))
    );
    let db = bench.runs.db.reader();
    let session = session::Entity::find_by_id(session).one(db).await.unwrap().unwrap();
    assert_eq!(session.end_reason.as_deref(), Some("departed"));
    let grant = oauth_grant::Entity::find_by_id(grant).one(db).await.unwrap().unwrap();
    assert!(grant.revoked_at.is_some());
    let events = audit_event::Entity::find()
        .filter(audit_event::Column::Kind.eq("member.departed"))
        .count(db)
        .await;
    assert_eq!(events.unwrap(), 1);

    bench
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let member = bench.member("lihua").await;
    assert_eq!(
        (member.state.as_str(), member.departed_at, member.user_id),
        ("present", None, Some(user_id))
    );
    assert_eq!(bench.find_user(user_id).await.status, "active");
}

#[tokio::test]
async fn status_5_counts_as_departed_and_is_never_imported() {
    let bench = Bench::new("overwrite").await;
    bench.sync(corp([person("lihua", "李华")])).await;
    let left = |userid| Person {
        status: Some(STATUS_LEFT),
        ..person(userid, "李华")
    };
    bench.sync(corp([left("lihua"), left("wangwu")])).await;
    assert_eq!(bench.member("lihua").await.state, "departed");
    assert_eq!(member::Entity::find().count(bench.runs.db.reader()).await.unwrap(), 1);
}

#[tokio::test]
async fn an_admin_disabled_user_stays_disabled_when_they_return() {
    let bench = Bench::new("overwrite").await;
    bench.sync(corp([person("lihua", "李华")])).await;
    let user_id = bench.member("lihua").await.user_id.unwrap();
    let mut user = bench.find_user(user_id).await.into_active_model();
    user.status = Set("disabled".to_owned());
    user.disabled_reason = Set(Some("admin".to_owned()));
    user.update(bench.runs.db.writer()).await.unwrap();
    bench.sync(corp([person("wangwu", "王五")])).await;
    bench
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    assert_eq!(bench.find_user(user_id).await.disabled_reason.as_deref(), Some("admin"));
}

#[tokio::test]
async fn a_reused_userid_never_reaches_the_old_user() {
    let bench = Bench::new("overwrite").await;
    bench
        .sync(corp([person("lihua", "李华"), person("wangwu", "王五")]))
        .await;
    let old = bench.member("lihua").await;
    bench.sync(corp([person("wangwu", "王五")])).await;
    bench
        .sync(corp([person("LiHua", "李花"), person("wangwu", "王五")]))
        .await;
    let new = bench.member("lihua").await;
    assert_ne!((new.id, new.user_id), (old.id, old.user_id));
    assert_eq!(bench.find_user(new.user_id.unwrap()).await.username, "LiHua-2");
    assert_eq!(bench.find_user(old.user_id.unwrap()).await.status, "disabled");
    let tombstone = bench.member(&format!("lihua#{}", old.id)).await;
    assert_eq!((tombstone.id, tombstone.state.as_str()), (old.id, "departed"));
}

#[tokio::test]
async fn duplicates_follow_the_rule_and_admins_and_other_corps_are_left_alone() {
    for (rule, outcome) in [("overwrite", "imported"), ("skip", "skipped")] {
        let bench = Bench::new(rule).await;
        let other = bench.id();
        source_row(other, "ww2", "skip", None)
            .insert(bench.runs.db.writer())
            .await
            .unwrap();
        let local = bench.user("lihua", None, None).await;
        let admin = bench.user("admin", None, Some("admin")).await;
        let foreign = bench.user("wangwu", Some(other), None).await;
        let before = (bench.find_user(admin).await, bench.find_user(foreign).await);
        let people = ["LiHua", "admin", "wangwu"].map(|userid| person(userid, "after"));
        let (run, state) = bench.sync(corp(people)).await;
        assert_eq!(state, State::Succeeded);
        assert_eq!((bench.find_user(admin).await, bench.find_user(foreign).await), before);
        let member = bench.member("lihua").await;
        assert_eq!(member.import_outcome, outcome);
        let user = bench.find_user(local).await;
        if rule == "overwrite" {
            assert_eq!((member.user_id, user.data_source_id), (Some(local), Some(bench.source)));
            assert_eq!(
                (user.display_name.as_deref(), user.email_verified),
                (Some("after"), true)
            );
        } else {
            assert_eq!((member.user_id, user.display_name.as_deref()), (None, Some("before")));
            assert!(member.import_reason.is_some());
        }
        let member = bench.member("admin").await;
        assert_eq!((member.import_outcome.as_str(), member.user_id), ("conflict", None));
        let member = bench.member("wangwu").await;
        assert_eq!(bench.find_user(member.user_id.unwrap()).await.username, "wangwu@ww1");
        assert!(
            bench
                .rows(run)
                .await
                .contains(&("admin".to_owned(), "conflict".to_owned()))
        );
    }
}

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
    let state = bench.runs.execute(confirmed, async { Ok(staff(15)) }).await.unwrap();
    assert_eq!(state, State::Paused);
    let confirmed = bench.runs.confirm(run).await.unwrap();
    let state = bench.runs.execute(confirmed, async { Ok(staff(15)) }).await.unwrap();
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
    let outcome = bench.runs.execute(run, async { Err(failure) }).await;
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

fn job(bench: &Bench) -> apply::Job<'_> {
    apply::Job {
        db: &bench.runs.db,
        clock: &bench.runs.clock,
        entropy: &bench.runs.entropy,
        data_source_id: bench.source,
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

    let missed = store::members::write(&job(&bench), &plan.members)
        .await
        .unwrap()
        .unwrap();
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

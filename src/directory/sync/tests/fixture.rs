//! Fixture of the sync tests: a data source over a database of its own, without WeCom.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::FutureExt;

use entity::{client, data_source, json::Strings, member, oauth_grant, session, sync_row, sync_run, users, wecom_app};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use uuid::Uuid;

use crate::{
    directory::{
        freshness::checked_at,
        store::members_confirmed,
        sync::{
            run::{Run, Runs},
            run_state::{Cause, State},
            short_way::ShortWay,
            snapshot::{Person, Profile, Snapshot, key},
        },
    },
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::{Database, Ephemeral},
};

pub struct Fixture {
    pub runs: Runs,
    pub source: Uuid,
    pub app: Uuid,
    path: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            // A file that is not there needs no removing.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Fixture {
    pub async fn new(rule: &str) -> Self {
        let entropy = Entropy::system();
        let path = std::env::temp_dir().join(format!("menjin-sync-{}.db", entropy.hex_id()));
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let db = Database::connect(&url, 4).await.unwrap();
        Migrator::up(db.writer().connection(), None).await.unwrap();
        let clock = Clock::manual(Timestamp::from_secs(1_800_000_000));
        let ephemeral = Ephemeral::memory(clock.clone());
        let runs = Runs {
            db,
            clock,
            entropy,
            ephemeral,
            short_way: ShortWay::of(Arc::new(|| async { Some([7_u8; 32]) }.boxed())),
        };
        let app = runs.entropy.id(runs.clock.now());
        app_row(app).insert(runs.db.writer()).await.unwrap();
        let source = runs.entropy.id(runs.clock.now());
        source_row(source, "ww1", rule, Some(app))
            .insert(runs.db.writer())
            .await
            .unwrap();
        Self {
            runs,
            source,
            app,
            path,
        }
    }

    pub fn id(&self) -> Uuid {
        self.runs.entropy.id(self.runs.clock.now())
    }

    pub async fn start(&self) -> Run {
        self.runs.start(self.source, Cause::Manual).await.unwrap()
    }

    pub async fn sync(&self, snapshot: Snapshot) -> (Uuid, State) {
        self.runs.clock.advance(Duration::from_secs(60));
        let run = self.start().await;
        let id = run.id();
        (id, self.runs.execute(run, async { Ok(snapshot) }, None).await.unwrap())
    }

    pub async fn user(&self, username: &str, source: Option<Uuid>, role: Option<&str>) -> Uuid {
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
            nickname: Set(None),
            gender: Set(None),
            profile: Set(serde_json::json!({})),
            provenance: Set(serde_json::json!({})),
            data_source_id: Set(source),
            corp_id: Set(None),
            console_role: Set(role.map(str::to_owned)),
            status: Set("active".to_owned()),
            disabled_reason: Set(None),
            access_until: Set(None),
            email_proven: Set(None),
            email_entered: Set(None),
            language: Set(None),
            browsers_known_at: Set(None),
            access_ending_told: Set(None),
            password_hash: Set(None),
            created_at: Set(1),
            updated_at: Set(1),
        };
        row.insert(self.runs.db.writer()).await.unwrap();
        id
    }

    pub async fn find_user(&self, id: Uuid) -> users::Model {
        users::Entity::find_by_id(id)
            .one(self.runs.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn member(&self, userid: &str) -> member::Model {
        let filter = member::Column::UseridKey.eq(key(userid));
        let found = member::Entity::find().filter(filter).one(self.runs.db.reader()).await;
        found.unwrap().unwrap()
    }

    /// When WeCom confirmed this member last, milliseconds.
    pub async fn confirmed_at(&self, userid: &str) -> i64 {
        let member = self.member(userid).await;
        let everybody = members_confirmed::at(self.runs.db.reader(), self.source).await.unwrap();
        checked_at(member.checked_at, member.state == "present", everybody)
    }

    pub async fn run_row(&self, id: Uuid) -> sync_run::Model {
        sync_run::Entity::find_by_id(id)
            .one(self.runs.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    /// (userid, outcome) of a run's rows.
    pub async fn rows(&self, id: Uuid) -> Vec<(String, String)> {
        let filter = sync_row::Column::RunId.eq(id);
        let rows = sync_row::Entity::find()
            .filter(filter)
            .all(self.runs.db.reader())
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.userid, row.outcome)).collect()
    }

    /// Inserts a session and a grant of this user.
    pub async fn signed_in(&self, user_id: Uuid) -> (Uuid, Uuid) {
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
            terms: serde_json::json!({}),
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

pub fn app_row(id: Uuid) -> wecom_app::ActiveModel {
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
        ..Default::default()
    }
}

pub fn source_row(id: Uuid, corp_id: &str, rule: &str, app_id: Option<Uuid>) -> data_source::ActiveModel {
    data_source::ActiveModel {
        id: Set(id),
        name: Set(corp_id.to_owned()),
        description: Set(String::new()),
        corp_id: Set(corp_id.to_owned()),
        corp_key: Set(corp_id.to_owned()),
        contacts_secret_sealed: Set(None),
        customer_secret_sealed: Set(None),
        app_id: Set(app_id),
        auto_sync_hours: Set(Some(4)),
        duplicate_rule: Set(rule.to_owned()),
        doubtful_identity: Set("wait".to_owned()),
        read_by: Set("lists".to_owned()),
        import_mode: Set("all".to_owned()),
        match_by: Set(Strings(vec!["username".to_owned()])),
        username_template: Set("{userid}".to_owned()),
        login_password: Set(false),
        login_wecom: Set(true),
        removal_threshold_percent: Set(20),
        guard: Set(serde_json::json!({})),
        email_sources: Set(Strings(vec!["biz_mail".to_owned(), "email".to_owned()])),
        vouched_email_domains: Set(serde_json::json!([])),
        enabled: Set(true),
        disabled_reason: Set(None),
        next_sync_at: Set(None),
        last_synced_at: Set(None),
        created_at: Set(1),
        updated_at: Set(1),
        ..Default::default()
    }
}

pub fn session_row(id: Uuid, user_id: Uuid) -> session::ActiveModel {
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
        browser: Set(None),
        network: Set(None),
    }
}

pub fn client_row(id: Uuid) -> client::ActiveModel {
    client::ActiveModel {
        id: Set(id),
        client_id: Set(id.to_string()),
        name: Set("portal".to_owned()),
        auth_method: Set("none".to_owned()),
        secret_digest: Set(None),
        secret_sealed: Set(None),
        metadata: Set(serde_json::json!({})),
        redirect_uris: Set(Strings::default()),
        post_logout_redirect_uris: Set(Strings::default()),
        scopes: Set(Strings::default()),
        require_pkce: Set(true),
        id_token_alg: Set("RS256".to_owned()),
        auth_sources: Set(None),
        allowed_departments: Set(Strings::default()),
        allowed_groups: Set(Strings::default()),
        allowed_users: Set(Strings::default()),
        membership_max_age: Set(1),
        membership_grace: Set(0),
        access_token_lifetime: Set(1),
        id_token_lifetime: Set(1),
        refresh_token_lifetime: Set(1),
        enabled: Set(true),
        created_at: Set(1),
        updated_at: Set(1),
    }
}

pub fn person(userid: &str, name: &str) -> Person {
    Person {
        userid: userid.to_owned(),
        profile: Profile {
            name: Some(name.to_owned()),
            ..Profile::default()
        },
        departments: vec![1, 2],
        other_email: None,
        main_department: Some(2),
        status: Some(1),
    }
}

pub fn corp(people: impl IntoIterator<Item = Person>) -> Snapshot {
    Snapshot {
        members: people
            .into_iter()
            .map(|person| (key(&person.userid), person.into()))
            .collect(),
        ..Snapshot::default()
    }
}

pub fn staff(count: usize) -> Snapshot {
    corp((0..count).map(|number| person(&format!("Staff{number}"), "Li")))
}

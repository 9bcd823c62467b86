//! Test fixture: a provider over a fresh SQLite file, with one member who is signed in and two portals.

use std::{path::PathBuf, time::Duration};

use entity::{
    auth_source, client, data_source,
    json::{Numbers, Strings},
    member, session, users, wecom_app,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use crate::{
    crypto::{digest::sha256_base64url, seal::Sealer},
    directory::sync::Sync,
    gate::{Gate, LiveLooks},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    oidc::provider::{Dependencies, Provider, Settings},
    outbound::Outbound,
    signin::{Journeys, Passwords, Sessions, journey, session_model::Lifetimes},
    store::{Database, Ephemeral},
    web::{anonymous_limit::AnonymousLimit, cookies::Cookies},
    wecom::{Endpoints, WeCom, transport},
};

pub const ISSUER: &str = "http://localhost:8080";
pub const CALLBACK: &str = "https://portal.example.com/cb";
pub const GOODBYE: &str = "https://portal.example.com/bye";
pub const COOKIE: &str = "the-cookie-of-this-browser";
pub const SECRET: &str = "s3cret";
pub const START: Timestamp = Timestamp::from_secs(1_700_000_000);
pub const PERSON: Uuid = Uuid::from_u128(1);
pub const SESSION: Uuid = Uuid::from_u128(2);
const MEMBER: Uuid = Uuid::from_u128(3);
const SOURCE: Uuid = Uuid::from_u128(4);
const APP: Uuid = Uuid::from_u128(5);
const AUTH_SOURCE: Uuid = Uuid::from_u128(6);

pub struct Fixture {
    pub provider: Provider,
    pub database: Database,
    pub clock: Clock,
    file: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{suffix}", self.file.display())));
        }
    }
}

/// An address where nothing answers: memberships are fresh in these tests, and sign-ins are not followed beyond the redirect.
const NOWHERE: &str = "http://127.0.0.1:9";

fn nowhere() -> Endpoints {
    Endpoints {
        api: NOWHERE.into(),
        web_login: NOWHERE.into(),
        legacy_qr: NOWHERE.into(),
        oauth: NOWHERE.into(),
        install: NOWHERE.into(),
        open_data_script: NOWHERE.into(),
        open_data_frame: NOWHERE.into(),
    }
}

fn gate(database: &Database, (wecom, ephemeral, sealer): (&WeCom, &Ephemeral, &Sealer), clock: &Clock) -> Gate {
    let entropy = Entropy::system();
    let looks = LiveLooks::new(wecom.clone(), ephemeral.clone(), 0);
    let sync = Sync::new(
        database.clone(),
        wecom,
        sealer.clone(),
        clock.clone(),
        entropy.clone(),
        ephemeral.clone(),
    );
    Gate::new(database.clone(), (looks, sync), sealer.clone(), clock.clone(), entropy)
}

pub fn provider(database: &Database, clock: &Clock) -> Provider {
    let entropy = Entropy::system();
    let sealer = Sealer::new(&Secret::new(vec![7; 32]), entropy.clone()).unwrap();
    let ephemeral = Ephemeral::memory(clock.clone());
    let http = transport::build_client(None, Duration::from_secs(1)).unwrap();
    let endpoints = nowhere();
    let wecom = WeCom::new(
        http,
        endpoints.clone(),
        ephemeral.clone(),
        sealer.clone(),
        clock.clone(),
        entropy.clone(),
    );
    let lifetimes = Lifetimes {
        idle: Duration::from_secs(3600 * 8),
        absolute: Duration::from_secs(3600 * 24),
    };
    let gate = gate(database, (&wecom, &ephemeral, &sealer), clock);
    let sessions = Sessions::new(
        (database.clone(), sealer.clone()),
        clock.clone(),
        entropy.clone(),
        lifetimes,
    );
    let journeys = Journeys::new(journey::Dependencies {
        database: database.clone(),
        ephemeral: ephemeral.clone(),
        sealer: sealer.clone(),
        clock: clock.clone(),
        entropy: entropy.clone(),
        gate: gate.clone(),
        sessions: sessions.clone(),
        anonymous_limit: AnonymousLimit::new(ephemeral.clone(), 0),
        passwords: Passwords::new(Default::default(), entropy.clone()),
        wecom,
        outbound: Outbound::new(&Default::default()).unwrap(),
        endpoints,
        public_url: ISSUER.into(),
    });
    Provider::new(Dependencies {
        database: database.clone(),
        ephemeral,
        gate,
        sessions,
        sealer,
        clock: clock.clone(),
        entropy,
        journeys,
        cookies: Cookies::new(false),
        outbound: Outbound::new(&Default::default()).unwrap(),
        settings: Settings {
            issuer: ISSUER.to_owned(),
            code_lifetime: Duration::from_secs(60),
            refresh_retry: Duration::from_secs(30),
            keys: Default::default(),
        },
    })
}

pub async fn fixture() -> Fixture {
    let name = format!("menjin-oidc-{}.db", Entropy::system().hex_id());
    let file = std::env::temp_dir().join(name);
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let database = Database::connect(&url, 4).await.unwrap();
    Migrator::up(database.writer().connection(), None).await.unwrap();
    let clock = Clock::manual(START);
    furnish(&database).await;
    let provider = provider(&database, &clock);
    provider.ensure_keys().await.unwrap();
    Fixture {
        provider,
        database,
        clock,
        file,
    }
}

/// The app through which people scan.
fn app(at: i64) -> wecom_app::Model {
    wecom_app::Model {
        id: APP,
        corp_id: "ww1".into(),
        agent_id: 1,
        name: String::new(),
        secret_sealed: String::new(),
        closed: false,
        redirect_domain: None,
        scope_fetched_at: None,
        read_at: None,
        next_read_at: None,
        read_failure: None,
        read_failure_detail: None,
        read_failing_since: None,
        scope_waits_since: None,
        scope_members: None,
        scope_outside: None,
        scope_outside_lines: None,
        suite: None,
        created_at: at,
        updated_at: at,
    }
}

async fn furnish(database: &Database) {
    let at = START.millis();
    let source = data_source::Model {
        id: SOURCE,
        name: "corp".into(),
        description: String::new(),
        corp_id: "ww1".into(),
        corp_key: "ww1".into(),
        suite: None,
        contacts_secret_sealed: None,
        customer_secret_sealed: None,
        app_id: None,
        auto_sync_hours: None,
        duplicate_rule: "skip".into(),
        doubtful_identity: "wait".into(),
        read_by: "lists".into(),
        import_mode: "all".into(),
        match_by: entity::json::Strings(vec!["username".into()]),
        username_template: "{userid}".into(),
        login_password: false,
        login_wecom: true,
        removal_threshold_percent: 10,
        guard: serde_json::json!({}),
        email_sources: entity::json::Strings(vec!["biz_mail".into(), "email".into()]),
        vouched_email_domains: serde_json::json!([]),
        access_requests: false,
        approvers: entity::json::Strings::default(),
        enabled: true,
        disabled_reason: None,
        next_sync_at: None,
        last_synced_at: None,
        sync_fence: None,
        undone_run: None,
        members_confirmed_at: None,
        created_at: at,
        updated_at: at,
    };
    let auth_source = auth_source::Model {
        id: AUTH_SOURCE,
        name: "scan".into(),
        corp_id: "ww1".into(),
        app_id: APP,
        data_source_id: None,
        enabled: true,
        created_at: at,
        updated_at: at,
    };
    insert(database, app(at).into_active_model()).await;
    insert(database, source.into_active_model()).await;
    insert(database, auth_source.into_active_model()).await;
    insert(database, person().into_active_model()).await;
    insert(database, employee().into_active_model()).await;
    insert(database, signed_in().into_active_model()).await;
    insert(database, portal(20, "portal").into_active_model()).await;
    let mut public = portal(21, "spa");
    public.auth_method = "none".into();
    public.secret_digest = None;
    insert(database, public.into_active_model()).await;
}

async fn insert<A>(database: &Database, row: A)
where
    A: ActiveModelTrait,
{
    <A::Entity as EntityTrait>::insert(row)
        .exec_without_returning(database.writer())
        .await
        .unwrap();
}

fn person() -> users::Model {
    users::Model {
        id: PERSON,
        username: "zhangsan".into(),
        username_key: "zhangsan".into(),
        display_name: Some("张三".into()),
        email: Some("zhangsan@example.com".into()),
        email_verified: true,
        phone_number: None,
        phone_verified: false,
        picture: None,
        locale: Some("zh-CN".into()),
        nickname: None,
        gender: None,
        profile: serde_json::json!({}),
        provenance: serde_json::json!({}),
        data_source_id: Some(SOURCE),
        corp_id: None,
        console_role: None,
        status: "active".into(),
        disabled_reason: None,
        access_until: None,
        email_proven: None,
        email_entered: None,
        language: None,
        browsers_known_at: None,
        access_ending_told: None,
        password_hash: None,
        created_at: START.millis(),
        updated_at: START.millis(),
    }
}

fn employee() -> member::Model {
    member::Model {
        id: MEMBER,
        data_source_id: SOURCE,
        userid: "ZhangSan".into(),
        userid_key: "zhangsan".into(),
        name: None,
        alias: None,
        position: None,
        email: None,
        mobile: None,
        avatar: None,
        gender: None,
        open_userid: None,
        main_department: None,
        departments: Numbers::default(),
        status: Some(1),
        state: "present".into(),
        departed_at: None,
        checked_at: START.millis(),
        doubt: None,
        user_id: Some(PERSON),
        import_outcome: "imported".into(),
        import_reason: None,
        created_at: START.millis(),
        updated_at: START.millis(),
    }
}

fn signed_in() -> session::Model {
    session::Model {
        id: SESSION,
        digest: sha256_base64url(COOKIE.as_bytes()),
        user_id: PERSON,
        member_id: Some(MEMBER),
        auth_source_id: Some(AUTH_SOURCE),
        auth_time: START.millis() - 60_000,
        amr: Strings(vec!["wecom".into()]),
        created_at: START.millis(),
        last_seen_at: START.millis(),
        expires_at: START.millis() + 24 * 3_600_000,
        ended_at: None,
        end_reason: None,
        browser: None,
        network: None,
    }
}

fn portal(id: u128, client_id: &str) -> client::Model {
    let all = ["openid", "profile", "email", "phone", "offline_access"];
    client::Model {
        id: Uuid::from_u128(id),
        client_id: client_id.into(),
        name: client_id.into(),
        auth_method: "client_secret_basic".into(),
        secret_digest: Some(sha256_base64url(SECRET.as_bytes())),
        secret_sealed: None,
        metadata: serde_json::json!({}),
        redirect_uris: Strings(vec![CALLBACK.into()]),
        post_logout_redirect_uris: Strings(vec![GOODBYE.into()]),
        scopes: Strings(all.map(str::to_owned).to_vec()),
        require_pkce: false,
        id_token_alg: "RS256".into(),
        auth_sources: None,
        allowed_departments: Strings::default(),
        allowed_groups: Strings::default(),
        allowed_users: Strings::default(),
        membership_max_age: 86_400,
        membership_grace: 0,
        access_token_lifetime: 300,
        id_token_lifetime: 300,
        refresh_token_lifetime: 3600,
        enabled: true,
        created_at: START.millis(),
        updated_at: START.millis(),
    }
}

impl Fixture {
    /// Disables the person, as a leaver is.
    pub async fn disable_person(&self) {
        let row = users::ActiveModel {
            id: Set(PERSON),
            status: Set("disabled".into()),
            ..Default::default()
        };
        row.update(self.database.writer()).await.unwrap();
    }

    /// Writes the metadata of a client.
    pub async fn metadata(&self, client_id: &str, metadata: serde_json::Value) {
        client::Entity::update_many()
            .col_expr(client::Column::Metadata, sea_orm::sea_query::Expr::value(metadata))
            .filter(client::Column::ClientId.eq(client_id))
            .exec(self.database.writer())
            .await
            .unwrap();
    }
}

//! Tests of the admin API through its own routes, on a SQLite file; the fixture they share.

mod auth_sources;
mod clients;
mod contacts;
mod data_sources;
mod exports;
mod offboarding;
mod openapi;
mod roles;
mod rubbish;
mod tokens;
mod users;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, http::Method, test as actix_test, web};
use entity::{
    api_token, audit_event, auth_source, client, data_source, member, session, sync_run, users as user_table, wecom_app,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    admin::{
        api_tokens::model::{NewToken, TokenScope},
        role::Role,
        service::{Admin, Dependencies},
    },
    crypto::seal::Sealer,
    directory::Probed,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    outbound::Outbound,
    signin::{Sessions, session_model::Lifetimes},
    store::{Database, Ephemeral},
    wecom::model::Credential,
};

const START: Timestamp = Timestamp::from_secs(1_800_000_000);
const LIFETIMES: Lifetimes = Lifetimes {
    idle: Duration::from_secs(8 * 3600),
    absolute: Duration::from_secs(12 * 3600),
};
const CALLBACK_DOMAIN: &str = "sso.example:8443";

/// The fixture: the API with one token per role.
struct World {
    admin: Admin,
    database: Database,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    token: String,
    forgotten: Arc<Mutex<Vec<Credential>>>,
    file: PathBuf,
}

struct Reply {
    status: u16,
    kind: String,
    location: Option<String>,
    challenge: Option<String>,
    allow: Option<String>,
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    fn number(&self) -> String {
        self.json()["number"].as_str().unwrap_or_default().to_owned()
    }

    fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Numbers of the setup problems shown with a data source or auth source.
    fn problems(&self) -> Vec<String> {
        let json = self.json();
        let problems = json["problems"].as_array().cloned().unwrap_or_default();
        problems
            .iter()
            .map(|problem| problem["number"].as_str().unwrap().to_owned())
            .collect()
    }

    fn ok(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Asserts a refusal with this status and number, as a problem with a reference.
    fn refused(self, status: u16, number: &str) -> Self {
        assert_eq!((self.status, self.number().as_str()), (status, number), "{}", self.text);
        assert_eq!(self.kind, "application/problem+json");
        assert!(!self.json()["reference"].as_str().unwrap().is_empty());
        self
    }
}

impl World {
    async fn new() -> Self {
        let file = std::env::temp_dir().join(format!("menjin-admin-{}.db", Entropy::system().hex_id()));
        let database = Database::connect(&format!("sqlite://{}?mode=rwc", file.display()), 2)
            .await
            .unwrap();
        Migrator::up(database.writer().connection(), None).await.unwrap();
        let (clock, entropy) = (Clock::manual(START), Entropy::seeded(7));
        let sealer = Sealer::new(&Secret::new(vec![7; 32]), entropy.clone()).unwrap();
        let forgotten = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&forgotten);
        let admin = Admin::new(Dependencies {
            recorder: None,
            database: database.clone(),
            sealer: sealer.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            callback_domain: CALLBACK_DOMAIN.to_owned(),
            egress: Vec::new(),
            passkey_host: None,
            forget: Arc::new(move |credential| {
                recorded.lock().unwrap().push(credential);
                Box::pin(std::future::ready(()))
            }),
            refusals: Arc::new(|_| Box::pin(std::future::ready(Vec::new()))),
            ask: Arc::new(|_| Box::pin(std::future::ready(Probed::default()))),
            ephemeral: Ephemeral::memory(clock.clone()),
            start_sync: starter(database.clone(), entropy.clone()),
            outbound: Outbound::new(&Default::default()).unwrap(),
            sessions: Sessions::new(
                (database.clone(), sealer.clone()),
                clock.clone(),
                entropy.clone(),
                LIFETIMES,
            ),
        });
        let printed = Mutex::new(String::new());
        let announce = |token: &Secret<String>| printed.lock().unwrap().clone_from(token.expose());
        admin.ensure_first(None, &announce).await.unwrap();
        let token = printed.into_inner().unwrap();
        Self {
            admin,
            database,
            sealer,
            clock,
            entropy,
            token,
            forgotten,
            file,
        }
    }

    async fn token_of(&self, role: Role) -> String {
        let input = NewToken {
            name: role.word().to_owned(),
            role,
            scope: (role == Role::Portal).then(|| TokenScope {
                clients: Some(vec!["mine".to_owned()]),
                data_sources: None,
            }),
            expires_at: None,
        };
        self.admin
            .create_token(("system", Role::Owner), input)
            .await
            .unwrap()
            .token
    }

    async fn send(&self, request: actix_test::TestRequest) -> Reply {
        let app = App::new()
            .app_data(web::Data::new(self.admin.clone()))
            .configure(super::routes);
        let service = actix_test::init_service(app).await;
        let response = match actix_test::try_call_service(&service, request.to_request()).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => panic!("the service failed instead of replying: {error}"),
        };
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        Reply {
            status: response.status().as_u16(),
            kind: header("content-type").unwrap_or_default(),
            location: header("location"),
            challenge: header("www-authenticate"),
            allow: header("allow"),
            text: String::from_utf8(actix_test::read_body(response).await.to_vec()).unwrap(),
        }
    }

    fn request(&self, token: &str, method: Method, path: &str) -> actix_test::TestRequest {
        actix_test::TestRequest::with_uri(&format!("/api/v1{path}"))
            .method(method)
            .insert_header(("authorization", format!("Bearer {token}")))
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(self.request(&self.token, Method::GET, path)).await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(&self.token, Method::DELETE, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(&self.token, Method::POST, path).set_json(body))
            .await
    }

    async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(&self.token, Method::PATCH, path).set_json(body))
            .await
    }

    /// A dump of everything an admin can change, to be compared.
    async fn contents(&self) -> String {
        let reader = self.database.reader();
        let mut tokens = api_token::Entity::find().all(reader).await.unwrap();
        // Written in the background by any request.
        tokens.iter_mut().for_each(|token| token.last_used_at = None);
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            data_source::Entity::find().all(reader).await.unwrap(),
            auth_source::Entity::find().all(reader).await.unwrap(),
            wecom_app::Entity::find().all(reader).await.unwrap(),
            client::Entity::find().all(reader).await.unwrap(),
            user_table::Entity::find().all(reader).await.unwrap(),
            tokens,
            audit_event::Entity::find().all(reader).await.unwrap(),
            sync_run::Entity::find().all(reader).await.unwrap(),
        )
    }

    /// Inserts a member as a sync would write it.
    async fn member(&self, source: &str, userid: &str, user: Option<&str>) -> Uuid {
        let row = member::Model {
            id: self.entropy.id(self.clock.now()),
            data_source_id: source.parse().unwrap(),
            userid: userid.to_owned(),
            userid_key: userid.to_lowercase(),
            name: None,
            alias: None,
            position: None,
            email: None,
            mobile: None,
            avatar: None,
            gender: None,
            open_userid: None,
            main_department: None,
            departments: entity::json::Numbers(vec![1, 2]),
            status: Some(1),
            state: "present".to_owned(),
            departed_at: None,
            checked_at: START.millis(),
            doubt: None,
            user_id: user.map(|id| id.parse().unwrap()),
            import_outcome: if user.is_some() { "imported" } else { "skipped" }.to_owned(),
            import_reason: user.is_none().then(|| "duplicate".to_owned()),
            created_at: START.millis(),
            updated_at: START.millis(),
        };
        let id = row.id;
        let insert = member::Entity::insert(member::ActiveModel::from(row));
        insert.exec_without_returning(self.database.writer()).await.unwrap();
        id
    }

    /// Inserts a session as a sign-in would open it.
    async fn session(&self, user: &str) -> Uuid {
        let id = self.entropy.id(self.clock.now());
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(id.to_string()),
            user_id: Set(user.parse().unwrap()),
            member_id: Set(None),
            auth_source_id: Set(None),
            auth_time: Set(START.millis()),
            amr: Set(entity::json::Strings::default()),
            created_at: Set(START.millis()),
            last_seen_at: Set(START.millis()),
            expires_at: Set(START.plus(Duration::from_secs(3600)).millis()),
            ended_at: Set(None),
            end_reason: Set(None),
            browser: Set(None),
            network: Set(None),
        };
        let insert = session::Entity::insert(row);
        insert.exec_without_returning(self.database.writer()).await.unwrap();
        id
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.file.display()));
        }
    }
}

/// Replaces the sync: writes a queued run.
fn starter(database: Database, entropy: Entropy) -> crate::admin::service::StartSync {
    Arc::new(move |source, mode: crate::directory::sync::Mode| {
        let (database, id) = (database.clone(), entropy.id(START));
        Box::pin(async move {
            let row = sync_run::ActiveModel {
                id: Set(id),
                data_source_id: Set(source),
                cause: Set("manual".to_owned()),
                mode: Set(mode.as_str().to_owned()),
                calls: Set(0),
                state: Set("queued".to_owned()),
                started_at: Set(START.millis()),
                finished_at: Set(None),
                counts: Set(json!({})),
                findings: Set(json!([])),
                failure_number: Set(None),
                failure_detail: Set(None),
                ..Default::default()
            };
            let insert = sync_run::Entity::insert(row);
            insert.exec_without_returning(database.writer()).await?;
            Ok(id)
        })
    })
}

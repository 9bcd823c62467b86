//! Fixture of the callback tests: a synced data source, a server with only the callback routes, and a WeCom simulator that pushes to it.

use std::{path::PathBuf, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, web::Data};
use entity::{
    audit_event, callback_endpoint, data_source, json::Strings, member, pending_look, session, sync_run, users,
    wecom_app,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use simulator::{
    Delivery, DeliveryReport, Event, Options, Simulator, World,
    sample::{AGENT_ID, APP_SECRET, CONTACTS_SECRET, CORP},
};
use uuid::Uuid;

use crate::{
    crypto::seal::Sealer,
    directory::{
        sync::{run_state::Cause, service::Sync},
        wecom_events::{
            endpoint::Issued,
            endpoint_owner::Owner,
            http,
            service::{Callbacks, Dependencies},
        },
    },
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        secret::Secret,
    },
    store::{Database, Ephemeral},
    wecom::{Endpoints, WeCom, transport::build_client},
};

const NOW: i64 = 1_760_000_000;

pub struct Fixture {
    pub sim: Simulator,
    pub callbacks: Callbacks,
    pub db: Database,
    pub clock: Clock,
    pub sync: Sync,
    pub source: Uuid,
    pub base: String,
    pub http: reqwest::Client,
    sim_clock: simulator::Clock,
    path: PathBuf,
    handle: ServerHandle,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            // A file that is not there needs no removing.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Fixture {
    /// The first sample corp with both secrets, synced once.
    pub async fn open() -> Self {
        let fixture = Self::unsynced(true).await;
        fixture.run().await;
        fixture
    }

    pub async fn unsynced(with_app: bool) -> Self {
        let (clock, sim_clock) = (
            Clock::manual(Timestamp::from_secs(NOW)),
            simulator::Clock::manual(NOW.unsigned_abs()),
        );
        let mut options = Options::new(World::sample());
        options.clock = sim_clock.clone();
        let sim = Simulator::start(options).await.unwrap();
        let entropy = Entropy::system();
        let path = std::env::temp_dir().join(format!("menjin-callback-{}.db", entropy.hex_id()));
        let db = Database::connect(&format!("sqlite://{}?mode=rwc", path.display()), 4)
            .await
            .unwrap();
        Migrator::up(db.writer().connection(), None).await.unwrap();
        let ephemeral = Ephemeral::memory(clock.clone());
        let sealer = Sealer::new(&Secret::new(vec![7; 32]), entropy.clone()).unwrap();
        let source = data_source_row(&db, &sealer, entropy.id(clock.now()), with_app).await;
        let wecom = wecom(&sim, &ephemeral, &sealer, &clock);
        let sync = Sync::new(
            db.clone(),
            &wecom,
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
            ephemeral.clone(),
        );
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let callbacks = Callbacks::new(Dependencies {
            database: db.clone(),
            ephemeral,
            sealer,
            clock: clock.clone(),
            entropy,
            sync: sync.clone(),
            wecom,
            public_url: format!("{base}/"),
        });
        let handle = serve(listener, &callbacks);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self {
            sim,
            callbacks,
            db,
            clock,
            sync,
            source,
            base,
            http,
            sim_clock,
            path,
            handle,
        }
    }

    pub async fn forget_contacts_secret(&self) {
        data_source::Entity::update_many()
            .col_expr(
                data_source::Column::ContactsSecretSealed,
                sea_orm::sea_query::Expr::value(None::<String>),
            )
            .exec(self.db.writer())
            .await
            .unwrap();
    }

    pub async fn run(&self) {
        let run = self.sync.start(self.source, Cause::Manual).await.unwrap();
        self.sync.execute(run).await.unwrap();
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.sim_clock.advance(by.as_secs());
    }

    /// Makes an endpoint and enters it in the WeCom console.
    pub async fn configure(&self, owner: Owner) -> Issued {
        let issued = self.callbacks.create(self.source, owner).await.unwrap();
        self.enter(owner, &issued).await.unwrap();
        issued
    }

    pub async fn enter(&self, owner: Owner, issued: &Issued) -> Result<(), String> {
        let (token, key) = (issued.token.expose(), issued.aes_key.expose());
        self.sim
            .configure_callback(CORP, there(owner), &issued.url, token, key)
            .await
    }

    /// Pushes an event and waits until what it set off has ended.
    pub async fn emit(&self, owner: Owner, event: Event, delivery: Delivery) -> DeliveryReport {
        let report = self.sim.emit(CORP, there(owner), event, delivery).await;
        self.callbacks.idle().await;
        report
    }

    /// Pushes a well-formed contacts event and expects 200.
    pub async fn tell(&self, event: Event) {
        let report = self.emit(Owner::Contacts, event, Delivery::default()).await;
        assert_eq!(report.statuses, [200]);
    }

    pub fn remove(&self, userid: &str) {
        self.sim
            .edit(|world| world.corp_mut(CORP).unwrap().remove_member(userid))
            .unwrap();
    }

    pub async fn member(&self, userid: &str) -> Option<member::Model> {
        let filter = member::Column::UseridKey.eq(userid);
        member::Entity::find()
            .filter(filter)
            .one(self.db.reader())
            .await
            .unwrap()
    }

    pub async fn user(&self, userid: &str) -> users::Model {
        let id = self.member(userid).await.unwrap().user_id.unwrap();
        users::Entity::find_by_id(id)
            .one(self.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn is_in(&self, userid: &str) -> bool {
        let (member, user) = (self.member(userid).await.unwrap(), self.user(userid).await);
        assert_eq!(member.state == "present", user.status == "active");
        user.status == "active"
    }

    pub async fn session(&self, userid: &str) -> Uuid {
        let member = self.member(userid).await.unwrap();
        let id = Entropy::system().id(self.clock.now());
        let row = session::ActiveModel {
            id: Set(id),
            digest: Set(id.to_string()),
            user_id: Set(member.user_id.unwrap()),
            member_id: Set(Some(member.id)),
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
        };
        row.insert(self.db.writer()).await.unwrap();
        id
    }

    pub async fn find_session(&self, id: Uuid) -> session::Model {
        session::Entity::find_by_id(id)
            .one(self.db.reader())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn departures(&self) -> Vec<audit_event::Model> {
        let filter = audit_event::Column::Kind.eq("member.departed");
        audit_event::Entity::find()
            .filter(filter)
            .all(self.db.reader())
            .await
            .unwrap()
    }

    /// (cause, state) of all runs, oldest first.
    pub async fn runs(&self) -> Vec<(String, String)> {
        let rows = sync_run::Entity::find()
            .order_by_asc(sync_run::Column::Id)
            .all(self.db.reader())
            .await;
        rows.unwrap().into_iter().map(|row| (row.cause, row.state)).collect()
    }

    pub async fn event_runs(&self) -> usize {
        self.runs().await.iter().filter(|(cause, _)| cause == "event").count()
    }

    /// Who is still to be looked at, and how often somebody began to.
    pub async fn pending(&self) -> Vec<(String, i32)> {
        let rows = pending_look::Entity::find().all(self.db.reader()).await.unwrap();
        rows.into_iter().map(|row| (row.userid, row.attempts)).collect()
    }

    pub async fn endpoint(&self, id: Uuid) -> callback_endpoint::Model {
        callback_endpoint::Entity::find_by_id(id)
            .one(self.db.reader())
            .await
            .unwrap()
            .unwrap()
    }
}

fn serve(listener: std::net::TcpListener, callbacks: &Callbacks) -> ServerHandle {
    let data = Data::new(callbacks.clone());
    let server = HttpServer::new(move || App::new().app_data(data.clone()).configure(http::routes))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}

/// 客户联系 as an app of the simulated corp.
const CUSTOMERS: u32 = 2_000_003;

fn there(owner: Owner) -> simulator::Owner {
    match owner {
        Owner::Contacts => simulator::Owner::Contacts,
        Owner::App => simulator::Owner::App(AGENT_ID),
        Owner::ExternalContacts => simulator::Owner::App(CUSTOMERS),
    }
}

fn wecom(sim: &Simulator, ephemeral: &Ephemeral, sealer: &Sealer, clock: &Clock) -> WeCom {
    let endpoints = Endpoints {
        api: sim.base_url(),
        ..Endpoints::default()
    };
    let http = build_client(None, Duration::from_secs(5)).unwrap();
    WeCom::new(
        http,
        endpoints,
        ephemeral.clone(),
        sealer.clone(),
        clock.clone(),
        Entropy::system(),
    )
}

async fn data_source_row(db: &Database, sealer: &Sealer, id: Uuid, with_app: bool) -> Uuid {
    let seal = |context: &str, secret: &str| sealer.seal(context, secret.as_bytes()).unwrap();
    let app = wecom_app::ActiveModel {
        id: Set(id),
        corp_id: Set(CORP.to_owned()),
        agent_id: Set(i64::from(AGENT_ID)),
        name: Set(String::new()),
        secret_sealed: Set(seal("wecom_app.secret", APP_SECRET)),
        closed: Set(false),
        redirect_domain: Set(None),
        scope_fetched_at: Set(None),
        created_at: Set(1),
        updated_at: Set(1),
        ..Default::default()
    };
    app.insert(db.writer()).await.unwrap();
    let source = data_source::ActiveModel {
        id: Set(id),
        name: Set("青云科技".to_owned()),
        description: Set(String::new()),
        corp_id: Set(CORP.to_owned()),
        corp_key: Set(CORP.to_owned()),
        contacts_secret_sealed: Set(Some(seal("data_source.contacts_secret", CONTACTS_SECRET))),
        customer_secret_sealed: Set(None),
        app_id: Set(with_app.then_some(id)),
        auto_sync_hours: Set(None),
        duplicate_rule: Set("overwrite".to_owned()),
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
    };
    source.insert(db.writer()).await.unwrap();
    id
}

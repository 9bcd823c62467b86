//! The fixture of a test: a simulated WeCom, Menjin on one storage pairing, and a clock that both follow.

use std::time::Duration;

use menjin::{
    app::App,
    config::{Config, Sources},
    kernel::clock::{Clock, Timestamp},
};
use serde_json::{Value, json};
use simulator::{
    Options, Simulator, World, sample,
    world::{Corp, Fault, FaultKind},
};

use crate::{
    actors::{Admin, Browser, Phone, Portal, id, text},
    backends::{Backend, Storage},
    template::started_storage,
};

mod served;

use served::built;
pub use served::{Replica, Served};

/// Everything is set up to begin at this moment: 2026-01-05T08:00:00Z.
pub const START: i64 = 1_767_600_000;
/// The admin token set by the operator.
pub const ADMIN_TOKEN: &str = "operator-set-admin-token-0123456789abcdef";

/// A running installation with its surroundings.
pub struct Fixture {
    /// WeCom.
    pub wecom: Simulator,
    /// Menjin.
    pub app: App,
    /// Its base URL.
    pub base: String,
    /// Its clock.
    pub clock: Clock,
    sim_clock: simulator::Clock,
    /// HTTP without cookies and without following redirects.
    pub http: reqwest::Client,
    storage: Storage,
}

impl Fixture {
    /// An empty installation beside the sample corps, or `None` where a server's binary is missing.
    pub async fn open(backend: Backend) -> Option<Self> {
        Self::open_with(backend, World::sample()).await
    }

    /// An empty installation beside this world.
    pub async fn open_with(backend: Backend, world: World) -> Option<Self> {
        Self::open_set(backend, world, &[]).await
    }

    /// The same with these settings besides, as the environment gives them.
    pub async fn open_set(backend: Backend, world: World, settings: &[(String, String)]) -> Option<Self> {
        Box::pin(Self::open_at("127.0.0.1", backend, world, settings)).await
    }

    /// An empty installation at the name `localhost`, where browsers have passkeys.
    pub async fn at_localhost(backend: Backend) -> Option<Self> {
        Box::pin(Self::open_at("localhost", backend, World::sample(), &[])).await
    }

    async fn open_at(host: &str, backend: Backend, world: World, settings: &[(String, String)]) -> Option<Self> {
        let mut storage = Box::pin(started_storage(backend, settings)).await?;
        storage.settings.extend_from_slice(settings);
        let clock = Clock::manual(Timestamp::from_secs(START));
        let sim_clock = simulator::Clock::manual(START.unsigned_abs());
        let mut options = Options::new(world);
        options.clock = sim_clock.clone();
        let wecom = Simulator::start(options).await.unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{host}:{}", listener.local_addr().unwrap().port());
        let config = config(&storage.settings, &base, &wecom.base_url());
        let app = built(config, clock.clone()).await;
        actix_web::rt::spawn(app.serve(listener).unwrap());
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Some(Self {
            wecom,
            app,
            base,
            clock,
            sim_clock,
            http,
            storage,
        })
    }

    /// Where everything is kept.
    pub fn database_url(&self) -> &str {
        database_url(&self.storage)
    }

    /// Where its files are.
    pub fn directory(&self) -> &std::path::Path {
        &self.storage.directory
    }

    /// The settings with which another process serves from the same storage.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.storage.settings, &self.base, &self.wecom.base_url())
    }

    /// Moves the time to that of the machine, for a process of its own, which has no other clock.
    #[expect(clippy::disallowed_methods, reason = "the other process has the machine's clock")]
    pub fn advance_to_now(&self) {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        self.advance(now - Duration::from_secs(START.unsigned_abs()));
    }

    /// Moves the time of Menjin and of WeCom.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.sim_clock.advance(by.as_secs());
    }

    /// An admin with the operator's token.
    pub fn admin(&self) -> Admin {
        Admin::new(&self.http, &self.base, ADMIN_TOKEN)
    }

    /// An admin with a new API token of this role.
    pub async fn admin_with_role(&self, role: &str) -> Admin {
        let token = json!({ "name": role, "role": role });
        let token = self.admin().create("api-tokens", token).await;
        Admin::new(&self.http, &self.base, text(&token, "token"))
    }

    /// One GET of a path here, without cookies and without following redirects.
    pub async fn fetch(&self, path: &str) -> reqwest::Response {
        self.http.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// A browser with an empty cookie jar.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.http)
    }

    /// Somebody's phone.
    pub fn phone(&self) -> Phone {
        Phone::new(&self.http, &self.wecom.base_url())
    }

    /// Registers a confidential portal; `extra` is laid over its registration.
    pub async fn portal(&self, client_id: &str, extra: Value) -> Portal {
        Portal::register(self, client_id, extra).await
    }

    /// Connects the first sample corp with both secrets, auth source included, and syncs it. Answers the data source.
    pub async fn connect(&self) -> Value {
        self.connect_with(json!({})).await
    }

    /// As [`Fixture::connect`], with `extra` laid over the data source.
    pub async fn connect_with(&self, extra: Value) -> Value {
        let mut body = json!({
            "name": "青云科技",
            "corp_id": sample::CORP,
            "contacts_secret": sample::CONTACTS_SECRET,
            "app": { "agent_id": sample::AGENT_ID, "secret": sample::APP_SECRET },
            "auto_sync_hours": null,
            "duplicate_rule": "overwrite",
            "login_methods": ["wecom_qr"],
        });
        lay_over(&mut body, extra);
        let source = self.admin().create("data-sources", body).await;
        self.sync(id(&source)).await;
        source
    }

    /// Connects the second sample corp, with `extra` laid over the data source. Answers the data source.
    pub async fn connect_second(&self, extra: Value) -> Value {
        let mut body = json!({
            "name": "白石设计",
            "corp_id": sample::CORP2,
            "contacts_secret": sample::CONTACTS_SECRET2,
            "app": { "agent_id": sample::AGENT_ID2, "secret": sample::APP_SECRET2 },
        });
        lay_over(&mut body, extra);
        self.connect_with(body).await
    }

    /// A portal that takes nothing but scans at this corp.
    pub async fn scan_only_portal(&self, client_id: &str, corp_id: &str) -> Portal {
        let auth_source = self.auth_source(corp_id).await;
        let only = json!({ "auth_sources": [auth_source["id"]] });
        self.portal(client_id, only).await
    }

    /// [`Fixture::connect`] and a portal `wiki`.
    pub async fn connected_portal(&self) -> Portal {
        self.connect().await;
        self.portal("wiki", json!({})).await
    }

    /// [`Fixture::connected_portal`], a browser in which 李华 is signed in there, and the tokens of that sign-in.
    pub async fn signed_in(&self) -> (Portal, Browser, Value) {
        let portal = self.connected_portal().await;
        let browser = self.browser();
        let tokens = portal.tokens(self, &browser, sample::NORMAL).await;
        (portal, browser, tokens)
    }

    /// Changes the first sample corp in WeCom.
    pub fn edit_corp<R>(&self, change: impl FnOnce(&mut Corp) -> R) -> R {
        self.wecom.edit(|world| change(world.corp_mut(sample::CORP).unwrap()))
    }

    /// Enters Menjin's host as the trusted domain of the first corp's apps.
    pub fn trust_domain(&self) {
        let domain = self.base.trim_start_matches("http://").to_owned();
        self.edit_corp(|corp| {
            let apps = corp.apps.values_mut();
            apps.for_each(|app| app.oauth_domain = Some(domain.clone()));
        });
    }

    /// Lets every call below this path answer an HTML page with HTTP 502.
    pub fn break_wecom(&self, path: &str) {
        self.add_fault(Fault::new(path, FaultKind::BadGateway));
    }

    /// Lets WeCom have this fault besides.
    pub fn add_fault(&self, fault: Fault) {
        self.wecom.edit(|world| world.faults.push(fault));
    }

    /// Waits until everything that events have started is done.
    pub async fn wait_for_background_work(&self) {
        self.app.wait_for_background_work().await;
    }

    /// Takes all faults back.
    pub fn mend_wecom(&self) {
        self.wecom.edit(|world| world.faults.clear());
    }

    /// A second process over the same storage; answers its address.
    pub async fn restart(&self) -> String {
        self.restart_with(&[]).await
    }

    /// As [`Fixture::restart`], with other settings (`SECTION__KEY`).
    pub async fn restart_with(&self, settings: &[(&str, &str)]) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut storage = self.storage.settings.clone();
        storage.extend(
            settings
                .iter()
                .map(|(key, value)| (format!("MENJIN__{key}"), (*value).to_owned())),
        );
        let config = config(&storage, &base, &self.wecom.base_url());
        let app = built(config, self.clock.clone()).await;
        actix_web::rt::spawn(app.serve(listener).unwrap());
        base
    }

    /// A second server over the same storage, at a public URL of its own, with its configuration changed like this.
    pub async fn serve_with(&self, change: impl FnOnce(&mut Config)) -> Served {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut config = config(&self.storage.settings, &base, &self.wecom.base_url());
        change(&mut config);
        let app = built(config, self.clock.clone()).await;
        let server = app.serve(listener).unwrap();
        let stop = server.stop_handle();
        actix_web::rt::spawn(server);
        Served { base, stop, app }
    }

    /// Another replica of this installation: same storage, same public URL, an address of its own.
    pub async fn replica(&self) -> Replica {
        self.replica_at(&self.clock).await
    }

    /// As [`Fixture::replica`], with a clock of its own.
    pub async fn replica_at(&self, clock: &Clock) -> Replica {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let config = config(&self.storage.settings, &self.base, &self.wecom.base_url());
        let app = built(config, clock.clone()).await;
        actix_web::rt::spawn(app.serve(listener).unwrap());
        Replica { base, app }
    }

    /// Runs the program over this storage; answers what it printed on either stream.
    pub fn command(&self, arguments: &[&str]) -> String {
        self.command_within(60, arguments)
    }

    /// As [`Fixture::command`], stopped after so many seconds.
    pub fn command_within(&self, seconds: u64, arguments: &[&str]) -> String {
        let output = std::process::Command::new("timeout")
            .args([&seconds.to_string(), env!("CARGO_BIN_EXE_menjin")])
            .args(arguments)
            .envs(environment(&self.storage.settings, &self.base, &self.wecom.base_url()))
            .current_dir(&self.storage.directory)
            .output()
            .unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Runs a sync to its end; answers the run.
    pub async fn sync(&self, data_source: &str) -> Value {
        self.admin().sync(data_source).await
    }

    /// The only auth source of a corp.
    pub async fn auth_source(&self, corp_id: &str) -> Value {
        let mut sources = self.admin().items("auth-sources").await;
        sources.retain(|source| source["corp_id"] == corp_id);
        sources.remove(0)
    }
}

/// Where the database of this storage is.
pub fn database_url(storage: &Storage) -> &str {
    let mut settings = storage.settings.iter();
    let set = settings.find(|(key, _)| key == "MENJIN__DATABASE__URL");
    &set.unwrap().1
}

/// Merges one JSON object over another.
pub fn lay_over(under: &mut Value, over: Value) {
    let (Some(under), Value::Object(over)) = (under.as_object_mut(), over) else {
        return;
    };
    for (key, value) in over {
        under.insert(key, value);
    }
}

/// The configuration of an installation.
pub fn config(storage: &[(String, String)], base: &str, wecom: &str) -> Config {
    Config::load(&Sources {
        file: None,
        environment: environment(storage, base, wecom),
    })
    .unwrap()
}

/// The environment of a process over this storage.
pub fn environment(storage: &[(String, String)], base: &str, wecom: &str) -> Vec<(String, String)> {
    let set = |key: &str, value: &str| (format!("MENJIN__{key}"), value.to_owned());
    let mut environment = vec![
        set("SERVER__PUBLIC_URL", base),
        set("SERVER__WORKERS", "2"),
        set("WECOM__API_URL", wecom),
        set("WECOM__WEB_LOGIN_URL", wecom),
        set("WECOM__LEGACY_QR_URL", wecom),
        set("WECOM__OAUTH_URL", wecom),
        set("WECOM__INSTALL_URL", wecom),
        set("WECOM__OPEN_DATA_SCRIPT", &format!("{wecom}/open-data.js")),
        set("WECOM__OPEN_DATA_FRAME", wecom),
        // Portals of the tests listen on 127.0.0.1; [::1] stays a private address that is refused.
        set("OUTBOUND__ALLOW", "127.0.0.1"),
        // So that tests can come from any address.
        set("SERVER__TRUSTED_PROXIES", "127.0.0.1"),
        set("ADMIN__TOKEN", ADMIN_TOKEN),
    ];
    // What a test sets itself comes last and counts.
    environment.extend_from_slice(storage);
    environment
}

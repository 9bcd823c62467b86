//! Builds everything once, for `main` and for the tests alike: what a test talks to is what people run.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App as Actix, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    middleware::Compat,
    web::{self, Data, ServiceConfig, get, resource},
};
use futures_util::FutureExt;
use migration::{Migrator, MigratorTrait};

use crate::{
    admin::{self, Admin},
    config::{Config, EphemeralKind, SealKey},
    crypto::{failure::CryptoFailure, seal::Sealer},
    directory::{
        callback::{self, Callbacks},
        sync::Sync,
    },
    gate::Gate,
    jobs::{self, Jobs},
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    oidc::{self, Provider},
    signin::{self, Journeys, Sessions, journey, sessions::Lifetimes},
    store::{Database, Ephemeral, lease::Lease},
    web::{cookies::Cookies, failure::WebFailure, headers, input},
    wecom::{Endpoints, WeCom, transport},
};

/// Menjin, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct App {
    config: Arc<Config>,
    ground: Ground,
    provider: Provider,
    journeys: Journeys,
    admin: Admin,
    jobs: Jobs,
    cookies: Cookies,
    first_token: Option<Arc<Secret<String>>>,
}

/// What every room stands on.
#[derive(Clone)]
struct Ground {
    database: Database,
    ephemeral: Ephemeral,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    wecom: WeCom,
    public_url: String,
}

impl Ground {
    async fn lay(config: &Config, clock: Clock, entropy: Entropy) -> Result<Self> {
        let database = Database::connect(config.database_url.expose(), config.database_connections).await?;
        let ephemeral = ephemeral(config, &clock).await?;
        bring_up_to_date(&database, &ephemeral, &entropy).await?;
        let sealer = sealer(config, &entropy)?;
        let http = transport::build_client(config.wecom.proxy.as_deref(), config.wecom.timeout)?;
        let wecom = WeCom::new(
            http,
            endpoints(config),
            ephemeral.clone(),
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
        );
        let public_url = config.public_url.clone();
        Ok(Self {
            database,
            ephemeral,
            sealer,
            clock,
            entropy,
            wecom,
            public_url,
        })
    }

    fn gate(&self) -> Gate {
        Gate::new(
            self.database.clone(),
            self.wecom.clone(),
            self.sealer.clone(),
            self.clock.clone(),
            self.entropy.clone(),
        )
    }

    fn sessions(&self, config: &Config) -> Sessions {
        let lifetimes = Lifetimes {
            idle: config.session_idle,
            absolute: config.session_absolute,
        };
        Sessions::new(
            self.database.clone(),
            self.clock.clone(),
            self.entropy.clone(),
            lifetimes,
        )
    }

    fn journeys(&self, gate: Gate, sessions: Sessions) -> Journeys {
        Journeys::new(journey::Parts {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            gate,
            sessions,
            wecom: self.wecom.clone(),
            endpoints: self.wecom.endpoints().clone(),
            public_url: self.public_url.clone(),
        })
    }

    fn jobs(&self) -> Jobs {
        let sync = Sync::new(
            self.database.clone(),
            self.wecom.clone(),
            self.sealer.clone(),
            self.clock.clone(),
            self.entropy.clone(),
            self.ephemeral.clone(),
        );
        let callbacks = Callbacks::new(callback::Parts {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            sync: sync.clone(),
            wecom: self.wecom.clone(),
            public_url: self.public_url.clone(),
        });
        Jobs { sync, callbacks }
    }

    fn admin(&self, sync: Sync) -> Admin {
        let wecom = self.wecom.clone();
        Admin::new(admin::Parts {
            database: self.database.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            callback_domain: callback_domain(&self.public_url),
            forget: Arc::new(move |credential| {
                let wecom = wecom.clone();
                async move { wecom.forget(&credential).await }.boxed()
            }),
            start_sync: jobs::starter(sync),
        })
    }
}

impl App {
    /// Connects the stores, brings the schema up to date, makes the first keys and the first admin token if they are missing.
    ///
    /// # Errors
    /// When a store does not answer, or the seal key cannot be read.
    pub async fn build(config: Config, clock: Clock, entropy: Entropy) -> Result<Self> {
        let config = Arc::new(config);
        let ground = Ground::lay(&config, clock, entropy).await?;
        let (gate, sessions) = (ground.gate(), ground.sessions(&config));
        let journeys = ground.journeys(gate.clone(), sessions.clone());
        let cookies = Cookies::new(config.public_url.starts_with("https://"));
        let provider = Provider::new(oidc::Parts {
            database: ground.database.clone(),
            ephemeral: ground.ephemeral.clone(),
            sealer: ground.sealer.clone(),
            clock: ground.clock.clone(),
            entropy: ground.entropy.clone(),
            gate,
            sessions,
            journeys: journeys.clone(),
            cookies,
            settings: oidc::Settings {
                issuer: config.public_url.clone(),
                code_lifetime: config.code_lifetime,
            },
        });
        provider.ensure_keys().await?;
        let jobs = ground.jobs();
        let admin = ground.admin(jobs.sync.clone());
        let first_token = admin.ensure_first(config.admin_token.clone()).await?.map(Arc::new);
        Ok(Self {
            config,
            ground,
            provider,
            journeys,
            admin,
            jobs,
            cookies,
            first_token,
        })
    }

    /// Brings the schema up to date and nothing else.
    ///
    /// # Errors
    /// When the database does not answer or refuses a change.
    pub async fn migrate(config: &Config) -> Result<()> {
        let database = Database::connect(config.database_url.expose(), config.database_connections).await?;
        Ok(Migrator::up(database.writer(), None).await?)
    }

    /// The first admin API token, if this start made one; to be shown once.
    pub fn first_token(&self) -> Option<&Secret<String>> {
        self.first_token.as_deref()
    }

    /// What browsers type.
    pub fn public_url(&self) -> &str {
        &self.config.public_url
    }

    /// The clock everything here follows.
    pub const fn clock(&self) -> &Clock {
        &self.ground.clock
    }

    /// Serves on this listener until the future is dropped or the process is told to stop.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn serve(&self, listener: TcpListener) -> std::io::Result<Server> {
        let app = self.clone();
        let workers = match self.config.workers {
            0 => std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            workers => workers,
        };
        let server = HttpServer::new(move || {
            Actix::new()
                .wrap(Compat::new(headers::security()))
                .configure(|config| app.routes(config))
        });
        Ok(server.workers(workers).shutdown_timeout(10).listen(listener)?.run())
    }

    /// Looks regularly at what is due (sync schedule, changes WeCom told of), on this process's runtime.
    pub fn start_jobs(&self) {
        self.jobs.clone().start(self.config.tick);
    }

    /// One look at what is due; tests call it after moving the clock.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        self.jobs.tick().await
    }

    /// Waits until what WeCom's events have started here is done.
    pub async fn settle(&self) {
        self.jobs.callbacks.idle().await;
    }

    fn routes(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.provider.clone()))
            .app_data(Data::new(self.journeys.clone()))
            .app_data(Data::new(self.admin.clone()))
            .app_data(Data::new(self.cookies))
            .app_data(Data::new(self.ground.database.clone()))
            .app_data(Data::new(self.jobs.sync.clone()))
            .app_data(Data::new(self.jobs.callbacks.clone()))
            .app_data(input::json())
            .app_data(input::form())
            .app_data(input::query())
            .app_data(input::path())
            .service(resource("/healthz").route(get().to(alive)))
            .service(resource("/readyz").route(get().to(ready)))
            .service(resource("/assets/menjin.css").route(get().to(style)))
            .configure(oidc::http::routes)
            .configure(signin::http::routes)
            .configure(callback::http::routes)
            .configure(admin::http::routes)
            .default_service(web::to(nothing_here));
    }
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().body("ok\n")
}

/// Ready when our own database answers; deliberately not asking WeCom, whose outage must not take portals down.
async fn ready(database: Data<Database>) -> Result<HttpResponse> {
    database.ping().await?;
    Ok(HttpResponse::Ok().body("ready\n"))
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("cache-control", "public, max-age=3600"))
        .body(include_str!("../assets/menjin.css"))
}

async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, actix_web::Error> {
    Err(input::refused(WebFailure::NotFound.failure(), &request))
}

async fn ephemeral(config: &Config, clock: &Clock) -> Result<Ephemeral> {
    match &config.ephemeral {
        EphemeralKind::Memory => Ok(Ephemeral::memory(clock.clone())),
        EphemeralKind::Redis { url, prefix } => Ephemeral::redis(url.expose(), prefix, clock.clone()).await,
    }
}

/// Replicas that start together take turns: the migrations themselves do not lock.
async fn bring_up_to_date(database: &Database, ephemeral: &Ephemeral, entropy: &Entropy) -> Result<()> {
    const TURN: Duration = Duration::from_secs(60);
    const WAIT: Duration = Duration::from_millis(200);
    let lease = loop {
        match Lease::acquire(ephemeral, entropy, "migrate", TURN).await? {
            Some(lease) => break lease,
            None => tokio::time::sleep(WAIT).await,
        }
    };
    let outcome = Migrator::up(database.writer(), None).await;
    lease.release().await?;
    Ok(outcome?)
}

/// Host, with its port unless it is the scheme's own: what WeCom calls 企业微信授权登录回调域 (reference 2.1, domain rule).
fn callback_domain(public_url: &str) -> String {
    public_url
        .split_once("://")
        .map_or(public_url, |(_, host)| host)
        .to_owned()
}

fn endpoints(config: &Config) -> Endpoints {
    let wecom = &config.wecom;
    Endpoints {
        api: wecom.api_url.clone(),
        web_login: wecom.web_login_url.clone(),
        legacy_qr: wecom.legacy_qr_url.clone(),
        oauth: wecom.oauth_url.clone(),
    }
}

fn sealer(config: &Config, entropy: &Entropy) -> Result<Sealer> {
    let key = match &config.seal {
        SealKey::Given(key) => key.clone(),
        SealKey::File { path, create } => crate::config::seal_key(path, *create, entropy)
            .map_err(|sentence| CryptoFailure::NoKey.failure().detail(sentence))?,
    };
    Sealer::new(&key, entropy.clone()).ok_or_else(|| CryptoFailure::NoKey.failure())
}

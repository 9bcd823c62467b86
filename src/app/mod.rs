//! Builds the application once, for `main` and for the tests alike: tests run against what people run.

mod infrastructure;
mod pages;
mod requests;

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    App as Actix, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use infrastructure::Infrastructure;

use crate::{
    admin::{self, Admin},
    audit::recorder::Recorder,
    config::Config,
    directory::wecom_events,
    jobs::Jobs,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    oidc::{self, Provider, keys::Keyring},
    signin::{self, Journeys},
    store::Database,
    web::{anonymous_limit::AnonymousLimit, client_address::Proxies, cookies::Cookies, headers, input},
};

/// The application, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct App {
    config: Arc<Config>,
    infrastructure: Infrastructure,
    provider: Provider,
    journeys: Journeys,
    admin: Admin,
    jobs: Jobs,
    cookies: Cookies,
    proxies: Proxies,
    recorder: Recorder,
    first_token: Option<Arc<Secret<String>>>,
}

impl App {
    /// Connects the stores, migrates the schema, creates the first keys and the first admin token if they are missing.
    ///
    /// # Errors
    /// When a store does not answer, or the seal key cannot be read.
    pub async fn build(config: Config, clock: Clock, entropy: Entropy) -> Result<Self> {
        let config = Arc::new(config);
        let infrastructure = Infrastructure::connect(&config, clock, entropy).await?;
        let (gate, sessions) = (infrastructure.gate(&config), infrastructure.sessions(&config));
        let journeys = infrastructure.journeys(&config, gate.clone(), sessions.clone());
        let cookies = Cookies::new(config.public_url.starts_with("https://"));
        let provider = Provider::new(oidc::Dependencies {
            database: infrastructure.database.clone(),
            ephemeral: infrastructure.ephemeral.clone(),
            sealer: infrastructure.sealer.clone(),
            clock: infrastructure.clock.clone(),
            entropy: infrastructure.entropy.clone(),
            gate,
            sessions: sessions.clone(),
            journeys: journeys.clone(),
            cookies,
            outbound: infrastructure.outbound.clone(),
            settings: oidc::Settings {
                issuer: config.public_url.clone(),
                code_lifetime: config.code_lifetime,
                keys: config.keys,
            },
        });
        provider.ensure_keys().await?;
        let jobs = infrastructure.jobs(&config, &provider);
        let recorder = infrastructure.recorder();
        let admin = infrastructure.admin(jobs.sync.clone(), sessions, recorder.clone());
        let first_token = admin.ensure_first(config.admin_token.clone()).await?.map(Arc::new);
        Ok(Self {
            proxies: Proxies::new(config.trusted_proxies.clone()),
            config,
            infrastructure,
            provider,
            journeys,
            admin,
            jobs,
            cookies,
            recorder,
            first_token,
        })
    }

    /// Migrates the schema and does nothing else.
    ///
    /// # Errors
    /// When the database does not answer or refuses a change; `ST-104` when a server runs on the SQLite file.
    pub async fn migrate(config: &Config) -> Result<()> {
        let url = config.database_url.expose();
        let database = Database::connect_unlocked(url, config.database_connections).await?;
        infrastructure::migrate_schema(url, &database).await
    }

    /// The keyring of an installation, for the command line: the schema is left as it is, and nothing else is started.
    ///
    /// # Errors
    /// When the database does not answer, or the seal key cannot be read.
    pub async fn keyring(config: &Config, clock: Clock, entropy: Entropy) -> Result<Keyring> {
        let database = Database::connect_unlocked(config.database_url.expose(), config.database_connections).await?;
        let sealer = infrastructure::sealer(config, &entropy)?;
        Ok(Keyring::new(database, sealer, clock, entropy, config.keys))
    }

    /// The first admin API token, if this start created one; to be shown once.
    pub fn first_token(&self) -> Option<&Secret<String>> {
        self.first_token.as_deref()
    }

    /// `public_url`.
    pub fn public_url(&self) -> &str {
        &self.config.public_url
    }

    /// Number of password hashes computed since the start.
    pub fn password_hashes(&self) -> usize {
        self.journeys.password_hashes()
    }

    /// The injected clock.
    pub const fn clock(&self) -> &Clock {
        &self.infrastructure.clock
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
                .wrap(from_fn(requests::watch))
                .wrap(headers::security())
                .configure(|config| app.routes(config))
        });
        Ok(server.workers(workers).shutdown_timeout(10).listen(listener)?.run())
    }

    /// Starts the background jobs (sync schedule, catching up on WeCom's events) on this process's runtime.
    pub fn start_jobs(&self) {
        self.jobs.clone().start(self.config.tick);
    }

    /// Runs the jobs that are due, once; tests call it after moving the clock.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        self.jobs.tick().await
    }

    /// Waits until failures that were told are recorded, a second at most.
    pub async fn flush_records(&self) {
        self.recorder.flush().await;
    }

    /// Waits until the background work started by WeCom's events and by session ends is done, and failures are recorded.
    pub async fn wait_for_background_work(&self) {
        self.jobs.callbacks.idle().await;
        self.provider.delivered().await;
        self.recorder.flush().await;
    }

    fn routes(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.provider.clone()))
            .app_data(Data::new(self.journeys.clone()))
            .app_data(Data::new(self.admin.clone()))
            .app_data(Data::new(self.cookies))
            .app_data(Data::new(self.proxies.clone()))
            .app_data(Data::new(self.recorder.clone()))
            .app_data(Data::new(AnonymousLimit::new(
                self.proxies.clone(),
                self.infrastructure.ephemeral.clone(),
                self.config.strangers_per_ten_minutes,
            )))
            .app_data(Data::new(self.infrastructure.database.clone()))
            .app_data(Data::new(self.jobs.sync.clone()))
            .app_data(Data::new(self.jobs.callbacks.clone()))
            .app_data(input::json())
            .app_data(input::form())
            .app_data(input::query())
            .app_data(input::path())
            // Routes are matched in this order: the most requested first.
            .configure(oidc::http::routes)
            .configure(pages::routes)
            .configure(signin::http::routes)
            .configure(wecom_events::http::routes)
            .configure(admin::http::routes)
            .default_service(web::to(pages::nothing_here));
    }
}

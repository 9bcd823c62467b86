//! Builds the application once, for `main` and for the tests alike: tests run against what people run.

mod administration;
mod branding;
mod doctor;
#[cfg(feature = "demo")]
mod for_demo;
mod health;
mod infrastructure;
mod metrics;
pub mod open_files;
mod pages;
mod program;
mod provider;
mod readiness;
mod request_span;
mod requests;
mod server;
mod suites;
mod traces;

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::web::{self, Data, ServiceConfig};
pub use administration::Administration;
use infrastructure::Infrastructure;
use readiness::Readiness;
use request_span::SpanSettings;
pub use server::{RunningServer, StopHandle};

use crate::{
    admin::{self, Admin, health::Installation},
    audit::recorder::Recorder,
    config::Config,
    console::{self, KeptForms, Operators, Welcome},
    directory::{offboarding::Offboarding, suite, verification_file, wecom_events},
    doctor::{Doctor, Report},
    gate::Gate,
    jobs::{Jobs, Polled, RunningJobs},
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    notices::Notices,
    oidc::{self, Provider, keys::Keyring},
    signin::{self, Journeys, OperatorWatch},
    store::{Database, Ephemeral},
    telemetry,
    web::{client_address::Proxies, cookies::Cookies, input},
};

/// Longest wait for background work at the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait until audit events that are still held in memory are written at the end, and until spans are sent.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// The application, ready to serve. Cheap to clone.
#[derive(Clone)]
pub struct App {
    config: Arc<Config>,
    infrastructure: Infrastructure,
    provider: Provider,
    journeys: Journeys,
    admin: Admin,
    doctor: Doctor,
    jobs: Jobs,
    notices: Notices,
    watch: OperatorWatch,
    cookies: Cookies,
    proxies: Proxies,
    readiness: Readiness,
    suites: suite::Suites,
    recorder: Recorder,
    gate: Gate,
    installation: Installation,
    running: Arc<Mutex<Option<RunningJobs>>>,
}

impl App {
    /// Connects the stores, migrates the schema, creates the first keys and the first admin token if they are missing.
    ///
    /// # Errors
    /// When a store does not answer, or the seal key cannot be read.
    pub async fn build(config: Config, clock: Clock, entropy: Entropy) -> Result<Self> {
        // On the heap: the threads of tests have little stack.
        Box::pin(Self::build_announcing(config, clock, entropy, &|_| {})).await
    }

    /// As [`App::build`]; a first admin token is announced before it is committed, so that none is ever kept that nobody has seen.
    ///
    /// # Errors
    /// See [`App::build`].
    pub async fn build_announcing(
        config: Config,
        clock: Clock,
        entropy: Entropy,
        announce: &(dyn Fn(&Secret<String>) + Sync),
    ) -> Result<Self> {
        let config = Arc::new(config);
        traces::start(&config, &clock, &entropy)?;
        let infrastructure = Infrastructure::connect(&config, clock, entropy).await?;
        let gate = infrastructure.gate(&config);
        let sessions = infrastructure
            .sessions(&config)
            .reading_with(gate.session_people().clone());
        let journeys = infrastructure.journeys(&config, gate.clone(), sessions.clone());
        let cookies = Cookies::new(config.public_url.starts_with("https://"));
        let provider = provider::provider(&config, &infrastructure, (&gate, &sessions, &journeys), cookies);
        provider.ensure_keys().await?;
        let notices = infrastructure.notices(&config);
        let requests = infrastructure.requests(gate.clone(), sessions.clone(), journeys.clone());
        let mut jobs = infrastructure.jobs(&config, &provider, (&notices, requests));
        if infrastructure.database.is_inherited() {
            jobs.take_over().await?;
        }
        jobs.sync.forget_proofs().await?;
        let recorder = infrastructure.recorder();
        let admin = infrastructure.admin(jobs.sync.clone(), sessions, recorder.clone());
        admin.ensure_first(config.admin_token.clone(), announce).await?;
        let doctor = doctor::of_server(&config, &infrastructure, &admin, &jobs)?;
        jobs.alerts = Some(infrastructure.alerts(&doctor, &notices, provider.keyring().clone()));
        let suites = infrastructure.suites(&jobs.callbacks);
        jobs.pushed = suites.pushed();
        let readiness = infrastructure.readiness();
        let installation = health::installation(&config, &infrastructure, &readiness);
        Ok(Self {
            proxies: Proxies::new(config.trusted_proxies.clone()),
            config,
            watch: infrastructure.watch(),
            suites,
            infrastructure,
            provider,
            journeys,
            admin,
            doctor,
            jobs,
            notices,
            cookies,
            readiness,
            recorder,
            gate,
            installation,
            running: Arc::default(),
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
        let sealer = infrastructure::sealer(config, &entropy, false)?;
        Ok(Keyring::new(database, sealer, clock, entropy, config.keys))
    }

    /// The admin use cases of an installation, for the command line. `beside`: next to a server that may be running on the same SQLite file;
    /// then only what no server caches may be written, which is true of API tokens, or what it opens as well (`Admin::reseal`).
    ///
    /// # Errors
    /// When the database does not answer or has no schema yet, or the seal key cannot be read; `ST-104` when a server runs on the SQLite
    /// file, unless `beside`.
    pub async fn administration(
        config: &Config,
        clock: Clock,
        entropy: Entropy,
        beside: bool,
    ) -> Result<Administration> {
        Administration::open(config, clock, entropy, beside).await
    }

    /// The doctor's checks that need no running server: all of them, or the one of this name, and those on which it rests.
    pub async fn examine(config: Config, (clock, entropy): (Clock, Entropy), only: Option<&str>) -> Report {
        doctor::without_server(config, (clock, entropy), only).await
    }

    /// `public_url`.
    pub fn public_url(&self) -> &str {
        &self.config.public_url
    }

    /// Number of password hashes computed since the start.
    pub fn password_hashes(&self) -> usize {
        self.journeys.password_hashes()
    }

    /// The ephemeral store.
    pub const fn ephemeral(&self) -> &Ephemeral {
        &self.infrastructure.ephemeral
    }

    /// The injected clock.
    pub const fn clock(&self) -> &Clock {
        &self.infrastructure.clock
    }

    /// The use cases that end the access of many; `cancel_auth` of a third-party app calls them.
    pub const fn offboarding(&self) -> &Offboarding {
        &self.jobs.offboarding
    }

    /// Serves on this listener until it is told to stop.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn serve(&self, listener: TcpListener) -> std::io::Result<RunningServer> {
        let app = self.clone();
        server::start(
            (&self.config, &self.proxies),
            move |routes| app.routes(routes),
            listener,
        )
    }

    /// Starts the background jobs (sync schedule, catching up on WeCom's events) on this process's runtime.
    pub fn start_jobs(&self) {
        let running = self.jobs.clone().start(self.config.tick);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
    }

    /// Writes the audit events held in memory, ends the jobs and waits for what goes on in the background, as long as that takes but no
    /// longer than ten seconds, and writes what that has recorded. For when requests have ended and the server's workers, on which shared
    /// connections live, still run.
    pub async fn stop(&self) {
        self.flush_records().await;
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let stopped = async {
            if let Some(running) = running {
                running.stop().await;
            }
            self.wait_for_background_work().await;
        };
        if tokio::time::timeout(STOP_TIMEOUT, stopped).await.is_err() {
            tracing::warn!("background work was still going on at the end; it is taken up again at the next start");
        }
        self.flush_records().await;
        telemetry::traces::flush(FLUSH_TIMEOUT).await;
    }

    /// Writes the audit events held in memory, two seconds at most.
    async fn flush_records(&self) {
        let flushed = async { tokio::join!(self.recorder.flush(), self.provider.flush_audit()).1 };
        match tokio::time::timeout(FLUSH_TIMEOUT, flushed).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::error!(%failure, "counts of repeated events could not be written"),
            Err(_) => tracing::error!("counts of repeated events could not be written in time"),
        }
    }

    /// Runs the jobs that are due, once; tests call it after moving the clock.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        self.jobs.tick().await
    }

    /// What has something to do of the work that is polled, asked as the jobs ask in each second (this is the how-many-th) and not carried out; for tests.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn poll(&self, poll: u64) -> Result<Vec<Polled>> {
        self.jobs.poll(poll, self.config.tick).await
    }

    /// Waits until the background work started by WeCom's events and by session ends is done, and failures are recorded.
    pub async fn wait_for_background_work(&self) {
        self.suites.idle().await;
        self.jobs.callbacks.idle().await;
        self.journeys.idle().await;
        self.provider.delivered().await;
        self.notices.delivered().await;
        self.jobs.cards.idle().await;
        self.recorder.flush().await;
    }

    fn operators(&self) -> Operators {
        let infrastructure = &self.infrastructure;
        Operators::new(
            infrastructure.database.clone(),
            self.gate.clone(),
            infrastructure.sessions(&self.config),
            (infrastructure.clock.clone(), infrastructure.entropy.clone()),
        )
    }

    fn kept_forms(&self) -> KeptForms {
        let infrastructure = &self.infrastructure;
        KeptForms::new(
            infrastructure.ephemeral.clone(),
            infrastructure.sealer.clone(),
            infrastructure.entropy.clone(),
        )
    }

    fn welcome(&self) -> Welcome {
        let infrastructure = &self.infrastructure;
        Welcome {
            database: infrastructure.database.clone(),
            ephemeral: infrastructure.ephemeral.clone(),
            clock: infrastructure.clock.clone(),
            entropy: infrastructure.entropy.clone(),
            admin: self.admin.clone(),
            journeys: self.journeys.clone(),
            public_url: self.config.public_url.clone(),
        }
    }

    /// A link by which somebody becomes the first owner of the console; `None` where there is one.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn welcome_link(&self) -> Result<Option<String>> {
        self.welcome().link().await
    }

    fn span_settings(&self) -> SpanSettings {
        SpanSettings {
            believed: self.config.otlp.as_ref().is_some_and(|otlp| otlp.trust_traceparent),
            https: self.config.public_url.starts_with("https://"),
        }
    }

    /// What handlers take from the application.
    fn parts(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::new(self.provider.clone()))
            .app_data(Data::new(self.journeys.clone()))
            .app_data(Data::new(self.admin.clone()))
            .app_data(Data::new(self.gate.clone()))
            .app_data(Data::new(self.notices.clone()))
            .app_data(Data::new(self.doctor.clone()))
            .app_data(Data::new(self.admin.directory().clone()))
            .app_data(Data::new(self.cookies))
            .app_data(Data::new(self.span_settings()))
            .app_data(Data::new(self.proxies.clone()))
            .app_data(Data::new(self.recorder.clone()))
            .app_data(Data::new(self.infrastructure.database.clone()))
            .app_data(Data::new(self.readiness.clone()))
            .app_data(Data::new(self.jobs.sync.clone()))
            .app_data(Data::new(self.jobs.callbacks.clone()))
            .app_data(Data::new(self.suites.clone()))
            .app_data(Data::new(self.jobs.requests.clone()))
            .app_data(Data::new(self.jobs.installations.clone()))
            .app_data(Data::new(
                self.infrastructure.corp_moves(self.admin.directory(), &self.jobs.sync),
            ))
            .app_data(Data::new(self.installation.clone()))
            .app_data(Data::new(self.config.effective.clone()))
            .app_data(input::form())
            .app_data(input::query())
            .app_data(input::path());
    }

    fn routes(&self, config: &mut ServiceConfig) {
        let app = self.clone();
        let api = console::http::Api::new(&self.config.public_url, move |config| {
            config
                .configure(|config| app.parts(config))
                .configure(admin::http::routes);
        });
        config
            .configure(|config| self.parts(config))
            .app_data(Data::new(api))
            .app_data(Data::new(self.operators()))
            .app_data(Data::new(self.kept_forms()))
            .app_data(Data::new(self.watch.clone()))
            .app_data(Data::new(self.welcome()))
            .app_data(Data::new(self.infrastructure.name_proofs()))
            // Routes are matched in this order: the most requested first.
            .configure(oidc::http::routes)
            .configure(pages::routes)
            .configure(branding::routes)
            .configure(signin::http::routes)
            .configure(crate::requests::http::routes)
            .configure(wecom_events::http::routes)
            .configure(suite::http::routes)
            .configure(verification_file::http::routes)
            .configure(crate::doctor::http::routes)
            .configure(admin::http::routes)
            .configure(console::http::routes)
            .default_service(web::to(pages::nothing_here));
    }
}

/// The OpenAPI document of the admin API, as JSON.
pub fn openapi() -> String {
    crate::admin::http::openapi::text()
}

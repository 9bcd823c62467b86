//! Infrastructure (shared dependencies): stores, sealing, clock, randomness, WeCom client, outbound client; and the rooms built from them.

use std::{sync::Arc, time::Duration};

use entity::signing_key;
use futures_util::{FutureExt, future::join};
use migration::{Migrator, MigratorTrait};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::{program, readiness::Readiness};
use crate::{
    admin::{self, Admin},
    audit::recorder::Recorder,
    config::{Config, EphemeralKind, SealKey},
    crypto::{failure::CryptoFailure, seal::Sealer},
    directory::{
        AskWeCom, ProbeSchedule,
        offboarding::Offboarding,
        probe::{asking::ask, service::Probes},
        sync::{ShortWay, Sync},
        wecom_events::{self, Callbacks},
    },
    doctor::Doctor,
    gate::{Gate, LiveLooks},
    jobs::{
        self, Alerts, Jobs,
        sweep::{self, Sweeper},
    },
    kernel::{clock::Clock, entropy::Entropy, failure::Result, passkey_host::passkey_host},
    notices::{self, Notices, cards::Cards},
    oidc::{Provider, keys::Keyring},
    outbound::Outbound,
    requests::{self, Requests},
    signin::{Journeys, OperatorWatch, Passwords, Sessions, journey, session_model::Lifetimes},
    store::{Database, Ephemeral, failure::StoreFailure, migration_lock::MigrationLock, write_transaction},
    web::anonymous_limit::AnonymousLimit,
    wecom::{Endpoints, Refusal, WeCom, transport},
};

/// Longest wait for what is known of WeCom's refusals.
const KNOWN: Duration = Duration::from_secs(2);

/// The dependencies shared by all rooms.
#[derive(Clone)]
pub(super) struct Infrastructure {
    pub(super) database: Database,
    pub(super) ephemeral: Ephemeral,
    pub(super) sealer: Sealer,
    pub(super) clock: Clock,
    pub(super) entropy: Entropy,
    pub(super) wecom: WeCom,
    pub(super) outbound: Outbound,
    pub(super) public_url: String,
    egress: Vec<String>,
    short_way: ShortWay,
}

impl Infrastructure {
    pub(super) async fn connect(config: &Config, clock: Clock, entropy: Entropy) -> Result<Self> {
        let database = Database::connect(config.database_url.expose(), config.database_connections).await?;
        let ephemeral = ephemeral(config, &clock).await?;
        migrate_schema(config.database_url.expose(), &database).await?;
        // Beside a database that holds sealed values a new key would open none of them.
        let empty = signing_key::Entity::find().count(database.reader()).await? == 0;
        let sealer = sealer(config, &entropy, empty)?;
        Self::assemble(config, (database, ephemeral, sealer), clock, entropy)
    }

    /// For a command that serves nothing: the schema is left as it is, and what servers keep for minutes is not shared. `beside`: without the
    /// lock of the SQLite file.
    pub(super) async fn for_command(config: &Config, clock: Clock, entropy: Entropy, beside: bool) -> Result<Self> {
        let (url, connections) = (config.database_url.expose(), config.database_connections);
        let database = match beside {
            true => Database::connect_unlocked(url, connections).await?,
            false => Database::connect(url, connections).await?,
        };
        let keys = signing_key::Entity::find().count(database.reader()).await;
        let keys = keys.map_err(|error| {
            let failure = StoreFailure::Database.failure().cause(error);
            failure.detail("where the schema is not there yet, menjin migrate makes it")
        })?;
        let ephemeral = Ephemeral::memory_within(clock.clone(), config.unproven_bytes);
        let sealer = sealer(config, &entropy, keys == 0)?;
        Self::assemble(config, (database, ephemeral, sealer), clock, entropy)
    }

    fn assemble(
        config: &Config,
        (database, ephemeral, sealer): (Database, Ephemeral, Sealer),
        clock: Clock,
        entropy: Entropy,
    ) -> Result<Self> {
        let http = transport::build_client_trusting(
            config.wecom.ca.as_deref(),
            config.wecom.proxy.as_deref(),
            config.wecom.timeout,
        )?;
        let endpoints = endpoints(config);
        let downloads = transport::build_download_client(
            config.wecom.ca.as_deref(),
            config.wecom.proxy.as_deref(),
            config.wecom.timeout,
            &endpoints.api,
        )?;
        let wecom = WeCom::new(
            http,
            endpoints,
            ephemeral.clone(),
            sealer.clone(),
            clock.clone(),
            entropy.clone(),
        )
        .downloading_with(downloads);
        let outbound = Outbound::new(&config.outbound)?;
        Ok(Self {
            database,
            ephemeral,
            sealer,
            clock,
            entropy,
            wecom,
            outbound,
            public_url: config.public_url.clone(),
            egress: config.wecom.egress.clone(),
            short_way: ShortWay::of(program::which()),
        })
    }

    pub(super) fn sync(&self) -> Sync {
        Sync::new(
            self.database.clone(),
            &self.wecom,
            self.sealer.clone(),
            self.clock.clone(),
            self.entropy.clone(),
            self.ephemeral.clone(),
        )
        .by(self.short_way.clone())
    }

    pub(super) fn gate(&self, config: &Config) -> Gate {
        let looks = LiveLooks::new(
            self.wecom.clone(),
            self.ephemeral.clone(),
            config.wecom.looks_per_minute,
        );
        let gate = Gate::new(
            self.database.clone(),
            (looks, self.sync()),
            self.sealer.clone(),
            self.clock.clone(),
            self.entropy.clone(),
        );
        gate.with_local_passwords(config.password.local_users)
            .with_passkeys_at(passkey_host(&config.public_url).as_deref())
    }

    pub(super) fn sessions(&self, config: &Config) -> Sessions {
        let lifetimes = Lifetimes {
            idle: config.session_idle,
            absolute: config.session_absolute,
        };
        Sessions::new(
            (self.database.clone(), self.sealer.clone()),
            self.clock.clone(),
            self.entropy.clone(),
            lifetimes,
        )
    }

    pub(super) fn journeys(&self, config: &Config, gate: Gate, sessions: Sessions) -> Journeys {
        Journeys::new(journey::Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            gate,
            sessions,
            anonymous_limit: AnonymousLimit::new(self.ephemeral.clone(), config.strangers_per_ten_minutes),
            passwords: Passwords::new(config.password.clone(), self.entropy.clone()),
            wecom: self.wecom.clone(),
            outbound: self.outbound.clone(),
            endpoints: self.wecom.endpoints().clone(),
            public_url: self.public_url.clone(),
        })
    }

    pub(super) fn notices(&self, config: &Config) -> Notices {
        Notices::new(notices::Dependencies {
            database: self.database.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            outbound: self.outbound.clone(),
            wecom: self.wecom.clone(),
            public_url: self.public_url.clone(),
            access_ending: config.access_ending,
            ca: config.outbound.ca.clone(),
        })
    }

    pub(super) fn requests(&self, gate: Gate, sessions: Sessions, journeys: Journeys) -> Requests {
        Requests::new(requests::Dependencies {
            database: self.database.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            sync: self.sync(),
            gate,
            sessions,
            journeys,
        })
    }

    pub(super) fn watch(&self) -> OperatorWatch {
        OperatorWatch::new(
            self.database.clone(),
            self.sealer.clone(),
            self.clock.clone(),
            self.entropy.clone(),
        )
    }

    pub(super) fn alerts(&self, doctor: &Doctor, notices: &Notices, keys: Keyring) -> Alerts {
        Alerts {
            doctor: doctor.clone(),
            notices: notices.clone(),
            keys,
            ephemeral: self.ephemeral.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            looked: Arc::default(),
        }
    }

    pub(super) fn jobs(&self, config: &Config, provider: &Provider, (notices, requests): (&Notices, Requests)) -> Jobs {
        let sync = self.sync();
        let callbacks = Callbacks::new(wecom_events::Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            sync: sync.clone(),
            wecom: self.wecom.clone(),
            public_url: self.public_url.clone(),
        });
        let sweeper = Sweeper::new(sweep::Dependencies {
            database: self.database.clone(),
            ephemeral: self.ephemeral.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            audit_keep: config.audit_keep,
            trace_keep: config.trace_keep,
        });
        let probes = ProbeSchedule {
            probes: Probes {
                database: self.database.clone(),
                clock: self.clock.clone(),
                entropy: self.entropy.clone(),
                ask: self.ask_wecom(),
            },
            sealer: self.sealer.clone(),
            wecom: self.wecom.clone(),
        };
        Jobs {
            database: self.database.clone(),
            sync,
            probes,
            callbacks,
            keys: provider.keyring().clone(),
            provider: provider.clone(),
            notices: notices.clone(),
            alerts: None,
            installations: self.installations(),
            pushed: Arc::default(),
            offboarding: self.offboarding(),
            requests,
            cards: Cards::new(
                (self.database.clone(), self.sealer.clone()),
                self.clock.clone(),
                &self.wecom,
                self.public_url.clone(),
            ),
            sweeper,
        }
    }

    pub(super) fn offboarding(&self) -> Offboarding {
        Offboarding::new(self.database.clone(), self.clock.clone(), self.entropy.clone())
    }

    fn ask_wecom(&self) -> AskWeCom {
        let wecom = self.wecom.clone();
        Arc::new(move |credential| {
            let wecom = wecom.clone();
            async move { ask(&wecom, &credential).await }.boxed()
        })
    }

    pub(super) fn readiness(&self) -> Readiness {
        Readiness::new(self.database.clone(), self.ephemeral.clone(), self.clock.clone())
    }

    pub(super) fn recorder(&self) -> Recorder {
        Recorder::start(self.database.clone(), self.clock.clone(), self.entropy.clone())
    }

    pub(super) fn admin(&self, sync: Sync, sessions: Sessions, recorder: Recorder) -> Admin {
        let (wecom, asked) = (self.wecom.clone(), self.wecom.clone());
        Admin::new(admin::Dependencies {
            database: self.database.clone(),
            sealer: self.sealer.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            callback_domain: callback_domain(&self.public_url),
            egress: self.egress.clone(),
            passkey_host: passkey_host(&self.public_url),
            forget: Arc::new(move |credential| {
                let wecom = wecom.clone();
                async move { wecom.forget(&credential).await }.boxed()
            }),
            refusals: Arc::new(move |credential| {
                let wecom = asked.clone();
                async move {
                    let asked = join(wecom.refusal(&credential), wecom.untrusted_domain(&credential));
                    // Without Redis it is not known; what is shown is not kept waiting for it.
                    let (refusal, domain) = tokio::time::timeout(KNOWN, asked).await.unwrap_or_default();
                    let refusal = refusal.filter(Refusal::is_wrong_credential);
                    refusal.into_iter().chain(domain).collect()
                }
                .boxed()
            }),
            ask: self.ask_wecom(),
            ephemeral: self.ephemeral.clone(),
            start_sync: jobs::sync_starter(sync),
            outbound: self.outbound.clone(),
            sessions,
            recorder: Some(recorder),
        })
    }
}

pub(super) async fn ephemeral(config: &Config, clock: &Clock) -> Result<Ephemeral> {
    match &config.ephemeral {
        EphemeralKind::Memory => Ok(Ephemeral::memory_within(clock.clone(), config.unproven_bytes)),
        EphemeralKind::Redis { url, prefix } => {
            Ephemeral::redis(url.expose(), prefix, clock.clone(), config.unproven_bytes).await
        }
    }
}

/// Migrates the schema under the migration lock: replicas that start together take turns, because the migrations themselves do not lock.
/// Each finds done what the one before it did. All that is missing is one transaction, also on SQLite: whoever is killed midway leaves the
/// schema as it was.
pub(super) async fn migrate_schema(url: &str, database: &Database) -> Result<()> {
    let lock = MigrationLock::acquire(url).await?;
    let transaction = write_transaction::begin(database.writer().connection()).await?;
    Migrator::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(lock.release().await?)
}

/// Host of `public_url`, with its port unless it is the scheme's default: what WeCom calls 企业微信授权登录回调域 (reference 2.1, domain rule).
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
        install: wecom.install_url.clone(),
        open_data_script: wecom.open_data_script.clone(),
        open_data_frame: wecom.open_data_frame.clone(),
    }
}

/// The sealer under the configured key; `may_create` says whether the key's file may be made where it is missing and that is configured.
pub(super) fn sealer(config: &Config, entropy: &Entropy, may_create: bool) -> Result<Sealer> {
    let key = match &config.seal {
        SealKey::Given(key) => key.clone(),
        SealKey::File { path, create } => crate::config::seal_key(path, *create && may_create, entropy)
            .map_err(|sentence| CryptoFailure::NoKey.failure().detail(sentence))?,
    };
    let sealer = Sealer::new(&key, entropy.clone()).ok_or_else(|| CryptoFailure::NoKey.failure())?;
    Ok(sealer.opening_also(config.previous_seal_key.as_ref()))
}

//! `Admin`: dependencies and shared parts of the admin use cases.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::api_tokens::last_use::LastUse;
use crate::{
    admin::branding::brands::HeldBrands,
    audit::{difference::Difference, recorder::Recorder},
    crypto::seal::Sealer,
    directory::{self, AskWeCom, Directory, FindRefusals, ForgetToken, store::Change, sync::Mode},
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    oidc::{
        consent::Consents,
        registration::{PortalNames, Registrations},
    },
    outbound::Outbound,
    signin::Sessions,
    store::{Database, Ephemeral},
};

/// Dependencies of the admin API.
#[derive(Clone)]
pub struct Dependencies {
    /// Database.
    pub database: Database,
    /// Seals WeCom secrets.
    pub sealer: Sealer,
    /// Clock.
    pub clock: Clock,
    /// Randomness for ids and tokens.
    pub entropy: Entropy,
    /// Host, with port unless it is the default one, of `public_url`.
    pub callback_domain: String,
    /// Addresses from which WeCom sees our calls come, as far as somebody said so.
    pub egress: Vec<String>,
    /// Where passkeys work; none: nowhere.
    pub passkey_host: Option<String>,
    /// Drops the cached access token of an edited WeCom credential.
    pub forget: ForgetToken,
    /// Tells what WeCom refuses a credential now.
    pub refusals: FindRefusals,
    /// Probes a credential live.
    pub ask: AskWeCom,
    /// Counts what is probed.
    pub ephemeral: Ephemeral,
    /// Starts a sync by hand.
    pub start_sync: StartSync,
    /// Client for calls to portals' servers.
    pub outbound: Outbound,
    /// Browser sessions.
    pub sessions: Sessions,
    /// Records failures, where there is a server.
    pub recorder: Option<Recorder>,
}

/// Clients that may watch the progress of runs at once, in one process.
const MOST_WATCHERS: usize = 64;

/// The admin API's use cases. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    pub(in crate::admin) database: Database,
    pub(in crate::admin) clock: Clock,
    pub(in crate::admin) entropy: Entropy,
    pub(in crate::admin) directory: Directory,
    pub(in crate::admin) registrations: Registrations,
    pub(in crate::admin) start_sync: StartSync,
    pub(in crate::admin) watchers: Arc<Semaphore>,
    pub(in crate::admin) sessions: Sessions,
    pub(in crate::admin) consents: Consents,
    pub(in crate::admin) recorder: Option<Recorder>,
    /// Seals replies that are kept for retries.
    pub(in crate::admin) sealer: Sealer,
    pub(in crate::admin) brands: HeldBrands,
    pub(in crate::admin) last_use: LastUse,
}

impl Admin {
    /// Creates the use cases from their dependencies.
    pub fn new(deps: Dependencies) -> Self {
        let registrations = Registrations::new(
            deps.database.clone(),
            deps.sealer.clone(),
            deps.clock.clone(),
            deps.entropy.clone(),
            deps.outbound,
        );
        let consents = Consents::new(deps.database.clone(), deps.clock.clone(), deps.entropy.clone());
        let directory = Directory::new(directory::Dependencies {
            database: deps.database.clone(),
            sealer: deps.sealer.clone(),
            clock: deps.clock.clone(),
            entropy: deps.entropy.clone(),
            callback_domain: deps.callback_domain,
            egress: deps.egress,
            passkey_host: deps.passkey_host,
            forget: deps.forget,
            refusals: deps.refusals,
            ask: deps.ask,
            ephemeral: deps.ephemeral,
        });
        Self {
            brands: HeldBrands::new(deps.database.clone()),
            database: deps.database,
            clock: deps.clock,
            entropy: deps.entropy,
            directory,
            registrations,
            start_sync: Arc::clone(&deps.start_sync),
            watchers: Arc::new(Semaphore::new(MOST_WATCHERS)),
            sessions: deps.sessions,
            consents,
            recorder: deps.recorder,
            sealer: deps.sealer,
            last_use: LastUse::new(),
        }
    }

    /// The portal that a filter names by row id or `client_id`, if it names one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn portal_of_filter(&self, named: Option<&str>) -> Result<Option<PortalNames>> {
        match named {
            Some(name) => Ok(Some(self.registrations.names_of(name).await?)),
            None => Ok(None),
        }
    }

    /// Use cases of data sources, auth sources, users, contacts and runs.
    pub const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Writes an audit event for a change made by another room.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note(&self, actor: &str, subject: String, action: &str, fields: &[&str]) -> Result<()> {
        let change = Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await?;
        change.commit(subject, action, fields).await
    }

    /// As [`Admin::note`], with values before and after.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_difference(
        &self,
        actor: &str,
        subject: String,
        (action, fields): (&str, &[&str]),
        difference: Difference,
    ) -> Result<()> {
        let change = Change::begin(&self.database, &self.entropy, self.clock.now(), actor).await?;
        change.commit_difference(subject, (action, fields), difference).await
    }

    /// Use cases of client registration.
    pub const fn registrations(&self) -> &Registrations {
        &self.registrations
    }
}

/// Starts a run of a data source by hand, in this mode, and executes it in the background; returns the run's id.
pub type StartSync = Arc<dyn Fn(Uuid, Mode) -> BoxFuture<'static, Result<Uuid>> + Send + Sync>;

//! The provider: dependencies and state that the protocol endpoints share, built once.

use super::store::handle::Store;
use crate::{
    config::KeysConfig,
    crypto::seal::Sealer,
    gate::Gate,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, home_runtime::HomeRuntime, secret::Secret},
    oidc::{
        client_keys::single_flight::SingleFlights, discovery::document, dpop::nonce::Nonces, keys::keyring::Keyring,
        logout::bulkhead::Bulkheads, registration::service::Registrations,
    },
    outbound::Outbound,
    signin::{Journeys, Sessions},
    store::{Database, Ephemeral},
    web::cookies::Cookies,
};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Settings of the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer: `public_url` without a trailing slash.
    pub issuer: String,
    /// Lifetime of an authorization code; 60 seconds unless there is a reason.
    pub code_lifetime: Duration,
    /// For how long a used refresh token is answered with its successor again; zero: never.
    pub refresh_retry: Duration,
    /// When signing keys are replaced.
    pub keys: KeysConfig,
}

/// Dependencies of the provider.
pub struct Dependencies {
    /// The database: durable state.
    pub database: Database,
    /// The ephemeral store: codes and authorization requests.
    pub ephemeral: Ephemeral,
    /// Seals private keys.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Decides who may enter a portal.
    pub gate: Gate,
    /// Sessions of browsers.
    pub sessions: Sessions,
    /// Begins journeys for people who must sign in.
    pub journeys: Journeys,
    /// Reads the session cookie.
    pub cookies: Cookies,
    /// Calls to portals' own servers: key sets, sector identifiers, logout.
    pub outbound: Outbound,
    /// Settings.
    pub settings: Settings,
}

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    deps: Dependencies,
    store: Store,
    keyring: Keyring,
    nonces: Nonces,
    discovery: Arc<[u8]>,
    single_flights: SingleFlights,
    registrations: Registrations,
    bulkheads: Bulkheads,
    salt: OnceLock<Secret<String>>,
}

impl Provider {
    /// Builds a provider; it signs nothing before [`Provider::ensure_keys`].
    pub fn new(deps: Dependencies) -> Self {
        Self(Arc::new(Inner {
            store: Store::new(deps.database.clone(), deps.entropy.clone()),
            keyring: Keyring::new(
                deps.database.clone(),
                deps.sealer.clone(),
                deps.clock.clone(),
                deps.entropy.clone(),
                deps.settings.keys,
            ),
            nonces: Nonces::new(deps.sealer.clone()),
            discovery: document(&deps.settings.issuer),
            single_flights: SingleFlights::default(),
            registrations: Registrations::new(
                deps.database.clone(),
                deps.sealer.clone(),
                deps.clock.clone(),
                deps.entropy.clone(),
                deps.outbound.clone(),
            ),
            bulkheads: Bulkheads::new(HomeRuntime::current()),
            salt: OnceLock::new(),
            deps,
        }))
    }

    /// Creates missing signing keys and the salt of pairwise subjects, and reads all of them; any number of replicas may do so at once.
    ///
    /// # Errors
    /// When the database does not answer or a stored key does not open with this seal key.
    pub async fn ensure_keys(&self) -> Result<()> {
        let salt = self.read_salt().await?;
        self.0.salt.get_or_init(|| salt);
        self.0.keyring.ensure().await
    }

    /// Writes the counts of aggregated audit events.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flush_audit(&self) -> Result<()> {
        self.deps().gate.aggregator().flush().await
    }

    /// The salt of pairwise subjects, once it was read.
    pub(in crate::oidc) fn salt(&self) -> Option<&Secret<String>> {
        self.0.salt.get()
    }

    /// Reads the signing keys again, after a rotation.
    ///
    /// # Errors
    /// As [`Provider::ensure_keys`].
    pub async fn reload_keys(&self) -> Result<()> {
        self.0.keyring.reload().await
    }

    pub(in crate::oidc) fn deps(&self) -> &Dependencies {
        &self.0.deps
    }

    /// The issuer: `public_url` without a trailing slash.
    pub fn issuer(&self) -> &str {
        &self.0.deps.settings.issuer
    }

    pub(in crate::oidc) fn registrations(&self) -> &Registrations {
        &self.0.registrations
    }

    pub(in crate::oidc) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The signing keys.
    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    pub(in crate::oidc) fn single_flights(&self) -> &SingleFlights {
        &self.0.single_flights
    }

    pub(in crate::oidc) fn bulkheads(&self) -> &Bulkheads {
        &self.0.bulkheads
    }

    pub(in crate::oidc) fn nonces(&self) -> &Nonces {
        &self.0.nonces
    }

    /// The discovery document, ready to send.
    pub(in crate::oidc) fn discovery(&self) -> Arc<[u8]> {
        Arc::clone(&self.0.discovery)
    }
}

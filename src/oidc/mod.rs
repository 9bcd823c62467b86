//! OpenID Connect for portals: discovery, keys, authorize, token, userinfo, introspection, revocation, sign-out.
//!
//! A [`Provider`] holds what the endpoints share. It knows sessions and the gate, never how somebody signs in: a person who must do so is
//! sent on a journey that returns to `/oauth2/authorize/resume`. No person's token is minted without a [`Permit`](crate::gate::Permit).
//! Deliberately absent: implicit and hybrid flows, the password grant, request objects by reference.

pub mod account;
mod authorization_code;
mod authorize;
mod bearer;
mod claims;
mod client;
mod client_authentication;
mod client_keys;
pub mod consent;
pub mod device;
mod discovery;
mod dpop;
mod failure;
pub mod http;
mod introspection;
pub mod keys;
pub mod logout;
pub mod metadata;
mod offline_access;
mod params;
mod pkce;
pub mod registration;
mod resource;
mod scope;
mod security_profile;
mod store;
mod subject;
mod terms;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use authorize::RequestFailure;
pub use claims::failure::ClaimsFailure;
pub use client_authentication::AuthenticationFailure;
pub use dpop::DpopFailure;
pub use failure::OidcFailure;
use store::Store;
pub use token::TokenFailure;

use crate::{
    config::KeysConfig,
    crypto::seal::Sealer,
    gate::Gate,
    kernel::{clock::Clock, entropy::Entropy, failure::Result, secret::Secret},
    outbound::Outbound,
    signin::{Journeys, Sessions},
    store::{Database, Ephemeral},
    web::cookies::Cookies,
};

/// What can be set about the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer: `public_url` without a trailing slash.
    pub issuer: String,
    /// Life of an authorization code; 60 seconds unless there is a reason.
    pub code_lifetime: Duration,
    /// When signing keys are replaced.
    pub keys: KeysConfig,
}

/// What a provider is made of.
pub struct Dependencies {
    /// Durable state.
    pub database: Database,
    /// Codes and authorization requests.
    pub ephemeral: Ephemeral,
    /// Seals private keys.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// The one decision.
    pub gate: Gate,
    /// Sessions of browsers.
    pub sessions: Sessions,
    /// Sends people to sign in.
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
    parts: Dependencies,
    store: Store,
    keyring: keys::Keyring,
    nonces: dpop::Nonces,
    discovery: Arc<[u8]>,
    single_flights: client_keys::SingleFlights,
    registrations: registration::Registrations,
    bulkheads: logout::Bulkheads,
    salt: OnceLock<Secret<String>>,
}

impl Provider {
    /// A provider over these parts; it signs nothing before [`Provider::ensure_keys`].
    pub fn new(parts: Dependencies) -> Self {
        Self(Arc::new(Inner {
            store: Store::new(parts.database.clone(), parts.entropy.clone()),
            keyring: keys::Keyring::new(
                parts.database.clone(),
                parts.sealer.clone(),
                parts.clock.clone(),
                parts.entropy.clone(),
                parts.settings.keys,
            ),
            nonces: dpop::Nonces::new(parts.sealer.clone()),
            discovery: discovery::document(&parts.settings.issuer),
            single_flights: client_keys::SingleFlights::default(),
            registrations: registration::Registrations::new(
                parts.database.clone(),
                parts.sealer.clone(),
                parts.clock.clone(),
                parts.entropy.clone(),
                parts.outbound.clone(),
            ),
            bulkheads: logout::Bulkheads::default(),
            salt: OnceLock::new(),
            parts,
        }))
    }

    /// Makes the signing keys and the salt of subjects that are missing and reads all; any number of replicas may do so at once.
    ///
    /// # Errors
    /// When the database does not answer or a stored key does not open with this seal key.
    pub async fn ensure_keys(&self) -> Result<()> {
        let salt = self.read_salt().await?;
        self.0.salt.get_or_init(|| salt);
        self.0.keyring.ensure().await
    }

    /// The salt of pairwise subjects, once it was read.
    fn salt(&self) -> Option<&Secret<String>> {
        self.0.salt.get()
    }

    /// Reads the signing keys again, after a rotation.
    ///
    /// # Errors
    /// As [`Provider::ensure_keys`].
    pub async fn reload_keys(&self) -> Result<()> {
        self.0.keyring.reload().await
    }

    fn parts(&self) -> &Dependencies {
        &self.0.parts
    }

    fn issuer(&self) -> &str {
        &self.0.parts.settings.issuer
    }

    fn registrations(&self) -> &registration::Registrations {
        &self.0.registrations
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    /// The signing keys.
    pub fn keyring(&self) -> &keys::Keyring {
        &self.0.keyring
    }

    fn single_flights(&self) -> &client_keys::SingleFlights {
        &self.0.single_flights
    }

    fn bulkheads(&self) -> &logout::Bulkheads {
        &self.0.bulkheads
    }

    fn nonces(&self) -> &dpop::Nonces {
        &self.0.nonces
    }

    /// The discovery document, ready to send.
    fn discovery(&self) -> Arc<[u8]> {
        Arc::clone(&self.0.discovery)
    }
}

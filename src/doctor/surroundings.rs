//! What checks look at. A store that could not be connected to is there as the reason why.

use std::sync::Arc;

use crate::{
    config::Config,
    crypto::seal::Sealer,
    directory::{Directory, wecom_events::Callbacks},
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    oidc::keys::Keyring,
    outbound::Outbound,
    store::{Database, Ephemeral},
    wecom::WeCom,
};

/// Everything that a check may look at.
pub struct Surroundings {
    /// Settings.
    pub config: Arc<Config>,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// The database.
    pub database: Result<Database>,
    /// The ephemeral store.
    pub ephemeral: Result<Ephemeral>,
    /// The signing keys, where database and seal key are there.
    pub keyring: Result<Keyring>,
    /// The running server; `None` beside a dead one.
    pub server: Option<Server>,
}

/// What only a running server has.
pub struct Server {
    /// Data sources, auth sources and apps.
    pub directory: Directory,
    /// Callbacks of WeCom.
    pub callbacks: Callbacks,
    /// The WeCom client.
    pub wecom: WeCom,
    /// Seals as the server does.
    pub sealer: Sealer,
    /// Calls portals.
    pub outbound: Outbound,
    /// Calls our own public URL, which the operator chose and which may be in any network.
    pub own: Outbound,
}

impl Surroundings {
    /// The database.
    ///
    /// # Errors
    /// Why there is none.
    pub fn database(&self) -> Result<&Database> {
        self.database.as_ref().map_err(Clone::clone)
    }
}

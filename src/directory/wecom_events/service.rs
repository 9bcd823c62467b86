//! Service of the WeCom event callbacks: the dependencies that its use cases share.

use super::{background_tasks::Background, lanes::Lanes};
use crate::{
    crypto::seal::Sealer,
    directory::sync::service::Sync,
    kernel::{clock::Clock, entropy::Entropy},
    store::{Database, Ephemeral},
    wecom::WeCom,
};
use std::sync::Arc;
use tokio::sync::Notify;

/// Dependencies of the callbacks.
pub struct Dependencies {
    /// The database.
    pub database: Database,
    /// Keeps the digests of deliveries.
    pub ephemeral: Ephemeral,
    /// Seals tokens and keys.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Ids, tokens, keys.
    pub entropy: Entropy,
    /// Runs the syncs that most events start.
    pub sync: Sync,
    /// Looks leavers up live.
    pub wecom: WeCom,
    /// `public_url`, the base of the callback URLs.
    pub public_url: String,
}

/// Receives WeCom's events. Cheap to clone.
#[derive(Clone)]
pub struct Callbacks {
    pub(super) deps: Arc<Dependencies>,
    pub(super) background: Background,
    pub(super) lanes: Lanes,
    pub(super) pressed: Arc<Notify>,
}

impl Callbacks {
    /// Notified when a button of a card was pressed here; other replicas are not heard of, so whoever waits also looks now and then.
    pub fn pressed(&self) -> Arc<Notify> {
        Arc::clone(&self.pressed)
    }
}

//! Callbacks as a service: what its use cases share.

use super::background_tasks::Background;
use std::sync::Arc;

use crate::{
    crypto::seal::Sealer,
    directory::sync::service::Sync,
    kernel::{clock::Clock, entropy::Entropy},
    store::{Database, Ephemeral},
    wecom::WeCom,
};

/// What the use case needs.
pub struct Dependencies {
    /// Where everything is kept.
    pub database: Database,
    /// Remembers deliveries.
    pub ephemeral: Ephemeral,
    /// Seals tokens and keys.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Ids, tokens, keys.
    pub entropy: Entropy,
    /// What most events start.
    pub sync: Sync,
    /// Where leavers are looked at.
    pub wecom: WeCom,
    /// What WeCom reaches us by, the one truth for URLs.
    pub public_url: String,
}

/// Receives WeCom's events. Cheap to clone.
#[derive(Clone)]
pub struct Callbacks {
    pub(super) deps: Arc<Dependencies>,
    pub(super) background: Background,
}

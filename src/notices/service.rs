//! Service of the post room: what its use cases share.

use std::{sync::Arc, time::Duration};

use super::{
    alert_memory::AlertMemory,
    channels::{email::EmailChannel, webhook::WebhookChannel, wecom::WecomChannel},
    lanes::Lanes,
};
use crate::{
    crypto::seal::Sealer,
    directory::store::Change,
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    outbound::Outbound,
    store::Database,
    wecom::WeCom,
};

/// Dependencies of the post room.
#[derive(Clone)]
pub struct Dependencies {
    /// The database.
    pub database: Database,
    /// Seals secrets of channels and what notices say.
    pub sealer: Sealer,
    /// The time.
    pub clock: Clock,
    /// Ids and keys.
    pub entropy: Entropy,
    /// Calls webhooks.
    pub outbound: Outbound,
    /// Calls WeCom.
    pub wecom: WeCom,
    /// `public_url`, where links lead.
    pub public_url: String,
    /// How long before somebody's access ends they are told; zero: nobody is.
    pub access_ending: Duration,
    /// Certificates that are trusted besides the system's: PEM.
    pub ca: Option<Vec<u8>>,
}

/// The use cases of this room. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    pub(in crate::notices) deps: Arc<Dependencies>,
    pub(in crate::notices) lanes: Lanes,
    pub(in crate::notices) email: EmailChannel,
    pub(in crate::notices) webhook: WebhookChannel,
    pub(in crate::notices) wecom: WecomChannel,
    pub(in crate::notices) memory: AlertMemory,
}

impl Notices {
    /// Builds the service over its dependencies. What is sent is sent on the current runtime.
    pub fn new(deps: Dependencies) -> Self {
        Self {
            lanes: Lanes::new(),
            memory: AlertMemory::default(),
            email: EmailChannel::new(deps.ca.clone(), &deps.public_url),
            webhook: WebhookChannel {
                outbound: deps.outbound.clone(),
            },
            wecom: WecomChannel {
                database: deps.database.clone(),
                sealer: deps.sealer.clone(),
                clock: deps.clock.clone(),
                wecom: deps.wecom.in_background(),
            },
            deps: Arc::new(deps),
        }
    }

    pub(in crate::notices) async fn change(&self, actor: &str) -> Result<Change> {
        Change::begin(&self.deps.database, &self.deps.entropy, self.deps.clock.now(), actor).await
    }
}

//! Decides *when*: calls the same use cases as the buttons do.

pub mod sweep;

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use sweep::Sweeper;

use crate::{
    admin::StartSync,
    directory::{
        callback::Callbacks,
        sync::{Cause, Sync},
    },
    kernel::failure::Result,
    oidc::{Provider, keys::Keyring},
};

/// How long after the end of a session, wherever it was ended, its portals are told at the latest.
const FAREWELLS_EVERY: Duration = Duration::from_secs(1);

/// What is looked at regularly.
#[derive(Clone)]
pub struct Jobs {
    /// The sync schedule.
    pub sync: Sync,
    /// Changes WeCom told of that could not be acted on at once.
    pub callbacks: Callbacks,
    /// The rotation of signing keys.
    pub keys: Keyring,
    /// Portals to be told that a session ended.
    pub provider: Provider,
    /// What is over.
    pub sweeper: Sweeper,
}

impl Jobs {
    /// One look at everything that is due.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        // Side by side, so that neither a long sync nor a failing schedule keeps a leaver's event waiting; each on the heap, since together
        // they are too large for the stack of a small thread.
        let (schedule, events, keys, swept, farewells) = tokio::join!(
            Box::pin(self.sync.tick()),
            Box::pin(self.callbacks.tick()),
            Box::pin(self.keys.tick()),
            Box::pin(self.sweeper.tick()),
            Box::pin(self.provider.deliver_all())
        );
        schedule?;
        keys?;
        events?;
        farewells?;
        swept.map(|_| ())
    }

    /// Looks every `tick` on this process's runtime. A look that fails is logged and tried again at the next.
    pub fn start(self, tick: Duration) {
        start_farewells(self.provider.clone());
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(tick);
            loop {
                interval.tick().await;
                if let Err(failure) = self.tick().await {
                    tracing::error!(%failure, "what is due could not be looked at");
                }
            }
        });
    }
}

/// Sessions end in many places and on any replica; the outbox is where they meet.
fn start_farewells(provider: Provider) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(FAREWELLS_EVERY);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            if let Err(failure) = provider.deliver().await {
                tracing::error!(%failure, "the outbox of logouts could not be looked at");
            }
        }
    });
}

/// Starts a sync in the background and answers its run at once; what the admin API's button calls.
pub fn starter(sync: Sync) -> StartSync {
    Arc::new(move |data_source| {
        let sync = sync.clone();
        async move { Ok(sync.launch(sync.start(data_source, Cause::Manual).await?)) }.boxed()
    })
}

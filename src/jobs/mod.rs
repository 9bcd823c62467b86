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
const LOGOUT_DELIVERY_INTERVAL: Duration = Duration::from_secs(1);

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

/// What is looked at by itself, so that nothing waits for anything else.
#[derive(Clone, Copy, Debug)]
enum Job {
    Schedule,
    Events,
    Keys,
    Sweeping,
    LogoutDeliveries,
}

const JOBS: [Job; 5] = [
    Job::Schedule,
    Job::Events,
    Job::Keys,
    Job::Sweeping,
    Job::LogoutDeliveries,
];

impl Jobs {
    /// One look at everything that is due.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        let looks = JOBS.map(|job| self.run_due(job));
        let looks = futures_util::future::join_all(looks).await;
        looks.into_iter().collect()
    }

    /// Looks every `tick` on this process's runtime, at each matter in its own time: a sync of an hour keeps neither keys from changing nor
    /// an event waiting. A look that fails is logged and tried again at the next.
    pub fn start(self, tick: Duration) {
        start_logout_deliveries(self.provider.clone());
        for job in JOBS {
            let jobs = self.clone();
            tokio::spawn(async move {
                let mut interval = tokio::time::interval(tick);
                interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
                loop {
                    interval.tick().await;
                    if let Err(failure) = jobs.run_due(job).await {
                        tracing::error!(%failure, ?job, "what is due could not be looked at");
                    }
                }
            });
        }
    }

    /// On the heap, since together they are too large for the stack of a small thread.
    async fn run_due(&self, job: Job) -> Result<()> {
        match job {
            Job::Schedule => Box::pin(self.sync.tick()).await.map(drop),
            Job::Events => Box::pin(self.callbacks.tick()).await.map(drop),
            Job::Keys => Box::pin(self.keys.tick()).await,
            Job::Sweeping => Box::pin(self.sweeper.tick()).await.map(drop),
            Job::LogoutDeliveries => Box::pin(self.provider.deliver_all()).await,
        }
    }
}

/// Sessions end in many places and on any replica; the outbox is where they meet.
fn start_logout_deliveries(provider: Provider) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(LOGOUT_DELIVERY_INTERVAL);
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

//! Background jobs: sync schedule, retries of WeCom events, probes of credentials, ends of access, readings of WeCom apps, cards whose matter is decided, key rotation, sweep, delivery of logouts and of notices. Decides only *when*: calls the
//! same use cases as the buttons do.

mod alerts;
mod running;
pub mod sweep;

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

pub use alerts::Alerts;
pub use running::RunningJobs;
use sweep::Sweeper;

use crate::{
    admin::StartSync,
    directory::{
        ProbeSchedule,
        offboarding::Offboarding,
        sync::{Cause, Sync},
        wecom_events::Callbacks,
    },
    kernel::{
        failure::Result,
        spans::{self, Kind},
    },
    notices::{Notices, cards::Cards},
    oidc::{Provider, keys::Keyring},
    requests::Requests,
};

/// Polling interval of the outbox of logouts: sessions end in many places and on any replica, and each end fills it. At most so long after
/// the end of a session its portals are told.
const LOGOUT_DELIVERY_INTERVAL: Duration = Duration::from_secs(1);
/// Polling interval of the outbox of notices, which is filled in the transactions of what is told.
const NOTICE_INTERVAL: Duration = Duration::from_secs(1);
/// Polling interval of the members whom WeCom's events are about and who could not be looked at at once.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Polling interval of syncs that are due: what was interrupted, or failed because WeCom was away, goes on after seconds.
const SYNC_INTERVAL: Duration = Duration::from_secs(5);
/// Polling interval of whose access ends: so long after their date their sessions end and their portals are told.
const ACCESS_INTERVAL: Duration = Duration::from_secs(1);
/// Polling interval of cards whose matter was decided: so long after it their buttons go.
const CARD_INTERVAL: Duration = Duration::from_secs(1);

/// The use cases that jobs call.
#[derive(Clone)]
pub struct Jobs {
    /// The sync schedule.
    pub sync: Sync,
    /// Probes of WeCom credentials.
    pub probes: ProbeSchedule,
    /// Retries events of WeCom that could not be acted on at once.
    pub callbacks: Callbacks,
    /// The rotation of signing keys.
    pub keys: Keyring,
    /// Delivers logouts to portals; writes the counts of aggregated audit events.
    pub provider: Provider,
    /// Tells people.
    pub notices: Notices,
    /// Tells them what is wrong; `None`: there is no doctor yet.
    pub alerts: Option<Alerts>,
    /// Ends the access of whose date has come, and what cancelled installations left over.
    pub offboarding: Offboarding,
    /// Acts on presses of cards of access requests; ends those whose time is over, and those that an import has overtaken.
    pub requests: Requests,
    /// Takes the buttons from cards whose matter is decided.
    pub cards: Cards,
    /// Removes expired rows.
    pub sweeper: Sweeper,
}

/// The jobs. Each runs by itself, so that none waits for another.
#[derive(Clone, Copy, Debug)]
enum Job {
    Schedule,
    Events,
    Credentials,
    Apps,
    Keys,
    Sweeping,
    LogoutDeliveries,
    Notices,
    Alerts,
    Audit,
    AccessEnds,
    Cancelled,
    Requests,
    Cards,
}

impl Job {
    /// As traces name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Schedule => "Schedule",
            Self::Events => "Events",
            Self::Credentials => "Credentials",
            Self::Apps => "Apps",
            Self::Keys => "Keys",
            Self::Sweeping => "Sweeping",
            Self::LogoutDeliveries => "LogoutDeliveries",
            Self::Notices => "Notices",
            Self::Alerts => "Alerts",
            Self::Audit => "Audit",
            Self::AccessEnds => "AccessEnds",
            Self::Cancelled => "Cancelled",
            Self::Requests => "Requests",
            Self::Cards => "Cards",
        }
    }
}

const JOBS: [Job; 14] = [
    Job::Schedule,
    Job::Events,
    Job::Credentials,
    Job::Apps,
    Job::Keys,
    Job::Sweeping,
    Job::LogoutDeliveries,
    Job::Notices,
    Job::Alerts,
    Job::Audit,
    Job::AccessEnds,
    Job::Cancelled,
    Job::Requests,
    Job::Cards,
];

impl Jobs {
    /// Takes over what processes that are dead had claimed; to be called at the start, where nobody else uses the database.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn take_over(&self) -> Result<()> {
        self.sync.take_over().await?;
        self.notices.take_over().await?;
        self.callbacks.take_over().await
    }

    /// Runs all jobs once, concurrently.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        let looks = JOBS.map(|job| self.run_due(job));
        let looks = futures_util::future::join_all(looks).await;
        looks.into_iter().collect()
    }

    /// Runs each job every `tick` on this process's runtime, independently of the others: a sync of an hour delays neither the rotation of
    /// keys nor an event. A job that fails is logged and tried again at the next tick.
    pub fn start(self, tick: Duration) -> RunningJobs {
        let mut running = RunningJobs::default();
        let provider = self.provider.clone();
        running.every(LOGOUT_DELIVERY_INTERVAL, move || {
            let provider = provider.clone();
            async move {
                if let Err(failure) = traced("Delivery", provider.deliver()).await {
                    tracing::error!(%failure, "the outbox of logouts could not be looked at");
                }
            }
        });
        let notices = self.notices.clone();
        running.every(NOTICE_INTERVAL, move || {
            let notices = notices.clone();
            async move {
                if let Err(failure) = traced("NoticeDelivery", Box::pin(async move { notices.deliver().await })).await {
                    tracing::error!(%failure, "the outbox of notices could not be looked at");
                }
            }
        });
        let callbacks = self.callbacks.clone();
        running.every(LOOK_INTERVAL, move || {
            let callbacks = callbacks.clone();
            async move {
                let look = Box::pin(async move { callbacks.look_at_due().await.map(drop) });
                if let Err(failure) = traced("Looks", look).await {
                    tracing::error!(%failure, "who is to be looked at could not be read");
                }
            }
        });
        let requests = self.requests.clone();
        running.whenever(self.callbacks.pressed(), move || {
            let requests = requests.clone();
            async move {
                let acting = Box::pin(async move { requests.act_on_presses().await.map(drop) });
                if let Err(failure) = traced("Presses", acting).await {
                    tracing::error!(%failure, "what was pressed on cards could not be read");
                }
            }
        });
        for job in JOBS {
            let jobs = self.clone();
            let interval = match job {
                Job::Schedule | Job::Events => tick.min(SYNC_INTERVAL),
                Job::AccessEnds | Job::Requests => ACCESS_INTERVAL,
                Job::Cards => CARD_INTERVAL,
                _ => tick,
            };
            running.every(interval, move || {
                let jobs = jobs.clone();
                async move {
                    if let Err(failure) = jobs.run_due(job).await {
                        tracing::error!(%failure, ?job, "what is due could not be looked at");
                    }
                }
            });
        }
        running
    }

    /// Runs one job. Boxed, since together the futures are too large for the stack of a small thread.
    async fn run_due(&self, job: Job) -> Result<()> {
        traced(job.name(), self.run_job(job)).await
    }

    async fn run_job(&self, job: Job) -> Result<()> {
        match job {
            Job::Schedule => Box::pin(self.sync.tick()).await.map(drop),
            Job::Events => Box::pin(self.callbacks.tick()).await.map(drop),
            Job::Credentials => Box::pin(self.probes.tick()).await,
            Job::Apps => Box::pin(self.sync.read_apps()).await.map(drop),
            Job::Keys => Box::pin(self.keys.tick()).await,
            Job::Sweeping => Box::pin(self.sweeper.tick()).await.map(drop),
            Job::Audit => Box::pin(self.provider.flush_audit()).await,
            Job::LogoutDeliveries => Box::pin(self.provider.deliver_all()).await,
            Job::Notices => Box::pin(self.notices.deliver_all()).await,
            Job::Alerts => match &self.alerts {
                Some(alerts) => Box::pin(alerts.tick()).await,
                None => Ok(()),
            },
            Job::AccessEnds => Box::pin(self.offboarding.end_due()).await.map(drop),
            Job::Cancelled => Box::pin(self.offboarding.go_on()).await.map(drop),
            Job::Requests => Box::pin(self.requests.tick()).await,
            Job::Cards => Box::pin(self.cards.tick()).await.map(drop),
        }
    }
}

/// Runs a job as a trace of its own. Most find nothing to do: one that only read is left out.
async fn traced(job: &'static str, work: impl Future<Output = Result<()>>) -> Result<()> {
    let Some(root) = spans::begin(Kind::Internal, "job", None) else {
        return work.await;
    };
    let outcome = root.run(work).await;
    root.attributes(|| vec![("menjin.job", job.into())]);
    if let Err(failure) = &outcome {
        root.failed(failure.entry.number);
        return outcome;
    }
    root.end_unless_idle();
    outcome
}

/// Makes the function that starts a sync in the background and answers its run at once; what the admin API's button calls.
pub fn sync_starter(sync: Sync) -> StartSync {
    Arc::new(move |data_source, mode| {
        let sync = sync.clone();
        async move { Ok(sync.launch(sync.start_as(data_source, (Cause::Manual, mode)).await?)) }.boxed()
    })
}

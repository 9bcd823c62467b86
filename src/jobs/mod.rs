//! Background jobs: sync schedule, retries of WeCom events, probes of credentials, ends of access, readings of WeCom apps, cards whose matter is decided, key rotation, sweep, delivery of logouts and of notices. Decides only *when*: calls the
//! same use cases as the buttons do.

mod alerts;
mod running;
pub mod sweep;

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};

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
    AccessEnding,
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
            Self::AccessEnding => "AccessEnding",
            Self::Cancelled => "Cancelled",
            Self::Requests => "Requests",
            Self::Cards => "Cards",
        }
    }
}

const JOBS: &[Job] = &[
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
    Job::AccessEnding,
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
        let looks = JOBS.iter().map(|job| self.run_due(*job));
        let looks = futures_util::future::join_all(looks).await;
        looks.into_iter().collect()
    }

    /// Runs each job every `tick` on this process's runtime, independently of the others: a sync of an hour delays neither the rotation of
    /// keys nor an event. A job that fails is logged and tried again at the next tick.
    pub fn start(self, tick: Duration) -> RunningJobs {
        let mut running = RunningJobs::default();
        self.start_polling(&mut running);
        for job in JOBS.iter().copied() {
            let jobs = self.clone();
            let interval = match job {
                Job::Schedule | Job::Events => tick.min(SYNC_INTERVAL),
                Job::AccessEnds | Job::Requests => ACCESS_INTERVAL,
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

    /// Starts what is polled every second, and waits for nothing that it begins.
    fn start_polling(&self, running: &mut RunningJobs) {
        let provider = self.provider.clone();
        let logouts = move || {
            let provider = provider.clone();
            async move { provider.deliver().await }
        };
        let what = ("Delivery", "the outbox of logouts could not be looked at");
        running.every(LOGOUT_DELIVERY_INTERVAL, polling(what, logouts));
        let notices = self.notices.clone();
        let told = move || {
            let notices = notices.clone();
            async move { notices.deliver().await }
        };
        let what = ("NoticeDelivery", "the outbox of notices could not be looked at");
        running.every(NOTICE_INTERVAL, polling(what, told));
        let cards = self.cards.clone();
        let decided = move || {
            let cards = cards.clone();
            async move { cards.begin().await.map(drop) }
        };
        let what = ("Cards", "cards whose matter is decided could not be looked at");
        running.every(CARD_INTERVAL, polling(what, decided));
        let callbacks = self.callbacks.clone();
        let looks = move || {
            let callbacks = callbacks.clone();
            async move { callbacks.look_at_due().await.map(drop) }
        };
        let what = ("Looks", "who is to be looked at could not be read");
        running.every(LOOK_INTERVAL, polling(what, looks));
        let requests = self.requests.clone();
        let presses = move || {
            let requests = requests.clone();
            async move { requests.act_on_presses().await.map(drop) }
        };
        let what = ("Presses", "what was pressed on cards could not be read");
        running.whenever(self.callbacks.pressed(), polling(what, presses));
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
            Job::AccessEnding => Box::pin(self.notices.tell_of_ends()).await.map(drop),
            Job::Cancelled => Box::pin(self.offboarding.go_on()).await.map(drop),
            Job::Requests => Box::pin(self.requests.tick()).await,
            Job::Cards => Box::pin(self.cards.tick()).await.map(drop),
        }
    }
}

/// Work that is a trace of its own under this name, and of which a failure is logged in these words. Boxed, since the futures are large.
fn polling<F: Future<Output = Result<()>> + Send + 'static>(
    (name, trouble): (&'static str, &'static str),
    work: impl Fn() -> F + Send + 'static,
) -> impl Fn() -> BoxFuture<'static, ()> + Send + 'static {
    move || {
        let work = Box::pin(work());
        async move {
            if let Err(failure) = traced(name, work).await {
                tracing::error!(%failure, "{trouble}");
            }
        }
        .boxed()
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

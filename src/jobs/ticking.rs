//! Which jobs there are and when each runs: what is polled where something is due, all else now and then.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{
    running::RunningJobs,
    work::{Jobs, traced},
};
use crate::{
    admin::StartSync,
    directory::sync::{Cause, Sync},
    kernel::failure::Result,
};

/// How often old rows of the outboxes are deleted. What is due in them is delivered by polling.
const SWEEPING: Duration = Duration::from_secs(10 * 60);

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
    Installations,
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
            Self::Installations => "Installations",
            Self::Requests => "Requests",
            Self::Cards => "Cards",
        }
    }

    /// After which time it runs again; `None`: it is polled ([`super::Polled`]).
    const fn interval(self, tick: Duration) -> Option<Duration> {
        match self {
            Self::Schedule
            | Self::Events
            | Self::Apps
            | Self::AccessEnds
            | Self::Cancelled
            | Self::Requests
            | Self::Cards => None,
            Self::LogoutDeliveries | Self::Notices => Some(SWEEPING),
            _ => Some(tick),
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
    Job::Installations,
    Job::Requests,
    Job::Cards,
];

impl Jobs {
    /// Runs all jobs once, concurrently.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<()> {
        let looks = JOBS.iter().map(|job| self.run_due(*job));
        let looks = futures_util::future::join_all(looks).await;
        looks.into_iter().collect()
    }

    /// Runs each job on this process's runtime, what is not polled every `tick`, and independently of the others: a sync of an hour delays neither the
    /// rotation of keys nor an event. A job that fails is logged and tried again at its next turn.
    pub fn start(self, tick: Duration) -> RunningJobs {
        let mut running = RunningJobs::default();
        self.start_polling(&mut running, tick);
        for job in JOBS.iter().copied() {
            let Some(interval) = job.interval(tick) else { continue };
            let jobs = self.clone();
            running.every(interval, move || {
                let jobs = jobs.clone();
                async move {
                    if let Err(failure) = jobs.run_due(job).await {
                        tracing::error!(%failure, ?job, "what is due could not be looked at");
                    }
                }
            });
        }
        let (requests, pressed) = (self.requests.clone(), self.callbacks.pressed());
        running.whenever(pressed, move || {
            let requests = requests.clone();
            async move {
                let acted = Box::pin(requests.act_on_presses()).map(|acted| acted.map(drop));
                if let Err(failure) = traced("Presses", acted).await {
                    tracing::error!(%failure, "what was pressed on cards could not be read");
                }
            }
        });
        let (installations, pushed) = (self.installations.clone(), Arc::clone(&self.pushed));
        running.whenever(pushed, move || {
            let installations = installations.clone();
            async move {
                let acted = async {
                    Box::pin(installations.end_deleted()).await?;
                    Box::pin(installations.act_on_pushes()).await.map(drop)
                };
                if let Err(failure) = traced("Pushes", acted).await {
                    tracing::error!(%failure, "what WeCom told of installations could not be read");
                }
            }
        });
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
            Job::AccessEnding => Box::pin(self.notices.tell_of_ends()).await.map(drop),
            Job::Cancelled => Box::pin(self.offboarding.go_on()).await.map(drop),
            Job::Installations => Box::pin(self.installations.tick()).await,
            Job::Requests => Box::pin(self.requests.tick()).await,
            Job::Cards => Box::pin(self.cards.tick()).await.map(drop),
        }
    }
}

/// Makes the function that starts a sync in the background and answers its run at once; what the admin API's button calls.
pub fn sync_starter(sync: Sync) -> StartSync {
    Arc::new(move |data_source, mode| {
        let sync = sync.clone();
        async move { Ok(sync.launch(sync.start_as(data_source, (Cause::Manual, mode)).await?)) }.boxed()
    })
}

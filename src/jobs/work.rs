//! The use cases that jobs call, and how each run of one is traced.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{alerts::Alerts, sweep::Sweeper};
use crate::{
    directory::{
        ProbeSchedule, installation::Installations, offboarding::Offboarding, sync::Sync, wecom_events::Callbacks,
    },
    kernel::{
        failure::Result,
        spans::{self, Kind},
    },
    notices::{Notices, cards::Cards},
    oidc::{Provider, keys::Keyring},
    requests::Requests,
    store::Database,
};

/// The use cases that jobs call.
#[derive(Clone)]
pub struct Jobs {
    /// Where what is polled is asked for.
    pub database: Database,
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
    /// Acts on what WeCom told of companies that install apps of the service provider, or delete them.
    pub installations: Installations,
    /// Notified when a push of WeCom to a suite was recorded here.
    pub pushed: Arc<Notify>,
    /// Ends the access of whose date has come, and what cancelled installations left over.
    pub offboarding: Offboarding,
    /// Acts on presses of cards of access requests; ends those whose time is over, and those that an import has overtaken.
    pub requests: Requests,
    /// Takes the buttons from cards whose matter is decided.
    pub cards: Cards,
    /// Removes expired rows.
    pub sweeper: Sweeper,
}

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
}

/// Runs a job as a trace of its own. Most find nothing to do: one that only read is left out.
pub(super) async fn traced(job: &'static str, work: impl Future<Output = Result<()>>) -> Result<()> {
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

//! The lease of a data source: one run at a time, and what becomes of runs whose process died.

use std::{future::Future, time::Duration};

use uuid::Uuid;

use super::{
    failure::SyncFailure,
    retry,
    run::{Run, Runs},
    store,
};
use crate::{
    kernel::failure::{Failure, Result},
    store::lease::Lease,
};

/// Lifetime of the lease of a run: a dead replica's runs out after this long.
const LEASE: Duration = Duration::from_secs(15);

/// How often a running sync renews its lease.
const RENEWAL: Duration = Duration::from_secs(4);

/// Wait between tries to take the lease of a run that has ended.
const LEASE_WAIT: Duration = Duration::from_millis(10);

/// Tries before another run is taken to hold the lease.
const LEASE_TRIES: u32 = 20;

impl Runs {
    /// Interrupts runs whose process died: where a run says `running` and nobody holds the lease, it fails as interrupted and its data
    /// source is due again at once, with or without a schedule; not after one that only planned. Answers the undos among them, which go on where
    /// they stopped: a run by itself would not finish what an admin began.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn interrupt_dead(&self) -> Result<Vec<Run>> {
        let mut undos = Vec::new();
        for data_source_id in store::runs::running(&self.db).await? {
            let job = job(data_source_id);
            let Some(lease) = Lease::acquire(&self.ephemeral, &self.entropy, &job, LEASE).await? else {
                continue;
            };
            if let Some(undo) = store::runs::running_undo(&self.db, data_source_id).await?
                && self.may_go_on(data_source_id, undo).await?
            {
                undos.push(self.go_on(data_source_id, undo, lease).await?);
                continue;
            }
            let now = self.clock.now();
            // A run that ended between our query and the lease is not interrupted, and its data source keeps its due time.
            if store::runs::interrupt_stale(&self.db, data_source_id, now).await? {
                let recent = store::runs::recent(&self.db, data_source_id).await?;
                let at = now.plus(retry::gap_after_death(&recent));
                store::sources::resume(&self.db, data_source_id, at).await?;
            }
            lease.release().await?;
        }
        Ok(undos)
    }

    /// Takes the leases of running runs from a process that died; to be called only where nobody else is left.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn take_over(&self) -> Result<()> {
        for data_source_id in store::runs::running(&self.db).await? {
            Lease::revoke(&self.ephemeral, &job(data_source_id)).await?;
        }
        Ok(())
    }

    /// Releases the lease of a run that could not begin, so that the next one need not wait for it to run out.
    pub(super) async fn give_back(lease: Lease, failure: Failure) -> Result<Run> {
        if let Err(unreleased) = lease.release().await {
            tracing::warn!(failure = %unreleased, "the lease of a sync could not be released");
        }
        Err(failure)
    }

    /// Works as long as the lease is held.
    pub(super) async fn under_lease<T>(&self, lease: &Lease, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            outcome = work => outcome,
            failure = self.renew_lease_until_lost(lease) => Err(failure),
        }
    }

    /// Works while no run of the data source is under way, and none can begin.
    ///
    /// # Errors
    /// `SY-101` while one is; where the lease is lost the work is dropped.
    pub(super) async fn alone<T>(&self, data_source_id: Uuid, work: impl Future<Output = Result<T>>) -> Result<T> {
        let lease = self.lease(data_source_id).await?;
        let worked = self.under_lease(&lease, work).await;
        if let Err(unreleased) = lease.release().await {
            tracing::warn!(failure = %unreleased, "the lease of a sync could not be released");
        }
        worked
    }

    /// Acquires the lease of a data source. A run whose row has ended releases its lease a moment later; whoever saw the row and starts the
    /// next one waits for that.
    pub(super) async fn lease(&self, data_source_id: Uuid) -> Result<Lease> {
        let job = job(data_source_id);
        for _ in 0..LEASE_TRIES {
            if let Some(lease) = Lease::acquire(&self.ephemeral, &self.entropy, &job, LEASE).await? {
                return Ok(lease);
            }
            if store::runs::is_running(&self.db, data_source_id).await? {
                break;
            }
            tokio::time::sleep(LEASE_WAIT).await;
        }
        Err(SyncFailure::AlreadyRunning.failure())
    }

    /// Renews the lease until it is lost, which ends the run: another replica may be writing by then.
    async fn renew_lease_until_lost(&self, lease: &Lease) -> Failure {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match lease.renew().await {
                Ok(true) => {}
                Ok(false) => return SyncFailure::Interrupted.failure().cause("the lease was lost"),
                Err(failure) => return failure,
            }
        }
    }
}

/// Name of the lease of a data source.
fn job(data_source_id: Uuid) -> String {
    format!("sync:{data_source_id}")
}

//! Runs whose process died: they fail as interrupted, and what was to be applied is taken up anew.

use super::{
    retry,
    run::{LEASE, Runs, job},
    store,
};
use crate::{kernel::failure::Result, store::lease::Lease};

impl Runs {
    /// Interrupts runs whose process died: where a run says `running` and nobody holds the lease, it fails as interrupted and its data
    /// source is due again at once, with or without a schedule; not after one that only planned.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn interrupt_dead(&self) -> Result<()> {
        for data_source_id in store::runs::running(&self.db).await? {
            let job = job(data_source_id);
            let Some(lease) = Lease::acquire(&self.ephemeral, &self.entropy, &job, LEASE).await? else {
                continue;
            };
            let now = self.clock.now();
            // A run that ended between our query and the lease is not interrupted, and its data source keeps its due time.
            if store::runs::interrupt_stale(&self.db, data_source_id, now).await? {
                let recent = store::runs::recent(&self.db, data_source_id).await?;
                let at = now.plus(retry::gap_after_death(&recent));
                store::sources::resume(&self.db, data_source_id, at).await?;
            }
            lease.release().await?;
        }
        Ok(())
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
}

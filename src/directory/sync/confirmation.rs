//! An admin's word that a run may be applied: of one that the guard paused, or that was only planned.

use uuid::Uuid;

use super::{
    counts::Counts,
    failure::SyncFailure,
    run::{Run, Runs},
    run_context::Execution,
    run_state::Mode,
    store::{self, fence::Mark, runs::Found},
};
use crate::kernel::failure::Result;

impl Runs {
    /// Lets a run be applied that was paused, or only planned: it fetches and plans anew, and may do as much of what is guarded as the admin
    /// saw, not more.
    ///
    /// # Errors
    /// `SY-110` unknown run, `SY-118` when it is neither (or somebody confirmed it already), else as [`Runs::start`].
    pub async fn confirm(&self, run_id: Uuid) -> Result<Run> {
        let found = store::runs::find(&self.db, run_id).await?;
        let found = found.ok_or_else(|| SyncFailure::UnknownRun.failure())?;
        let source = self.load_source(found.data_source_id).await?;
        let lease = self.lease(source.id).await?;
        // Again, under the lease: its settings may have changed meanwhile.
        let source = match self.load_source(source.id).await {
            Ok(source) => source,
            Err(failure) => return Self::give_back(lease, failure).await,
        };
        match self.resume_run(run_id, &found).await {
            Ok(execution) => Ok(Run {
                execution,
                source,
                lease,
                mode: Mode::Apply,
                agreed: Some(found.counts.impact()),
                knows_other_ids: found.told_other_ids,
                held_back: false,
                undoes: None,
            }),
            Err(failure) => Self::give_back(lease, failure).await,
        }
    }

    async fn resume_run(&self, run_id: Uuid, found: &Found) -> Result<Execution> {
        let now = self.clock.now();
        let fence = self.entropy.id(now);
        let counts = Counts {
            agreed: Some(found.counts.impact()),
            ..Counts::default()
        };
        store::fence::take(&self.db, found.data_source_id, fence, Mark::Keep).await?;
        store::runs::interrupt_stale(&self.db, found.data_source_id, now).await?;
        if !store::runs::resume(&self.db, run_id, &counts).await? {
            return Err(SyncFailure::NotPaused.failure());
        }
        store::fence::take(&self.db, found.data_source_id, fence, Mark::Clear).await?;
        Ok(Execution::new(run_id, fence).begun(now, found.spent))
    }
}

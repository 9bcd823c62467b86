//! Takes a run back: what it wrote and nobody has changed since gets its former value again, in the order of its transactions, the last first.
//! An undo is a run: it holds the lease and the fence, has a row and a journal, and where it is killed another one goes on.

use std::time::Duration;

use uuid::Uuid;

use super::{
    counts::{Counts, Phase},
    failure::SyncFailure,
    run::{Run, Runs},
    run_context::Execution,
    run_state::{Cause, Mode, State},
    scope_recount::recount,
    snapshot::Finding,
    source::Source,
    store::{self, fence::Mark, runs::Ending, undo::Target},
};
use crate::{kernel::failure::Result, store::lease::Lease};

/// How long a run can be taken back; its journal is swept a day later at the earliest, and may be gone in part by then.
const KEPT: Duration = Duration::from_secs(89 * 24 * 3600);

impl Runs {
    /// Starts to take a run back, also of a data source that is disabled. From here on no run is applied by itself until an admin has
    /// started or confirmed one by hand.
    ///
    /// # Errors
    /// `SY-110` unknown run, `SY-138` when it is an undo itself, `SY-137` when nothing is left to take back, `SY-165` where the company moved to
    /// another app since, `SY-101` while a run is under way, and when a store does not answer.
    pub async fn undo(&self, of: Uuid) -> Result<Run> {
        let done = store::runs::find_done(&self.db, of).await?;
        let done = done.ok_or_else(|| SyncFailure::UnknownRun.failure())?;
        if done.is_undo {
            return Err(SyncFailure::UndoOfUndo.failure());
        }
        let kept_since = self.clock.now().minus(KEPT);
        if done.settled_at.is_some_and(|at| at < kept_since.millis()) {
            return Err(SyncFailure::NothingToUndo.failure());
        }
        if store::moved::since(&self.db, done.data_source_id, done.started_at).await? {
            return Err(SyncFailure::CompanyMoved.failure());
        }
        let source = self.find_source(done.data_source_id).await?;
        let lease = self.lease(source.id).await?;
        // Again, under the lease: it may have moved meanwhile.
        match store::moved::since(&self.db, done.data_source_id, done.started_at).await {
            Ok(false) => {}
            Ok(true) => return Self::give_back(lease, SyncFailure::CompanyMoved.failure()).await,
            Err(failure) => return Self::give_back(lease, failure).await,
        }
        match store::undo::count(&self.db, of).await {
            Ok(0) => return Self::give_back(lease, SyncFailure::NothingToUndo.failure()).await,
            Err(failure) => return Self::give_back(lease, failure).await,
            Ok(_) => {}
        }
        match self
            .insert_run(source.id, (Cause::Undo, Mode::Apply, Some(of)), Mark::Set(of))
            .await
        {
            Ok(execution) => Ok(Run {
                source,
                execution,
                lease,
                mode: Mode::Apply,
                agreed: None,
                knows_other_ids: false,
                held_back: false,
                undoes: Some(of),
            }),
            Err(failure) => Self::give_back(lease, failure).await,
        }
    }

    /// Whether an undo that a process which died left behind may go on: its company has not moved to another app since.
    pub(super) async fn may_go_on(&self, data_source_id: Uuid, (_, of): (Uuid, Uuid)) -> Result<bool> {
        let begun = store::runs::begun(&self.db, of).await?;
        Ok(!store::moved::since(&self.db, data_source_id, begun).await?)
    }

    /// That undo, to be executed under this lease; it keeps its row.
    pub(super) async fn go_on(&self, data_source_id: Uuid, (id, of): (Uuid, Uuid), lease: Lease) -> Result<Run> {
        let now = self.clock.now();
        let fence = self.entropy.id(now);
        store::fence::take(&self.db, data_source_id, fence, Mark::Keep).await?;
        let spent = store::runs::find(&self.db, id).await?.map(|found| found.spent);
        Ok(Run {
            source: self.find_source(data_source_id).await?,
            execution: Execution::new(id, fence).begun(now, spent.unwrap_or_default()),
            lease,
            mode: Mode::Apply,
            agreed: None,
            knows_other_ids: false,
            held_back: false,
            undoes: Some(of),
        })
    }

    async fn find_source(&self, id: Uuid) -> Result<Source> {
        let source = store::sources::find(&self.db, id).await?;
        source.ok_or_else(|| SyncFailure::UnknownDataSource.failure())
    }

    /// Takes a run back, after [`Runs::undo`]. The undo's own row tells how it went, whatever happens.
    ///
    /// # Errors
    /// When it failed; the row then says `failed` with the number, and what was taken back by then stays so.
    pub async fn take_back(&self, run: Run, of: Uuid) -> Result<State> {
        tracing::info!(run = %run.id(), undoes = %of, data_source = %run.source.id, "undo begun");
        let outcome = self.under_lease(&run.lease, self.walk_back(&run, of)).await;
        self.conclude(run, outcome).await
    }

    async fn walk_back(&self, run: &Run, of: Uuid) -> Result<State> {
        let done = store::runs::find_done(&self.db, of).await?;
        let done = done.ok_or_else(|| SyncFailure::UnknownRun.failure())?;
        let target = Target {
            run_id: of,
            settled_at: done.settled_at,
        };
        let job = self.job(run, self.clock.now());
        let left = store::undo::count(&self.db, of).await?;
        // Where a process died that had begun, what it took back stays so.
        let begun = store::runs::find(&self.db, run.id()).await?;
        let todo = begun.map_or(0, |begun| begun.counts.todo).max(left);
        let undone = todo.saturating_sub(left);
        let mut counts = Counts {
            phase: Phase::Applying,
            todo,
            done: undone,
            undone,
            ..Counts::default()
        };
        store::runs::progress(&self.db, run.id(), &counts).await?;
        for batch in store::undo::batches(&self.db, of).await? {
            let tally = store::undo::take_back(&job, target, batch).await?;
            counts.undone += tally.undone;
            counts.refused += tally.refused;
            counts.done += tally.undone + tally.refused;
            store::runs::progress(&self.db, run.id(), &counts).await?;
        }
        store::told::stand_again(&job, of).await?;
        store::addresses::settle(&job).await?;
        recount(&self.db, run.source.id).await?;
        counts.phase = Phase::Finished;
        let refused = (counts.refused > 0).then(|| format!("{} of {} rows", counts.refused, counts.todo));
        let findings = refused.map(|detail| Finding::of(SyncFailure::UndoneInPart, true, Some(detail)));
        let findings: Vec<Finding> = findings.into_iter().collect();
        let state = match findings.is_empty() {
            true => State::Succeeded,
            false => State::Incomplete,
        };
        let ending = Ending {
            state,
            counts: &counts,
            findings: store::runs::document(&findings),
            synced: false,
        };
        store::runs::finish(&job, ending).await?;
        Ok(state)
    }
}

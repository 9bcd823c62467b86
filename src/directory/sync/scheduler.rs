//! Sync scheduler: starts the syncs that are due, each on one replica.

use super::{
    run_state::Cause,
    service::Sync,
    store::{proof, runs, sources},
};
use crate::directory::sync::schedule::Due;
use crate::directory::sync::schedule::next_after;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::AnyRow,
};
use futures_util::stream::{self, StreamExt};
use std::time::Duration;
use uuid::Uuid;

/// Data sources synced at once: enough that a large corp does not keep small ones waiting, few enough for the memory their members take.
const PARALLEL: usize = 3;
/// How long a claimed turn is kept from other replicas until its run has begun.
const CLAIM: Duration = Duration::from_secs(15);

impl Sync {
    /// Lists the data sources that are due, the longest waiting first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Due>> {
        sources::due(&self.runs.db, now).await
    }

    /// What there is where [`Sync::tick`] has something to do.
    pub fn turns_due(&self) -> Vec<AnyRow> {
        let due = sources::any_due(self.runs.clock.now());
        vec![runs::any_running(), proof::any_note(), due]
    }

    /// Runs the syncs that are due, a few data sources at a time, and returns the runs. Safe to call on every replica at once: each is
    /// claimed by one. A failing data source does not keep the others waiting; its failure stands in its run and it is due again soon.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&self) -> Result<Vec<Uuid>> {
        for undo in self.runs.interrupt_dead().await? {
            self.launch(undo);
        }
        // Else notes would gather where nothing is synced.
        if let Err(failure) = proof::sweep(&self.runs.db).await {
            tracing::warn!(%failure, "notes of changes could not be swept away");
        }
        let due = self.due(self.runs.clock.now()).await?;
        let turns = due.into_iter().map(|due| Box::pin(self.take_turn(due)));
        let turns: Vec<Result<Option<Uuid>>> = stream::iter(turns).buffer_unordered(PARALLEL).collect().await;
        turns.into_iter().filter_map(Result::transpose).collect()
    }

    /// Claims a due sync and executes it; `None` when another replica claimed it or it did not start. The claim is short: until a run stands
    /// in the database, whoever dies is followed soon.
    async fn take_turn(&self, due: Due) -> Result<Option<Uuid>> {
        let now = self.runs.clock.now();
        let claimed = now.plus(CLAIM);
        if !sources::claim_turn(&self.runs.db, &due, claimed).await? {
            return Ok(None);
        }
        let started = self.start(due.data_source_id, Cause::Schedule).await;
        let next = due.hours.map(|hours| next_after(due.at.unwrap_or(now), hours, now));
        sources::set_next_turn(&self.runs.db, due.data_source_id, claimed, next).await?;
        let run = match started {
            Ok(run) => run,
            Err(failure) => {
                tracing::warn!(data_source = %due.data_source_id, %failure, "a scheduled sync did not start");
                return Ok(None);
            }
        };
        let id = run.id();
        if let Err(failure) = self.execute(run).await {
            tracing::warn!(data_source = %due.data_source_id, %failure, "a scheduled sync failed");
        }
        Ok(Some(id))
    }
}

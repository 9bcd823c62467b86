//! Sync scheduler: starts the syncs that are due, each on one replica.

use super::{run_state::Cause, service::Sync};
use crate::directory::sync::schedule::Due;
use crate::directory::sync::schedule::next_after;
use crate::kernel::{clock::Timestamp, failure::Result};
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
        super::store::sources::due(&self.runs.db, now).await
    }

    /// Runs the syncs that are due, a few data sources at a time, and returns the runs. Safe to call on every replica at once: each is
    /// claimed by one. A failing data source does not keep the others waiting; its failure stands in its run and it is due again soon.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&self) -> Result<Vec<Uuid>> {
        self.runs.interrupt_dead().await?;
        // Else notes would gather where nothing is synced.
        super::store::proof::sweep(&self.runs.db).await?;
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
        if !super::store::sources::claim_turn(&self.runs.db, &due, claimed).await? {
            return Ok(None);
        }
        let started = self.start(due.data_source_id, Cause::Schedule).await;
        let next = due.hours.map(|hours| next_after(due.at.unwrap_or(now), hours, now));
        super::store::sources::set_next_turn(&self.runs.db, due.data_source_id, claimed, next).await?;
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

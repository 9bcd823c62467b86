//! When a data source is due. Which replica runs it is decided by one conditional update (see [`super::store::sources`]).

use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use super::{run::Cause, service::Sync};
use crate::kernel::{clock::Timestamp, failure::Result};

/// Data sources synced at once: enough that a large corp does not keep small ones waiting, few enough for the memory their members take.
const PARALLEL: usize = 3;

/// A due data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub data_source_id: Uuid,
    /// When it was to run; `None`: it never had a date.
    pub at: Option<Timestamp>,
    /// 4, 12 or 24.
    pub hours: u32,
}

/// The first moment after `now` that keeps the rhythm of `last`: after a night out of service it runs once, not once per missed turn.
pub fn next_after(last: Timestamp, hours: u32, now: Timestamp) -> Timestamp {
    let step = Duration::from_secs(u64::from(hours.max(1)) * 3600);
    let missed = now.since(last).as_millis() / step.as_millis().max(1);
    let turns = u32::try_from(missed).unwrap_or(u32::MAX - 1).saturating_add(1);
    last.plus(step.saturating_mul(turns))
}

impl Sync {
    /// Data sources whose turn has come, the longest waiting first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<Due>> {
        super::store::sources::due(&self.runs.db, now).await
    }

    /// Runs what is due, a few data sources at a time, and returns the runs. Safe to call on every replica at once: each turn is claimed by
    /// one. A failing data source does not keep the others waiting; its failure stands in its run and it is due again soon.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&self) -> Result<Vec<Uuid>> {
        self.runs.interrupt_dead().await?;
        let due = self.due(self.runs.clock.now()).await?;
        let turns = due.into_iter().map(|due| Box::pin(self.take_turn(due)));
        let turns: Vec<Result<Option<Uuid>>> = stream::iter(turns).buffer_unordered(PARALLEL).collect().await;
        turns.into_iter().filter_map(Result::transpose).collect()
    }

    /// Its run, if the turn is ours.
    async fn take_turn(&self, due: Due) -> Result<Option<Uuid>> {
        let now = self.runs.clock.now();
        let next = next_after(due.at.unwrap_or(now), due.hours, now);
        if !super::store::sources::claim_turn(&self.runs.db, &due, next).await? {
            return Ok(None);
        }
        let run = match self.start(due.data_source_id, Cause::Schedule).await {
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

#[cfg(test)]
mod tests {
    use super::{Timestamp, next_after};

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * HOUR)
    }

    #[test]
    fn the_next_turn_lies_one_interval_after_the_last() {
        assert_eq!(next_after(at(8), 4, at(8)), at(12));
        assert_eq!(next_after(at(8), 4, Timestamp::from_millis(8 * HOUR + 90_000)), at(12));
    }

    #[test]
    fn missed_turns_are_skipped_and_the_rhythm_is_kept() {
        assert_eq!(next_after(at(8), 4, at(31)), at(32));
        assert_eq!(next_after(at(8), 12, at(44)), at(56));
    }

    #[test]
    fn a_last_turn_in_the_future_counts_from_there() {
        assert_eq!(next_after(at(20), 24, at(10)), at(44));
    }
}

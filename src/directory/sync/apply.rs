//! Writes a plan in bounded batches. Each batch is one short transaction, so sign-ins are served in between; each is complete in
//! itself, so a run that is killed leaves a state from which the next plan goes on.

use uuid::Uuid;

use super::{
    counts::{Counts, Phase},
    plan::{Plan, Row, RowOutcome},
    store,
};
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    store::Database,
};

/// Rows per transaction. The widest row has 21 columns: 10 500 values, below SQLite's 32 766 and PostgreSQL's 65 535.
pub const BATCH: usize = 500;

/// What the writing of one run needs to know.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Where to write.
    pub db: &'a Database,
    /// Time.
    pub clock: &'a Clock,
    /// Ids of new rows.
    pub entropy: &'a Entropy,
    /// Which data source.
    pub data_source_id: Uuid,
    /// Its corp.
    pub corp_id: &'a str,
    /// Which run; nil where an event of WeCom, not a run, has something written.
    pub run_id: Uuid,
    /// How young the snapshot's truth is.
    pub fetched_at: Timestamp,
}

impl Job<'_> {
    /// Id of a new row.
    pub fn id(&self) -> Uuid {
        self.entropy.id(self.clock.now())
    }

    /// The run, if it is one.
    pub fn run(&self) -> Option<Uuid> {
        (!self.run_id.is_nil()).then_some(self.run_id)
    }
}

/// Applies everything. Who left goes first: those auth sources are the urgent ones.
///
/// # Errors
/// When the database does not answer; what was written by then stays.
pub async fn apply(job: &Job<'_>, plan: &mut Plan, counts: &mut Counts) -> Result<()> {
    counts.phase = Phase::Applying;
    store::runs::progress(job.db, job.run_id, counts).await?;
    departures(job, plan, counts).await?;
    store::departments::write(job, &plan.departments).await?;
    members(job, plan, counts).await?;
    for ids in plan.confirmed.chunks(BATCH) {
        store::members::confirm(job.db, ids, job.fetched_at).await?;
    }
    store::tags::write(job, &plan.tags).await?;
    if let Some(app) = &plan.app {
        store::scope::write(job, app).await?;
    }
    store::runs::replace_rows(job, &plan.rows).await
}

async fn departures(job: &Job<'_>, plan: &mut Plan, counts: &mut Counts) -> Result<()> {
    for batch in plan.departures.chunks(BATCH) {
        let written = store::departures::write(job, batch).await?;
        counts.departed = counts
            .departed
            .saturating_sub(batch.len() - written.len().min(batch.len()));
        let missed = batch.iter().filter(|departure| !written.contains(&departure.held.id));
        for departure in missed {
            plan.rows
                .retain(|row| row.outcome != RowOutcome::Departed || row.userid != departure.userid);
            plan.rows.push(overtaken(&departure.userid));
            counts.skipped += 1;
        }
        advance(job, counts, batch.len()).await?;
    }
    Ok(())
}

async fn members(job: &Job<'_>, plan: &mut Plan, counts: &mut Counts) -> Result<()> {
    for batch in plan.members.chunks(BATCH) {
        let missed = store::members::write(job, batch).await?;
        counts.skipped += missed.len();
        plan.rows.extend(missed.iter().map(|userid| overtaken(userid)));
        advance(job, counts, batch.len()).await?;
    }
    Ok(())
}

async fn advance(job: &Job<'_>, counts: &mut Counts, by: usize) -> Result<()> {
    counts.done += by;
    store::runs::progress(job.db, job.run_id, counts).await
}

fn overtaken(userid: &str) -> Row {
    Row {
        userid: userid.to_owned(),
        outcome: RowOutcome::Skipped,
        reason: "changed by somebody else while the sync ran; the next run looks again".to_owned(),
    }
}

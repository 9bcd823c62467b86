//! Applies a plan in bounded batches. Each batch is one short transaction, so sign-ins are served in between; each is complete in itself,
//! so a run that is killed leaves a state from which the next plan goes on.

use super::{
    counts::{Counts, Phase},
    plan::model::{AccessEnd, Plan, Row, RowOutcome},
    scope_recount::recount,
    store,
};
pub(in crate::directory) use crate::directory::sync::run_context::Job;
use crate::{
    directory::{email, sync::run_context::BATCH},
    kernel::failure::Result,
};

/// Applies the whole plan. Departures go first: ending the access of leavers is urgent.
///
/// # Errors
/// When the database does not answer; what was written by then stays.
pub async fn apply(job: &Job<'_>, plan: &mut Plan, counts: &mut Counts) -> Result<()> {
    counts.phase = Phase::Applying;
    store::runs::progress(job.db, job.run_id, counts).await?;
    departures(job, plan, counts).await?;
    end_access(job, plan, Order::BeforeMembers).await?;
    store::departments::write(job, &plan.departments).await?;
    members(job, plan, counts).await?;
    end_access(job, plan, Order::AfterMembers).await?;
    for users in plan.readmitted.chunks(BATCH) {
        store::access::readmit(job, users).await?;
    }
    for ids in plan.confirmed.chunks(BATCH) {
        store::members::confirm(job.db, ids, job.fetched_at).await?;
    }
    store::tags::write(job, &plan.tags).await?;
    let changes = !plan.is_empty();
    if let Some(app) = &plan.app {
        store::scope::write(job, app).await?;
    }
    if changes {
        recount(job.db, job.data_source_id).await?;
    }
    settle_addresses(job).await?;
    store::runs::replace_rows(job, &plan.rows).await
}

/// Fills gaps by the templates, and verifies anew: what is whose has changed.
async fn settle_addresses(job: &Job<'_>) -> Result<()> {
    let transaction = job.db.begin().await?;
    email::store::settle_all(&transaction, job.clock.now().millis()).await?;
    Ok(transaction.commit().await?)
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

#[derive(PartialEq, Eq)]
enum Order {
    BeforeMembers,
    AfterMembers,
}

async fn end_access(job: &Job<'_>, plan: &Plan, order: Order) -> Result<()> {
    let after = order == Order::AfterMembers;
    let ends: Vec<&AccessEnd> = plan.outside.iter().filter(|end| end.after_members == after).collect();
    for batch in ends.chunks(BATCH) {
        store::access::end(job, batch, plan.reach_of_scope()).await?;
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

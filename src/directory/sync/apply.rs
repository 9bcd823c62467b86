//! Applies a plan in bounded batches. Each batch is one short transaction, so sign-ins are served in between; each is complete in itself,
//! so a run that is killed leaves a state from which the next plan goes on.

use uuid::Uuid;

use super::{
    counts::{Counts, Phase},
    journal::Entry,
    plan::{
        changes::Said,
        model::{AccessEnd, Plan, Row, RowOutcome},
    },
    scope_recount::recount,
    store,
};
pub(in crate::directory) use crate::directory::sync::run_context::Job;
use crate::{directory::sync::run_context::BATCH, kernel::failure::Result};

/// Applies the whole plan. Departures go first: ending the access of leavers is urgent. Each batch writes its own rows into the journal.
///
/// # Errors
/// `SY-109` when another run has taken over, and when the database does not answer; what was written by then stays, and the journal says what.
pub async fn apply(job: &Job<'_>, plan: &Plan, counts: &mut Counts) -> Result<()> {
    counts.phase = Phase::Applying;
    progress(job, counts).await?;
    let said = Said::of(&plan.rows);
    let remarks: Vec<Entry> = plan
        .rows
        .iter()
        .filter(|row| row.outcome.is_remark())
        .map(Entry::from)
        .collect();
    store::journal::remark(job, &remarks).await?;
    let mut missed = departures(job, (plan, &said), counts).await?;
    // Who was to depart and stays was not seen.
    let everybody = plan.confirms_everybody() && missed.is_empty();
    missed.extend(end_access(job, (plan, &said), Order::BeforeMembers).await?);
    store::departments::write(job, &plan.departments).await?;
    missed.extend(members(job, (plan, &said), counts).await?);
    missed.extend(end_access(job, (plan, &said), Order::AfterMembers).await?);
    for users in plan.readmitted.chunks(BATCH) {
        store::access::readmit(job, users).await?;
    }
    confirm(job, plan, everybody).await?;
    store::tags::write(job, &plan.tags).await?;
    let changes = !plan.is_empty();
    if let Some(app) = &plan.app {
        store::scope::write(job, app).await?;
    }
    if changes {
        recount(job.db, job.data_source_id).await?;
    }
    // Fills gaps by the templates, and verifies anew: what is whose has changed.
    store::addresses::settle(job).await?;
    let missed: Vec<Entry> = missed.iter().map(|userid| Entry::from(&overtaken(userid))).collect();
    counts.skipped += missed.len();
    store::journal::remark(job, &missed).await
}

async fn departures(job: &Job<'_>, (plan, said): (&Plan, &Said), counts: &mut Counts) -> Result<Vec<String>> {
    let mut missed = Vec::new();
    for batch in plan.departures.chunks(BATCH) {
        let written = store::departures::write(job, batch, said).await?;
        counts.departed = counts
            .departed
            .saturating_sub(batch.len() - written.len().min(batch.len()));
        let left = batch.iter().filter(|departure| !written.contains(&departure.held.id));
        missed.extend(left.map(|departure| departure.userid.clone()));
        advance(job, counts, batch.len()).await?;
    }
    Ok(missed)
}

#[derive(PartialEq, Eq)]
enum Order {
    BeforeMembers,
    AfterMembers,
}

async fn end_access(job: &Job<'_>, (plan, said): (&Plan, &Said), order: Order) -> Result<Vec<String>> {
    let after = order == Order::AfterMembers;
    let ends: Vec<&AccessEnd> = plan.outside.iter().filter(|end| end.after_members == after).collect();
    let mut missed = Vec::new();
    for batch in ends.chunks(BATCH) {
        missed.extend(store::access::end(job, batch, plan.reach_of_scope(), said).await?);
    }
    Ok(missed)
}

async fn members(job: &Job<'_>, (plan, said): (&Plan, &Said), counts: &mut Counts) -> Result<Vec<String>> {
    let mut missed = Vec::new();
    for batch in plan.members.chunks(BATCH) {
        missed.extend(store::members::write(job, batch, said).await?);
        advance(job, counts, batch.len()).await?;
    }
    Ok(missed)
}

/// Records that WeCom confirmed these memberships: of everybody at once, where it was everybody.
async fn confirm(job: &Job<'_>, plan: &Plan, everybody: bool) -> Result<()> {
    let each: &[Uuid] = if everybody { &[] } else { &plan.confirmed };
    for ids in each.chunks(BATCH).chain(plan.shown_again.chunks(BATCH)) {
        store::members::confirm(job, ids).await?;
    }
    match everybody {
        true => store::members::confirm_everybody(job).await,
        false => Ok(()),
    }
}

async fn advance(job: &Job<'_>, counts: &mut Counts, by: usize) -> Result<()> {
    counts.done += by;
    progress(job, counts).await
}

async fn progress(job: &Job<'_>, counts: &Counts) -> Result<()> {
    match job.run {
        Some(run) => store::runs::progress(job.db, run.run_id, counts).await,
        None => Ok(()),
    }
}

fn overtaken(userid: &str) -> Row {
    Row {
        userid: userid.to_owned(),
        outcome: RowOutcome::Skipped,
        reason: "changed by somebody else while the sync ran; the next run looks again".to_owned(),
    }
}

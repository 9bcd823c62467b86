//! Applies a plan in bounded batches. Each batch is one short transaction, so sign-ins are served in between; each is complete in itself,
//! so a run that is killed leaves a state from which the next plan goes on.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{
    future::try_join,
    stream::{FuturesOrdered, StreamExt},
};
use uuid::Uuid;

use super::{
    counts::{Counts, Phase},
    journal::Entry,
    plan::{
        changes::Said,
        model::{AccessEnd, MemberChange, Plan, Row, RowOutcome},
    },
    scope_recount::recount,
    store::{self, creations},
};
pub(in crate::directory) use crate::directory::sync::run_context::Job;
use crate::{directory::sync::run_context::BATCH, kernel::failure::Result};

/// Batches of new members that are written at once.
const AT_ONCE: usize = 2;

/// Applies the whole plan. Departures go first: ending the access of leavers is urgent. Each batch writes its own rows into the journal.
///
/// # Errors
/// `SY-109` when another run has taken over, and when the database does not answer; what was written by then stays, and the journal says what.
pub async fn apply(job: &Job<'_>, plan: &Plan, counts: &mut Counts) -> Result<()> {
    counts.phase = Phase::Applying;
    tell(job, counts).await?;
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
    let count = async {
        match changes {
            true => recount(job.db, job.data_source_id).await,
            false => Ok(()),
        }
    };
    // Fills gaps by the templates, and verifies anew: what is whose has changed.
    try_join(count, store::addresses::settle(job)).await?;
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
    let batches: Vec<&[MemberChange]> = plan.members.chunks(job.batch()).collect();
    let mut rest = batches.as_slice();
    while let Some(first) = rest.first() {
        let are_new = creations::are_all(first);
        let alike = rest.iter().take_while(|next| creations::are_all(next) == are_new);
        let (alike, others) = rest.split_at(alike.count());
        rest = others;
        if are_new {
            missed.extend(create(job, (alike, said), counts).await?);
            continue;
        }
        for batch in alike {
            missed.extend(store::members::write(job, batch, said).await?);
            advance(job, counts, batch.len()).await?;
        }
    }
    Ok(missed)
}

/// Two batches at a time: while the database writes one, the next is made.
async fn create(
    job: &Job<'_>,
    (batches, said): (&[&[MemberChange]], &Said),
    counts: &mut Counts,
) -> Result<Vec<String>> {
    let done = AtomicUsize::new(counts.done);
    let so_far: &Counts = counts;
    let (mut waiting, mut missed) = (batches.iter().copied(), Vec::new());
    let mut under_way = FuturesOrdered::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some(batch) = waiting.next()
        {
            under_way.push_back(create_batch(job, (batch, said), (so_far, &done)));
        }
        let Some(written) = under_way.next().await else { break };
        missed.extend(written?);
    }
    drop(under_way);
    counts.done = done.into_inner();
    Ok(missed)
}

/// Writes one batch, and has the run's row tell it: together, since on SQLite whoever writes beside it waits for both.
async fn create_batch(
    job: &Job<'_>,
    (batch, said): (&[MemberChange], &Said),
    (counts, done): (&Counts, &AtomicUsize),
) -> Result<Vec<String>> {
    let missed = creations::write(job, batch, said).await?;
    let counts = Counts {
        done: done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len(),
        ..counts.clone()
    };
    tell(job, &counts).await?;
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
    tell(job, counts).await
}

/// Has the run's row tell how far it has come, now and then.
async fn tell(job: &Job<'_>, counts: &Counts) -> Result<()> {
    match job.run {
        Some(run) if run.tells(job.clock.now()) => store::runs::progress(job.db, run.run_id, counts).await,
        _ => Ok(()),
    }
}

fn overtaken(userid: &str) -> Row {
    Row {
        userid: userid.to_owned(),
        outcome: RowOutcome::Skipped,
        reason: "changed by somebody else while the sync ran; the next run looks again".to_owned(),
    }
}

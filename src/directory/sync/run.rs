//! Executes a sync run from start to end: the lease, the phases, and the run's row.

use std::{future::Future, time::Duration};
use uuid::Uuid;

use super::{
    apply,
    counts::{Counts, Phase},
    departure_check::{self, DepartureCheck},
    failure::SyncFailure,
    mirror::Mirror,
    plan::{
        self, changes,
        model::{Kind, Plan, RowOutcome},
    },
    removal_threshold::{self, Verdict},
    retry,
    snapshot::{Fetched, Finding, Snapshot},
    source::Source,
    store::{
        self,
        fence::Mark,
        runs::{Ending, NewRun},
    },
};
use crate::directory::sync::run_context::Execution;
use crate::directory::sync::run_state::Cause;
use crate::directory::sync::run_state::State;
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::{Failure, Result},
    },
    store::{Database, Ephemeral, lease::Lease},
};

/// Starts and executes runs. Knows neither WeCom nor secrets: the snapshot is handed in, and so is the departure check. Cheap to clone.
#[derive(Clone)]
pub struct Runs {
    /// The database.
    pub db: Database,
    /// Time.
    pub clock: Clock,
    /// Ids.
    pub entropy: Entropy,
    /// Leases.
    pub ephemeral: Ephemeral,
}

/// A run that holds the lease and waits to be executed. Dropped unexecuted, it is found interrupted by the next start.
pub struct Run {
    pub(super) source: Source,
    pub(super) execution: Execution,
    pub(super) lease: Lease,
    pub(super) confirmed: Option<usize>,
    /// A run before it was taken back, and no admin has started or confirmed one by hand since: it applies nothing by itself.
    pub(super) held_back: bool,
    /// The run that it takes back.
    pub(super) undoes: Option<Uuid>,
}

impl Run {
    /// The row in `sync_run`.
    pub const fn id(&self) -> Uuid {
        self.execution.run_id
    }

    /// What is synced.
    pub const fn source(&self) -> &Source {
        &self.source
    }
}

impl Runs {
    /// Starts a run: its row exists and says `running` from here on.
    ///
    /// # Errors
    /// `SY-101` when one is running, `SY-111` unknown data source, `SY-103` disabled, and when a store does not answer.
    pub async fn start(&self, data_source_id: Uuid, cause: Cause) -> Result<Run> {
        self.load_source(data_source_id).await?;
        let lease = self.lease(data_source_id).await?;
        // Again, under the lease: an undo may have ended meanwhile.
        let source = match self.load_source(data_source_id).await {
            Ok(source) => source,
            Err(failure) => return Self::give_back(lease, failure).await,
        };
        let by_hand = cause == Cause::Manual;
        let mark = if by_hand { Mark::Clear } else { Mark::Keep };
        match self.insert_run(data_source_id, (cause, None), mark).await {
            Ok(execution) => Ok(Run {
                execution,
                held_back: source.undone_run.is_some() && !by_hand,
                source,
                lease,
                confirmed: None,
                undoes: None,
            }),
            Err(failure) => Self::give_back(lease, failure).await,
        }
    }

    /// Inserts the row of a run whose lease we hold, so whoever left one `running` is dead, and shuts out whoever only seemed so.
    pub(super) async fn insert_run(
        &self,
        data_source_id: Uuid,
        (cause, undoes): (Cause, Option<Uuid>),
        mark: Mark,
    ) -> Result<Execution> {
        let now = self.clock.now();
        let (id, fence) = (self.entropy.id(now), self.entropy.id(now));
        store::fence::take(&self.db, data_source_id, fence, mark).await?;
        store::runs::interrupt_stale(&self.db, data_source_id, now).await?;
        let run = NewRun {
            id,
            data_source_id,
            cause,
            undoes,
        };
        store::runs::insert(&self.db, run, now).await?;
        Ok(Execution::new(id, fence))
    }

    /// Lets a paused run go on: it fetches and plans anew, and may remove as many members as the admin saw, not more.
    ///
    /// # Errors
    /// `SY-110` unknown run, `SY-118` when it is not paused (or somebody confirmed it already), else as [`Runs::start`].
    pub async fn confirm(&self, run_id: Uuid) -> Result<Run> {
        let Some((data_source_id, mut counts)) = store::runs::find(&self.db, run_id).await? else {
            return Err(SyncFailure::UnknownRun.failure());
        };
        let source = self.load_source(data_source_id).await?;
        let lease = self.lease(data_source_id).await?;
        // A run paused before removals were counted apart knows only who departed.
        let confirmed = Some(counts.removals.max(counts.departed));
        counts = Counts {
            confirmed,
            ..Counts::default()
        };
        match self.resume_run(data_source_id, run_id, &counts).await {
            Ok(execution) => Ok(Run {
                execution,
                source,
                lease,
                confirmed,
                held_back: false,
                undoes: None,
            }),
            Err(failure) => Self::give_back(lease, failure).await,
        }
    }

    async fn resume_run(&self, data_source_id: Uuid, run_id: Uuid, counts: &Counts) -> Result<Execution> {
        let now = self.clock.now();
        let fence = self.entropy.id(now);
        store::fence::take(&self.db, data_source_id, fence, Mark::Keep).await?;
        store::runs::interrupt_stale(&self.db, data_source_id, now).await?;
        if !store::runs::resume_paused(&self.db, run_id, counts).await? {
            return Err(SyncFailure::NotPaused.failure());
        }
        store::fence::take(&self.db, data_source_id, fence, Mark::Clear).await?;
        Ok(Execution::new(run_id, fence))
    }

    /// Waits for the snapshot, plans and applies. The run's row tells how it went, whatever happens.
    ///
    /// # Errors
    /// When it failed; the row then says `failed` with the number.
    pub async fn execute(
        &self,
        run: Run,
        fetching: impl Future<Output = Result<Snapshot>>,
        departure_check: Option<&DepartureCheck>,
    ) -> Result<State> {
        tracing::info!(run = %run.id(), data_source = %run.source.id, "sync begun");
        let work = self.carry_out(&run, fetching, departure_check);
        let outcome = self.under_lease(&run.lease, work).await;
        self.conclude(run, outcome).await
    }

    /// Records how a run ended, where it failed, and releases its lease.
    pub(super) async fn conclude(&self, run: Run, outcome: Result<State>) -> Result<State> {
        let (id, source) = (run.id(), run.source.id);
        let (state, number) = match &outcome {
            Ok(state) => (state.as_str(), None),
            Err(failure) => ("failed", Some(failure.entry.number)),
        };
        tracing::info!(run = %id, data_source = %source, state, number, "sync ended");
        let recorded = match &outcome {
            Ok(_) => Ok(()),
            Err(failure) => self.record_failure(&run, failure).await,
        };
        // Also where the failure could not be written: the next run finds this one interrupted, and need not wait for the lease to run out.
        run.lease.release().await?;
        recorded?;
        outcome
    }

    async fn record_failure(&self, run: &Run, failure: &Failure) -> Result<()> {
        store::runs::fail(&self.db, run.id(), failure, self.clock.now()).await?;
        match run.undoes {
            Some(_) => Ok(()),
            None => self.hasten(run.source.id).await,
        }
    }

    /// Brings the next scheduled run forward after one that did not tell everything.
    async fn hasten(&self, data_source_id: Uuid) -> Result<()> {
        match self.retry_gap(data_source_id).await? {
            Some(gap) => store::sources::hasten(&self.db, data_source_id, self.clock.now().plus(gap)).await,
            None => Ok(()),
        }
    }

    /// How long to wait after the last runs, see [`retry::gap`].
    pub(super) async fn retry_gap(&self, data_source_id: Uuid) -> Result<Option<Duration>> {
        Ok(retry::gap(&store::runs::recent(&self.db, data_source_id).await?))
    }

    async fn carry_out(
        &self,
        run: &Run,
        fetching: impl Future<Output = Result<Snapshot>>,
        departure_check: Option<&DepartureCheck>,
    ) -> Result<State> {
        let at = self.clock.now();
        let snapshot = fetching.await?;
        let mut counts = seen(&snapshot, run.confirmed);
        store::runs::progress(&self.db, run.id(), &counts).await?;
        let fetched = Fetched { at, snapshot };
        let Compared {
            mut plan,
            mirror,
            fetched,
            present,
        } = self.compare(&run.source, fetched).await?;
        match departure_check {
            Some(departure_check) => departure_check.filter(&mut plan).await,
            None => departure_check::keep_unproven(&mut plan),
        }
        count(&plan, &mut counts);
        let job = self.job(run, fetched.at);
        let threshold = run.source.removal_threshold_percent;
        let cause = match removal_threshold::judge(plan.removals(), present, threshold, run.confirmed) {
            Verdict::Pause => Some(too_many(&counts, present)),
            Verdict::Pass if run.held_back && !plan.is_empty() => Some(after_undo(&run.source)),
            Verdict::Pass => None,
        };
        if let Some(cause) = cause {
            // Shows the admin what the run would do.
            store::journal::clear(&job).await?;
            store::journal::remark(&job, &changes::entries(&plan, &mirror)).await?;
            return self.pause(&job, &fetched.snapshot, counts, cause).await;
        }
        drop(mirror);
        apply::apply(&job, &plan, &mut counts).await?;
        self.finish(&job, &fetched, counts).await
    }

    pub(super) const fn job<'a>(&'a self, run: &'a Run, fetched_at: Timestamp) -> apply::Job<'a> {
        apply::Job {
            db: &self.db,
            clock: &self.clock,
            entropy: &self.entropy,
            data_source_id: run.source.id,
            corp_id: run.source.corp_id.as_str(),
            run: Some(&run.execution),
            fetched_at,
        }
    }

    /// Plans, and counts the members present now. The snapshot comes back without its members, to save memory while writing.
    pub(super) async fn compare(&self, source: &Source, mut fetched: Fetched) -> Result<Compared> {
        let mirror = store::mirror::load(&self.db, source).await?;
        let rule = source.rule;
        // A hundred thousand members take a moment to compare; sign-ins share these threads.
        let compare = move || {
            let plan = plan::plan(&mirror, &fetched.snapshot, rule);
            let present = mirror.members.iter().filter(|member| member.present).count();
            // The plan holds what is still needed of them.
            fetched.snapshot.members.clear();
            Compared {
                plan,
                mirror,
                fetched,
                present,
            }
        };
        tokio::task::spawn_blocking(compare)
            .await
            .map_err(|error| SyncFailure::Interrupted.failure().cause(error))
    }

    async fn finish(&self, job: &apply::Job<'_>, fetched: &Fetched, mut counts: Counts) -> Result<State> {
        let snapshot = &fetched.snapshot;
        let state = if snapshot.is_full_picture() {
            State::Succeeded
        } else {
            State::Incomplete
        };
        counts.phase = Phase::Finished;
        let ending = Ending {
            state,
            counts: &counts,
            findings: &snapshot.findings,
            synced: snapshot.is_complete(),
        };
        store::runs::finish(job, ending).await?;
        if !snapshot.is_complete() {
            self.hasten(job.data_source_id).await?;
        }
        Ok(state)
    }

    async fn pause(&self, job: &apply::Job<'_>, snapshot: &Snapshot, counts: Counts, cause: Finding) -> Result<State> {
        let mut findings = vec![cause];
        findings.extend(snapshot.findings.iter().cloned());
        let ending = Ending {
            state: State::Paused,
            counts: &counts,
            findings: &findings,
            synced: false,
        };
        store::runs::finish(job, ending).await?;
        Ok(State::Paused)
    }

    pub(super) async fn load_source(&self, id: Uuid) -> Result<Source> {
        let source = store::sources::find(&self.db, id).await?;
        let source = source.ok_or_else(|| SyncFailure::UnknownDataSource.failure())?;
        if !source.enabled {
            return Err(SyncFailure::SourceDisabled.failure());
        }
        Ok(source)
    }
}

/// A plan, with what it was made of.
pub(super) struct Compared {
    pub(super) plan: Plan,
    pub(super) mirror: Mirror,
    pub(super) fetched: Fetched,
    /// Members present before.
    pub(super) present: usize,
}

/// Why a run is paused that would remove too many.
fn too_many(counts: &Counts, present: usize) -> Finding {
    let detail = format!(
        "{} of {present} members would lose their access: {} departed, {} outside, {} in doubt",
        counts.removals,
        counts.departed,
        counts.removals.saturating_sub(counts.departed + counts.doubtful),
        counts.doubtful
    );
    Finding::of(SyncFailure::RemovalsPaused, true, Some(detail))
}

/// Why a run is paused that comes by itself after an undo.
fn after_undo(source: &Source) -> Finding {
    let detail = source.undone_run.map(|run| format!("the run {run} was taken back"));
    Finding::of(SyncFailure::PausedAfterUndo, true, detail)
}

pub(super) fn seen(snapshot: &Snapshot, confirmed: Option<usize>) -> Counts {
    Counts {
        phase: Phase::Planning,
        fetched: snapshot.members.len(),
        malformed: snapshot.malformed.len(),
        departments: snapshot.departments.len(),
        tags: snapshot.tags.len(),
        confirmed,
        ..Counts::default()
    }
}

pub(super) fn count(plan: &Plan, counts: &mut Counts) {
    counts.todo = plan.members.len() + plan.departures.len();
    counts.created = plan.count_kind(Kind::Created);
    counts.updated = plan.count_kind(Kind::Updated);
    counts.returned = plan.count_kind(Kind::Returned);
    counts.unchanged = plan.unchanged;
    counts.skipped = plan.count(RowOutcome::Skipped);
    counts.conflicts = plan.count(RowOutcome::Conflict);
    counts.departed = plan.departures.len();
    counts.doubtful = plan.doubts();
    counts.outside = plan.outside.len();
    counts.readmitted = plan.readmitted.len();
    counts.removals = plan.removals();
}

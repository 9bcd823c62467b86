//! Executes a sync run from start to end: the lease, the phases, and the run's row.

use std::{future::Future, time::Duration};
use uuid::Uuid;

use super::{
    apply,
    comparison::compare,
    counts::{Counts, Phase},
    departure_check::{self, DepartureCheck},
    failure::SyncFailure,
    guard::{self, Base, Impact},
    heard::Heard,
    other_ids,
    plan::changes,
    reading::Reading,
    retry,
    run_context::Execution,
    run_state::{Cause, Mode, Spent, State},
    short_way::ShortWay,
    snapshot::{Fetched, Finding, Snapshot},
    source::Source,
    store::{
        self,
        fence::Mark,
        runs::{Ending, NewRun},
    },
    tally::Tally,
};
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::{Failure, Result},
        spans::{self, Kind},
    },
    store::{Database, Ephemeral, lease::Lease},
    telemetry::metrics,
    wecom::ReplyRecord,
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
    /// Which program plans, and where lists are held back.
    pub short_way: ShortWay,
}

/// How often the row of a run says how far fetching has come.
const FETCH_PROGRESS: Duration = Duration::from_secs(1);

/// A run that holds the lease and waits to be executed. Dropped unexecuted, it is found interrupted by the next start.
pub struct Run {
    pub(super) source: Source,
    pub(super) execution: Execution,
    pub(super) lease: Lease,
    pub(super) mode: Mode,
    /// What an admin agreed to.
    pub(super) agreed: Option<Impact>,
    /// The admin saw that members bear ids of another kind.
    pub(super) knows_other_ids: bool,
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

    /// Where fetching counts how far it has come, and each request to WeCom.
    pub const fn tally(&self) -> &Tally {
        &self.execution.tally
    }

    /// Where what WeCom replies is recorded.
    pub const fn replies(&self) -> &ReplyRecord {
        &self.execution.replies
    }
}

impl Runs {
    /// Starts a run: its row exists and says `running` from here on.
    ///
    /// # Errors
    /// `SY-101` when one is running, `SY-111` unknown data source, `SY-103` disabled, and when a store does not answer.
    pub async fn start(&self, data_source_id: Uuid, cause: Cause) -> Result<Run> {
        self.start_as(data_source_id, (cause, Mode::Apply)).await
    }

    /// As [`Runs::start`], in this mode.
    ///
    /// # Errors
    /// As for [`Runs::start`].
    pub async fn start_as(&self, data_source_id: Uuid, (cause, mode): (Cause, Mode)) -> Result<Run> {
        self.load_source(data_source_id).await?;
        let lease = self.lease(data_source_id).await?;
        let by_hand = cause == Cause::Manual && mode == Mode::Apply;
        // An undo whose process died is about to go on; only an admin's own sync comes before it.
        match store::runs::running_undo(&self.db, data_source_id).await {
            Ok(Some(_)) if !by_hand => return Self::give_back(lease, SyncFailure::AlreadyRunning.failure()).await,
            Ok(_) => {}
            Err(failure) => return Self::give_back(lease, failure).await,
        }
        // Again, under the lease: an undo may have ended meanwhile.
        let source = match self.load_source(data_source_id).await {
            Ok(source) => source,
            Err(failure) => return Self::give_back(lease, failure).await,
        };
        let agreed = match mode {
            Mode::Apply => store::moved::agreed(&self.db, data_source_id).await,
            Mode::Plan => Ok(None),
        };
        let agreed = match agreed {
            Ok(agreed) => agreed,
            Err(failure) => return Self::give_back(lease, failure).await,
        };
        let mark = if by_hand { Mark::Clear } else { Mark::Keep };
        match self.insert_run(data_source_id, (cause, mode, None), mark).await {
            Ok(execution) => Ok(Run {
                execution,
                held_back: source.undone_run.is_some() && cause != Cause::Manual,
                source,
                lease,
                mode,
                agreed,
                knows_other_ids: false,
                undoes: None,
            }),
            Err(failure) => Self::give_back(lease, failure).await,
        }
    }

    /// Inserts the row of a run whose lease we hold, so whoever left one `running` is dead, and shuts out whoever only seemed so.
    pub(super) async fn insert_run(
        &self,
        data_source_id: Uuid,
        (cause, mode, undoes): (Cause, Mode, Option<Uuid>),
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
            mode,
            undoes,
        };
        store::runs::insert(&self.db, run, now).await?;
        Ok(Execution::new(id, fence).begun(now, Spent::default()))
    }

    /// Waits for the snapshot, plans and applies. The run's row tells how it went, whatever happens.
    ///
    /// # Errors
    /// When it failed; the row then says `failed` with the number.
    pub async fn execute(
        &self,
        run: Run,
        fetching: impl Future<Output = Result<impl Into<Reading>>>,
        departure_check: Option<&DepartureCheck>,
    ) -> Result<State> {
        let fetching = async { fetching.await.map(Into::into) };
        let Some(root) = spans::begin(Kind::Internal, "sync", None) else {
            return self.perform(run, fetching, departure_check).await;
        };
        root.attributes(|| {
            vec![
                ("menjin.data_source", run.source.id.to_string().into()),
                ("menjin.sync_run", run.id().to_string().into()),
            ]
        });
        let outcome = root.run(Box::pin(self.perform(run, fetching, departure_check))).await;
        match &outcome {
            Ok(state) => root.attributes(|| vec![("menjin.sync_state", state.as_str().into())]),
            Err(failure) => root.failed(failure.entry.number),
        }
        outcome
    }

    async fn perform(
        &self,
        run: Run,
        fetching: impl Future<Output = Result<Reading>>,
        departure_check: Option<&DepartureCheck>,
    ) -> Result<State> {
        tracing::info!(run = %run.id(), data_source = %run.source.id, "sync begun");
        let work = Box::pin(self.carry_out(&run, fetching, departure_check));
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
        metrics::sync_run(state, run.execution.spent(self.clock.now()).time);
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
        store::runs::fail(&self.db, &run.execution, failure, self.clock.now()).await?;
        match (run.undoes, run.mode) {
            (None, Mode::Apply) => self.hasten(run.source.id).await,
            _ => Ok(()),
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
        fetching: impl Future<Output = Result<Reading>>,
        departure_check: Option<&DepartureCheck>,
    ) -> Result<State> {
        let at = self.clock.now();
        let proof = self.recall(run).await?;
        let snapshot = match Box::pin(self.hear(run, fetching, proof)).await? {
            Heard::AsBefore { proof, app } => return self.end_as_before(run, at, (&*proof, app)).await,
            Heard::Anew(snapshot) => *snapshot,
        };
        let job = self.job(run, at);
        let mut counts = Counts::seen(&snapshot, run.agreed);
        store::runs::progress(&self.db, run.id(), &counts).await?;
        let fetched = (self.known(&job, run).await?, Fetched { at, snapshot });
        let compared = compare(&self.db, &run.source, fetched, departure_check).await?;
        let (mut plan, mirror, fetched) = (compared.plan, compared.mirror, compared.fetched);
        self.keep_settled(&job, run, &mirror.settled).await;
        // Before any live look: whoever is only known by another id is not shown under the old one.
        let other_ids = other_ids::finding(&run.source, &plan);
        let is_settled = mirror.others.is_empty() && !mirror.other_apps && plan.leaves_all_as_it_is();
        match departure_check {
            Some(departure_check) => departure_check.filter(&mut plan).await,
            None => departure_check::keep_unproven(&mut plan),
        }
        counts.planned(&plan);
        let base = Base {
            present: plan.present,
            seen: counts.fetched,
        };
        let mut causes = guard::judge(counts.impact(), base, &run.source, run.agreed);
        // Whoever is asked again is told again.
        causes.extend(other_ids.filter(|_| !run.knows_other_ids || !causes.is_empty()));
        causes.extend((run.held_back && !plan.is_empty()).then(|| guard::after_undo(&run.source)));
        if run.mode == Mode::Plan || !causes.is_empty() {
            // Shows the admin what the run would do.
            if run.mode == Mode::Apply {
                store::journal::forget_waiting(&job).await?;
            }
            store::journal::remark(&job, &changes::entries(&plan, &mirror)).await?;
            return self.show(&job, run, causes, &fetched.snapshot, counts).await;
        }
        drop(mirror);
        Box::pin(apply::apply(&job, &plan, &mut counts)).await?;
        if plan.creates_settled {
            self.keep_settled(&job, run, &run.execution.take_settled()).await;
        }
        if plan.awaits_told {
            store::told::look_again(&job).await?;
        }
        let state = self.finish(&job, &fetched, counts).await?;
        if is_settled && state == State::Succeeded && !fetched.snapshot.quotes_wecom() {
            self.keep_proof(&job, run).await;
        }
        Ok(state)
    }

    /// Waits for a fetch, and has the run's row tell how far it has come.
    pub(super) async fn told<T>(&self, run: &Run, fetching: impl Future<Output = T>) -> Result<T> {
        let mut fetching = std::pin::pin!(fetching);
        loop {
            tokio::select! {
                fetched = &mut fetching => return Ok(fetched),
                () = tokio::time::sleep(FETCH_PROGRESS) => {}
            }
            let (fetched, done, todo) = run.tally().read();
            let counts = Counts {
                fetched,
                done,
                todo,
                agreed: run.agreed,
                ..Counts::default()
            };
            store::runs::fetching(&self.db, &run.execution, &counts, self.clock.now()).await?;
        }
    }

    pub(super) fn job<'a>(&'a self, run: &'a Run, fetched_at: Timestamp) -> apply::Job<'a> {
        apply::Job {
            db: &self.db,
            clock: &self.clock,
            entropy: &self.entropy,
            data_source_id: run.source.id,
            corp_key: run.source.held_corp_key(),
            run: Some(&run.execution),
            fetched_at,
        }
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
            findings: store::runs::document(&snapshot.findings),
            synced: snapshot.is_complete(),
        };
        store::runs::finish(job, ending).await?;
        store::told::forget_weighed(job, snapshot.may_show_absence()).await?;
        if !snapshot.is_complete() {
            self.hasten(job.data_source_id).await?;
        }
        Ok(state)
    }

    /// Ends a run that applies nothing: it was only to plan, or waits for an admin.
    async fn show(
        &self,
        job: &apply::Job<'_>,
        run: &Run,
        mut findings: Vec<Finding>,
        snapshot: &Snapshot,
        mut counts: Counts,
    ) -> Result<State> {
        let state = match run.mode {
            Mode::Plan if run.source.rehearsal.is_some() => State::Rehearsed,
            Mode::Plan => State::Planned,
            Mode::Apply => State::Paused,
        };
        if state != State::Paused {
            counts.phase = Phase::Finished;
        }
        findings.extend(snapshot.findings.iter().cloned());
        let ending = Ending {
            state,
            counts: &counts,
            findings: store::runs::document(&findings),
            synced: false,
        };
        store::runs::finish(job, ending).await?;
        Ok(state)
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

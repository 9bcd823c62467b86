//! Executes a sync run from start to end: the lease, the phases, and the run's row.

use std::{future::Future, time::Duration};
use uuid::Uuid;

use super::{
    apply,
    counts::{Counts, Phase},
    departure_check::{self, DepartureCheck},
    failure::SyncFailure,
    guard::{self, Base, Impact},
    plan::{self, model::Plan},
    retry,
    run_state::{Cause, Mode, Spent, State},
    snapshot::{Fetched, Finding, Snapshot},
    source::Source,
    store,
    tally::Tally,
};
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::{Failure, Result},
    },
    store::{Database, Ephemeral, lease::Lease},
};

/// Lifetime of the lease of a run: a dead replica's runs out after this long.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// How often a running sync renews its lease.
const RENEWAL: Duration = Duration::from_secs(4);

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

/// Wait between tries to take the lease of a run that has ended.
const LEASE_WAIT: Duration = Duration::from_millis(10);

/// Tries before another run is taken to hold the lease.
const LEASE_TRIES: u32 = 20;

/// How often the row of a run says how far fetching has come.
const FETCH_PROGRESS: Duration = Duration::from_secs(1);

/// A run that holds the lease and waits to be executed. Dropped unexecuted, it is found interrupted by the next start.
pub struct Run {
    id: Uuid,
    source: Source,
    mode: Mode,
    agreed: Option<Impact>,
    began: Timestamp,
    /// By earlier executions of the same run, before it was confirmed.
    before: Spent,
    tally: Tally,
    lease: Lease,
}

impl Run {
    /// The row in `sync_run`.
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// What is synced.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// Where fetching counts how far it has come, and each request to WeCom.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What it has cost by now.
    fn spent(&self, now: Timestamp) -> Spent {
        self.before.plus(self.tally.calls.read(), now.since(self.began))
    }
}

/// Releases the lease of a run that could not begin, so that the next one need not wait for it to run out.
async fn give_back(lease: Lease, failure: Failure) -> Result<Run> {
    if let Err(unreleased) = lease.release().await {
        tracing::warn!(failure = %unreleased, "the lease of a sync could not be released");
    }
    Err(failure)
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
        let source = self.load_source(data_source_id).await?;
        let lease = self.lease(data_source_id).await?;
        match self.insert_run(data_source_id, (cause, mode)).await {
            Ok(id) => Ok(Run {
                id,
                source,
                mode,
                agreed: None,
                began: self.clock.now(),
                before: Spent::default(),
                tally: Tally::default(),
                lease,
            }),
            Err(failure) => give_back(lease, failure).await,
        }
    }

    async fn insert_run(&self, data_source_id: Uuid, kind: (Cause, Mode)) -> Result<Uuid> {
        let now = self.clock.now();
        // We hold the lease, so whoever left a run `running` is dead.
        store::runs::interrupt_stale(&self.db, data_source_id, now).await?;
        let id = self.entropy.id(now);
        store::runs::insert(&self.db, id, data_source_id, kind, now).await?;
        Ok(id)
    }

    /// Lets a run be applied that was paused, or only planned: it fetches and plans anew, and may do as much of what is guarded as the admin
    /// saw, not more.
    ///
    /// # Errors
    /// `SY-110` unknown run, `SY-118` when it is neither (or somebody confirmed it already), else as [`Runs::start`].
    pub async fn confirm(&self, run_id: Uuid) -> Result<Run> {
        let Some(found) = store::runs::find(&self.db, run_id).await? else {
            return Err(SyncFailure::UnknownRun.failure());
        };
        let source = self.load_source(found.data_source_id).await?;
        let lease = self.lease(found.data_source_id).await?;
        let agreed = Some(found.counts.impact());
        let counts = Counts {
            agreed,
            ..Counts::default()
        };
        match self.resume_run(found.data_source_id, run_id, &counts).await {
            Ok(()) => Ok(Run {
                id: run_id,
                source,
                mode: Mode::Apply,
                agreed,
                began: self.clock.now(),
                before: found.spent,
                tally: Tally::default(),
                lease,
            }),
            Err(failure) => give_back(lease, failure).await,
        }
    }

    async fn resume_run(&self, data_source_id: Uuid, run_id: Uuid, counts: &Counts) -> Result<()> {
        store::runs::interrupt_stale(&self.db, data_source_id, self.clock.now()).await?;
        if store::runs::resume(&self.db, run_id, counts).await? {
            Ok(())
        } else {
            Err(SyncFailure::NotPaused.failure())
        }
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
        let (id, source) = (run.id, run.source.id);
        tracing::info!(run = %id, data_source = %source, "sync begun");
        let outcome = tokio::select! {
            outcome = self.carry_out(&run, fetching, departure_check) => outcome,
            failure = self.renew_lease_until_lost(&run.lease) => Err(failure),
        };
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
        let now = self.clock.now();
        store::runs::fail(&self.db, run.id, failure, run.spent(now), now).await?;
        match run.mode {
            Mode::Apply => self.hasten(run.source.id).await,
            Mode::Plan => Ok(()),
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
        let snapshot = self.told(run, fetching).await??;
        let mut counts = Counts::seen(&snapshot, run.agreed);
        store::runs::progress(&self.db, run.id, &counts).await?;
        let fetched = Fetched { at, snapshot };
        let (mut plan, fetched, present) = self.compare(&run.source, fetched).await?;
        match departure_check {
            Some(departure_check) => departure_check.filter(&mut plan).await,
            None => departure_check::keep_unproven(&mut plan),
        }
        counts.planned(&plan);
        let job = apply::Job {
            db: &self.db,
            clock: &self.clock,
            entropy: &self.entropy,
            data_source_id: run.source.id,
            corp_id: &run.source.corp_id,
            run_id: run.id,
            fetched_at: fetched.at,
        };
        let base = Base {
            present,
            seen: counts.fetched,
        };
        let breaches = guard::judge(counts.impact(), base, &run.source, run.agreed);
        if run.mode == Mode::Plan || !breaches.is_empty() {
            // Shows the admin what the run would do.
            store::runs::replace_rows(&job, &plan.rows).await?;
            return self.show(run, breaches, &fetched.snapshot, counts).await;
        }
        apply::apply(&job, &mut plan, &mut counts).await?;
        self.finish(run, &fetched, counts).await
    }

    /// Waits for a fetch, and has the run's row tell how far it has come.
    async fn told<T>(&self, run: &Run, fetching: impl Future<Output = T>) -> Result<T> {
        let mut fetching = std::pin::pin!(fetching);
        loop {
            tokio::select! {
                fetched = &mut fetching => return Ok(fetched),
                () = tokio::time::sleep(FETCH_PROGRESS) => {}
            }
            let (fetched, done, todo) = run.tally.read();
            let counts = Counts {
                fetched,
                done,
                todo,
                agreed: run.agreed,
                ..Counts::default()
            };
            let spent = run.spent(self.clock.now());
            store::runs::fetching(&self.db, run.id, &counts, spent).await?;
        }
    }

    /// Plans, and counts the members present now. The snapshot comes back without its members, to save memory while writing.
    pub(super) async fn compare(&self, source: &Source, mut fetched: Fetched) -> Result<(Plan, Fetched, usize)> {
        let mirror = store::mirror::load(&self.db, source).await?;
        let rule = source.rule;
        // A hundred thousand members take a moment to compare; sign-ins share these threads.
        let compare = move || {
            let plan = plan::plan(&mirror, &fetched.snapshot, rule);
            let present = mirror.members.iter().filter(|member| member.present).count();
            // The plan holds what is still needed of them.
            fetched.snapshot.members.clear();
            (plan, fetched, present)
        };
        tokio::task::spawn_blocking(compare)
            .await
            .map_err(|error| SyncFailure::Interrupted.failure().cause(error))
    }

    async fn finish(&self, run: &Run, fetched: &Fetched, mut counts: Counts) -> Result<State> {
        let snapshot = &fetched.snapshot;
        let state = if snapshot.is_full_picture() {
            State::Succeeded
        } else {
            State::Incomplete
        };
        counts.phase = Phase::Finished;
        let now = self.clock.now();
        if snapshot.is_complete() {
            store::sources::mark_synced(&self.db, run.source.id, now).await?;
        }
        let findings = &snapshot.findings;
        store::runs::finish(&self.db, run.id, (state, run.spent(now)), &counts, findings, now).await?;
        if !snapshot.is_complete() {
            self.hasten(run.source.id).await?;
        }
        Ok(state)
    }

    /// Ends a run that applies nothing: it was only to plan, or the guard pauses it.
    async fn show(
        &self,
        run: &Run,
        mut findings: Vec<Finding>,
        snapshot: &Snapshot,
        mut counts: Counts,
    ) -> Result<State> {
        let state = match run.mode {
            Mode::Plan => State::Planned,
            Mode::Apply => State::Paused,
        };
        if state == State::Planned {
            counts.phase = Phase::Finished;
        }
        findings.extend(snapshot.findings.iter().cloned());
        let now = self.clock.now();
        store::runs::finish(&self.db, run.id, (state, run.spent(now)), &counts, &findings, now).await?;
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

    /// Acquires the lease of a data source. A run whose row has ended releases its lease a moment later; whoever saw the row and starts the
    /// next one waits for that.
    async fn lease(&self, data_source_id: Uuid) -> Result<Lease> {
        let job = job(data_source_id);
        for _ in 0..LEASE_TRIES {
            if let Some(lease) = Lease::acquire(&self.ephemeral, &self.entropy, &job, LEASE).await? {
                return Ok(lease);
            }
            if store::runs::is_running(&self.db, data_source_id).await? {
                break;
            }
            tokio::time::sleep(LEASE_WAIT).await;
        }
        Err(SyncFailure::AlreadyRunning.failure())
    }

    /// Renews the lease until it is lost, which ends the run: another replica may be writing by then.
    async fn renew_lease_until_lost(&self, lease: &Lease) -> Failure {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match lease.renew().await {
                Ok(true) => {}
                Ok(false) => return SyncFailure::Interrupted.failure().cause("the lease was lost"),
                Err(failure) => return failure,
            }
        }
    }
}

/// Name of the lease of a data source.
pub(super) fn job(data_source_id: Uuid) -> String {
    format!("sync:{data_source_id}")
}

//! Service of the sync: what the API, the console, the command line and the schedule call.

use std::{collections::HashMap, time::Duration};

use uuid::Uuid;

use super::{
    app_reader::AppReader,
    departure_check::DepartureCheck,
    failure::SyncFailure,
    fetch,
    rehearsal::Moved,
    retry,
    run::{Run, Runs},
    run_state::{Cause, Mode, State},
    short_way::ShortWay,
    source::{App, Credentials, Source},
    store,
    tally::Tally,
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::Clock,
        entropy::Entropy,
        failure::{Failure, Result},
        home_runtime::HomeRuntime,
    },
    store::{AnyRow, Database, Ephemeral},
    wecom::{WeCom, model::Credential},
};

/// Syncs data sources. Cheap to clone.
#[derive(Clone)]
pub struct Sync {
    pub(super) runs: Runs,
    pub(super) home: HomeRuntime,
    pub(super) wecom: WeCom,
    pub(super) sealer: Sealer,
    apps: AppReader,
}

impl Sync {
    /// Builds the service over its dependencies. Runs that are launched run on the current runtime.
    pub fn new(
        db: Database,
        wecom: &WeCom,
        sealer: Sealer,
        clock: Clock,
        entropy: Entropy,
        ephemeral: Ephemeral,
    ) -> Self {
        let wecom = wecom.in_background();
        Self {
            apps: AppReader {
                db: db.clone(),
                wecom: wecom.clone(),
                sealer: sealer.clone(),
                clock: clock.clone(),
                entropy: entropy.clone(),
            },
            runs: Runs {
                db,
                clock,
                entropy,
                ephemeral,
                short_way: ShortWay::closed(),
            },
            home: HomeRuntime::current(),
            wecom,
            sealer,
        }
    }

    /// The same, whose runs may take the short way.
    #[must_use]
    pub fn by(mut self, short_way: ShortWay) -> Self {
        self.runs.short_way = short_way;
        self
    }

    /// See [`Runs::start`].
    ///
    /// # Errors
    /// As for [`Runs::start`].
    pub async fn start(&self, data_source_id: Uuid, cause: Cause) -> Result<Run> {
        self.runs.start(data_source_id, cause).await
    }

    /// See [`Runs::start_as`].
    ///
    /// # Errors
    /// As for [`Runs::start`].
    pub async fn start_as(&self, data_source_id: Uuid, kind: (Cause, Mode)) -> Result<Run> {
        self.runs.start_as(data_source_id, kind).await
    }

    /// See [`Runs::start_rehearsal`].
    ///
    /// # Errors
    /// As for [`Runs::start`].
    pub(in crate::directory) async fn start_rehearsal(&self, data_source_id: Uuid, moved: Moved) -> Result<Run> {
        self.runs.start_rehearsal(data_source_id, moved).await
    }

    /// Ends a run that was started and is not to be executed; what it failed with.
    pub(in crate::directory) async fn give_up(&self, run: Run, failure: Failure) -> Failure {
        match self.runs.conclude(run, Err(failure)).await {
            Err(failure) => failure,
            Ok(_) => SyncFailure::Interrupted.failure(),
        }
    }

    /// See [`Runs::alone`].
    ///
    /// # Errors
    /// As for [`Runs::alone`].
    pub(in crate::directory) async fn alone<T>(
        &self,
        data_source_id: Uuid,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.runs.alone(data_source_id, work).await
    }

    /// See [`Runs::confirm`].
    ///
    /// # Errors
    /// As for [`Runs::confirm`].
    pub async fn confirm(&self, run_id: Uuid) -> Result<Run> {
        self.runs.confirm(run_id).await
    }

    /// See [`Runs::undo`].
    ///
    /// # Errors
    /// As for [`Runs::undo`].
    pub async fn undo(&self, run_id: Uuid) -> Result<Run> {
        self.runs.undo(run_id).await
    }

    /// Fetches and plans, and applies what is to be applied; or takes a run back. The run's row tells how it went, whatever happens. It has a thread of
    /// its own: what WeCom says of a large corp takes long to read and to compare.
    ///
    /// # Errors
    /// When it failed; the row then says `failed` with the number.
    pub async fn execute(&self, run: Run) -> Result<State> {
        let work = self.clone().work(run);
        let ended = self.home.run_aside("sync", work).await;
        ended.map_err(|error| SyncFailure::Interrupted.failure().cause(error))?
    }

    fn work(self, run: Run) -> impl Future<Output = Result<State>> + Send {
        let (source, tally) = (run.source().clone(), run.tally().clone());
        let wecom = self.wecom.recording(run.replies(), self.runs.short_way.room());
        // The parts are boxed: one within the other, they would not fit a thread's stack.
        async move {
            if let Some(of) = run.undoes {
                return Box::pin(self.runs.take_back(run, of)).await;
            }
            let credentials = self.credentials(&source).await;
            let departure_check = match &credentials {
                Ok(credentials) => Some(self.departure_check(&source, credentials, &tally).await),
                Err(_) => None,
            };
            let fetching = async {
                let credentials = credentials?;
                // Both at once: they have nothing to do with each other.
                let apps = self.apps.counting(&tally.calls);
                let others = async {
                    // A rehearsal keeps nothing of what it reads.
                    match source.rehearsal {
                        Some(_) => Ok(()),
                        None => Box::pin(apps.read_others(&source)).await,
                    }
                };
                let how = (source.email_sources.as_slice(), source.read_by);
                let fetching = Box::pin(fetch::fetch(&wecom, &credentials, how, &tally));
                let (others, snapshot) = futures_util::future::join(others, fetching).await;
                others?;
                snapshot
            };
            Box::pin(self.runs.execute(run, fetching, departure_check.as_ref())).await
        }
    }

    /// The secrets of a data source, opened.
    ///
    /// # Errors
    /// As for [`Source::credentials`]; when the database does not answer.
    pub async fn credentials(&self, source: &Source) -> Result<Credentials> {
        let suites = self.apps.suites(source.app.iter().map(|app| app.suite)).await?;
        source.credentials(&self.sealer, &suites)
    }

    /// The secret of one app, opened.
    ///
    /// # Errors
    /// As for [`App::credential`]; when the database does not answer.
    pub async fn app_credential(&self, app: &App) -> Result<Credential> {
        app.credential(&self.sealer, &self.apps.suites([app.suite]).await?)
    }

    async fn departure_check(&self, source: &Source, credentials: &Credentials, tally: &Tally) -> DepartureCheck {
        let others = self.apps.credentials(source).await.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "who is outside the scopes of other apps cannot be looked at");
            HashMap::new()
        });
        DepartureCheck {
            others,
            wecom: self.wecom.counting(&tally.calls),
            app: credentials.app.clone(),
            contacts: credentials.contacts.clone(),
        }
    }

    /// How long to wait until a data source is synced again, after its last runs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retry_gap(&self, data_source_id: Uuid) -> Result<Duration> {
        Ok(self.runs.retry_gap(data_source_id).await?.unwrap_or(retry::LONGEST))
    }

    /// See [`Runs::take_over`].
    ///
    /// # Errors
    /// As for [`Runs::take_over`].
    pub async fn take_over(&self) -> Result<()> {
        self.runs.take_over().await
    }

    /// Forgets all proofs and notes of changes, so that the next runs compare everything. For the start: a database that was restored bears
    /// the notes of transactions of another one, which ours may not be told apart from.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_proofs(&self) -> Result<()> {
        store::proof::forget(&self.runs.db).await
    }

    /// What there is where [`Sync::read_apps`] has something to do.
    pub fn apps_due(&self) -> Vec<AnyRow> {
        vec![store::app_readings::any_due(self.runs.clock.now())]
    }

    /// See [`AppReader::tick`].
    ///
    /// # Errors
    /// As for [`AppReader::tick`].
    pub async fn read_apps(&self) -> Result<usize> {
        self.apps.tick().await
    }
}

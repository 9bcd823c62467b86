//! Reads WeCom apps by themselves, each with its own secret (`agent/get`): name, state, trusted domain and visible scope. Each hour, and the
//! other apps of the corp at each sync, since WeCom tells of no change of a scope (reference 4.4).
//!
//! An app that cannot be read is a problem of that app and of nothing else. Whom another app's scope no longer covers loses what was opened
//! through it: a few are looked at here, more of them a sync weighs, whose removal threshold counts them.

use std::{collections::HashMap, time::Duration};

use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

use super::{
    completeness::{describe, explain},
    failure::SyncFailure,
    mirror::ThroughApp,
    plan::model::AccessEnd,
    run_context::Job,
    scope_recount::recount,
    snapshot::AppFact,
    source::{App, Source},
    store::{
        access,
        app_readings::{self, DueApp, Recorded},
        other_apps::{self, SignedIn},
        scope_tally, sources,
    },
};
use crate::{
    crypto::seal::Sealer,
    directory::{
        offboarding::model::EndReason,
        suite::{opened::OpenedSuites, store::suites_of},
    },
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::Database,
    wecom::{
        CallCounter, WeCom,
        model::{Credential, MemberLookup},
    },
};

/// Apps read at once.
const PARALLEL: usize = 3;
/// After how long an app that could not be read, or whose reader died, is read again.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// At most so many who seem to have fallen out of a scope are looked at between two syncs.
const MOST_LOOKS: usize = 50;

/// Reads apps. Cheap to clone.
#[derive(Clone)]
pub struct AppReader {
    /// The database.
    pub db: Database,
    /// The WeCom client.
    pub wecom: WeCom,
    /// Opens secrets.
    pub sealer: Sealer,
    /// Time.
    pub clock: Clock,
    /// Ids of reports.
    pub entropy: Entropy,
}

impl AppReader {
    /// Reads the apps that are due, a few at once, and returns how many it claimed. Safe to call on every replica at once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tick(&self) -> Result<usize> {
        let due = app_readings::due(&self.db, self.clock.now()).await?;
        let readings = due.into_iter().map(|due| Box::pin(self.claim_and_read(due)));
        let readings: Vec<Result<bool>> = stream::iter(readings).buffer_unordered(PARALLEL).collect().await;
        let claimed: Result<Vec<bool>> = readings.into_iter().collect();
        Ok(claimed?.into_iter().filter(|claimed| *claimed).count())
    }

    async fn claim_and_read(&self, due: DueApp) -> Result<bool> {
        if !app_readings::claim(&self.db, &due, self.clock.now().plus(AGAIN)).await? {
            return Ok(false);
        }
        let recorded = self.read(&due.app).await?;
        let source = app_readings::enabled_source(&self.db, &due.app).await?;
        let (Some(recorded), Some(source)) = (recorded, source) else {
            return Ok(true);
        };
        match recorded {
            Recorded::Overtaken => {}
            // Weighed by a sync at once, by itself also where there is no schedule: whoever is outside must not wait for an admin's click.
            Recorded::Waits => sources::resume_synced(&self.db, source, self.clock.now()).await?,
            Recorded::Same => self.end_fallen(&due.app, source).await?,
            Recorded::Changed => {
                recount(&self.db, source).await?;
                self.end_fallen(&due.app, source).await?;
            }
        }
        Ok(true)
    }

    /// Reads the other apps of a data source, for a sync.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_others(&self, source: &Source) -> Result<()> {
        let mut changed = false;
        for app in other_apps::list(&self.db, source).await? {
            changed |= self.read(&app).await? == Some(Recorded::Changed);
        }
        match changed {
            true => recount(&self.db, source.id).await,
            false => Ok(()),
        }
    }

    /// The same reader, whose requests are counted here.
    #[must_use]
    pub fn counting(&self, calls: &CallCounter) -> Self {
        Self {
            wecom: self.wecom.counting(calls),
            ..self.clone()
        }
    }

    /// The credentials of the other apps of a data source by row id, as far as they open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, source: &Source) -> Result<HashMap<Uuid, Credential>> {
        let apps = other_apps::list(&self.db, source).await?;
        let suites = self.suites(apps.iter().map(|app| app.suite)).await?;
        let opened = apps
            .into_iter()
            .filter_map(|app| Some((app.id, app.credential(&self.sealer, &suites).ok()?)));
        Ok(opened.collect())
    }

    /// The suites behind apps, opened.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn suites(&self, suites: impl IntoIterator<Item = Option<Uuid>>) -> Result<OpenedSuites> {
        suites_of(&self.db, &self.sealer, self.clock.now(), suites).await
    }

    /// Reads one app and records what WeCom said; `None`: it could not be read.
    async fn read(&self, app: &App) -> Result<Option<Recorded>> {
        let asked_at = self.clock.now();
        let suites = self.suites([app.suite]).await?;
        let credential = match app.credential(&self.sealer, &suites) {
            Ok(credential) => credential,
            Err(failure) => return self.failed(app, failure.entry.number, failure.to_string()).await,
        };
        match self.wecom.agent(&credential).await {
            Ok(agent) if agent.malformed.is_empty() => {
                let fact = AppFact::from(&agent);
                let recorded = app_readings::record(&self.db, app.id, &fact, asked_at).await?;
                Ok(Some(recorded))
            }
            // Nobody may be called outside by a scope of which a part is not known.
            Ok(agent) => {
                let number = SyncFailure::RowsSkipped.entry().number;
                let detail = format!("{} picked members without a readable userid", agent.malformed.len());
                self.failed(app, number, detail).await
            }
            Err(error) => self.failed(app, explain(&error).entry().number, describe(&error)).await,
        }
    }

    async fn failed(&self, app: &App, number: &'static str, detail: String) -> Result<Option<Recorded>> {
        tracing::info!(agent_id = app.agent_id, number, detail, "a WeCom app could not be read");
        let now = self.clock.now();
        app_readings::record_failure(&self.db, app.id, (number, detail), (now, now.plus(AGAIN))).await?;
        Ok(None)
    }

    /// Ends what was opened through an app, other than the integration app, by people whom its scope no longer covers and whom it does not
    /// show when it is asked.
    async fn end_fallen(&self, app: &App, data_source: Uuid) -> Result<()> {
        let Some(source) = sources::find(&self.db, data_source).await? else {
            return Ok(());
        };
        if source.app.as_ref().is_some_and(|integration| integration.id == app.id) {
            return Ok(());
        }
        let fallen = self.fallen(app, data_source).await?;
        if fallen.len() > MOST_LOOKS {
            tracing::warn!(
                agent_id = app.agent_id,
                people = fallen.len(),
                "many are outside the scope of a WeCom app; the next sync weighs it"
            );
            return Ok(());
        }
        let suites = self.suites([app.suite]).await?;
        let credential = app.credential(&self.sealer, &suites)?;
        let asked_at = self.clock.now();
        let mut ends = Vec::new();
        for member in fallen {
            let answer = self.wecom.member(&credential, &member.userid).await;
            if matches!(answer, Ok(MemberLookup::NotVisible { .. })) {
                ends.push(end_of(member, app));
            }
        }
        let job = Job {
            db: &self.db,
            clock: &self.clock,
            entropy: &self.entropy,
            data_source_id: source.id,
            corp_key: &source.corp_key,
            run: None,
            fetched_at: asked_at,
        };
        access::end_polled(&job, &ends.iter().collect::<Vec<_>>()).await
    }

    /// Who has something open through the app and is not inside its scope, by what we hold.
    async fn fallen(&self, app: &App, data_source: Uuid) -> Result<Vec<SignedIn>> {
        let mut people = other_apps::signed_in(&self.db, app.id, data_source).await?;
        if people.is_empty() {
            return Ok(people);
        }
        let corp = scope_tally::load(&self.db, data_source).await?.unwrap_or_default();
        let scope = corp.read(app.id).and_then(|row| corp.contacts().expand(&row.scope));
        people.retain(|member| {
            scope
                .as_ref()
                .is_some_and(|scope| !scope.covers(&member.key, &member.departments))
        });
        Ok(people)
    }
}

fn end_of(member: SignedIn, app: &App) -> AccessEnd {
    AccessEnd {
        member: Some(member.member),
        userid: member.userid,
        user_id: member.user,
        may_disable: false,
        reason: EndReason::OutOfScope,
        status: None,
        newly: true,
        after_members: false,
        through: Some(ThroughApp {
            id: app.id,
            agent_id: app.agent_id,
        }),
    }
}

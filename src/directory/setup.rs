//! Setup: cross-resource validation of data sources and auth sources: which of them are bound together, and what does not fit. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    auth_source::model::AuthSource,
    data_source::model::DataSource,
    setup_problem::{CORP_MISMATCH, Problem, SetupProblem},
    wecom_app::{model::WeComApp, notice::AppNotice, reading::AppReading},
};
use crate::wecom::Refusal;

/// Whose credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The contacts-sync secret of this data source.
    Contacts(Uuid),
    /// This app.
    App(Uuid),
}

/// All configuration that decides which data source an auth source is bound to.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// All data sources, by id.
    pub sources: Vec<DataSource>,
    /// All auth sources, by id.
    pub auth_sources: Vec<AuthSource>,
    /// All apps.
    pub apps: Vec<WeComApp>,
    /// What WeCom announced about apps, as far as it stands.
    pub notices: Vec<AppNotice>,
    /// What the last reading of each app said.
    pub readings: BTreeMap<Uuid, AppReading>,
    /// Host, with port unless it is the default one, of `public_url`.
    pub domain: String,
    /// The credentials that WeCom refuses now.
    pub refused: Vec<(Holder, Refusal)>,
}

impl Setup {
    /// Finds an app.
    pub fn app(&self, id: Uuid) -> Option<&WeComApp> {
        self.apps.iter().find(|app| app.id == id)
    }

    /// The data source an auth source is bound to: the one it names, else the one with the same corp ID. As the gate decides it.
    pub fn source_of(&self, auth_source: &AuthSource) -> Option<&DataSource> {
        self.sources.iter().find(|source| match auth_source.data_source_id {
            Some(id) => source.id == id,
            None => source.settings.corp_id == auth_source.corp_id,
        })
    }

    /// The auth sources bound to a data source, whether their corp IDs match or not.
    pub fn auth_sources_of(&self, source: &DataSource) -> Vec<&AuthSource> {
        self.auth_sources
            .iter()
            .filter(|auth_source| self.source_of(auth_source).is_some_and(|bound| bound.id == source.id))
            .collect()
    }

    /// The setup problems of a data source.
    pub fn data_source_problems(&self, source: &DataSource) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !source.contacts_secret_set && source.app_id.is_none() {
            problems.push(Problem::of(SetupProblem::NoCredential.entry(), ""));
        }
        if let Some(run) = source.undone_run {
            problems.push(Problem::of(
                SetupProblem::SyncWaits.entry(),
                format!("The run {run} was taken back."),
            ));
        }
        let (fitting, foreign): (Vec<&AuthSource>, Vec<&AuthSource>) = self
            .auth_sources_of(source)
            .into_iter()
            .partition(|auth_source| auth_source.corp_id == source.settings.corp_id);
        problems.extend(foreign.into_iter().map(|auth_source| mismatch(auth_source, source)));
        if source.settings.login_wecom {
            problems.extend(self.login_problems(source, &fitting));
        }
        problems.extend(self.refusal(Holder::Contacts(source.id)));
        problems.extend(source.app_id.into_iter().flat_map(|id| self.app_problems(id)));
        problems
    }

    fn login_problems(&self, source: &DataSource, fitting: &[&AuthSource]) -> Vec<Problem> {
        if fitting.iter().any(|auth_source| auth_source.enabled) {
            return Vec::new();
        }
        if !fitting.is_empty() {
            let names = names(fitting.iter().copied());
            return vec![Problem::of(SetupProblem::AuthSourcesDisabled.entry(), names)];
        }
        let stray: Vec<&AuthSource> = self
            .auth_sources
            .iter()
            .filter(|auth_source| self.source_of(auth_source).is_none())
            .collect();
        let mut detail = format!("The corp ID is {}.", source.settings.corp_id);
        if !stray.is_empty() {
            detail.push_str(&format!(
                " Auth sources whose corp ID no data source has: {}.",
                names(stray)
            ));
        }
        let mut problems = vec![Problem::of(SetupProblem::NoAuthSource.entry(), detail)];
        if source.app_id.is_none() {
            problems.push(Problem::of(SetupProblem::NoLoginApp.entry(), ""));
        }
        problems
    }

    /// The setup problems of an auth source.
    pub fn auth_source_problems(&self, auth_source: &AuthSource) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.source_of(auth_source) {
            None => problems.push(Problem::of(
                &CORP_MISMATCH,
                format!("No data source has the corp ID {}.", auth_source.corp_id),
            )),
            Some(source) if source.settings.corp_id != auth_source.corp_id => {
                problems.push(mismatch(auth_source, source))
            }
            Some(source) if !source.settings.enabled || !source.settings.login_wecom => {
                problems.push(Problem::of(
                    SetupProblem::LoginOff.entry(),
                    source.settings.name.clone(),
                ));
            }
            Some(_) => {}
        }
        problems.extend(self.app_problems(auth_source.app_id));
        problems
    }

    /// The setup problems of an app.
    pub fn app_problems(&self, app: Uuid) -> Vec<Problem> {
        let told = self.notices.iter().filter(|notice| notice.app_id == app);
        let told = told.filter_map(|notice| Some(notice.problem(self.app(app)?)));
        let refused = self.refusal(Holder::App(app));
        let read = self.reading_problems(app, refused.is_some());
        self.closed(app)
            .into_iter()
            .chain(refused)
            .chain(told)
            .chain(read)
            .collect()
    }

    /// What the last reading of an app said. Without an integration app beside it there is nothing that it could lie outside of.
    pub fn reading(&self, id: Uuid) -> Option<AppReading> {
        let (app, reading) = (self.app(id)?, self.readings.get(&id)?);
        let compared = self.sources.iter().any(|source| {
            source.settings.corp_id == app.corp_id && source.app_id.is_some_and(|integration| integration != id)
        });
        Some(match compared {
            true => reading.clone(),
            false => AppReading {
                outside: None,
                outside_lines: None,
                ..reading.clone()
            },
        })
    }

    fn reading_problems(&self, id: Uuid, refused: bool) -> Vec<Problem> {
        let (Some(app), Some(reading)) = (self.app(id), self.reading(id)) else {
            return Vec::new();
        };
        let signs_in = |source: &AuthSource| source.enabled && source.app_id == id;
        let domain = self.auth_sources.iter().any(signs_in).then_some(self.domain.as_str());
        reading.problems(app, domain, refused)
    }

    fn refusal(&self, holder: Holder) -> Option<Problem> {
        let (_, refusal) = self.refused.iter().find(|(refused, _)| *refused == holder)?;
        let secret = match holder {
            Holder::Contacts(_) => "The contacts secret".to_owned(),
            Holder::App(id) => format!("AgentId {}", self.app(id)?.agent_id),
        };
        Some(Problem {
            since: Some(refusal.since),
            next_try_at: Some(refusal.next_try_at),
            ..Problem::of(refusal.kind().entry(), format!("{secret}: {}", refusal.words()))
        })
    }

    fn closed(&self, app: Uuid) -> Option<Problem> {
        let app = self.app(app).filter(|app| app.closed)?;
        Some(Problem::of(
            SetupProblem::AppClosed.entry(),
            format!("AgentId {}.", app.agent_id),
        ))
    }
}

fn mismatch(auth_source: &AuthSource, source: &DataSource) -> Problem {
    let detail = format!(
        "The auth source '{}' has the corp ID {}, the data source '{}' has {}.",
        auth_source.name, auth_source.corp_id, source.settings.name, source.settings.corp_id
    );
    Problem::of(&CORP_MISMATCH, detail)
}

fn names<'a>(auth_sources: impl IntoIterator<Item = &'a AuthSource>) -> String {
    let named: Vec<String> = auth_sources
        .into_iter()
        .map(|auth_source| format!("'{}' ({})", auth_source.name, auth_source.corp_id))
        .collect();
    named.join(", ")
}

#[cfg(test)]
#[path = "setup_tests.rs"]
mod tests;

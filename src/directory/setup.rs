//! Setup: cross-resource validation of data sources and auth sources: which of them are bound together, and what does not fit. Pure.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    auth_source::model::AuthSource,
    console_place::{CONTACTS, CONTACTS_IP, CUSTOMERS, CUSTOMERS_IP},
    data_source::model::DataSource,
    probe::{
        egress::Egress,
        holder::Holder,
        model::{Kept, SeenApp},
        problems::{self, Probing},
    },
    setup_problem::{CORP_MISMATCH, CredentialKind, Problem, SetupProblem},
    wecom_app::{model::WeComApp, notice::AppNotice, reading::AppReading},
};
use crate::{
    kernel::{clock::Timestamp, entity_tag::EntityTag},
    wecom::{Refusal, WeComFailure},
};

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
    /// What the last probe of each credential saw.
    pub probes: BTreeMap<Holder, Kept>,
    /// From where WeCom sees our calls come.
    pub egress: Egress,
    /// The entity tags of data sources and auth sources.
    pub tags: BTreeMap<Uuid, EntityTag>,
}

impl Setup {
    /// The entity tag of a data source or an auth source.
    pub fn tag(&self, id: Uuid) -> EntityTag {
        self.tags.get(&id).cloned().unwrap_or_default()
    }

    /// Finds an app.
    pub fn app(&self, id: Uuid) -> Option<&WeComApp> {
        self.apps.iter().find(|app| app.id == id)
    }

    /// The data source an auth source is bound to: the one it names, else the one with the same corp ID. As the gate decides it.
    pub fn source_of(&self, auth_source: &AuthSource) -> Option<&DataSource> {
        self.sources.iter().find(|source| match auth_source.data_source_id {
            Some(id) => source.id == id,
            None => source.suite.is_none() && self.is_of_corp(auth_source, source),
        })
    }

    /// Whether an auth source is of the corp of a data source, in the same mode. As the gate decides it.
    fn is_of_corp(&self, auth_source: &AuthSource, source: &DataSource) -> bool {
        let suite = self.app(auth_source.app_id).and_then(|app| app.suite);
        source.settings.corp_id == auth_source.corp_id && source.suite == suite
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
            .partition(|auth_source| self.is_of_corp(auth_source, source));
        problems.extend(foreign.into_iter().map(|auth_source| mismatch(auth_source, source)));
        if source.settings.login_wecom {
            problems.extend(self.login_problems(source, &fitting));
        }
        problems.extend(self.refusals(Holder::Contacts(source.id)));
        let alone = source.app_id.is_none();
        problems.extend(self.probe_problems(Holder::Contacts(source.id), Probing::Contacts { alone }));
        let customers = Holder::ExternalContacts(source.id);
        problems.extend(self.refusals(customers));
        problems.extend(self.probe_problems(customers, Probing::ExternalContacts));
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
            Some(source) if !self.is_of_corp(auth_source, source) => problems.push(mismatch(auth_source, source)),
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
        let refused = self.refusals(Holder::App(app));
        let probed = self.app_probe_problems(app);
        let explained = self.is_refused(app)
            || self
                .probes
                .get(&Holder::App(app))
                .is_some_and(|kept| kept.rows.iter().any(|row| row.fault.is_some()));
        let read = self.reading_problems(app, explained);
        let closed = self.closed(app).into_iter().chain(refused);
        closed.chain(probed).chain(told).chain(read).collect()
    }

    /// That an app is switched off is told once, whoever saw it.
    fn app_probe_problems(&self, id: Uuid) -> Vec<Problem> {
        let Some(app) = self.app(id) else { return Vec::new() };
        // Before the first sync nobody is known, wherever they are.
        let synced = |source: &DataSource| source.has(app) && source.last_synced_at.is_some();
        let reading = self.readings.get(&id);
        let seen_at = self
            .probes
            .get(&Holder::App(id))
            .and_then(|kept| kept.app.as_ref()?.seen_at);
        let filled = reading.is_some_and(|reading| reading.has_members_after(seen_at));
        let reading = reading.filter(|_| self.sources.iter().any(synced));
        let members = reading.and_then(|reading| reading.members);
        let agent_id = app.agent_id;
        let of = Probing::App {
            agent_id,
            members,
            filled,
        };
        let mut problems = self.probe_problems(Holder::App(id), of);
        if self.is_closed(app) {
            problems.retain(|problem| problem.number != SetupProblem::AppClosed.entry().number);
        }
        problems
    }

    fn probe_problems(&self, holder: Holder, of: Probing) -> Vec<Problem> {
        let kept = self.probes.get(&holder);
        kept.map(|kept| problems::problems(kept, of)).unwrap_or_default()
    }

    /// The app as a probe saw it after it was read last. What a later probe only carried over is as old as it was.
    fn seen_since(&self, id: Uuid) -> Option<(Timestamp, &SeenApp)> {
        let seen = self.probes.get(&Holder::App(id))?.app.as_ref()?;
        let at = seen.seen_at?;
        let read_at = self.readings.get(&id).and_then(|reading| reading.read_at);
        read_at.is_none_or(|read_at| read_at < at).then_some((at, seen))
    }

    fn is_closed(&self, app: &WeComApp) -> bool {
        self.seen_since(app.id).map_or(app.closed, |(_, seen)| seen.closed)
    }

    /// What the last reading of an app said. Without an integration app beside it there is nothing that it could lie outside of.
    pub fn reading(&self, id: Uuid) -> Option<AppReading> {
        let (app, reading) = (self.app(id)?, self.readings.get(&id)?);
        let mut reading = reading.clone();
        if let Some((at, seen)) = self.seen_since(id) {
            reading.read_at = Some(at);
            reading.redirect_domain.clone_from(&seen.redirect_domain);
        }
        let compared = self
            .sources
            .iter()
            .any(|source| source.has(app) && source.app_id.is_some_and(|integration| integration != id));
        Some(match compared {
            true => reading,
            false => AppReading {
                outside: None,
                outside_lines: None,
                ..reading
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

    fn is_refused(&self, app: Uuid) -> bool {
        let of_app =
            |(holder, refusal): &(Holder, Refusal)| *holder == Holder::App(app) && refusal.is_wrong_credential();
        self.refused.iter().any(of_app)
    }

    fn refusals(&self, holder: Holder) -> Vec<Problem> {
        let of_holder = self.refused.iter().filter(|(refused, _)| *refused == holder);
        of_holder
            .filter_map(|(_, refusal)| self.refusal(holder, refusal))
            .collect()
    }

    fn refusal(&self, holder: Holder, refusal: &Refusal) -> Option<Problem> {
        let (credential, secret) = match holder {
            Holder::Contacts(_) => (CredentialKind::Contacts, "The contacts secret".to_owned()),
            Holder::ExternalContacts(_) => (CredentialKind::ExternalContacts, "The customer secret".to_owned()),
            Holder::App(id) => (CredentialKind::App, format!("AgentId {}", self.app(id)?.agent_id)),
        };
        let problem = Problem::of(refusal.kind().entry(), format!("{secret}: {}", refusal.words()));
        let place = match (holder, refusal.kind()) {
            (Holder::Contacts(_), WeComFailure::SecretWrong) => Some(CONTACTS),
            (Holder::Contacts(_), WeComFailure::IpNotTrusted) => Some(CONTACTS_IP),
            (Holder::ExternalContacts(_), WeComFailure::SecretWrong) => Some(CUSTOMERS),
            (Holder::ExternalContacts(_), WeComFailure::IpNotTrusted) => Some(CUSTOMERS_IP),
            _ => problem.place,
        };
        Some(Problem {
            since: Some(refusal.since),
            next_try_at: refusal.is_wrong_credential().then_some(refusal.next_try_at),
            credential: Some(credential),
            place,
            ..problem
        })
    }

    fn closed(&self, app: Uuid) -> Option<Problem> {
        let app = self.app(app).filter(|app| self.is_closed(app))?;
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

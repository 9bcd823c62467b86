//! All data sources and auth sources side by side: which door leads where, and what does not fit. Pure.

use uuid::Uuid;

use super::{
    app::App,
    door::Door,
    problem::{CORP_MISMATCH, Problem, SetupProblem},
    source::Source,
};

/// Everything that decides whether a door leads to a directory.
#[derive(Clone, Debug, Default)]
pub struct Landscape {
    /// All data sources, by id.
    pub sources: Vec<Source>,
    /// All auth sources, by id.
    pub doors: Vec<Door>,
    /// All apps.
    pub apps: Vec<App>,
}

impl Landscape {
    /// An app.
    pub fn app(&self, id: Uuid) -> Option<&App> {
        self.apps.iter().find(|app| app.id == id)
    }

    /// The data source a door is bound to: the one it names, else the one with the same corp ID. As the gate decides it.
    pub fn source_of(&self, door: &Door) -> Option<&Source> {
        self.sources.iter().find(|source| match door.data_source_id {
            Some(id) => source.id == id,
            None => source.settings.corp_id == door.corp_id,
        })
    }

    /// The doors bound to a data source, fitting or not.
    pub fn doors_of(&self, source: &Source) -> Vec<&Door> {
        self.doors
            .iter()
            .filter(|door| self.source_of(door).is_some_and(|bound| bound.id == source.id))
            .collect()
    }

    /// What is wrong with a data source.
    pub fn source_problems(&self, source: &Source) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !source.contacts_secret_set && source.app_id.is_none() {
            problems.push(Problem::of(SetupProblem::NoCredential.entry(), ""));
        }
        let (fitting, foreign): (Vec<&Door>, Vec<&Door>) = self
            .doors_of(source)
            .into_iter()
            .partition(|door| door.corp_id == source.settings.corp_id);
        problems.extend(foreign.into_iter().map(|door| mismatch(door, source)));
        if source.settings.login_wecom {
            problems.extend(self.login_problems(source, &fitting));
        }
        problems.extend(source.app_id.and_then(|id| self.closed(id)));
        problems
    }

    fn login_problems(&self, source: &Source, fitting: &[&Door]) -> Vec<Problem> {
        if fitting.iter().any(|door| door.enabled) {
            return Vec::new();
        }
        if !fitting.is_empty() {
            let names = names(fitting.iter().copied());
            return vec![Problem::of(SetupProblem::DoorsDisabled.entry(), names)];
        }
        let stray: Vec<&Door> = self
            .doors
            .iter()
            .filter(|door| self.source_of(door).is_none())
            .collect();
        let mut detail = format!("The corp ID is {}.", source.settings.corp_id);
        if !stray.is_empty() {
            detail.push_str(&format!(
                " Auth sources whose corp ID no data source has: {}.",
                names(stray)
            ));
        }
        let mut problems = vec![Problem::of(SetupProblem::NoDoor.entry(), detail)];
        if source.app_id.is_none() {
            problems.push(Problem::of(SetupProblem::NoLoginApp.entry(), ""));
        }
        problems
    }

    /// What is wrong with an auth source.
    pub fn door_problems(&self, door: &Door) -> Vec<Problem> {
        let mut problems = Vec::new();
        match self.source_of(door) {
            None => problems.push(Problem::of(
                &CORP_MISMATCH,
                format!("No data source has the corp ID {}.", door.corp_id),
            )),
            Some(source) if source.settings.corp_id != door.corp_id => problems.push(mismatch(door, source)),
            Some(source) if !source.settings.enabled || !source.settings.login_wecom => {
                problems.push(Problem::of(
                    SetupProblem::LoginOff.entry(),
                    source.settings.name.clone(),
                ));
            }
            Some(_) => {}
        }
        problems.extend(self.closed(door.app_id));
        problems
    }

    fn closed(&self, app: Uuid) -> Option<Problem> {
        let app = self.app(app).filter(|app| app.closed)?;
        Some(Problem::of(
            SetupProblem::AppClosed.entry(),
            format!("AgentId {}.", app.agent_id),
        ))
    }
}

fn mismatch(door: &Door, source: &Source) -> Problem {
    let detail = format!(
        "The auth source '{}' has the corp ID {}, the data source '{}' has {}.",
        door.name, door.corp_id, source.settings.name, source.settings.corp_id
    );
    Problem::of(&CORP_MISMATCH, detail)
}

fn names<'a>(doors: impl IntoIterator<Item = &'a Door>) -> String {
    let named: Vec<String> = doors
        .into_iter()
        .map(|door| format!("'{}' ({})", door.name, door.corp_id))
        .collect();
    named.join(", ")
}

#[cfg(test)]
#[path = "landscape_tests.rs"]
mod tests;

//! What data sources and their apps say is wrong with them: what that explains, the checks of syncs do not tell again.

use super::{store::Source, surroundings::Surroundings};
use crate::{
    directory::{console_place::Severity, problems::Troubled, setup_problem::Problem},
    kernel::failure::Result,
};

/// What the resources say. Beside a dead server nobody asks them.
#[derive(Debug, Default)]
pub struct Told(Vec<Troubled>);

impl Told {
    /// Asks the resources.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn ask(around: &Surroundings) -> Result<Self> {
        match &around.server {
            Some(server) => Ok(Self(server.directory.troubled().await?)),
            None => Ok(Self::default()),
        }
    }

    /// What this data source and its app say.
    pub fn of(&self, source: &Source) -> Vec<&Problem> {
        let concerns = |resource: &&Troubled| match resource.collection {
            "data-sources" => resource.id == source.id,
            "wecom-apps" => source.app_id == Some(resource.id),
            _ => false,
        };
        let concerned = self.0.iter().filter(concerns);
        concerned.flat_map(|resource| &resource.problems).collect()
    }
}

/// Errors that keep people from signing in, and no sync from anything.
const OF_SIGN_IN: [&str; 6] = ["DI-201", "DI-202", "DI-204", "DI-205", "DI-207", "WC-121"];

/// Whether a problem keeps contacts from being synced.
pub fn hinders_syncs(problem: &Problem) -> bool {
    problem.severity == Severity::Error && !OF_SIGN_IN.contains(&problem.number)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{OF_SIGN_IN, Problem, Source, Told, Troubled, hinders_syncs};
    use crate::{directory::setup_problem::SetupProblem, kernel::clock::Timestamp};

    #[test]
    fn what_keeps_people_from_signing_in_or_is_a_warning_hinders_no_sync() {
        for number in OF_SIGN_IN {
            let entry = crate::entry(number).unwrap();
            assert!(!hinders_syncs(&Problem::of(entry, "")), "{number}");
        }
        assert!(!hinders_syncs(&Problem::of(SetupProblem::ScopeOutside.entry(), "")));
        assert!(hinders_syncs(&Problem::of(SetupProblem::AppClosed.entry(), "")));
    }

    #[test]
    fn another_data_sources_problems_are_not_this_ones() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let troubled = |collection, id, detail: &str| Troubled {
            data_source: None,
            collection,
            id,
            name: String::new(),
            problems: vec![Problem::of(SetupProblem::AppClosed.entry(), detail)],
        };
        let told = Told(vec![
            troubled("wecom-apps", own, "its app"),
            troubled("wecom-apps", other, "another app"),
            troubled("data-sources", own, "itself"),
            troubled("data-sources", other, "another"),
            troubled("auth-sources", own, "an auth source"),
        ]);
        let source = Source {
            id: own,
            name: "corp".to_owned(),
            hours: None,
            created_at: Timestamp::from_secs(0),
            synced_at: None,
            confirmed_at: None,
            app_id: Some(own),
            busy: false,
            run: None,
        };
        let details: Vec<&str> = told.of(&source).iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(details, ["its app", "itself"]);
    }
}

//! The problems of all resources at once, for who asks whether anything is wrong: each named once, at the resource where it is mended.

use uuid::Uuid;

use super::{service::Directory, setup_problem::Problem};
use crate::kernel::failure::Result;

/// A resource with problems.
#[derive(Clone, Debug)]
pub struct Troubled {
    /// Its collection in the API: `wecom-apps`, `data-sources` or `auth-sources`.
    pub collection: &'static str,
    /// Row id.
    pub id: Uuid,
    /// Name, as far as it has one.
    pub name: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Directory {
    /// Everything that the resources say is wrong with them. What an app's problem is stands at the app alone, though the data source and
    /// the auth sources that use it show it as well; what is wrong between a data source and an auth source stands at the data source.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn troubled(&self) -> Result<Vec<Troubled>> {
        let setup = self.setup().await?;
        let apps = setup.apps.iter().map(|app| Troubled {
            collection: "wecom-apps",
            id: app.id,
            name: app.name.clone(),
            problems: setup.app_problems(app.id),
        });
        let sources = setup.sources.iter().map(|source| Troubled {
            collection: "data-sources",
            id: source.id,
            name: source.settings.name.clone(),
            problems: setup.data_source_problems(source),
        });
        let auth_sources = setup.auth_sources.iter().map(|auth_source| Troubled {
            collection: "auth-sources",
            id: auth_source.id,
            name: auth_source.name.clone(),
            problems: setup.auth_source_problems(auth_source),
        });
        Ok(once_each(apps.chain(sources).chain(auth_sources)))
    }
}

/// Each problem where it stands first.
fn once_each(all: impl Iterator<Item = Troubled>) -> Vec<Troubled> {
    let mut told: Vec<Problem> = Vec::new();
    let mut kept = Vec::new();
    for mut resource in all {
        resource.problems.retain(|problem| !told.contains(problem));
        if !resource.problems.is_empty() {
            told.extend_from_slice(&resource.problems);
            kept.push(resource);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::setup_problem::SetupProblem;

    fn troubled(collection: &'static str, details: &[&str]) -> Troubled {
        Troubled {
            collection,
            id: Uuid::nil(),
            name: String::new(),
            problems: details
                .iter()
                .map(|detail| Problem::of(SetupProblem::AppClosed.entry(), *detail))
                .collect(),
        }
    }

    #[test]
    fn a_problem_that_several_show_stands_at_the_first() {
        let all = [
            troubled("wecom-apps", &["a"]),
            troubled("data-sources", &["a", "b"]),
            troubled("auth-sources", &["a", "b"]),
        ];
        let kept = once_each(all.into_iter());
        let told: Vec<(&str, Vec<&str>)> = kept
            .iter()
            .map(|resource| {
                let details = resource.problems.iter().map(|problem| problem.detail.as_str());
                (resource.collection, details.collect())
            })
            .collect();
        assert_eq!(told, [("wecom-apps", vec!["a"]), ("data-sources", vec!["b"])]);
    }
}

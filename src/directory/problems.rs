//! The problems of all resources at once, for who asks whether anything is wrong: each named once, at the resource where it is mended.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    service::Directory,
    setup::Setup,
    setup_problem::{CORP_MISMATCH, Problem},
    suite,
};
use crate::kernel::failure::Result;

/// A resource with problems.
#[derive(Clone, Debug)]
pub struct Troubled {
    /// Its collection in the API: `wecom-apps`, `data-sources`, `auth-sources` or `suites`.
    pub collection: &'static str,
    /// Row id.
    pub id: Uuid,
    /// Name, as far as it has one.
    pub name: String,
    /// Row id of the data source that it is, or belongs to.
    pub data_source: Option<Uuid>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Directory {
    /// Everything that the resources which are switched on say is wrong with them. What an app's problem is stands at the app alone, though
    /// the data source and the auth sources that use it show it as well; that corp IDs differ stands at the auth source alone.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn troubled(&self) -> Result<Vec<Troubled>> {
        let mut all = troubled(&self.setup().await?);
        let suites = suite::troubled(&self.deps.database, self.deps.clock.now()).await?;
        all.extend(suites.into_iter().map(|(suite, problems)| Troubled {
            collection: "suites",
            id: suite.id,
            name: suite.name,
            data_source: None,
            problems,
        }));
        Ok(all)
    }
}

fn troubled(setup: &Setup) -> Vec<Troubled> {
    let sources = || setup.sources.iter().filter(|source| source.settings.enabled);
    let auth_sources = || setup.auth_sources.iter().filter(|auth_source| auth_source.enabled);
    let used: BTreeSet<Uuid> = sources()
        .filter_map(|source| source.app_id)
        .chain(auth_sources().map(|auth_source| auth_source.app_id))
        .collect();
    let apps = setup
        .apps
        .iter()
        .filter(|app| used.contains(&app.id))
        .map(|app| Troubled {
            collection: "wecom-apps",
            id: app.id,
            name: app.name.clone(),
            data_source: source_of_app(setup, app.id),
            problems: setup.app_problems(app.id),
        });
    let sources = sources().map(|source| {
        let mut problems = own(setup, setup.data_source_problems(source), source.app_id);
        problems.retain(|problem| problem.number != CORP_MISMATCH.number);
        Troubled {
            collection: "data-sources",
            id: source.id,
            name: source.settings.name.clone(),
            data_source: Some(source.id),
            problems,
        }
    });
    let auth_sources = auth_sources().map(|auth_source| Troubled {
        collection: "auth-sources",
        id: auth_source.id,
        name: auth_source.name.clone(),
        data_source: setup.source_of(auth_source).map(|source| source.id),
        problems: own(setup, setup.auth_source_problems(auth_source), Some(auth_source.app_id)),
    });
    let all = apps.chain(sources).chain(auth_sources);
    all.filter(|resource| !resource.problems.is_empty()).collect()
}

/// The data source whose integration app this is, else that of an auth source by it.
fn source_of_app(setup: &Setup, app: Uuid) -> Option<Uuid> {
    let own = setup.sources.iter().find(|source| source.app_id == Some(app));
    let of_auth_sources = || {
        let mut by_it = setup
            .auth_sources
            .iter()
            .filter(|auth_source| auth_source.app_id == app);
        by_it.find_map(|auth_source| setup.source_of(auth_source))
    };
    own.or_else(of_auth_sources).map(|source| source.id)
}

/// What a resource shows without what its app shows.
fn own(setup: &Setup, mut shown: Vec<Problem>, app: Option<Uuid>) -> Vec<Problem> {
    let of_app = app.map(|app| setup.app_problems(app)).unwrap_or_default();
    shown.retain(|problem| !of_app.contains(problem));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{
        auth_source::model::AuthSource,
        data_source::model::{DataSource, DoubtfulIdentity, DuplicateRule, ReadBy, Settings},
        email::EmailSettings,
        importing::rules::ImportRules,
        wecom_app::model::WeComApp,
    };

    /// A corp with a data source, an app that is closed and an auth source, which are numbered alike.
    fn corp(number: u128) -> (DataSource, WeComApp, AuthSource) {
        let (id, corp_id) = (Uuid::from_u128(number), format!("ww{number}"));
        let source = DataSource {
            id,
            settings: Settings {
                name: format!("source {number}"),
                description: String::new(),
                corp_id: corp_id.clone(),
                auto_sync_hours: None,
                read_by: ReadBy::Lists,
                duplicate_rule: DuplicateRule::Skip,
                doubtful_identity: DoubtfulIdentity::Wait,
                import: ImportRules::default(),
                login_password: false,
                login_wecom: true,
                removal_threshold_percent: 20,
                guard: Default::default(),
                enabled: true,
                email: EmailSettings::default(),
                access_requests: false,
                approvers: Vec::new(),
            },
            contacts_secret_set: true,
            customer_secret_set: false,
            app_id: Some(id),
            disabled_reason: None,
            suite: None,
            undone_run: None,
            next_sync_at: None,
            last_synced_at: None,
            created_at: 0,
            updated_at: 0,
        };
        let app = WeComApp {
            id,
            corp_id: corp_id.clone(),
            // Agent ids count from the same number in every corp.
            agent_id: 1_000_002,
            suite: None,
            name: String::new(),
            closed: true,
        };
        let auth_source = AuthSource {
            id,
            name: format!("auth source {number}"),
            corp_id,
            app_id: id,
            data_source_id: Some(id),
            enabled: true,
            created_at: 0,
            updated_at: 0,
        };
        (source, app, auth_source)
    }

    fn two_corps() -> Setup {
        let mut setup = Setup::default();
        for number in [1, 2] {
            let (source, app, auth_source) = corp(number);
            setup.sources.push(source);
            setup.apps.push(app);
            setup.auth_sources.push(auth_source);
        }
        setup
    }

    fn told(setup: &Setup) -> Vec<(&'static str, u128, &'static str)> {
        let of = |resource: &Troubled| {
            let (collection, id) = (resource.collection, resource.id.as_u128());
            let problems = resource.problems.iter();
            problems
                .map(|problem| (collection, id, problem.number))
                .collect::<Vec<_>>()
        };
        troubled(setup).iter().flat_map(of).collect()
    }

    #[test]
    fn equal_problems_of_two_apps_are_both_told_each_at_its_app_alone() {
        let expected = [("wecom-apps", 1, "DI-206"), ("wecom-apps", 2, "DI-206")];
        assert_eq!(told(&two_corps()), expected);
    }

    #[test]
    fn what_is_switched_off_and_what_only_that_uses_is_not_told() {
        let mut setup = two_corps();
        setup.sources[1].settings.enabled = false;
        setup.auth_sources[1].enabled = false;
        assert_eq!(told(&setup), [("wecom-apps", 1, "DI-206")]);
        setup.auth_sources[1].enabled = true;
        let expected = [
            ("wecom-apps", 1, "DI-206"),
            ("wecom-apps", 2, "DI-206"),
            ("auth-sources", 2, "DI-205"),
        ];
        assert_eq!(told(&setup), expected, "an app that is in use");
    }

    #[test]
    fn that_corp_ids_differ_is_told_at_the_auth_source() {
        let mut setup = two_corps();
        setup.apps.clear();
        setup.auth_sources[0].corp_id = "wwX".to_owned();
        setup.sources[0].settings.login_wecom = false;
        assert_eq!(told(&setup), [("auth-sources", 1, "GT-104")]);
    }
}

//! Tests of the setup: which data source an auth source is bound to, and the problems reported.

use super::*;
use crate::directory::{
    data_source::model::{DuplicateRule, Settings},
    email::EmailSettings,
};

fn source(number: u128, corp: &str) -> DataSource {
    DataSource {
        id: Uuid::from_u128(number),
        settings: Settings {
            name: format!("source {number}"),
            description: String::new(),
            corp_id: corp.to_owned(),
            auto_sync_hours: None,
            read_by: crate::directory::data_source::model::ReadBy::Lists,
            duplicate_rule: DuplicateRule::Skip,
            doubtful_identity: crate::directory::data_source::model::DoubtfulIdentity::Wait,
            import: crate::directory::importing::rules::ImportRules::default(),
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
        app_id: None,
        disabled_reason: None,
        suite: None,
        undone_run: None,
        next_sync_at: None,
        last_synced_at: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn auth_source(number: u128, corp: &str, bound: Option<u128>) -> AuthSource {
    AuthSource {
        id: Uuid::from_u128(number),
        name: format!("auth source {number}"),
        corp_id: corp.to_owned(),
        app_id: Uuid::from_u128(99),
        data_source_id: bound.map(Uuid::from_u128),
        enabled: true,
        created_at: 0,
        updated_at: 0,
    }
}

fn numbers(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.number).collect()
}

fn setup(sources: Vec<DataSource>, auth_sources: Vec<AuthSource>) -> Setup {
    Setup {
        sources,
        auth_sources,
        ..Setup::default()
    }
}

#[test]
fn equal_corp_ids_fit_bound_or_not() {
    for bound in [None, Some(1)] {
        let setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwA", bound)]);
        assert!(setup.data_source_problems(&setup.sources[0]).is_empty());
        assert!(setup.auth_source_problems(&setup.auth_sources[0]).is_empty());
    }
}

#[test]
fn both_sides_say_that_the_corp_ids_differ() {
    let setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwB", Some(1))]);
    assert!(numbers(&setup.data_source_problems(&setup.sources[0])).contains(&"GT-104"));
    assert_eq!(numbers(&setup.auth_source_problems(&setup.auth_sources[0])), ["GT-104"]);
}

#[test]
fn an_unbound_auth_source_with_a_mistyped_corp_id_is_named_on_both_sides() {
    let setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwa", None)]);
    let problems = setup.data_source_problems(&setup.sources[0]);
    assert_eq!(numbers(&problems), ["DI-201", "DI-202"]);
    assert!(problems[0].detail.contains("auth source 2"));
    assert_eq!(numbers(&setup.auth_source_problems(&setup.auth_sources[0])), ["GT-104"]);
}

#[test]
fn a_password_only_source_needs_no_auth_source() {
    let mut alone = source(1, "wwA");
    alone.settings.login_wecom = false;
    let setup = setup(vec![alone], Vec::new());
    assert!(setup.data_source_problems(&setup.sources[0]).is_empty());
}

#[test]
fn disabled_auth_sources_and_sources_are_told() {
    let mut shut = auth_source(2, "wwA", None);
    shut.enabled = false;
    let mut off = source(1, "wwA");
    off.settings.enabled = false;
    let setup = setup(vec![off], vec![shut]);
    assert_eq!(numbers(&setup.data_source_problems(&setup.sources[0])), ["DI-204"]);
    assert_eq!(numbers(&setup.auth_source_problems(&setup.auth_sources[0])), ["DI-205"]);
}

#[test]
fn a_source_without_any_secret_cannot_sync() {
    let mut bare = source(1, "wwA");
    bare.contacts_secret_set = false;
    let setup = setup(vec![bare], Vec::new());
    assert!(numbers(&setup.data_source_problems(&setup.sources[0])).contains(&"DI-203"));
}

#[test]
fn a_closed_app_is_told() {
    let mut setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwA", None)]);
    setup.apps.push(WeComApp {
        id: Uuid::from_u128(99),
        corp_id: "wwA".to_owned(),
        agent_id: 7,
        suite: None,
        name: String::new(),
        closed: true,
    });
    assert_eq!(numbers(&setup.auth_source_problems(&setup.auth_sources[0])), ["DI-206"]);
}

#[test]
fn what_was_read_of_an_app_is_told_where_it_matters() {
    let mut setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwA", None)]);
    setup.domain = "sso.corp.example".to_owned();
    setup.apps.push(WeComApp {
        id: Uuid::from_u128(99),
        corp_id: "wwA".to_owned(),
        agent_id: 7,
        suite: None,
        name: String::new(),
        closed: false,
    });
    let reading = AppReading {
        read_at: Some(crate::kernel::clock::Timestamp::from_secs(1)),
        members: Some(5),
        outside: Some(2),
        ..AppReading::default()
    };
    setup.readings.insert(Uuid::from_u128(99), reading);
    let told = |setup: &Setup| numbers(&setup.auth_source_problems(&setup.auth_sources[0])).join(" ");
    // Nothing to lie outside of.
    assert_eq!(told(&setup), "DI-207");
    setup.sources[0].app_id = Some(Uuid::from_u128(98));
    assert_eq!(told(&setup), "DI-207 DI-208");
    setup.auth_sources[0].enabled = false;
    assert_eq!(told(&setup), "DI-208");
    setup.sources[0].app_id = Some(Uuid::from_u128(99));
    assert_eq!(told(&setup), "");
}

#[test]
fn what_a_probe_saw_counts_until_the_app_is_read_and_no_longer_by_being_carried_over() {
    let at = |secs| Some(Timestamp::from_secs(secs));
    let mut setup = setup(vec![source(1, "wwA")], vec![auth_source(2, "wwA", None)]);
    let id = Uuid::from_u128(99);
    setup.apps.push(WeComApp {
        id,
        corp_id: "wwA".to_owned(),
        agent_id: 7,
        suite: None,
        name: String::new(),
        closed: false,
    });
    let seen = SeenApp {
        closed: true,
        redirect_domain: None,
        scope: 0,
        seen_at: at(10),
    };
    // Probed later, without an answer that describes it.
    let kept = Kept {
        app: Some(seen),
        at: at(100),
        ..Kept::default()
    };
    setup.probes.insert(Holder::App(id), kept);
    let told = |setup: &Setup| numbers(&setup.app_problems(id)).join(" ");
    let read = |secs, members| AppReading {
        read_at: at(secs),
        scope_read_at: at(secs),
        members,
        ..AppReading::default()
    };
    setup.auth_sources[0].enabled = false;
    setup.readings.insert(id, read(5, Some(3)));
    assert_eq!(told(&setup), "DI-206 DI-215");
    setup.readings.insert(id, read(50, None));
    assert_eq!(told(&setup), "DI-215", "the reading does not say who is inside");
    setup.readings.insert(id, read(50, Some(3)));
    assert_eq!(told(&setup), "");
}

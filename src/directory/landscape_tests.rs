//! Which doors lead where, and what is told when they do not.

use super::*;
use crate::directory::source::{DuplicateRule, Settings};

fn source(number: u128, corp: &str) -> Source {
    Source {
        id: Uuid::from_u128(number),
        settings: Settings {
            name: format!("source {number}"),
            description: String::new(),
            corp_id: corp.to_owned(),
            auto_sync_hours: None,
            duplicate_rule: DuplicateRule::Skip,
            login_password: false,
            login_wecom: true,
            removal_threshold_percent: 20,
            enabled: true,
        },
        contacts_secret_set: true,
        app_id: None,
        next_sync_at: None,
        last_synced_at: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn door(number: u128, corp: &str, bound: Option<u128>) -> Door {
    Door {
        id: Uuid::from_u128(number),
        name: format!("door {number}"),
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

fn land(sources: Vec<Source>, doors: Vec<Door>) -> Landscape {
    Landscape {
        sources,
        doors,
        apps: Vec::new(),
    }
}

#[test]
fn equal_corp_ids_fit_bound_or_not() {
    for bound in [None, Some(1)] {
        let land = land(vec![source(1, "wwA")], vec![door(2, "wwA", bound)]);
        assert!(land.source_problems(&land.sources[0]).is_empty());
        assert!(land.door_problems(&land.doors[0]).is_empty());
    }
}

#[test]
fn both_sides_say_that_the_corp_ids_differ() {
    let land = land(vec![source(1, "wwA")], vec![door(2, "wwB", Some(1))]);
    assert!(numbers(&land.source_problems(&land.sources[0])).contains(&"GT-104"));
    assert_eq!(numbers(&land.door_problems(&land.doors[0])), ["GT-104"]);
}

#[test]
fn an_unbound_door_with_a_mistyped_corp_id_is_named_on_both_sides() {
    let land = land(vec![source(1, "wwA")], vec![door(2, "wwa", None)]);
    let problems = land.source_problems(&land.sources[0]);
    assert_eq!(numbers(&problems), ["DI-201", "DI-202"]);
    assert!(problems[0].detail.contains("door 2"));
    assert_eq!(numbers(&land.door_problems(&land.doors[0])), ["GT-104"]);
}

#[test]
fn a_password_only_source_needs_no_door() {
    let mut alone = source(1, "wwA");
    alone.settings.login_wecom = false;
    let land = land(vec![alone], Vec::new());
    assert!(land.source_problems(&land.sources[0]).is_empty());
}

#[test]
fn disabled_doors_and_sources_are_told() {
    let mut shut = door(2, "wwA", None);
    shut.enabled = false;
    let mut off = source(1, "wwA");
    off.settings.enabled = false;
    let land = land(vec![off], vec![shut]);
    assert_eq!(numbers(&land.source_problems(&land.sources[0])), ["DI-204"]);
    assert_eq!(numbers(&land.door_problems(&land.doors[0])), ["DI-205"]);
}

#[test]
fn a_source_without_any_secret_cannot_sync() {
    let mut bare = source(1, "wwA");
    bare.contacts_secret_set = false;
    let land = land(vec![bare], Vec::new());
    assert!(numbers(&land.source_problems(&land.sources[0])).contains(&"DI-203"));
}

#[test]
fn a_closed_app_is_told() {
    let mut land = land(vec![source(1, "wwA")], vec![door(2, "wwA", None)]);
    land.apps.push(App {
        id: Uuid::from_u128(99),
        corp_id: "wwA".to_owned(),
        agent_id: 7,
        name: String::new(),
        closed: true,
    });
    assert_eq!(numbers(&land.door_problems(&land.doors[0])), ["DI-206"]);
}

//! Tests of which credentials a change of a data source brings.

use uuid::Uuid;

use super::*;

fn app(corp_id: &str, agent_id: i64, secret: Option<&str>) -> StoredApp {
    StoredApp {
        id: Uuid::from_u128(1),
        corp_id: corp_id.to_owned(),
        agent_id,
        secret: secret.map(|secret| Secret::new(secret.to_owned())),
    }
}

/// A data source of `wwA` with the app 7, beside other apps.
fn stored(secret: Option<&str>, others: Vec<StoredApp>) -> Stored {
    let own = app("wwA", 7, secret);
    Stored {
        corp_id: "wwA".to_owned(),
        synced: false,
        by_suite: false,
        contacts: secret.map(|_| Secret::new("contacts".to_owned())),
        customers: secret.map(|_| Secret::new("customers".to_owned())),
        apps: others.into_iter().chain([own.clone()]).collect(),
        app: Some(own),
    }
}

type App = (String, i64, String);

/// Corp ID, AgentId and secret of the app, and the contacts secret, that a change brings.
fn brought(change: serde_json::Value, stored: &Stored) -> (Option<App>, Option<String>) {
    let change: DataSourceChange = serde_json::from_value(change).unwrap();
    let entered = of_change(&change, stored);
    let app = entered.app.map(|app| {
        let SecretKind::App { agent_id } = app.kind else {
            panic!("{app:?}")
        };
        (app.corp_id, agent_id, app.secret.expose().clone())
    });
    let contacts = entered.contacts.map(|contacts| contacts.secret.expose().clone());
    (app, contacts)
}

fn expected(corp_id: &str, agent_id: i64, secret: &str) -> Option<App> {
    Some((corp_id.to_owned(), agent_id, secret.to_owned()))
}

#[test]
fn the_same_secret_once_more_brings_nothing_and_another_one_does() {
    let stored = stored(Some("old"), Vec::new());
    let nothing = serde_json::json!({ "app": { "agent_id": 7, "secret": "old" }, "contacts_secret": "contacts" });
    assert_eq!(brought(nothing, &stored), (None, None));
    let another = serde_json::json!({ "app": { "secret": "new" }, "contacts_secret": "others" });
    let both = (expected("wwA", 7, "new"), Some("others".to_owned()));
    assert_eq!(brought(another, &stored), both);
    let other_app = serde_json::json!({ "app": { "agent_id": 8, "secret": "old" } });
    assert_eq!(brought(other_app, &stored), (expected("wwA", 8, "old"), None));
}

#[test]
fn a_move_carries_the_secrets_unless_the_other_corp_has_the_app_already() {
    let moves = || serde_json::json!({ "corp_id": "wwB" });
    let carried = (expected("wwB", 7, "old"), Some("contacts".to_owned()));
    assert_eq!(brought(moves(), &stored(Some("old"), Vec::new())), carried);
    for there in [Some("theirs"), None] {
        let known = stored(Some("old"), vec![app("wwB", 7, there)]);
        assert_eq!(brought(moves(), &known), (None, Some("contacts".to_owned())));
    }
}

#[test]
fn a_new_secret_is_tried_also_where_the_stored_one_does_not_open() {
    let sealed = stored(None, Vec::new());
    let new = serde_json::json!({ "app": { "secret": "new" }, "contacts_secret": "contacts" });
    let both = (expected("wwA", 7, "new"), Some("contacts".to_owned()));
    assert_eq!(brought(new, &sealed), both);
    assert_eq!(brought(serde_json::json!({ "corp_id": "wwB" }), &sealed), (None, None));
}

//! Tests of plans: how entries are found again, and what a change sends.

use serde_json::{Value, json};

use super::{Action, Found, Standing};
use crate::cli::apply::{entry::Entry, kind::Kind};

fn entry(kind: Kind, fields: Value) -> Entry {
    let Value::Object(fields) = fields else {
        panic!("an entry is a table")
    };
    Entry {
        kind,
        place: String::new(),
        name: fields[kind.key()].as_str().unwrap().to_owned(),
        fields,
        references: Vec::new(),
        secrets: Vec::new(),
        logo: None,
    }
}

fn standing(kind: Kind, rows: &[Value]) -> Standing {
    Standing::from([(kind, rows.to_vec())])
}

#[test]
fn of_the_metadata_only_what_differs_is_sent_and_nothing_in_it_gets_lost() {
    let shown = json!({ "id": "1", "client_id": "wiki", "metadata": {
        "consent": "implicit", "contacts": ["x"],
        "claims": { "groups": { "allow": ["staff"], "most": 5 }, "map": [{ "claim": "a" }] } } });
    let wanted = json!({ "client_id": "wiki", "metadata": {
        "consent": "implicit", "tos_uri": null, "claims": { "groups": { "most": 9 } } } });
    let entries = [entry(Kind::Portal, wanted)];
    let standing = standing(Kind::Portal, &[shown]);
    let found = Found::of(&entries, &standing).unwrap();
    let Some(Action::Change { body, .. }) = found.step(&entries, 0, &standing, false).map(|step| step.action) else {
        panic!("it differs")
    };
    assert_eq!(
        Value::Object(body),
        json!({ "metadata": { "claims": { "groups": { "allow": ["staff"], "most": 9 }, "map": [{ "claim": "a" }] } } })
    );
}

#[test]
fn a_row_of_the_server_is_claimed_by_one_entry_only() {
    let row = |id: &str, name: &str| json!({ "id": id, "name": name, "corp_id": "ww1", "agent_id": 1 });
    let wanted = |name: &str| {
        entry(
            Kind::AuthSource,
            json!({ "name": name, "corp_id": "ww1", "agent_id": 1 }),
        )
    };
    let entries = [wanted("new"), wanted("other"), wanted("scan")];
    let ids = |rows: &[Value]| {
        let found = Found::of(&entries, &standing(Kind::AuthSource, rows)).unwrap();
        [0, 1, 2].map(|index| found.id(index).map(str::to_owned))
    };
    let some = |id: &str| Some(id.to_owned());
    assert_eq!(ids(&[row("1", "scan")]), [None, None, some("1")]);
    assert_eq!(ids(&[row("1", "old")]), [some("1"), None, None]);
    assert_eq!(ids(&[row("1", "old"), row("2", "scan")]), [some("1"), None, some("2")]);
    let twice = standing(Kind::AuthSource, &[row("1", "old"), row("2", "older")]);
    assert!(Found::of(&entries, &twice).unwrap_err().contains("several"));
}

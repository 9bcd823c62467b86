//! What is told about documents that cannot be read.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Kind, Strict, object, part, query, read};
use crate::kernel::{failure::Entry, merge_patch, secret::Secret, validation::ValidationErrors};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    Basic,
    PrivateKey,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    agent_id: Option<i64>,
    #[serde(default, deserialize_with = "merge_patch::non_null")]
    secret: Option<Secret<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    corp_id: String,
    #[serde(default)]
    method: Option<Method>,
    #[serde(default)]
    app: Option<App>,
    #[serde(default)]
    ids: Vec<Uuid>,
    #[serde(default, deserialize_with = "merge_patch::nullable")]
    hours: Option<Option<i32>>,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    description: String,
    #[serde(default)]
    free: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    limit: Option<String>,
    user: Option<Uuid>,
}

static ENTRY: Entry = Entry {
    number: "XX-101",
    status: 400,
    en: "x",
    zh: "x",
    remedy: "x",
    remedy_zh: "x",
};

fn text(faults: ValidationErrors) -> String {
    faults.into_failure(&ENTRY).detail.unwrap()
}

fn told(body: &str) -> (Kind, String) {
    let unreadable = read::<Body>(body.as_bytes()).unwrap_err();
    (unreadable.kind, text(unreadable.faults()))
}

#[test]
fn what_is_right_is_read() {
    let body = json!({
        "name": "门禁", "corp_id": "ww", "method": "private_key", "app": { "agent_id": 7, "secret": "s" },
        "ids": [Uuid::from_u128(5)], "hours": null, "on": true, "description": "a\nb", "free": { "a": [1.5, null] },
    });
    let body: Body = read(body.to_string().as_bytes()).unwrap();
    assert!(matches!(body.method, Some(Method::PrivateKey)) && body.on);
    let app = body.app.unwrap();
    assert_eq!((app.agent_id, app.secret.unwrap().expose().as_str()), (Some(7), "s"));
    assert_eq!((body.ids, body.hours), (vec![Uuid::from_u128(5)], Some(None)));
    assert_eq!(body.free["a"], json!([1.5, null]));
    assert_eq!(
        (body.name.as_str(), body.corp_id.as_str(), body.description.as_str()),
        ("门禁", "ww", "a\nb")
    );
    let basic: Body = read(br#"{"name":"a","corp_id":"b","method":"basic"}"#).unwrap();
    assert!(matches!(basic.method, Some(Method::Basic)));
}

#[test]
fn lists_are_no_objects_wherever_they_stand() {
    assert_eq!(
        told(r#"["a","b"]"#),
        (Kind::Syntax, "body: must be an object".to_owned())
    );
    let nested = told(r#"{"name":"a","corp_id":"b","app":[5,"s"]}"#);
    assert_eq!(nested, (Kind::Shape, "app: must be an object".to_owned()));
    for body in ["null", "7", "\"x\"", "true"] {
        assert_eq!(told(body).1, "body: must be an object", "{body}");
        assert!(object(body.as_bytes()).is_err());
    }
}

#[test]
fn all_faults_are_told_by_path_and_none_with_its_value() {
    let body = json!({
        "corp_id": 98765, "method": "MARKER", "app": { "agent_id": "MARKER", "secret": { "MARKER": 1 }, "colour": "MARKER" },
        "ids": ["MARKER", 5], "hours": 98_765_432_100_u64, "on": "MARKER", "free": "MARKER", "MARKER": 1,
    });
    let (kind, told) = told(&body.to_string());
    assert_eq!(kind, Kind::Shape);
    for fault in [
        "name: is needed",
        "corp_id: must be a text",
        "method: must be one of basic, private_key",
        "app.agent_id: must be a whole number",
        "app.secret: must be a text",
        "app.colour: is not known here; known are agent_id, secret",
        "ids[0]: must be an id (a UUID)",
        "ids[1]: must be a text",
        "hours: must be a whole number in the possible range",
        "on: must be true or false",
        "free: must be an object",
        "body: has a field that is not known here; known are name, ",
    ] {
        assert!(told.contains(fault), "{fault} in {told}");
    }
    assert!(!told.contains("MARKER") && !told.contains("98765"), "{told}");
    assert_eq!(
        told.split("; ").filter(|part| part.contains(": ")).count(),
        12,
        "{told}"
    );
}

#[test]
fn names_that_stand_twice_are_refused_at_any_depth() {
    let (kind, twice) = told(r#"{"name":"a","name":"b","corp_id":"c","free":{"x":{"y":1,"y":1}}}"#);
    assert_eq!(
        (kind, twice.as_str()),
        (Kind::Shape, "name: stands twice; free.x.y: stands twice")
    );
    assert!(serde_json::from_str::<Strict>(r#"{"a":{"b":1,"b":2}}"#).is_err());
    assert!(serde_json::from_str::<Strict>("[]").is_err());
    assert_eq!(
        serde_json::from_str::<Strict>(r#"{"a":{"b":1}}"#).unwrap().0["a"]["b"],
        1
    );
}

#[test]
fn control_characters_are_told_by_place() {
    let (kind, place) =
        told("{\"name\":\"a\\u0000\",\"corp_id\":\"b\",\"free\":{\"x\":[1,\"\\u009f\"],\"\\u0007\":1}}");
    assert_eq!(kind, Kind::Characters);
    assert_eq!(
        place,
        "name: must not hold control characters; free.x[1]: must not hold control characters; \
         free: has a name with control characters"
    );
    assert_eq!(told(r#"{"name":"a\nb","corp_id":"b"}"#).0, Kind::Characters);
    assert_eq!(
        told(r#"{"name":"a","corp_id":"b","description":"\u0000"}"#).0,
        Kind::Characters
    );
    assert_eq!(told(r#"{"name":"\u0000"}"#).0, Kind::Shape, "the worst decides");
}

#[test]
fn what_is_no_json_is_told_by_its_place() {
    let deep = "[".repeat(5000);
    for body in ["", "{", "{\"MARKER\":MARKER}", "{} x", "\u{0}", "{\"a\":1e999}", &deep] {
        let (kind, told) = told(body);
        assert_eq!(kind, Kind::Syntax, "{body}");
        assert!(
            told.starts_with("body: is no JSON (line 1, column ") && !told.contains("MARKER"),
            "{told}"
        );
    }
    assert_eq!(read::<Body>(b"\xff\xfe").unwrap_err().kind, Kind::Syntax);
}

#[test]
fn query_strings_know_their_names() {
    let parse = |text: &str| query::<Wanted>(url::form_urlencoded::parse(text.as_bytes()));
    let wanted = parse("limit=5&user=00000000-0000-0000-0000-000000000005").unwrap();
    assert_eq!(
        (wanted.limit.as_deref(), wanted.user),
        (Some("5"), Some(Uuid::from_u128(5)))
    );
    let unreadable = parse("page=1&user=MARKER&MARKER=1&limit=1&limit=2").unwrap_err();
    assert_eq!(unreadable.kind, Kind::Shape);
    assert_eq!(
        text(unreadable.faults()),
        "limit: stands twice; page: is not known here; known are limit, user; user: must be an id (a UUID); \
         query: has a field that is not known here; known are limit, user"
    );
    assert_eq!(parse("limit=%00").unwrap_err().kind, Kind::Characters);
}

#[test]
fn parts_are_named_as_what_they_belong_to() {
    let faults = part::<App>("metadata.app", &json!({ "agent_id": [], "secret": 1 })).unwrap_err();
    assert_eq!(
        text(faults),
        "metadata.app.agent_id: must be a whole number; metadata.app.secret: must be a text"
    );
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "MARKER.{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        let names = prop_oneof![
            "MARKER.?",
            Just("name".to_owned()),
            Just("app".to_owned()),
            Just("ids".to_owned())
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_nothing_of_it_is_repeated(value in values()) {
        if let Err(unreadable) = read::<Body>(value.to_string().as_bytes()) {
            let told = text(unreadable.faults());
            prop_assert!(!told.contains("MARKER"), "{told}");
        }
    }
}

//! Whatever an admin sends and gets in any scenario is held against `docs/openapi.json`: replies have a status and a body that the document
//! describes, with nothing in it that it does not; and what was accepted is what the document says is taken.
//!
//! The part of JSON Schema that the document uses, and no more: a crate for all of it would be larger than the product's own tests.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::{Map, Value};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(&text()).unwrap());

/// The document as it is checked in.
pub fn text() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json")).unwrap()
}

/// One exchange.
pub struct Exchange<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Below `/api/v1/`, with its query.
    pub path: &'a str,
    /// What was sent.
    pub sent: Option<&'a Value>,
    /// HTTP status of the reply.
    pub status: u16,
    /// Its body; null when empty.
    pub body: &'a Value,
}

impl Exchange<'_> {
    /// Fails the test where the document says otherwise. What is at no described address is not looked at.
    pub fn hold_against_the_document(&self) {
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        let Some(operation) = operation(self.method, path) else {
            return;
        };
        let mut faults = Vec::new();
        match &operation["responses"][self.status.to_string()] {
            Value::Null => faults.push(format!("the status {} is not described", self.status)),
            reply => {
                let kind = if self.status < 400 {
                    "application/json"
                } else {
                    "application/problem+json"
                };
                match &reply["content"][kind]["schema"] {
                    Value::Null if self.body.is_null() => {}
                    Value::Null => faults.push("a body is not described".to_owned()),
                    schema => Check { closed: true }.check(schema, self.body, "reply", &mut faults),
                }
            }
        }
        if self.status < 300 {
            self.accepted(operation, query, &mut faults);
        }
        assert!(
            faults.is_empty(),
            "{} {} is not as docs/openapi.json says:\n  {}\nreply {}: {}",
            self.method,
            self.path,
            faults.join("\n  "),
            self.status,
            self.body
        );
    }

    /// What was accepted must be described.
    fn accepted(&self, operation: &Value, query: &str, faults: &mut Vec<String>) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if let Some(sent) = self.sent.filter(|_| !schema.is_null()) {
            Check { closed: false }.check(schema, sent, "body", faults);
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let known: BTreeSet<&str> = parameters
            .filter(|one| one["in"] == "query")
            .filter_map(|one| one["name"].as_str())
            .collect();
        for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&*name) {
                faults.push(format!("the parameter {name} is not described"));
            }
        }
    }
}

/// The operation of a path, whatever stands for its parameters; what is written out goes before what is a parameter.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut fitting: Vec<(usize, &Value)> = DOCUMENT["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(template, item)| {
            let template: Vec<&str> = template.strip_prefix("/api/v1/")?.split('/').collect();
            let fits = template.len() == parts.len()
                && template
                    .iter()
                    .zip(&parts)
                    .all(|(template, part)| template.starts_with('{') || template == part);
            let open = template.iter().filter(|part| part.starts_with('{')).count();
            fits.then_some((open, item))
        })
        .collect();
    fitting.sort_by_key(|(open, _)| *open);
    fitting.first()?.1.get(method.to_ascii_lowercase())
}

fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str() {
        Some(name) => {
            let schema = DOCUMENT.pointer(name.trim_start_matches('#'));
            resolved(schema.unwrap_or_else(|| panic!("{name} is not in the document")))
        }
        None => schema,
    }
}

/// `closed`: an object may have no member that its schema does not name.
#[derive(Clone, Copy)]
struct Check {
    closed: bool,
}

impl Check {
    fn check(self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let schema = resolved(schema);
        if self.closed
            && let (Value::Object(members), Some(known)) = (value, known(schema))
        {
            let unknown = members.keys().filter(|name| !known.contains(name.as_str()));
            faults.extend(unknown.map(|name| format!("{place}.{name} is not described")));
        }
        self.keywords(schema, value, place, faults);
    }

    /// As [`Check::check`], without looking for members that are not described: parts of a schema do not know of each other.
    fn keywords(self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let schema = resolved(schema);
        if let Some(wanted) = schema.get("type")
            && !is_of(wanted, value)
        {
            faults.push(format!("{place} is {value}, which is no {wanted}"));
            return;
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            faults.push(format!("{place} is {value}, which is none of {words:?}"));
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.keywords(part, value, place, faults);
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let told: Vec<Vec<String>> = choices.iter().map(|choice| self.told(choice, value, place)).collect();
            let fitting = told.iter().filter(|told| told.is_empty()).count();
            if fitting != 1 {
                faults.push(format!("{place} fits {fitting} of {} choices: {told:?}", choices.len()));
            }
        }
        bounds(schema, value, place, faults);
        match value {
            Value::Object(members) => self.members(schema, members, place, faults),
            Value::Array(items) if schema.get("items").is_some() => {
                for (index, item) in items.iter().enumerate() {
                    self.check(&schema["items"], item, &format!("{place}[{index}]"), faults);
                }
            }
            _ => {}
        }
    }

    fn told(self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        let mut told = Vec::new();
        self.keywords(schema, value, place, &mut told);
        told
    }

    fn members(self, schema: &Value, members: &Map<String, Value>, place: &str, faults: &mut Vec<String>) {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !members.contains_key(name.as_str().unwrap()) {
                faults.push(format!("{place}.{} is missing", name.as_str().unwrap()));
            }
        }
        for (name, member) in members {
            let place = format!("{place}.{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(schema), _) => self.check(schema, member, &place, faults),
                (None, Some(Value::Bool(false))) => faults.push(format!("{place} is not taken")),
                (None, Some(schema @ Value::Object(_))) => self.check(schema, member, &place, faults),
                (None, _) => {}
            }
        }
    }
}

/// The members that an object of this schema has; nothing where it is open.
fn known(schema: &Value) -> Option<BTreeSet<&str>> {
    let schema = resolved(schema);
    let mut names = BTreeSet::new();
    let parts = ["allOf", "oneOf"];
    let composed = parts.iter().filter_map(|part| schema[part].as_array()).flatten();
    for part in composed.filter(|part| resolved(part)["type"] != "null") {
        names.extend(known(part)?);
    }
    match schema["properties"].as_object() {
        Some(properties) => names.extend(properties.keys().map(String::as_str)),
        None if names.is_empty() => return None,
        None => {}
    }
    match schema.get("additionalProperties") {
        None | Some(Value::Bool(false)) => Some(names),
        Some(_) => None,
    }
}

fn is_of(wanted: &Value, value: &Value) -> bool {
    let is = |wanted: &Value| match wanted.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    match wanted {
        Value::Array(all) => all.iter().any(is),
        one => is(one),
    }
}

fn bounds(schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let size = match value {
        Value::String(text) => Some((text.chars().count() as f64, "minLength", "maxLength")),
        Value::Array(items) => Some((items.len() as f64, "minItems", "maxItems")),
        Value::Number(number) => number.as_f64().map(|number| (number, "minimum", "maximum")),
        _ => None,
    };
    if let Some((size, least, most)) = size {
        let least = schema[least].as_f64().unwrap_or(f64::MIN);
        let most = schema[most].as_f64().unwrap_or(f64::MAX);
        if !(least..=most).contains(&size) {
            faults.push(format!("{place} is {value}, out of bounds"));
        }
    }
    if let (Some("uuid"), Value::String(text)) = (schema["format"].as_str(), value)
        && uuid::Uuid::parse_str(text).is_err()
    {
        faults.push(format!("{place} is {value}, which is no UUID"));
    }
}

#[test]
fn what_the_document_does_not_say_is_found() {
    let tag = serde_json::json!({
        "id": "0199c0de-7a00-7000-8000-000000000001", "data_source_id": "0199c0de-7a00-7000-8000-000000000002",
        "wecom_id": 3, "name": "x", "updated_at": 1,
    });
    let told = |body: &Value| {
        let exchange = Exchange {
            method: "GET",
            path: "tags?limit=1",
            sent: None,
            status: 200,
            body,
        };
        std::panic::catch_unwind(|| exchange.hold_against_the_document()).is_err()
    };
    let list = |tag: &Value| serde_json::json!({ "items": [tag], "next_cursor": null });
    assert!(!told(&list(&tag)));
    for (name, wrong) in [
        ("id", serde_json::json!("x")),
        ("name", Value::Null),
        ("wecom_id", serde_json::json!("3")),
        ("more", serde_json::json!(1)),
    ] {
        let mut tag = tag.clone();
        tag[name] = wrong;
        assert!(told(&list(&tag)), "{tag}");
    }
    assert!(told(&serde_json::json!({ "items": [tag] })));
}

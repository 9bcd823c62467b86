//! What every operation and schema has alike is said here once, over the document as JSON.

#![expect(
    clippy::indexing_slicing,
    reason = "the document is made in this program and is the same each time; a test makes it"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::problems::problem;
use crate::kernel::pagination::{DEFAULT_LIMIT, MAX_LIMIT};

const PREFIX: &str = "/api/v1";
const REFERENCE: &str = "#/components/schemas/";

/// The methods that operations have.
pub const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Finishes the document of one resource: its paths below `/api/v1`, its tag at every operation, and at each what follows from its shape.
pub fn resource(document: &mut Value) {
    let tag = document.pointer("/tags/0/name").cloned().unwrap_or_default();
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, mut item) in std::mem::take(paths) {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                operation.insert("tags".to_owned(), json!([tag]));
                pages(operation);
                once(operation, method);
                replies(operation, path.contains('{'));
                tags(operation);
            }
        }
        paths.insert(format!("{PREFIX}{path}"), item);
    }
}

/// Finishes the whole document.
pub fn whole(document: &mut Value) {
    let asked = reachable(document, &|place| place == "requestBody" || place == "parameters");
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    for (name, schema) in schemas.iter_mut() {
        if !asked.contains(name) {
            always_there(schema);
        }
    }
    let used = reachable(document, &|_| true);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name) || name == "Problem");
    }
    texts(document);
    *document = sorted(document.take());
}

/// The same with the members of each object in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members
                .into_iter()
                .map(|(name, member)| (name, sorted(member)))
                .collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        value => value,
    }
}

/// `cursor` and `limit` mean the same in every list.
fn pages(operation: &mut Map<String, Value>) {
    let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) else {
        return;
    };
    let sorted = parameters.iter().any(|parameter| parameter["name"] == "sort");
    let cursor = match sorted {
        true => json!({ "type": "string" }),
        false => json!({ "type": "string", "format": "uuid" }),
    };
    for parameter in parameters {
        match parameter["name"].as_str() {
            Some("cursor") => {
                *parameter = json!({
                    "name": "cursor", "in": "query", "required": false,
                    "description": "`next_cursor` of the page before, of the same list sorted alike; absent: the first page.",
                    "schema": cursor,
                });
            }
            Some("sort") => {
                parameter["description"] = json!("The field to sort by; with `-` before it the other way round.");
            }
            Some("limit") => {
                *parameter = json!({
                    "name": "limit", "in": "query", "required": false,
                    "description": "How many entries a page has at most.",
                    "schema": { "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT },
                });
            }
            _ => {}
        }
    }
}

/// Every operation that changes something can be sent again under a key.
fn once(operation: &mut Map<String, Value>, method: &str) {
    if method == "get" {
        return;
    }
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A name for this request, unique among those of the token for 24 hours: the same request again is not carried out \
                            again, and gets the same answer with `Idempotency-Replayed: true`. Another request under the same name is refused.",
            "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
        }));
    }
    let replies = operation.entry("responses").or_insert_with(|| json!({}));
    for status in [409, 422] {
        let status_text = status.to_string();
        if replies.get(&status_text).is_none() {
            replies[&status_text] = serde_json::to_value(problem(status)).unwrap_or_default();
        }
    }
}

/// What follows from being asked for a state of the resource: the tag in the reply, and the replies where the state is another.
fn tags(operation: &mut Map<String, Value>) {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let asks = |name: &str| parameters.is_some_and(|all| all.iter().any(|one| one["name"] == name));
    let (changes, reads) = (asks("If-Match"), asks("If-None-Match"));
    let Some(replies) = operation.get_mut("responses").filter(|_| changes || reads) else {
        return;
    };
    replies["412"] = serde_json::to_value(problem(412)).unwrap_or_default();
    let tag = json!({ "ETag": {
        "description": "The entity tag of the state that is shown.", "required": true, "schema": { "type": "string" },
    } });
    if let Some(shown) = replies.get_mut("200") {
        shown["headers"] = tag.clone();
    }
    if reads {
        replies["304"] = json!({ "description": "The reader has this state.", "headers": tag });
    }
}

/// The problems that follow from an operation's shape, and the header of what was created or accepted.
fn replies(operation: &mut Map<String, Value>, named: bool) {
    let body = operation.get("requestBody").cloned();
    let mut statuses = vec![400, 401, 403, 500, 503];
    let parameters = operation.get("parameters").and_then(Value::as_array);
    if parameters.is_some_and(|all| all.iter().any(|one| one["in"] == "query")) {
        statuses.push(422);
    }
    if named {
        statuses.push(404);
    }
    let schema = |body: &'_ mut Value| body.pointer_mut("/content/application~1json/schema").map(never_null);
    operation.get_mut("requestBody").and_then(schema);
    if let Some(body) = &body {
        statuses.extend([408, 413, 422]);
        // A body that may be left out is read whatever its type is said to be.
        if body["required"] == true {
            statuses.push(415);
        }
    }
    let replies = operation.entry("responses").or_insert_with(|| json!({}));
    for status in statuses {
        let status_text = status.to_string();
        if replies.get(&status_text).is_none() {
            replies[&status_text] = serde_json::to_value(problem(status)).unwrap_or_default();
        }
    }
    replies["401"]["headers"] = json!({ "WWW-Authenticate": {
        "description": "The challenge (RFC 6750 §3).", "schema": { "type": "string" },
    } });
    for (status, meaning) in [
        ("201", "Path of what was created."),
        ("202", "Path to ask how it goes."),
    ] {
        if let Some(reply) = replies.get_mut(status) {
            reply["headers"] = json!({ "Location": {
                "description": meaning, "required": true, "schema": { "type": "string", "format": "uri-reference" },
            } });
        }
    }
}

/// A body that may be left out is no body, and not null.
fn never_null(schema: &mut Value) {
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.retain(|choice| choice["type"] != "null");
        plain_reference(schema);
    }
}

/// A choice of one schema is that schema.
fn plain_reference(schema: &mut Value) {
    let only = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .filter(|choices| choices.len() == 1);
    let reference = only.and_then(|only| only.first()?.get("$ref")).cloned();
    if let (Some(reference), Some(members)) = (reference, schema.as_object_mut()) {
        members.remove("oneOf");
        members.insert("$ref".to_owned(), reference);
    }
}

/// Descriptions are written in lines as long as the source has; here a paragraph is one line. An absent default is none.
fn texts(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.get("default") == Some(&Value::Null) {
                members.remove("default");
            }
            lift(members);
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => *text = paragraphs(text),
                    member => texts(member),
                }
            }
            if members.contains_key("oneOf") {
                plain_reference(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(texts),
        _ => {}
    }
}

/// What is said of a field that refers to a type or is null is said of the field, not of the type.
fn lift(members: &mut Map<String, Value>) {
    if members.contains_key("description") {
        return;
    }
    let choices = members
        .get_mut("oneOf")
        .and_then(Value::as_array_mut)
        .map(Vec::as_mut_slice);
    if let Some([null, referred]) = choices
        && null["type"] == "null"
        && let Some(said) = referred
            .as_object_mut()
            .and_then(|referred| referred.remove("description"))
    {
        members.insert("description".to_owned(), said);
    }
}

fn paragraphs(text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.split('\n').map(str::trim).collect::<Vec<_>>().join(" "))
        .map(|paragraph| paragraph.trim().to_owned())
        .collect();
    paragraphs.join("\n\n").trim().to_owned()
}

/// In a reply, what can be null is always there; what may be absent is never null. What has a default may be missing in older rows.
fn always_there(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let nullable: Vec<Value> = members
                .get("properties")
                .and_then(Value::as_object)
                .map(|properties| {
                    let nullable = properties
                        .iter()
                        .filter(|(_, schema)| can_be_null(schema) && schema.get("default").is_none());
                    nullable.map(|(name, _)| json!(name)).collect()
                })
                .unwrap_or_default();
            if !nullable.is_empty() {
                let required = members.entry("required").or_insert_with(|| json!([]));
                if let Some(required) = required.as_array_mut() {
                    required.extend(nullable);
                    required.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
                    required.dedup();
                }
            }
            members.values_mut().for_each(always_there);
        }
        Value::Array(items) => items.iter_mut().for_each(always_there),
        _ => {}
    }
}

fn can_be_null(schema: &Value) -> bool {
    let null = |kind: &Value| kind == "null" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("null")));
    null(&schema["type"])
        || schema["oneOf"]
            .as_array()
            .is_some_and(|choices| choices.iter().any(|choice| null(&choice["type"])))
}

/// Names of the schemas that can be reached from what stands below such a place of an operation.
fn reachable(document: &Value, place: &dyn Fn(&str) -> bool) -> BTreeSet<String> {
    let mut open = Vec::new();
    for item in document["paths"].as_object().into_iter().flat_map(Map::values) {
        for operation in item.as_object().into_iter().flat_map(Map::values) {
            let parts = operation.as_object().into_iter().flatten();
            parts
                .filter(|(name, _)| place(name))
                .for_each(|(_, part)| references(part, &mut open));
        }
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if found.insert(name.clone()) {
            references(&document["components"]["schemas"][&name], &mut open);
        }
    }
    found
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found.extend(name.strip_prefix(REFERENCE).map(str::to_owned));
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

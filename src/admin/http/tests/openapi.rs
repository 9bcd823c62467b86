//! The OpenAPI document says what there is: nothing missing, nothing more, nothing without words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::admin::{
    http::openapi::{document, text},
    openapi::refine::METHODS,
};

const MEND: &str = "cargo run --quiet -- openapi > docs/openapi.json";

/// Operations as `(method, path)`.
type Operations = BTreeSet<(String, String)>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|extension| extension == "rs") => found.push(path),
            false => {}
        }
    }
}

fn operations(document: &Value) -> Vec<(&str, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        METHODS
            .into_iter()
            .filter_map(move |method| Some((method, path, item.get(method)?)))
    });
    all.collect()
}

#[test]
fn the_checked_in_document_is_the_one_that_is_served() {
    let kept = fs::read_to_string(root().join("docs/openapi.json")).unwrap_or_default();
    assert!(
        kept == text(),
        "docs/openapi.json is not what the code says; mend it by: {MEND}"
    );
}

/// What is routed, read from the source: the methods after each `web::resource("…")`.
fn routed() -> Operations {
    let mut found = Operations::new();
    for entry in fs::read_dir(root().join("src/admin/http")).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() || path.ends_with("openapi.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for rest in source.split("web::resource(\"").skip(1) {
            let (resource, rest) = rest.split_once('"').unwrap();
            let chain = rest.split([';', '"']).next().unwrap();
            let chain = chain.split(".service(").next().unwrap();
            for method in METHODS
                .into_iter()
                .filter(|method| chain.contains(&format!(".{method}(")))
            {
                found.insert((method.to_owned(), format!("/api/v1{resource}")));
            }
        }
    }
    found
}

#[test]
fn every_operation_stands_in_the_document_and_nothing_else() {
    let document = document();
    let described: Operations = operations(&document)
        .into_iter()
        .map(|(method, path, _)| (method.to_owned(), path.clone()))
        .collect();
    let routed = routed();
    assert!(routed.len() > 60, "{routed:?}");
    let missing: Vec<_> = routed.difference(&described).collect();
    let invented: Vec<_> = described.difference(&routed).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "not described: {missing:#?}; described, but not there: {invented:#?}"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_and_words() {
    let document = document();
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(names.insert(id), "{place}: {id} is the name of another one");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(
            summary.ends_with('.') && summary.len() < 150,
            "{place}: {summary:?} is no summary"
        );
        let own = operation["tags"].as_array().unwrap();
        assert!(own.len() == 1 && tags.contains(&&own[0]), "{place}: {own:?}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                described(parameter),
                "{place}: {} has no description",
                parameter["name"]
            );
        }
        let named = path.matches('{').count();
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        assert_eq!(parameters.filter(|one| one["in"] == "path").count(), named, "{place}");
        for (status, reply) in operation["responses"].as_object().unwrap() {
            assert!(described(reply), "{place}: {status} has no description");
        }
    }
}

fn described(value: &Value) -> bool {
    value["description"].as_str().is_some_and(|text| text.len() > 3)
}

#[test]
fn every_property_of_every_schema_is_described() {
    let document = document();
    let mut faults = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !described(schema) && !name.starts_with("Listing_") {
            faults.push(format!("{name} itself"));
        }
        properties(name, schema, &mut faults);
    }
    assert!(faults.is_empty(), "without a description: {faults:#?}");
}

/// Collects the properties without a description of a schema and of all inside it.
fn properties(place: &str, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, property) in members
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                // The word that tells a variant from the others.
                let tells = property["enum"].as_array().is_some_and(|words| words.len() == 1);
                // Where a default stands beside a reference, the type says what it means.
                let leads = |schema: &Value| schema["$ref"].is_string() && schema.get("default").is_some();
                let refers = leads(property)
                    || property["oneOf"]
                        .as_array()
                        .is_some_and(|choices| choices.iter().any(leads));
                if !described(property) && !tells && !refers {
                    faults.push(format!("{place}.{name}"));
                }
            }
            for (name, member) in members {
                properties(&format!("{place}.{name}"), member, faults);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(place, item, faults)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_no_description_speaks_rust() {
    let document = document();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for rest in text.split("\"#/components/schemas/").skip(1) {
        let name = rest.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is not there");
        assert!(!name.contains("::") && !name.contains('<'), "{name}");
    }
    for schema in schemas.keys() {
        assert!(
            text.contains(&format!("\"#/components/schemas/{schema}\"")),
            "{schema} is not used"
        );
    }
    let mut faults = Vec::new();
    descriptions(&document, &mut |text| {
        if ["[`", "::", "`None`", "`Some"].iter().any(|word| text.contains(word)) {
            faults.push(text.to_owned());
        }
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

fn descriptions(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" || name == "summary" => look(text),
                    member => descriptions(member, look),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| descriptions(item, look)),
        _ => {}
    }
}

/// The derive takes the last of two types of one name without a word.
#[test]
fn no_two_types_share_the_name_of_a_schema() {
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in sources.into_iter().filter(|file| !file.ends_with("tests/openapi.rs")) {
        let source = fs::read_to_string(&file).unwrap();
        for name in schema_names(&source) {
            if let Some(other) = names.insert(name.clone(), file.clone()) {
                panic!(
                    "{name} of {} and of {}; say schema(as = …)",
                    file.display(),
                    other.display()
                );
            }
        }
    }
    assert!(
        names.contains_key("UserStatus") && names.contains_key("ImportOutcome"),
        "{names:?}"
    );
}

fn schema_names(source: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for declared in source.split("#[derive(").skip(1) {
        let (derives, rest) = declared.split_once(")]").unwrap();
        if !derives.contains("ToSchema") {
            continue;
        }
        let end = rest
            .find("struct ")
            .into_iter()
            .chain(rest.find("enum "))
            .min()
            .unwrap();
        let (attributes, rest) = rest.split_at(end);
        names.push(match attributes.split_once("schema(as = ") {
            Some((_, named)) => word(named),
            None => word(rest.split_once(' ').unwrap().1),
        });
    }
    for schema in source.split("word_schema!(\n").skip(1) {
        names.push(word(schema.split('"').nth(1).unwrap()));
    }
    names
}

/// In a reply, what may be absent is never null (see `refine`).
#[test]
fn what_may_be_absent_is_said_to_be_never_null() {
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    let mut faults = Vec::new();
    for file in sources.iter().filter(|file| !file.ends_with("tests/openapi.rs")) {
        let source = fs::read_to_string(file).unwrap();
        for declared in source.split("#[derive(").skip(1) {
            let (derives, body) = declared.split_once(")]").unwrap();
            // What is also read takes null.
            if !derives.contains("ToSchema") || derives.contains("Deserialize") {
                continue;
            }
            let body = body.split("\n}").next().unwrap();
            for field in body.split("skip_serializing_if = \"Option::is_none\"").skip(1) {
                let attributes = field.split("Option<").next().unwrap();
                if !attributes.contains("nullable = false") {
                    faults.push(format!("{}: {}", file.display(), attributes.trim()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

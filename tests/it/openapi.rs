//! The OpenAPI document as it is served: without a token, and again only when it changed.

use serde_json::Value;

use crate::{contract, fixture::Fixture, scenario};

scenario!(
    the_document_is_served_to_everybody_and_again_only_when_it_changed,
    |fixture: Fixture| async move {
        let address = format!("{}/api/v1/openapi.json", fixture.base);
        let http = &fixture.http;
        let first = http.get(&address).send().await.unwrap();
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()["content-type"], "application/json");
        assert_eq!(first.headers()["cache-control"], "no-cache");
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(first.text().await.unwrap(), contract::text());
        for (known, status) in [
            (etag.clone(), 304),
            (format!("\"other\", W/{etag}"), 304),
            ("\"other\"".to_owned(), 200),
        ] {
            let again = http.get(&address).header("if-none-match", &known).send().await.unwrap();
            assert_eq!(
                (again.status().as_u16(), again.headers()["etag"].to_str().unwrap()),
                (status, &*etag),
                "{known}"
            );
        }
        let head = http.head(&address).send().await.unwrap();
        assert_eq!(
            (head.status().as_u16(), head.headers()["etag"].to_str().unwrap()),
            (200, &*etag)
        );
        let refused = http.post(&address).send().await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), refused.headers()["allow"].to_str().unwrap()),
            (405, "GET, HEAD")
        );
        // Everything beside it still asks for a token.
        let closed = http
            .get(format!("{}/api/v1/openapi.jso", fixture.base))
            .send()
            .await
            .unwrap();
        assert_eq!(closed.status(), 401);
    }
);

/// Whether null fits a schema of the document.
fn admits_null(document: &Value, schema: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        return admits_null(document, document.pointer(&reference[1..]).unwrap());
    }
    let choices = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|word| schema[word].as_array());
    let null = |kind: &Value| kind == "null";
    null(&schema["type"])
        || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(null))
        || choices.flatten().any(|choice| admits_null(document, choice))
}

// Of a `oneOf` exactly one choice may fit, so null must not fit two.
#[test]
fn null_fits_at_most_one_choice_of_any_schema() {
    fn walk(document: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        if let Some(choices) = value["oneOf"].as_array() {
            let fits = choices.iter().filter(|choice| admits_null(document, choice)).count();
            if fits > 1 {
                faults.push(place.to_owned());
            }
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    walk(document, member, &format!("{place}/{name}"), faults);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(document, item, place, faults)),
            _ => {}
        }
    }
    let document: Value = serde_json::from_str(&contract::text()).unwrap();
    let mut faults = Vec::new();
    walk(&document, &document, "", &mut faults);
    assert!(faults.is_empty(), "{faults:#?}");
}

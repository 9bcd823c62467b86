//! The page of a small document.

use serde_json::{Value, json};

use super::{model::Reference, read};

/// A small document with what a larger one has: references, alternatives, an object inside itself, parameters of a path.
fn document() -> Value {
    json!({
        "info": { "title": "API", "version": "1" },
        "security": [{ "token": [] }],
        "tags": [{ "name": "data sources", "description": "Corps." }, { "name": "unused" }],
        "paths": { "/api/v1/things/{id}": {
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" }, "example": "a b/c" }],
            "patch": {
                "tags": ["data sources"],
                "operationId": "change_thing",
                "parameters": [
                    { "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" }, "example": "\"3\"" },
                    { "name": "q", "in": "query", "required": true, "schema": { "type": "string", "enum": ["x&y"] } },
                    { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50 } },
                ],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Change" } } } },
                "responses": {
                    "200": { "description": "Done.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                    "404": { "description": "None.", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
                },
            },
            "get": { "tags": ["late"], "security": [], "responses": {} },
        } },
        "components": { "schemas": {
            "Change": { "type": "object", "properties": {
                "a": { "type": "integer" },
                "name": { "type": ["string", "null"], "maxLength": 64, "example": "o'brien", "description": "A `name`." },
            } },
            "Thing": { "type": "object", "required": ["tree", "id"], "properties": {
                "id": { "type": "string", "format": "uuid" },
                "tree": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Thing", "description": "Below." }] },
                "lines": { "type": "array", "items": { "oneOf": [
                    { "type": "object", "required": ["kind", "at"], "properties": { "at": { "type": "integer" }, "kind": { "const": "made" } } },
                    { "type": "object", "required": ["kind"], "properties": { "kind": { "const": "gone" } } },
                ] } },
            } },
            "Problem": { "type": "object", "required": ["number"], "properties": { "number": { "type": "string" } } },
        } },
    })
}

fn only_change(reference: &Reference) -> &super::model::Operation {
    reference
        .groups
        .iter()
        .flat_map(|group| &group.operations)
        .find(|one| one.method == "PATCH")
        .unwrap()
}

#[test]
fn operations_stand_under_their_tags_and_tags_without_any_are_left_out() {
    let reference = read(&document());
    let groups: Vec<(&str, usize)> = reference
        .groups
        .iter()
        .map(|group| (group.slug.as_str(), group.operations.len()))
        .collect();
    assert_eq!(groups, [("data-sources", 1), ("late", 1)]);
    let anchors: Vec<&str> = reference
        .groups
        .iter()
        .flat_map(|group| &group.operations)
        .map(|one| one.anchor.as_str())
        .collect();
    assert_eq!(anchors, ["change-thing", "get-api-v1-things-id"]);
    let public: Vec<bool> = reference
        .groups
        .iter()
        .flat_map(|group| &group.operations)
        .map(|one| one.is_public)
        .collect();
    assert_eq!(public, [false, true]);
    assert_eq!(reference.problem.len(), 1);
}

#[test]
fn nested_fields_are_rows_and_an_object_inside_itself_ends() {
    let reference = read(&document());
    let answer = only_change(&reference).responses.first().unwrap();
    let rows: Vec<(&str, &str, bool)> = answer
        .fields
        .iter()
        .map(|field| (field.path.as_str(), field.kind.as_str(), field.is_required))
        .collect();
    let wanted = [
        ("id", "string (uuid)", true),
        ("tree", "Thing | null", true),
        ("lines", "object[]", false),
        ("lines[].at", "integer", false),
        ("lines[].kind", "\"made\" | \"gone\"", true),
    ];
    assert_eq!(rows, wanted);
    assert_eq!(
        only_change(&reference).parameters.last().unwrap().field.path,
        "If-Match"
    );
    let limit = only_change(&reference)
        .parameters
        .iter()
        .find(|one| one.field.path == "limit")
        .unwrap();
    assert_eq!(
        (limit.field.limits.as_str(), limit.field.default.as_deref()),
        ("1–200", Some("50"))
    );
}

#[test]
fn a_call_is_one_that_a_shell_takes_as_it_stands() {
    let reference = read(&document());
    let wanted = r#"curl -sS -X PATCH "$API/things/a%20b%2Fc?q=x%26y" \
  -H @<(printf 'Authorization: Bearer %s' "$TOKEN") \
  -H 'If-Match: "3"' \
  -H 'Content-Type: application/json' \
  -d '{
  "name": "o'\''brien"
}'"#;
    assert_eq!(only_change(&reference).call, wanted);
}

#[test]
fn a_document_without_anything_is_an_empty_page() {
    let reference = read(
        &json!({ "paths": { "/a": null }, "components": { "schemas": { "A": { "$ref": "#/components/schemas/A" } } } }),
    );
    assert!(reference.groups.is_empty() && reference.problem.is_empty());
}

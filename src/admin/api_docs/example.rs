//! A value that fits a schema, for calls to be copied: the document's own examples first.

use serde_json::{Map, Value, json};

use super::document::{Document, alternatives, has, list, text};

/// Deepest nesting that is made up.
const DEEPEST: usize = 6;

impl<'a> Document<'a> {
    /// A value of this schema. Of an object it has what must be there, or else one property, so that a change changes something.
    pub fn value_of(self, schema: &'a Value) -> Value {
        self.made(schema, 0)
    }

    fn made(self, schema: &'a Value, depth: usize) -> Value {
        if let Some(given) = self.example(schema).or_else(|| self.said(schema, "const")) {
            return given.clone();
        }
        if let Some(given) = self.said(schema, "default").filter(|given| !given.is_null()) {
            return given.clone();
        }
        let schema = self.resolve(schema).value;
        if depth > DEEPEST {
            return Value::Null;
        }
        let deeper = depth.saturating_add(1);
        if let Some(first) = list(schema, "enum").and_then(|values| values.first()) {
            return first.clone();
        }
        if let Some(first) = alternatives(schema).and_then(|parts| parts.first().copied()) {
            return self.made(first, deeper);
        }
        match kind(schema) {
            "object" => self.object(schema, deeper),
            "array" => schema
                .get("items")
                .map_or_else(|| json!([]), |items| json!([self.made(items, deeper)])),
            "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => json!(self.string(schema)),
        }
    }

    fn object(self, schema: &'a Value, depth: usize) -> Value {
        let mut members = Map::new();
        for part in list(schema, "allOf").into_iter().flatten() {
            if let Value::Object(inherited) = self.made(part, depth) {
                members.extend(inherited);
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if has(schema, "required", name) {
                members.insert(name.clone(), self.made(property, depth));
            }
        }
        if members.is_empty() {
            members.extend(self.first(properties, depth));
        }
        Value::Object(members)
    }

    /// The first property with an example, or else the first.
    fn first(self, properties: Option<&'a Map<String, Value>>, depth: usize) -> Option<(String, Value)> {
        let all = || properties.into_iter().flatten();
        let with_example = all().find(|(_, property)| self.example(property).is_some());
        let (name, property) = with_example.or_else(|| all().next())?;
        Some((name.clone(), self.made(property, depth)))
    }

    fn string(self, schema: &'a Value) -> &'static str {
        match self.said(schema, "format").and_then(Value::as_str) {
            Some("uuid") => "01985c1e-7a3b-7cc2-9f51-3b1d2c4e5f60",
            Some("uri" | "url") => "https://wiki.corp.example/",
            Some("date") => "2026-01-31",
            Some("date-time") => "2026-01-31T08:00:00Z",
            _ => "…",
        }
    }
}

/// The first type a schema takes besides null.
fn kind(schema: &Value) -> &str {
    let among = list(schema, "type");
    let first = || among?.iter().filter_map(Value::as_str).find(|word| *word != "null");
    let by_parts = || (schema.get("properties").is_some() || schema.get("allOf").is_some()).then_some("object");
    text(schema, "type")
        .or_else(first)
        .or_else(by_parts)
        .unwrap_or("string")
}

//! Schemas as rows of a table: each field with its type, also those of nested objects.

use serde_json::Value;

use super::{
    document::{Document, alternatives, flag, has, is_null, list, text},
    model::Field,
    prose,
};

/// Deepest nesting that is shown; the type's name tells of what lies below.
const DEEPEST: usize = 6;

impl<'a> Document<'a> {
    /// The fields of a schema, those of nested objects after the field that holds them.
    pub fn fields(self, schema: &'a Value) -> Vec<Field> {
        let mut rows = Vec::new();
        self.collect(schema, "", &mut Vec::new(), &mut rows);
        rows
    }

    /// One field, described by its schema.
    pub fn field(self, path: String, schema: &'a Value, is_required: bool) -> Field {
        let said = |key| self.said(schema, key);
        let description = said("description").and_then(Value::as_str).unwrap_or_default();
        Field {
            path,
            kind: self.kind(schema),
            limits: self.limits(schema),
            is_required,
            default: said("default").map(Value::to_string),
            example: self.example(schema).map(Value::to_string),
            description: prose::blocks(description),
        }
    }

    fn collect(self, schema: &'a Value, path: &str, trail: &mut Vec<&'a Value>, rows: &mut Vec<Field>) {
        let schema = self.resolve(schema).value;
        let is_inside_itself = trail.iter().any(|outer| std::ptr::eq(*outer, schema));
        if is_inside_itself || trail.len() > DEEPEST {
            return;
        }
        trail.push(schema);
        for part in list(schema, "allOf").into_iter().flatten() {
            self.collect(part, path, trail, rows);
        }
        self.alternatives(schema, path, trail, rows);
        if let Some(items) = schema.get("items") {
            self.collect(items, &format!("{path}[]"), trail, rows);
        }
        if let Some(values) = schema.get("additionalProperties") {
            self.collect(values, &joined(path, "*"), trail, rows);
        }
        self.properties(schema, path, trail, rows);
        trail.pop();
    }

    /// The fields of alternatives, each told once: what one of them lacks need not be there.
    fn alternatives(self, schema: &'a Value, path: &str, trail: &mut Vec<&'a Value>, rows: &mut Vec<Field>) {
        let mut all: Option<Vec<Field>> = None;
        for part in alternatives(schema).into_iter().flatten() {
            let mut own = Vec::new();
            self.collect(part, path, trail, &mut own);
            all = Some(match all {
                None => own,
                Some(before) => merged(before, own),
            });
        }
        rows.extend(all.into_iter().flatten());
    }

    /// The properties of an object: those that must be there first.
    fn properties(self, schema: &'a Value, path: &str, trail: &mut Vec<&'a Value>, rows: &mut Vec<Field>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let all = || properties.into_iter().flatten();
        let is_required = |name: &str| has(schema, "required", name);
        let first = all().filter(|(name, _)| is_required(name));
        let then = all().filter(|(name, _)| !is_required(name));
        for (name, property) in first.chain(then) {
            let place = joined(path, name);
            rows.push(self.field(place.clone(), property, is_required(name)));
            self.collect(property, &place, trail, rows);
        }
    }

    /// The type of a schema in a few words: `string (uuid) | null`, `"a" | "b"`, `User[]`.
    pub fn kind(self, schema: &'a Value) -> String {
        let resolved = self.resolve(schema);
        let schema = resolved.value;
        if let Some(constant) = schema.get("const") {
            return constant.to_string();
        }
        if let Some(values) = list(schema, "enum") {
            return among(values.iter().map(Value::to_string));
        }
        if let Some(parts) = list(schema, "oneOf").or_else(|| list(schema, "anyOf")) {
            let (null, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_null(part));
            return among(others.into_iter().chain(null).map(|part| self.kind(part)));
        }
        if let Some([only]) = list(schema, "allOf").map(Vec::as_slice) {
            return self.kind(only);
        }
        match schema.get("type") {
            Some(Value::String(word)) => self.named(word, schema, resolved.name),
            Some(Value::Array(words)) => {
                let (null, others): (Vec<_>, Vec<_>) = words.iter().partition(|word| word.as_str() == Some("null"));
                let words = others.into_iter().chain(null).filter_map(Value::as_str);
                among(words.map(|word| self.named(word, schema, resolved.name)))
            }
            _ if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                resolved.name.unwrap_or("object").to_owned()
            }
            _ => "any".to_owned(),
        }
    }

    fn named(self, word: &str, schema: &'a Value, name: Option<&str>) -> String {
        match word {
            "array" => {
                let items = schema
                    .get("items")
                    .map_or_else(|| "any".to_owned(), |items| self.kind(items));
                let of_many = items.contains(" | ");
                if of_many {
                    format!("({items})[]")
                } else {
                    format!("{items}[]")
                }
            }
            "object" => match schema.get("additionalProperties").filter(|values| values.is_object()) {
                Some(values) => format!("{{*: {}}}", self.kind(values)),
                None => name.unwrap_or("object").to_owned(),
            },
            "null" => "null".to_owned(),
            _ => match text(schema, "format") {
                Some(format) => format!("{word} ({format})"),
                None => word.to_owned(),
            },
        }
    }

    /// Bounds of a value.
    fn limits(self, schema: &'a Value) -> String {
        let number = |key: &str| self.said(schema, key).filter(|bound| bound.is_number());
        let range = |name: &str, least: Option<&Value>, most: Option<&Value>| match (least, most) {
            (Some(least), Some(most)) => Some(format!("{name}{least}–{most}")),
            (Some(least), None) => Some(format!("{name}≥ {least}")),
            (None, Some(most)) => Some(format!("{name}≤ {most}")),
            (None, None) => None,
        };
        let pattern = self.said(schema, "pattern").and_then(Value::as_str);
        let told = [
            range("length ", number("minLength"), number("maxLength")),
            range("", number("minimum"), number("maximum")),
            range("items ", number("minItems"), number("maxItems")),
            pattern.map(|pattern| format!("pattern {pattern}")),
            flag(schema, "writeOnly").then(|| "write only".to_owned()),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn merged(mut before: Vec<Field>, own: Vec<Field>) -> Vec<Field> {
    for told in &mut before {
        told.is_required &= own.iter().any(|row| row.path == told.path);
    }
    for mut row in own {
        match before.iter_mut().find(|told| told.path == row.path) {
            Some(told) => told.also(row),
            None => {
                row.is_required = false;
                before.push(row);
            }
        }
    }
    before
}

impl Field {
    /// Adds what another alternative says of the same field.
    fn also(&mut self, other: Self) {
        if !self.kind.split(" | ").any(|kind| kind == other.kind) {
            self.kind = format!("{} | {}", self.kind, other.kind);
        }
        self.is_required &= other.is_required;
        self.example = self.example.take().or(other.example);
        if self.description.is_empty() {
            self.description = other.description;
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// Alternatives, each once.
fn among(kinds: impl Iterator<Item = String>) -> String {
    let mut told: Vec<String> = Vec::new();
    for kind in kinds {
        if !told.contains(&kind) {
            told.push(kind);
        }
    }
    told.join(" | ")
}

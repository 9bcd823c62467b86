//! Walking an OpenAPI document: references, and where of a schema something is said.

use serde_json::Value;

/// How many references may lead from one to the next.
const LONGEST_CHAIN: usize = 16;

/// An OpenAPI 3.1 document.
#[derive(Clone, Copy)]
pub struct Document<'a>(pub &'a Value);

/// What a reference leads to, and the name it has there.
#[derive(Clone, Copy)]
pub struct Resolved<'a> {
    /// The object itself.
    pub value: &'a Value,
    /// The last part of the reference, as in `User` of `#/components/schemas/User`.
    pub name: Option<&'a str>,
}

impl<'a> Document<'a> {
    /// Follows `$ref` to the end. What leads nowhere is taken as it is.
    pub fn resolve(self, value: &'a Value) -> Resolved<'a> {
        let mut resolved = Resolved { value, name: None };
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = text(resolved.value, "$ref") else {
                break;
            };
            let target = reference.strip_prefix('#').and_then(|pointer| self.0.pointer(pointer));
            let Some(target) = target else { break };
            resolved = Resolved {
                value: target,
                name: reference.rsplit('/').next(),
            };
        }
        resolved
    }

    /// What a schema says under a key: by itself, or where its reference leads, or in its one alternative besides null.
    pub fn said(self, schema: &'a Value, key: &str) -> Option<&'a Value> {
        let mut schema = schema;
        for _ in 0..LONGEST_CHAIN {
            if let Some(said) = schema.get(key) {
                return Some(said);
            }
            let target = self.resolve(schema).value;
            if let Some(said) = target.get(key) {
                return Some(said);
            }
            let parts = alternatives(target).or_else(|| list(target, "allOf").map(|parts| parts.iter().collect()))?;
            schema = match parts.as_slice() {
                [only] => only,
                _ => return None,
            };
        }
        None
    }

    /// An example of a schema, parameter or media type, where the document gives one.
    pub fn example(self, value: &'a Value) -> Option<&'a Value> {
        self.said(value, "example")
            .or_else(|| match self.said(value, "examples")? {
                Value::Array(examples) => examples.first(),
                Value::Object(examples) => examples.values().next()?.get("value"),
                _ => None,
            })
    }
}

/// The alternatives of a schema (`oneOf`, `anyOf`) but for null.
pub fn alternatives(schema: &Value) -> Option<Vec<&Value>> {
    let parts = list(schema, "oneOf").or_else(|| list(schema, "anyOf"))?;
    Some(parts.iter().filter(|part| !is_null(part)).collect())
}

/// Whether a schema takes nothing but null.
pub fn is_null(schema: &Value) -> bool {
    text(schema, "type") == Some("null")
}

/// A text member.
pub fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// A list member.
pub fn list<'a>(value: &'a Value, key: &str) -> Option<&'a Vec<Value>> {
    value.get(key)?.as_array()
}

/// Whether a member is true.
pub fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// Whether a list member has this text.
pub fn has(value: &Value, key: &str, word: &str) -> bool {
    list(value, key).is_some_and(|words| words.iter().any(|one| one.as_str() == Some(word)))
}

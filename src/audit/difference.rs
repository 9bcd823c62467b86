//! What a change did to a resource, for the audit log: values before and after, bounded, with everything masked that looks like a secret.
//! Pure.
//!
//! This is the one place that decides what is a secret, by the name of the field: whatever sounds like one is masked unless it is known to be
//! harmless, so that a field that is added later cannot leak by being forgotten here.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What stands for a secret that is set; null stands for one that is not.
pub const MASK: &str = "***";

/// Parts of names that sound like a secret.
const SECRET: [&str; 14] = [
    "code",
    "cookie",
    "credential",
    "digest",
    "hash",
    "key",
    "nonce",
    "passphrase",
    "password",
    "private",
    "recovery",
    "sealed",
    "secret",
    "token",
];

/// Names that sound like one and are none.
const HARMLESS: [&str; 9] = [
    "access_token_lifetime",
    "access_token_signed_response_alg",
    "id_token_alg",
    "id_token_claims",
    "id_token_lifetime",
    "login_password",
    "postal_code",
    "refresh_token_lifetime",
    "token_endpoint_auth_signing_alg",
];

/// Members of a public key (RFC 7517) that are told: by them a key is known, and none is secret.
const OF_KEY: [&str; 5] = ["alg", "crv", "kid", "kty", "use"];

/// When a row was written says the event itself.
const LEFT_OUT: [&str; 1] = ["updated_at"];

/// Longest text, characters.
const LONGEST: usize = 500;
/// A list of more entries is told by what was added and removed.
const LONG_LIST: usize = 20;
/// Most entries that are told of a list.
const MOST: usize = 50;
/// Largest value, bytes of JSON.
const LARGEST: usize = 2000;
/// Largest difference, bytes of JSON; of a larger one the largest values are left out.
const LARGEST_OF_ALL: usize = 16_000;

/// Values by the path of their field (`guard.departures.count`).
type Fields = BTreeMap<String, Value>;

/// What changed, as it may be kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    before: Fields,
    after: Fields,
    more: Map<String, Value>,
}

impl Difference {
    /// Between a resource as it was and as it is: the fields that differ.
    pub fn between(before: &Value, after: &Value) -> Self {
        let (mut before, mut after) = (flat(before), flat(after));
        before.retain(|field, value| after.get(field) != Some(value) || after.remove(field).is_none());
        Self::of(before, after)
    }

    /// A resource that is new.
    pub fn created(after: &Value) -> Self {
        Self::of(Fields::new(), flat(after))
    }

    /// A resource that is gone.
    pub fn deleted(before: &Value) -> Self {
        Self::of(flat(before), Fields::new())
    }

    fn of(before: Fields, after: Fields) -> Self {
        let mut told = Self::default();
        for (field, value) in &before {
            let (was, _) = pair(field, value, after.get(field).unwrap_or(&Value::Null));
            told.before.insert(field.clone(), was);
        }
        for (field, value) in &after {
            let (_, is) = pair(field, before.get(field).unwrap_or(&Value::Null), value);
            told.after.insert(field.clone(), is);
        }
        told
    }

    /// Says that a secret was replaced, set or cleared: whether there was one before, and is one now.
    #[must_use]
    pub fn secret(mut self, field: &str, before: bool, after: bool) -> Self {
        let shown = |set: bool| if set { json!(MASK) } else { Value::Null };
        self.before.insert(field.to_owned(), shown(before));
        self.after.insert(field.to_owned(), shown(after));
        self
    }

    /// Adds a member beside the values, e.g. whose data source it was.
    #[must_use]
    pub fn also(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), masked(name, &value.into()));
        self
    }

    /// The detail of the audit event: `action` in the past tense, names of fields, and their values.
    pub fn detail(mut self, action: &str, fields: &[&str]) -> Value {
        self.bound();
        let mut detail = self.more;
        detail.insert("action".to_owned(), json!(action));
        detail.insert("fields".to_owned(), json!(fields));
        for (name, values) in [("before", self.before), ("after", self.after)] {
            if !values.is_empty() {
                detail.insert(name.to_owned(), values.into_iter().collect());
            }
        }
        Value::Object(detail)
    }

    fn bound(&mut self) {
        let size = |fields: &Fields| fields.values().map(length).fold(0, usize::saturating_add);
        while size(&self.before).saturating_add(size(&self.after)) > LARGEST_OF_ALL {
            let values = self.before.values_mut().chain(self.after.values_mut());
            match values.max_by_key(|value| length(value)) {
                Some(largest) if length(largest) > 5 => *largest = json!("…"),
                _ => return,
            }
        }
    }
}

/// The values of a document by path; objects are opened, lists are not.
fn flat(document: &Value) -> Fields {
    let mut fields = Fields::new();
    open(&mut fields, "", document);
    fields
}

fn open(fields: &mut Fields, path: &str, value: &Value) {
    match value {
        // Of something secret not even the names of its parts are told.
        Value::Object(members) if !is_secret(path) && !is_keys(path) && (path.is_empty() || !members.is_empty()) => {
            for (name, value) in members.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())) {
                let path = match path.is_empty() {
                    true => name.clone(),
                    false => format!("{path}.{name}"),
                };
                open(fields, &path, value);
            }
        }
        value => {
            fields.insert(path.to_owned(), value.clone());
        }
    }
}

/// A field's values as they are kept.
fn pair(field: &str, before: &Value, after: &Value) -> (Value, Value) {
    if let (Value::Array(was), Value::Array(is)) = (before, after)
        && was.len().max(is.len()) > LONG_LIST
        && !is_secret(field)
    {
        let lacking = |list: &[Value], other: &[Value]| -> Vec<Value> {
            let missing = list.iter().filter(|entry| !other.contains(entry));
            missing.take(MOST).map(|entry| bounded(masked("", entry))).collect()
        };
        return (
            json!({ "entries": was.len(), "removed": lacking(was, is) }),
            json!({ "entries": is.len(), "added": lacking(is, was) }),
        );
    }
    (bounded(masked(field, before)), bounded(masked(field, after)))
}

/// The last part of a path.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn is_secret(path: &str) -> bool {
    let name = last(path).to_lowercase();
    !HARMLESS.contains(&name.as_str()) && SECRET.iter().any(|part| name.contains(part))
}

/// Public keys by value: `jwks`.
fn is_keys(path: &str) -> bool {
    last(path) == "jwks"
}

/// A value without what is secret in it. Whether something is set (a boolean, or null) is never a secret.
fn masked(path: &str, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        _ if is_secret(path) => json!(MASK),
        Value::Object(_) if is_keys(path) => keys(value),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), masked(name, value)))
            .collect(),
        Value::Array(entries) => entries.iter().map(|entry| masked("", entry)).collect(),
        value => value.clone(),
    }
}

/// By what each key is known.
fn keys(jwks: &Value) -> Value {
    let listed = jwks.get("keys").and_then(Value::as_array);
    let told = listed.into_iter().flatten().take(MOST).map(|key| -> Value {
        let known = OF_KEY
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), key.get(name)?.clone())));
        known.collect()
    });
    told.collect()
}

/// A value that is not too large.
fn bounded(value: Value) -> Value {
    let value = match value {
        Value::String(text) => json!(cut(&text, LONGEST)),
        Value::Array(entries) if entries.len() > MOST => entries.into_iter().take(MOST).chain([json!("…")]).collect(),
        value => value,
    };
    match length(&value) > LARGEST && !value.is_string() {
        true => json!(cut(&value.to_string(), LONGEST)),
        false => value,
    }
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn length(value: &Value) -> usize {
    value.to_string().len()
}

#[cfg(test)]
mod tests;

//! Values of the API as a page tells them: facts by name, and what changed from what to what. Pure.

use serde_json::Value;

use crate::kernel::calendar::exact;

/// What stands for nothing.
pub(super) const NOTHING: &str = "–";
/// From here on a number under a name that ends like a moment is one, milliseconds since 1970.
const FIRST_MOMENT: i64 = 100_000_000_000;

/// Facts whose texts are words of closed lists (`gate::seen`), by the last part of their name; others may be anybody's names.
const OF_CLOSED_LISTS: [&str; 6] = ["accepted", "scope_read_last", "standing", "verdict", "wecom", "who"];

/// A fact under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) text: String,
    /// Whether the text is a word that a page may translate.
    pub(super) is_word: bool,
}

/// A value that changed, as the API has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) name: String,
    pub(super) before: Value,
    pub(super) after: Value,
}

/// Whether a number under this name is a moment, milliseconds since 1970.
pub(super) fn moment(name: &str, value: &Value) -> Option<i64> {
    let is_moment = name.ends_with("_at") || name.ends_with("until") || name == "now";
    value.as_i64().filter(|number| is_moment && *number > FIRST_MOMENT)
}

/// A value in a line.
pub(super) fn told(name: &str, value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::String(text) if text.is_empty() => NOTHING.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => moment(name, value).map_or_else(|| number.to_string(), exact),
        Value::Array(items) if items.is_empty() => NOTHING.to_owned(),
        Value::Array(items) => items.iter().map(|item| told(name, item)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The members of an object, those of inner objects by their path.
pub(super) fn facts(value: &Value) -> Vec<Fact> {
    let fact = |(path, value): (String, &Value)| Fact {
        text: told(&path, value),
        is_word: match value {
            Value::Bool(_) => true,
            Value::String(_) => OF_CLOSED_LISTS.contains(&path.rsplit('.').next().unwrap_or(&path)),
            _ => false,
        },
        name: path,
    };
    leaves(value).into_iter().map(fact).collect()
}

/// The values of an object by their paths.
pub(super) fn leaves(value: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    gather("", value, &mut found);
    found
}

fn gather<'a>(path: &str, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                gather(&path, value, found);
            }
        }
        Value::Null if path.is_empty() => {}
        value => found.push((path.to_owned(), value)),
    }
}

/// What changed between two objects of fields by their path, either of which may be missing.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut names: Vec<&String> = [before, after]
        .into_iter()
        .filter_map(Value::as_object)
        .flat_map(|fields| fields.keys())
        .collect();
    names.sort();
    names.dedup();
    let change = |name: &String| Change {
        before: before.get(name).cloned().unwrap_or_default(),
        after: after.get(name).cloned().unwrap_or_default(),
        name: name.clone(),
    };
    names.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Change, Fact, changes, facts};

    #[test]
    fn facts_stand_under_their_path() {
        let seen = json!({ "a": { "b": true, "read_at": 1_795_983_847_000_i64 }, "c": null, "d": ["x", 1] });
        let found: Vec<(String, String)> = facts(&seen)
            .into_iter()
            .map(|Fact { name, text, .. }| (name, text))
            .collect();
        let expected = [
            ("a.b", "true"),
            ("a.read_at", "2026-11-29T20:24:07Z"),
            ("c", "–"),
            ("d", "x, 1"),
        ];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(facts(&Value::Null), []);
    }

    #[test]
    fn only_words_of_closed_lists_are_for_translation() {
        let seen = json!({ "userid": "outsider", "who": "outsider", "data_source": { "wecom": true, "id": "true" } });
        let mut words: Vec<String> = facts(&seen)
            .into_iter()
            .filter_map(|fact| fact.is_word.then_some(fact.name))
            .collect();
        words.sort();
        assert_eq!(words, ["data_source.wecom", "who"]);
    }

    #[test]
    fn a_change_has_two_sides() {
        let found = changes(&json!({ "name": "a", "gone": 1 }), &json!({ "name": "b" }));
        let change = |name: &str, before: Value, after: Value| Change {
            name: name.to_owned(),
            before,
            after,
        };
        let gone = change("gone", json!(1), Value::Null);
        assert_eq!(found, [gone, change("name", json!("a"), json!("b"))]);
    }
}

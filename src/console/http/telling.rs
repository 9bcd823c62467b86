//! Values of the API in the words of a page: fields by their labels, moments in the viewer's zone, ids by the names of what they stand for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use super::{
    frame::Frame,
    moment::Moment,
    name_display::mark::Mark,
    names,
    things::{Things, kind_of_field},
    values::{self, Change, NOTHING},
    visit::Visit,
};

/// Closed lists whose words a page has texts for, by the last part of a field's path.
const WORDS: &[(&str, &str)] = &[
    ("console_role", "console-token-role"),
    ("disabled_reason", "console-ended"),
    ("doubt", "console-doubt"),
    ("end_reason", "console-ended"),
    ("import_outcome", "console-import-outcome"),
    ("learned_by", "console-learned"),
    ("reason", "console-ended"),
    ("role", "console-token-role"),
    ("state", "console-value"),
    ("status", "console-value"),
];

/// A value in a line.
pub(super) struct Shown {
    /// Where it is a moment.
    pub at: Option<Moment>,
    /// Its parts, where it is a list.
    pub items: Vec<Item>,
}

/// A part of a value.
pub(super) struct Item {
    pub text: String,
    /// The place of a name that WeCom alone may show.
    pub mark: Option<Mark>,
}

/// A fact under its label.
pub(super) struct Told {
    pub label: String,
    pub value: Shown,
}

/// What changed, under its label.
pub(super) struct Changed {
    pub label: String,
    pub before: Shown,
    pub after: Shown,
}

/// Puts values into words, for one page.
pub(super) struct Telling<'a> {
    pub visit: &'a Visit,
    pub frame: &'a Frame,
    pub things: &'a Things,
}

/// What a value names by id, as `kind:id`.
pub(super) fn named(field: &str, value: &Value) -> BTreeSet<String> {
    let Some(kind) = kind_of_field(field) else {
        return actor(field, value).map(str::to_owned).into_iter().collect();
    };
    let each = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let ids = each.iter().filter_map(Value::as_str);
    // A portal is named by its `client_id` as well.
    let ids = ids.filter(|id| kind == "client" || Uuid::parse_str(id).is_ok());
    ids.map(|id| format!("{kind}:{id}")).collect()
}

/// Whoever did something, where the field says that.
fn actor<'a>(field: &str, value: &'a Value) -> Option<&'a str> {
    let last = field.rsplit('.').next().unwrap_or(field);
    let is_actor = last == "actor" || last.ends_with("_by");
    value.as_str().filter(|text| is_actor && text.contains(':'))
}

impl Telling<'_> {
    /// What changed, line by line.
    pub fn changes(&self, changes: Vec<Change>) -> Vec<Changed> {
        let told = |change: Change| Changed {
            label: self.frame.field(&change.name),
            before: self.value(&change.name, &change.before),
            after: self.value(&change.name, &change.after),
        };
        changes.into_iter().map(told).collect()
    }

    /// A value under the name of its field.
    pub fn value(&self, field: &str, value: &Value) -> Shown {
        if let Some(millis) = values::moment(field, value) {
            return Shown {
                at: Some(self.visit.moment(millis)),
                items: Vec::new(),
            };
        }
        let items = match value {
            Value::Array(items) if !items.is_empty() => items.iter().map(|item| self.item(field, item)).collect(),
            Value::Object(members) if !members.is_empty() => self.members(field, value),
            one => vec![self.item(field, one)],
        };
        Shown { at: None, items }
    }

    /// The parts of an object, each with its label.
    fn members(&self, field: &str, value: &Value) -> Vec<Item> {
        let told = |(name, value): (String, &Value)| {
            let item = self.item(&format!("{field}.{name}"), value);
            Item {
                text: [self.frame.field(&name), self.frame.t("console-colon"), item.text].concat(),
                mark: item.mark,
            }
        };
        values::leaves(value).into_iter().map(told).collect()
    }

    fn item(&self, field: &str, value: &Value) -> Item {
        let text = |text: String| Item { text, mark: None };
        let last = field.rsplit('.').next().unwrap_or(field);
        match value {
            Value::Bool(_) => text(self.frame.word("console-value", &value.to_string())),
            Value::String(word) if !word.is_empty() => {
                if let Some(actor) = actor(field, value) {
                    return self.actor(actor);
                }
                if let Some(kind) = kind_of_field(field) {
                    return self.thing(kind, word);
                }
                match WORDS.iter().find(|(name, _)| *name == last) {
                    Some((_, prefix)) => text(self.frame.word(prefix, word)),
                    None => text(word.clone()),
                }
            }
            Value::Null => text(NOTHING.to_owned()),
            Value::Object(members) if members.get("name").is_some_and(Value::is_string) => {
                text(values::told(field, &value["name"]))
            }
            other => text(values::told(field, other)),
        }
    }

    fn actor(&self, actor: &str) -> Item {
        let (kind, id) = actor.split_once(':').unwrap_or_default();
        match kind {
            "user" => self.thing(kind, id),
            _ => Item {
                text: names::who(self.frame, &BTreeMap::new(), actor),
                mark: Some(self.frame.name_of_actor(actor)),
            },
        }
    }

    fn thing(&self, kind: &str, id: &str) -> Item {
        Item {
            text: self.things.name(kind, id).unwrap_or(id).to_owned(),
            mark: match kind {
                "user" => Some(self.frame.name_of_user(id)),
                "department" => Some(self.frame.name_of_department(id)),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::named;

    #[test]
    fn ids_are_looked_up_by_what_their_field_names() {
        let id = "0190aaaa-0000-7000-8000-000000000001";
        let found = |field, value| named(field, &value).into_iter().collect::<Vec<_>>();
        assert_eq!(found("allowed_users", json!([id, 7, "x"])), [format!("user:{id}")]);
        assert_eq!(found("client_id", json!("wiki")), ["client:wiki"]);
        assert_eq!(found("decided_by", json!(format!("user:{id}"))), [format!("user:{id}")]);
        assert!(found("name", json!(id)).is_empty() && found("groups", json!(["openid"])).is_empty());
    }
}

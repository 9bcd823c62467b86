//! What differs between an entry and what the API shows of it. Only what the entry names is looked at: the rest is nobody's but the
//! server's. Pure.

use serde_json::{Map, Value};

use crate::notices::channel::settings::shown_url;

/// Fields that are told to the API and not kept by it.
const NOT_KEPT: [&str; 1] = ["save_anyway"];

/// Lists whose order means nothing, and in which an item that stands twice stands there once.
const UNORDERED: &[&str] = &[
    "allowed_departments",
    "allowed_groups",
    "allowed_users",
    "approvers",
    "auth_sources",
    "login_methods",
    "metadata.grant_types",
    "post_logout_redirect_uris",
    "redirect_uris",
    "scopes",
    "topics",
    "vouched_email_domains",
];

/// The member under which a view says what the server answered when it was asked whether a secret is the one that it has.
pub(super) const SAME: &str = "same as in the file";

/// Whether the server has the same secret in this field; `None`: it was not asked, or did not say.
pub(super) fn same(view: &Value, field: &str) -> Option<bool> {
    view.get(SAME)?.get(field)?.as_bool()
}

/// A field that differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// Like `metadata.backchannel_logout_uri`.
    pub(super) path: String,
    /// On the server.
    pub(super) old: Value,
    /// In the file.
    pub(super) new: Value,
}

/// What differs.
pub(super) fn differences(wanted: &Map<String, Value>, shown: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let kept = wanted.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
    for (name, value) in kept {
        match (name.as_str(), same(shown, name)) {
            ("url", Some(true)) => {}
            ("url", Some(false)) => found.push(difference(name, value, member(shown, name, value))),
            _ => walk(name, value, member(shown, name, value), &mut found),
        }
    }
    found
}

/// A difference as it is told: of the address of a webhook what the API shows of it.
fn difference(path: &str, wanted: &Value, shown: &Value) -> Difference {
    Difference {
        path: path.to_owned(),
        old: shown.clone(),
        new: address_told(path, wanted),
    }
}

/// A value as it is told.
pub(super) fn address_told(path: &str, value: &Value) -> Value {
    match value {
        Value::String(url) if path == "url" => Value::String(shown_url(url)),
        value => value.clone(),
    }
}

fn walk(path: &str, wanted: &Value, shown: &Value, found: &mut Vec<Difference>) {
    if let (Value::Object(wanted), Value::Object(_)) = (wanted, shown) {
        for (name, value) in wanted {
            walk(&format!("{path}.{name}"), value, member(shown, name, value), found);
        }
    } else if !is_same(path, wanted, shown) {
        found.push(difference(path, wanted, shown));
    }
}

/// A member as the API shows it. Of a secret it shows only whether there is one (`contacts_secret_set`), which matters where none is wanted.
fn member<'a>(shown: &'a Value, name: &str, wanted: &Value) -> &'a Value {
    let told = shown.get(name);
    let told = match wanted.is_null() && told.is_none() {
        true => shown
            .get(format!("{name}_set"))
            .filter(|set| set.as_bool().unwrap_or_default()),
        false => told,
    };
    told.unwrap_or(&Value::Null)
}

fn is_same(path: &str, wanted: &Value, shown: &Value) -> bool {
    match (wanted, shown) {
        (Value::Array(wanted), Value::Array(shown)) => {
            let mut sides = [wanted, shown].map(|side| side.iter().map(|item| told(path, item)).collect::<Vec<_>>());
            if UNORDERED.contains(&path) {
                for side in &mut sides {
                    side.sort_by_key(Value::to_string);
                    side.dedup();
                }
            }
            let [wanted, shown] = sides;
            wanted.len() == shown.len() && wanted.iter().zip(&shown).all(|(wanted, shown)| holds(wanted, shown))
        }
        // Of an address of a webhook nothing more is shown.
        (Value::String(wanted), Value::String(shown)) if path == "url" => shown_url(wanted) == *shown,
        _ => holds(wanted, shown),
    }
}

/// Whether what is shown has everything that is wanted.
fn holds(wanted: &Value, shown: &Value) -> bool {
    match (wanted, shown) {
        (Value::Object(wanted), Value::Object(shown)) => wanted
            .iter()
            .all(|(name, value)| holds(value, shown.get(name).unwrap_or(&Value::Null))),
        (Value::Array(wanted), Value::Array(shown)) => {
            wanted.len() == shown.len() && wanted.iter().zip(shown).all(|(wanted, shown)| holds(wanted, shown))
        }
        (wanted, shown) => wanted == shown,
    }
}

/// An item of a list as it is compared: domains that somebody vouches for are entered as texts, and shown with who said so.
fn told(path: &str, item: &Value) -> Value {
    match (path, item) {
        ("vouched_email_domains", Value::Object(shown)) => shown.get("domain").cloned().unwrap_or_default(),
        ("vouched_email_domains", Value::String(domain)) => Value::String(domain.to_lowercase()),
        _ => item.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::differences;

    fn paths(wanted: Value, shown: Value) -> Vec<String> {
        let found = differences(wanted.as_object().unwrap(), &shown);
        let mut paths: Vec<String> = found.into_iter().map(|difference| difference.path).collect();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn what_the_file_does_not_name_is_not_compared() {
        let shown = json!({ "name": "a", "enabled": false, "app": { "agent_id": 1, "name": "门禁", "secret_set": true },
                            "metadata": { "consent": "implicit", "contacts": ["x"] } });
        assert!(paths(json!({}), shown.clone()).is_empty());
        assert!(
            paths(
                json!({ "name": "a", "app": { "agent_id": 1 }, "save_anyway": true }),
                shown.clone()
            )
            .is_empty()
        );
        let wanted =
            json!({ "name": "b", "app": { "agent_id": 2 }, "metadata": { "consent": "ask", "tos_uri": null } });
        assert_eq!(paths(wanted, shown), ["app.agent_id", "metadata.consent", "name"]);
    }

    #[test]
    fn null_is_what_is_not_there() {
        assert!(paths(json!({ "auto_sync_hours": null, "app": null }), json!({ "app": null })).is_empty());
        assert_eq!(
            paths(json!({ "app": null }), json!({ "app": { "agent_id": 1 } })),
            ["app"]
        );
        assert_eq!(
            paths(json!({ "app": { "agent_id": 1 } }), json!({ "app": null })),
            ["app"]
        );
    }

    #[test]
    fn a_secret_that_is_to_go_differs_as_long_as_there_is_one() {
        let wanted = json!({ "contacts_secret": null });
        assert_eq!(
            paths(wanted.clone(), json!({ "contacts_secret_set": true })),
            ["contacts_secret"]
        );
        assert!(paths(wanted.clone(), json!({ "contacts_secret_set": false })).is_empty());
        assert!(paths(wanted, json!({})).is_empty());
    }

    #[test]
    fn an_item_that_stands_twice_stands_there_once() {
        let shown = json!({ "scopes": ["openid", "email"], "email_sources": ["email"] });
        assert!(paths(json!({ "scopes": ["email", "openid", "email"] }), shown.clone()).is_empty());
        assert_eq!(
            paths(json!({ "email_sources": ["email", "email"] }), shown.clone()),
            ["email_sources"]
        );
        assert_eq!(paths(json!({ "scopes": ["openid", "openid"] }), shown), ["scopes"]);
    }

    #[test]
    fn lists_are_compared_in_their_order_where_it_means_something() {
        let shown = json!({ "email_sources": ["email", "biz_mail"], "login_methods": ["password", "wecom_qr"],
                            "vouched_email_domains": [{ "domain": "a.example", "vouched_by": "x", "vouched_at": 1 }] });
        let wanted = json!({ "email_sources": ["biz_mail", "email"], "login_methods": ["wecom_qr", "password"],
                             "vouched_email_domains": ["A.example"] });
        assert_eq!(paths(wanted, shown), ["email_sources"]);
        let shown = json!({ "list": [{ "a": 1, "b": 2 }] });
        assert!(paths(json!({ "list": [{ "a": 1 }] }), shown.clone()).is_empty());
        assert_eq!(paths(json!({ "list": [{ "a": 2 }] }), shown.clone()), ["list"]);
        assert_eq!(paths(json!({ "list": [] }), shown), ["list"]);
    }
}

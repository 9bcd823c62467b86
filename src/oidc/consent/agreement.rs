//! Consent items: scopes, claims and resources as one list, and when an agreement covers a request. Pure.

use crate::oidc::terms::Terms;
use serde_json::Value;

/// One item of what goes over.
const CLAIM: &str = "claim:";
const RESOURCE: &str = "resource:";

/// More items than this are not remembered. No request can ask for as many: scopes, claims by name and resources are bounded by what is
/// registered.
const MOST_ITEMS: usize = 512;

/// Everything a request would give away, one item each: scopes, claims asked one by one, resource servers. The key a token is bound to
/// gives nothing away and is left out, so that a new key does not ask again.
pub fn items(scope: &str, terms: &Terms) -> Vec<String> {
    let mut items: Vec<String> = scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let document = serde_json::to_value(terms).unwrap_or_default();
    items.extend(claims(&document).into_iter().map(|name| format!("{CLAIM}{name}")));
    items.extend(terms.resources.iter().map(|uri| format!("{RESOURCE}{uri}")));
    items.sort_unstable();
    items.dedup();
    items
}

/// Names of claims asked by the `claims` parameter (OpenID Connect Core 5.5). Read from the terms' own document, whatever else it holds.
fn claims(document: &Value) -> Vec<String> {
    let places = ["userinfo", "id_token"].map(|place| document.pointer(&format!("/claims/{place}")));
    let mut names = Vec::new();
    for place in places.into_iter().flatten() {
        match place {
            Value::Object(asked) => names.extend(asked.keys().cloned()),
            Value::Array(asked) => names.extend(asked.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
    }
    names
}

/// The items of one kind, without its mark; `None`: the scopes.
pub fn of_kind(items: &[String], mark: Option<Mark>) -> Vec<String> {
    let wanted = |item: &String| match mark {
        Some(mark) => item.strip_prefix(mark.prefix()).map(str::to_owned),
        None => (!item.starts_with(CLAIM) && !item.starts_with(RESOURCE)).then(|| item.clone()),
    };
    items.iter().filter_map(wanted).collect()
}

/// Kinds of items besides scopes.
#[derive(Clone, Copy, Debug)]
pub enum Mark {
    /// Claims asked one by one.
    Claim,
    /// Resource servers.
    Resource,
}

impl Mark {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Claim => CLAIM,
            Self::Resource => RESOURCE,
        }
    }
}

/// Whether everything wanted was agreed to before.
pub fn covers(agreed: &[String], wanted: &[String]) -> bool {
    wanted.iter().all(|item| agreed.contains(item))
}

/// What was agreed before and what is agreed now.
pub(in crate::oidc) fn merged(agreed: Vec<String>, now: &[String]) -> Vec<String> {
    let mut all = agreed;
    all.extend_from_slice(now);
    all.sort_unstable();
    all.dedup();
    if all.len() > MOST_ITEMS {
        all = now.iter().take(MOST_ITEMS).cloned().collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Mark, claims, covers, items, merged, of_kind};

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_goes_over_is_listed_once_and_a_key_is_no_part_of_it() {
        let terms = json!({ "resources": ["https://api.example"], "dpop_jkt": "thumbprint" });
        let terms = serde_json::from_value(terms).unwrap();
        let all = items("openid email email", &terms);
        assert_eq!(all, list(&["email", "openid", "resource:https://api.example"]));
        assert_eq!(of_kind(&all, None), list(&["email", "openid"]));
        assert_eq!(of_kind(&all, Some(Mark::Resource)), list(&["https://api.example"]));
        assert!(of_kind(&all, Some(Mark::Claim)).is_empty());
    }

    #[test]
    fn claims_asked_by_name_are_found_in_either_place_and_shape() {
        for document in [
            json!({ "claims": { "userinfo": ["name"], "id_token": ["email"] } }),
            json!({ "claims": { "userinfo": { "name": null }, "id_token": { "email": { "essential": true } } } }),
        ] {
            assert_eq!(claims(&document), list(&["name", "email"]));
        }
        for nothing in [
            json!({}),
            json!({ "claims": null }),
            json!({ "claims": { "userinfo": 1 } }),
        ] {
            assert!(claims(&nothing).is_empty());
        }
    }

    #[test]
    fn less_is_covered_and_more_is_not() {
        let agreed = list(&["openid", "email"]);
        assert!(covers(&agreed, &list(&["openid"])));
        assert!(!covers(&agreed, &list(&["openid", "phone"])));
        assert!(!covers(&[], &list(&["openid"])));
    }

    #[test]
    fn agreements_add_up_but_not_without_bound() {
        let sum = merged(list(&["openid", "email"]), &list(&["openid", "phone"]));
        assert_eq!(sum, list(&["email", "openid", "phone"]));
        let many: Vec<String> = (0..600).map(|number| format!("claim:{number}")).collect();
        assert_eq!(merged(many, &list(&["openid"])), list(&["openid"]));
    }
}

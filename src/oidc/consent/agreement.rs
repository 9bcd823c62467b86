//! Consent items: scopes, claims and resources as one list, and when an agreement covers a request. Pure.

use crate::oidc::terms::GrantTerms;
use serde_json::Value;

/// Prefixes of the items that are not scopes.
const CLAIM: &str = "claim:";
const RESOURCE: &str = "resource:";

/// Most items stored. No request can ask for as many: scopes, claims by name and resources are bounded by what is registered.
const MOST_ITEMS: usize = 512;

/// The consent items of a request: scopes, claims requested by name, resource servers. The key a token is bound to discloses nothing and is
/// left out, so that nobody is asked again for a new key.
pub fn items(scope: &str, terms: &GrantTerms) -> Vec<String> {
    let mut items: Vec<String> = scope.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let document = serde_json::to_value(terms).unwrap_or_default();
    items.extend(claims(&document).into_iter().map(|name| format!("{CLAIM}{name}")));
    items.extend(terms.resources.iter().map(|uri| format!("{RESOURCE}{uri}")));
    items.sort_unstable();
    items.dedup();
    items
}

/// Names of claims requested by the `claims` parameter (OpenID Connect Core 5.5). Read from the serialised terms, whatever else they hold.
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

/// The items of one kind, without its prefix; `None`: the scopes.
pub fn of_kind(items: &[String], mark: Option<ItemKind>) -> Vec<String> {
    let wanted = |item: &String| match mark {
        Some(mark) => item.strip_prefix(mark.prefix()).map(str::to_owned),
        None => (!item.starts_with(CLAIM) && !item.starts_with(RESOURCE)).then(|| item.clone()),
    };
    items.iter().filter_map(wanted).collect()
}

/// Kinds of items besides scopes.
#[derive(Clone, Copy, Debug)]
pub enum ItemKind {
    /// Claims requested by name.
    Claim,
    /// Resource servers.
    Resource,
}

impl ItemKind {
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

/// The union of what was agreed before and what is agreed now; beyond the bound, only the latter.
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

    use super::{ItemKind, claims, covers, items, merged, of_kind};

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
        assert_eq!(of_kind(&all, Some(ItemKind::Resource)), list(&["https://api.example"]));
        assert!(of_kind(&all, Some(ItemKind::Claim)).is_empty());
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

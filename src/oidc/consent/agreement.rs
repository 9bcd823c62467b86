//! Consent items: scopes, claims and resources as one list, and when an agreement covers a request. Pure.

use crate::oidc::{client::Client, scope, terms::GrantTerms};

/// Prefixes of the items that are not scopes.
const CLAIM: &str = "claim:";
const RESOURCE: &str = "resource:";

/// Most items stored. No request can ask for as many: scopes, claims by name and resources are bounded by what is registered.
const MOST_ITEMS: usize = 512;

/// The consent items of a request: scopes, claims requested by name, resource servers, as far as this client may get them. The page shows
/// them, the consent stores them, and claims are released by them. The key a token is bound to discloses nothing and is left out, so that
/// nobody is asked again for a new key.
pub fn items(client: &Client, scope: &str, terms: &GrantTerms) -> Vec<String> {
    let scopes = scope::still_registered(scope, &client.scopes);
    let mut items: Vec<String> = scopes.split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let asked = terms.claims.userinfo.iter().chain(&terms.claims.id_token);
    let given = asked.filter(|claim| client.metadata.claims.can_release(claim, &client.scopes));
    items.extend(given.map(|claim| format!("{CLAIM}{claim}")));
    items.extend(terms.resources.iter().map(|uri| format!("{RESOURCE}{uri}")));
    items.sort_unstable();
    items.dedup();
    items
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

    use super::{ItemKind, covers, items, merged, of_kind};
    use crate::oidc::tests::samples;

    fn list(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_goes_over_is_listed_once_and_a_key_is_no_part_of_it() {
        let terms = json!({ "resources": ["https://api.example"], "dpop_jkt": "thumbprint" });
        let terms = serde_json::from_value(terms).unwrap();
        let client = samples::client("https://p/cb");
        let all = items(&client, "openid email email", &terms);
        assert_eq!(all, list(&["email", "openid", "resource:https://api.example"]));
        assert_eq!(of_kind(&all, None), list(&["email", "openid"]));
        assert_eq!(of_kind(&all, Some(ItemKind::Resource)), list(&["https://api.example"]));
        assert!(of_kind(&all, Some(ItemKind::Claim)).is_empty());
    }

    #[test]
    fn nothing_is_listed_that_the_client_would_not_get() {
        let terms =
            json!({ "claims": { "userinfo": ["name", "email", "shoe_size"], "id_token": ["groups", "roles"] } });
        let terms = serde_json::from_value(terms).unwrap();
        let mut client = samples::client("https://p/cb");
        client.scopes = list(&["profile"]);
        client.metadata.claims = serde_json::from_value(json!({ "groups": { "claim": "roles" } })).unwrap();
        assert_eq!(items(&client, "openid email", &terms), list(&["claim:name", "openid"]));
        client.scopes = list(&["email", "groups"]);
        let all = items(&client, "openid email", &terms);
        assert_eq!(all, list(&["claim:email", "claim:roles", "email", "openid"]));
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

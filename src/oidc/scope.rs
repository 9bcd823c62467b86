//! Scopes: which are supported, and which are granted, narrowed at a refresh or withdrawn. Pure.

use super::failure::{Fault, OidcFailure};

use crate::word_schema;

/// Scopes Menjin knows.
pub const SUPPORTED: [&str; 8] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "groups",
    "wecom",
    "offline_access",
];

/// A scope, as a word.
#[derive(Debug)]
pub struct Scope;

word_schema!(
    Scope,
    "Scope",
    "A scope that Menjin knows: which claims a portal is told of, and `offline_access` for refresh tokens.",
    SUPPORTED
);

/// The scopes granted of those requested. Unknown scopes and those the client may not use are left out silently (OpenID Connect Core
/// 3.1.2.1, RFC 6749 §3.3: the answer's `scope` lists what was granted); `openid` needs no registration; `offline_access` makes sense only
/// for a client that gets refresh tokens.
pub fn grant(asked: &str, allowed: &[String], refreshable: bool) -> String {
    let mut granted: Vec<&str> = Vec::new();
    for scope in asked.split(' ').filter(|scope| SUPPORTED.contains(scope)) {
        let permitted = match scope {
            "openid" => true,
            "offline_access" => refreshable && contains_in(allowed, scope),
            _ => contains_in(allowed, scope),
        };
        if permitted && !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    granted.join(" ")
}

/// The scopes of a `client_credentials` grant (RFC 6749 §4.4): of the client's API scopes those it requested, or all where it requested
/// none in particular (§3.3). The scopes Menjin knows are about a person and are left out.
pub fn client_credentials_scope(asked: Option<&str>, api_scopes: &[String]) -> String {
    let asked: Option<Vec<&str>> = asked.map(|asked| asked.split(' ').collect());
    let granted = api_scopes.iter().map(String::as_str);
    let granted = granted.filter(|scope| asked.as_ref().is_none_or(|asked| asked.contains(scope)));
    granted.collect::<Vec<_>>().join(" ")
}

/// The scopes of a refresh: those granted, or fewer (RFC 6749 §6).
///
/// # Errors
/// `OP-154` when it asks for more.
pub fn narrow(granted: &str, asked: Option<&str>) -> Result<String, Fault> {
    let Some(asked) = asked else {
        return Ok(granted.to_owned());
    };
    let mut narrowed: Vec<&str> = Vec::new();
    for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
        if !contains(granted, scope) {
            return Err(OidcFailure::ScopeWidened.because(scope));
        }
        if !narrowed.contains(&scope) {
            narrowed.push(scope);
        }
    }
    if narrowed.is_empty() {
        return Ok(granted.to_owned());
    }
    Ok(narrowed.join(" "))
}

/// The part of a granted scope that the client may still have: an admin may have removed some of it from the registration since.
pub fn still_registered(granted: &str, allowed: &[String]) -> String {
    let kept = granted.split(' ');
    let kept = kept.filter(|scope| is_registered(scope, allowed));
    kept.collect::<Vec<_>>().join(" ")
}

/// Whether a client with these scopes registered may have this one; `openid` needs no registration.
pub fn is_registered(scope: &str, registered: &[String]) -> bool {
    scope == "openid" || contains_in(registered, scope)
}

/// Whether a space-separated list has this scope.
pub fn contains(list: &str, scope: &str) -> bool {
    list.split(' ').any(|item| item == scope)
}

fn contains_in(list: &[String], scope: &str) -> bool {
    list.iter().any(|item| item == scope)
}

#[cfg(test)]
mod tests {
    use super::{client_credentials_scope, contains, grant, narrow, still_registered};

    fn allowed() -> Vec<String> {
        ["profile", "email", "offline_access"].map(str::to_owned).to_vec()
    }

    #[test]
    fn only_known_and_allowed_scopes_are_granted_once_each() {
        assert_eq!(grant("openid email phone wat email", &allowed(), true), "openid email");
        assert_eq!(
            grant("openid offline_access", &allowed(), true),
            "openid offline_access"
        );
        assert_eq!(grant("openid offline_access", &allowed(), false), "openid");
        assert_eq!(grant("profile", &[], true), "");
    }

    #[test]
    fn a_refresh_narrows_but_never_widens() {
        assert_eq!(narrow("openid email", None).unwrap(), "openid email");
        assert_eq!(narrow("openid email", Some("email")).unwrap(), "email");
        assert_eq!(narrow("openid email", Some(" ")).unwrap(), "openid email");
        assert_eq!(
            narrow("openid email", Some("openid phone")).unwrap_err().error,
            "invalid_scope"
        );
    }

    #[test]
    fn a_client_gets_its_api_scopes_and_nothing_about_people() {
        let own = ["read", "write"].map(str::to_owned);
        assert_eq!(client_credentials_scope(None, &own), "read write");
        assert_eq!(
            client_credentials_scope(Some("openid write email write"), &own),
            "write"
        );
        assert_eq!(client_credentials_scope(Some("openid"), &own), "");
    }

    #[test]
    fn what_was_taken_from_the_client_is_left_out() {
        assert_eq!(still_registered("openid phone email", &allowed()), "openid email");
        assert_eq!(still_registered("phone", &allowed()), "");
    }

    #[test]
    fn a_prefix_is_no_scope() {
        assert!(contains("openid email", "openid"));
        assert!(!contains("openidx", "openid"));
    }
}

//! Redirect addresses: which hosts an app trusts, and how code and state are appended (reference §2.1, §2.4, §3.1).

use url::Url;

use crate::world::{App, Switches};

/// The `host[:port]` of a redirect address; without the default port of its scheme.
pub(crate) fn host_of(redirect_uri: &str) -> Option<String> {
    let url = Url::parse(redirect_uri)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

fn equals(domain: Option<&String>, host: &str) -> bool {
    domain.is_some_and(|domain| domain.eq_ignore_ascii_case(host))
}

/// Whether a domain of a suite is this host; what an unset one means is a switch.
pub(crate) fn fits(domain: Option<&String>, host: &str, switches: &Switches) -> bool {
    equals(domain, host) || domain.is_none() && switches.unset_domain_allows_any
}

/// Whether the web login may redirect there: exact host and port; no parents, sub-domains or wildcards.
pub(crate) fn allowed_for_web(app: &App, host: &str, switches: &Switches) -> bool {
    let by_oauth = switches.web_accepts_oauth_domain && equals(app.oauth_domain.as_ref(), host);
    equals(app.web_callback_domain.as_ref(), host)
        || by_oauth
        || app.web_callback_domain.is_none() && switches.unset_domain_allows_any
}

/// Whether in-app OAuth may redirect there: the OAuth trusted domain.
pub(crate) fn allowed_for_client(app: &App, host: &str, switches: &Switches) -> bool {
    fits(app.oauth_domain.as_ref(), host, switches)
}

/// Whether a code sent there may be exchanged: the domain of either login will do.
pub(crate) fn allowed_for_exchange(app: &App, host: &str, switches: &Switches) -> bool {
    allowed_for_web(app, host, switches) || allowed_for_client(app, host, switches)
}

/// The redirect address with these parameters appended; its own query is kept.
pub(crate) fn with_params(redirect_uri: &str, params: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(redirect_uri).ok()?;
    url.query_pairs_mut().extend_pairs(params);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_carry_only_unusual_ports() {
        assert_eq!(
            host_of("https://sso.corp.example/cb?x=1").as_deref(),
            Some("sso.corp.example")
        );
        assert_eq!(
            host_of("https://SSO.corp.example:443/").as_deref(),
            Some("sso.corp.example")
        );
        assert_eq!(host_of("http://127.0.0.1:8080/cb").as_deref(), Some("127.0.0.1:8080"));
        assert_eq!(host_of("javascript:alert(1)"), None);
    }

    #[test]
    fn domains_match_exactly() {
        let app = App {
            web_callback_domain: Some("sso.corp.example:8443".to_owned()),
            ..App::default()
        };
        let switches = Switches::default();
        let allowed = |host: &str| allowed_for_web(&app, host, &switches);
        assert!(allowed("sso.corp.example:8443"));
        assert!(
            !["sso.corp.example", "corp.example:8443", "a.sso.corp.example:8443"]
                .into_iter()
                .any(allowed)
        );
    }

    #[test]
    fn own_query_is_kept() {
        let target = with_params("https://a.example/cb?keep=1", &[("code", "c"), ("state", "s t")]);
        assert_eq!(target.as_deref(), Some("https://a.example/cb?keep=1&code=c&state=s+t"));
    }
}

//! Refresh token policy: which grants get refresh tokens, and when `offline_access` is granted (OpenID Connect Core, section 11). Pure.

use std::time::Duration;

use super::{
    client::Client,
    metadata::{Consent, GrantType},
    scope,
};

/// Lifetime of the refresh tokens of a grant; `None`: it gets none.
///
/// A client gets refresh tokens only if it may use the grant type and has a lifetime for them. If the company decided for everybody
/// (consent is implicit), that suffices, whether it asks for `offline_access` or not: many portals never do. A client that asks people
/// for consent, as every client that registered itself does until an admin decides otherwise, must also have been granted the scope
/// `offline_access`, which is an item of the consent they gave.
pub fn lifetime(client: &Client, scope: &str) -> Option<Duration> {
    let policy = !depends_on_people(client);
    client
        .refresh_token_lifetime
        .filter(|_| client.metadata.grant_types.allow(GrantType::RefreshToken))
        .filter(|_| policy || scope::contains(scope, "offline_access"))
}

/// Whether `offline_access` can be granted at all: only with refresh tokens, and where it depends on people only if they are asked
/// (`prompt=consent`, or a client that always asks).
pub fn is_obtainable(client: &Client, prompt_consent: bool) -> bool {
    let asked = prompt_consent || client.metadata.consent == Consent::Ask;
    client.refresh_token_lifetime.is_some()
        && client.metadata.grant_types.allow(GrantType::RefreshToken)
        && (asked || !depends_on_people(client))
}

/// Whether a person's consent is needed rather than the company's policy.
fn depends_on_people(client: &Client) -> bool {
    client.metadata.consent == Consent::Ask
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{is_obtainable, lifetime};
    use crate::oidc::{
        metadata::{Consent, GrantType, GrantTypes},
        tests::samples,
    };

    const MONTH: Option<Duration> = Some(Duration::from_secs(30 * 24 * 3600));

    #[test]
    fn by_policy_without_asking_where_the_company_decided() {
        let mut client = samples::client("https://p/cb");
        assert_eq!(lifetime(&client, "openid offline_access"), None, "no lifetime");
        client.refresh_token_lifetime = MONTH;
        assert_eq!(lifetime(&client, "openid"), MONTH);
        assert!(is_obtainable(&client, false));
        client.metadata.grant_types = GrantTypes(vec![GrantType::AuthorizationCode]);
        assert_eq!(lifetime(&client, "openid offline_access"), None, "not its grant type");
        assert!(!is_obtainable(&client, true));
    }

    #[test]
    fn only_with_offline_access_where_people_are_asked() {
        let mut client = samples::client("https://p/cb");
        client.refresh_token_lifetime = MONTH;
        client.metadata.consent = Consent::Ask;
        assert_eq!(lifetime(&client, "openid"), None);
        assert_eq!(lifetime(&client, "openid offline_access"), MONTH);
        assert!(is_obtainable(&client, false));
    }
}

//! What the people of a new client lack for what it asks. Pure.

use super::settings::Settings;

/// How many people there are, and how many of them have what.
#[derive(Clone, Copy, Debug)]
pub struct PeopleCounts {
    /// Active users.
    pub people: u64,
    /// Of them, those with an e-mail address.
    pub with_email: u64,
    /// Of them, those whose address is verified.
    pub with_verified_email: u64,
}

/// Sentences for the admin who registers the client. People are counted whether they may enter it or not.
pub fn of(settings: &Settings, counts: PeopleCounts) -> Vec<String> {
    let PeopleCounts {
        people,
        with_email,
        with_verified_email,
    } = counts;
    let made_by_rule = settings.metadata.claims.map.iter().any(|rule| rule.claim == "email");
    let asks = settings.scopes.iter().any(|scope| scope == "email");
    if !asks || made_by_rule || people == 0 {
        return Vec::new();
    }
    let without = people.saturating_sub(with_email);
    let unverified = with_email.saturating_sub(with_verified_email);
    let mut told = Vec::new();
    if without > 0 {
        told.push(format!(
            "email: {without} of {people} people have no e-mail address; portals that insist on one turn them away (email_sources of the data source)"
        ));
    }
    if unverified > 0 {
        told.push(format!(
            "email_verified: left out for {unverified} of {with_email} e-mail addresses, because nobody vouches for them (vouched_email_domains of the data source)"
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::{PeopleCounts, of};
    use crate::oidc::registration::input::NewClient;

    fn told(extra: &str, counts: (u64, u64, u64)) -> Vec<String> {
        let text = format!(r#"{{"name":"a","redirect_uris":["https://a.example/cb"]{extra}}}"#);
        let new: NewClient = serde_json::from_str(&text).unwrap();
        let (people, with_email, with_verified_email) = counts;
        let counts = PeopleCounts {
            people,
            with_email,
            with_verified_email,
        };
        of(&new.settings().unwrap(), counts)
    }

    #[test]
    fn only_a_client_that_asks_for_addresses_hears_who_has_none() {
        assert!(told(r#","scopes":["openid"]"#, (9, 0, 0)).is_empty());
        let rule = r#","metadata":{"claims":{"map":[{"claim":"email","template":"{userid}@a.example"}]}}"#;
        assert!(told(rule, (9, 0, 0)).is_empty());
        assert!(told("", (9, 9, 9)).is_empty() && told("", (0, 0, 0)).is_empty());
        let none = told("", (9, 0, 0));
        assert!(
            none.len() == 1 && none[0].starts_with("email: 9 of 9 people"),
            "{none:?}"
        );
        let some = told("", (9, 7, 4));
        assert!(
            some[0].starts_with("email: 2 of 9") && some[1].contains("3 of 7"),
            "{some:?}"
        );
    }
}

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

/// A sentence for the admin who registers the client.
#[derive(Debug)]
pub struct Warning {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// What the admin who registers the client should know. People are counted whether they may enter it or not.
pub fn of(settings: &Settings, counts: PeopleCounts) -> Vec<Warning> {
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
        told.push(Warning {
            en: format!(
                "email: {without} of {people} people have no e-mail address; portals that insist on one turn them away (email_sources of the data source)"
            ),
            zh: format!(
                "email：{people}人中有{without}人没有邮箱地址；必须有邮箱的门户会拒绝他们（数据源的email_sources）"
            ),
        });
    }
    if unverified > 0 {
        told.push(Warning {
            en: format!(
                "email_verified: left out for {unverified} of {with_email} e-mail addresses, because nobody vouches for them (vouched_email_domains of the data source) or followed a link that verifies them"
            ),
            zh: format!(
                "email_verified：{with_email}个邮箱地址中有{unverified}个不提供此声明，因为没有人为其担保（数据源的vouched_email_domains），也没有通过链接验证"
            ),
        });
    }
    told
}

#[cfg(test)]
mod tests {
    use super::{PeopleCounts, Warning, of};
    use crate::oidc::registration::input::NewClient;

    fn told(extra: &str, counts: (u64, u64, u64)) -> Vec<Warning> {
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
            none.len() == 1 && none[0].en.starts_with("email: 9 of 9 people") && none[0].zh.contains("9人中有9人"),
            "{none:?}"
        );
        let some = told("", (9, 7, 4));
        assert!(
            some[0].en.starts_with("email: 2 of 9") && some[1].en.contains("3 of 7") && some[1].zh.contains("7个"),
            "{some:?}"
        );
    }
}

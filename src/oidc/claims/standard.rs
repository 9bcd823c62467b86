//! The standard claims of a person (OpenID Connect Core 5.1) and the scopes that cover them (5.4). Pure.

use serde_json::{Map, Value};

use crate::{
    gate::facts::Person,
    kernel::formats::{is_email, is_phone, is_web_address},
};

/// Every standard claim with its scope, in the order of the specification.
const CLAIMS: [(&str, &str); 19] = [
    ("name", "profile"),
    ("family_name", "profile"),
    ("given_name", "profile"),
    ("middle_name", "profile"),
    ("nickname", "profile"),
    ("preferred_username", "profile"),
    ("profile", "profile"),
    ("picture", "profile"),
    ("website", "profile"),
    ("gender", "profile"),
    ("birthdate", "profile"),
    ("zoneinfo", "profile"),
    ("locale", "profile"),
    ("updated_at", "profile"),
    ("email", "email"),
    ("email_verified", "email"),
    ("address", "address"),
    ("phone_number", "phone"),
    ("phone_number_verified", "phone"),
];

/// Names of all standard claims.
pub fn names() -> impl Iterator<Item = &'static str> {
    CLAIMS.into_iter().map(|(name, _)| name)
}

/// The scope that covers a standard claim.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    CLAIMS
        .into_iter()
        .find(|(name, _)| *name == claim)
        .map(|(_, scope)| scope)
}

/// The `_verified` claim that belongs to this one. They are released together, where the second says anything ([`told_proof`]).
pub fn verified_claim_of(claim: &str) -> Option<&'static str> {
    match claim {
        "email" => Some("email_verified"),
        "phone_number" => Some("phone_number_verified"),
        _ => None,
    }
}

/// What the `_verified` claim of this one says. An address nobody vouches for has none: many portals turn away `false`, and take silence for
/// what it is.
pub fn told_proof(claim: &str, proven: bool) -> Option<Value> {
    (proven || claim != "email").then_some(Value::Bool(proven))
}

/// All standard claims of a person. What is not known is left out: never null, never empty.
pub fn of(person: &Person) -> Map<String, Value> {
    let more = &person.standard_claims;
    // Where WeCom withholds the name, the username is used instead: portals show something rather than fail.
    let name = person.display_name.as_deref().filter(|name| has_content(name));
    let texts = [
        ("name", Some(name.unwrap_or(&person.username))),
        ("family_name", more.family_name.as_deref()),
        ("given_name", more.given_name.as_deref()),
        ("middle_name", more.middle_name.as_deref()),
        ("nickname", more.nickname.as_deref()),
        ("preferred_username", Some(person.username.as_str())),
        ("profile", more.profile.as_deref()),
        ("picture", person.picture.as_deref()),
        ("website", more.website.as_deref()),
        ("gender", more.gender.as_deref()),
        ("birthdate", more.birthdate.as_deref()),
        ("zoneinfo", more.zoneinfo.as_deref()),
        ("locale", person.locale.as_deref()),
        ("email", person.email.as_deref()),
        ("phone_number", person.phone_number.as_deref()),
    ];
    let mut claims = Map::new();
    for (claim, text) in texts {
        if let Some(text) = text.filter(|text| has_content(text) && fits(claim, text)) {
            claims.insert(claim.to_owned(), text.into());
        }
    }
    claims.insert("updated_at".to_owned(), person.updated_at.secs().into());
    let proven = [
        ("email", person.email_verified),
        ("phone_number", person.phone_verified),
    ];
    for (claim, proven) in proven {
        let proof = verified_claim_of(claim).filter(|_| claims.contains_key(claim));
        if let Some((proof, told)) = proof.zip(told_proof(claim, proven)) {
            claims.insert(proof.to_owned(), told);
        }
    }
    let address = serde_json::to_value(&more.address).ok().and_then(non_empty);
    if let Some(address) = address {
        claims.insert("address".to_owned(), address);
    }
    claims
}

/// Whether a text has content: neither empty nor one of the words that some programs write for nothing.
fn has_content(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.eq_ignore_ascii_case("null") && text != "undefined"
}

/// Whether a value has the format of its claim: what older versions kept may not have.
fn fits(claim: &str, text: &str) -> bool {
    match claim {
        "email" => is_email(text),
        "phone_number" => is_phone(text),
        "picture" | "profile" | "website" => is_web_address(text),
        _ => true,
    }
}

/// A value without what is null, empty or the word "null"; `None` when nothing is left.
pub fn non_empty(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => has_content(&text).then_some(Value::String(text)),
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(non_empty).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members: Map<String, Value> = members
                .into_iter()
                .filter_map(|(name, value)| Some((name, non_empty(value)?)))
                .collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        plain => Some(plain),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{non_empty, of};
    use crate::{directory::user::standard_claims::StandardClaims, oidc::tests::samples};

    #[test]
    fn the_username_stands_in_for_a_withheld_name() {
        let mut person = samples::person();
        for withheld in [None, Some(""), Some(" "), Some("null")] {
            person.display_name = withheld.map(str::to_owned);
            assert_eq!(of(&person)["name"], "zhangsan");
        }
    }

    #[test]
    fn malformed_values_are_told_to_nobody() {
        let mut person = samples::person();
        person.email = Some("not an address".to_owned());
        person.phone_number = Some("undefined".to_owned());
        person.picture = Some("javascript:alert(1)".to_owned());
        let claims = of(&person);
        for claim in [
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
            "picture",
        ] {
            assert!(!claims.contains_key(claim), "{claim}");
        }
    }

    #[test]
    fn nothing_is_null_empty_or_the_word_null() {
        let mut person = samples::person();
        person.picture = Some(String::new());
        person.locale = Some("NULL".to_owned());
        person.email = Some(" ".to_owned());
        person.standard_claims = StandardClaims {
            nickname: Some("null".to_owned()),
            address: Some(Default::default()),
            ..StandardClaims::default()
        };
        let claims = of(&person);
        for absent in [
            "picture",
            "locale",
            "email",
            "email_verified",
            "phone_number",
            "phone_number_verified",
            "nickname",
            "address",
        ] {
            assert!(!claims.contains_key(absent), "{absent}");
        }
        assert_eq!(
            non_empty(json!({ "a": [null, "", "null", {}], "b": "x", "c": false })),
            Some(json!({ "b": "x", "c": false }))
        );
    }

    #[test]
    fn moments_are_numbers_and_proofs_are_booleans() {
        let mut person = samples::person();
        person.phone_number = Some("+86 19900000001".to_owned());
        let claims = of(&person);
        assert_eq!(claims["updated_at"], 1_700_000_000);
        assert_eq!(claims["phone_number_verified"], false);
        assert!(!claims.contains_key("email_verified"), "never false");
        person.email_verified = true;
        assert_eq!(of(&person)["email_verified"], true);
    }
}

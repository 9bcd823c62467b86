//! Claim mapping: rules that rename a claim, give it a fixed value, or compose it from others by a template. Pure.
//!
//! An admin writes these rules. They never set claims of the protocol, nor claims that say something is verified.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::standard;
use crate::{
    kernel::{formats::is_email, validation::ValidationErrors},
    oidc::scope::SUPPORTED,
};

/// Most rules of a portal.
const MOST: usize = 50;
/// Longest name, characters.
const LONGEST_NAME: usize = 128;
/// Longest template, characters.
const LONGEST_TEMPLATE: usize = 200;
/// Largest fixed value as JSON, bytes.
const LARGEST_VALUE: usize = 2000;

/// Claims no rule may set: those of the protocol, those that only a proof makes true, and those that are a number or an object.
pub const RESERVED: [&str; 34] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "client_id",
    "scope",
    "events",
    "act",
    "may_act",
    "sub_id",
    "sub_jwk",
    "gid",
    "active",
    "token_type",
    "txn",
    "_claim_names",
    "_claim_sources",
    "email_verified",
    "phone_number_verified",
    "updated_at",
    "address",
];

/// Sources of a rule besides the standard claims, each with the scope that covers it. `userid` and `corp_id` identify an account as `sub`
/// does, so they need no scope of their own once an admin has written them into a rule.
const SOURCES: [(&str, &str); 6] = [
    ("groups", "groups"),
    ("wecom", "wecom"),
    ("userid", "openid"),
    ("corp_id", "openid"),
    ("username", "profile"),
    ("sub", "openid"),
];

/// Where a claim is sent: `userinfo`, the `id_token`, or `both`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClaimPlacement)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Userinfo.
    #[default]
    Userinfo,
    /// The ID token.
    IdToken,
    /// Both.
    Both,
}

/// A claim mapping: a claim, and exactly one of `from`, `value` and `template`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ClaimMapping)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The claim it sets. A standard claim then has this value wherever it is sent.
    pub claim: String,
    /// The source whose value is taken; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A fixed value; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// A text with `{variables}`; where one has no value the claim is left out. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Where it is sent without being requested by name; `userinfo` unless given. A standard claim is also sent in userinfo, by its scope.
    #[serde(default, rename = "where")]
    pub placement: Placement,
    /// The scope it needs; absent: that of the standard claim it sets, else those of its sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl Mapping {
    /// Computes the value from the sources; `None` leaves the claim out.
    pub fn make(&self, sources: &Map<String, Value>) -> Option<Value> {
        let made = if let Some(from) = &self.from {
            sources.get(from)?.clone()
        } else if let Some(value) = &self.value {
            value.clone()
        } else {
            let known = |name: &str| sources.get(name).and_then(Value::as_str);
            Value::String(rendered(self.template.as_deref()?, known)?)
        };
        // A userid may hold an @: the composed text could then be somebody's address elsewhere.
        let odd = match self.claim.as_str() {
            "email" => !made.as_str().is_some_and(is_email),
            claim => standard::scope_of(claim).is_some() && !self.is_own() && !made.is_string(),
        };
        standard::non_empty(made).filter(|_| !odd)
    }

    /// Whether the value is the person's own claim of this name, so that its `_verified` claim still holds.
    pub fn is_own(&self) -> bool {
        self.from.as_deref() == Some(self.claim.as_str())
    }

    /// The scopes that must be granted.
    pub fn scopes(&self) -> Vec<&str> {
        if let Some(scope) = &self.scope {
            return vec![scope];
        }
        if let Some(scope) = standard::scope_of(&self.claim) {
            return vec![scope];
        }
        self.sources().into_iter().filter_map(scope_of_source).collect()
    }

    /// Whether one of its sources is about the member.
    pub fn needs_member(&self) -> bool {
        let of_member = |name: &&str| matches!(*name, "groups" | "wecom" | "userid" | "corp_id");
        self.sources().iter().any(of_member)
    }

    /// Whether the value is made of this one.
    pub fn takes(&self, source: &str) -> bool {
        self.sources().contains(&source)
    }

    fn sources(&self) -> Vec<&str> {
        match (&self.from, &self.template) {
            (Some(from), _) => vec![from],
            (None, Some(template)) => variables(template).unwrap_or_default(),
            (None, None) => Vec::new(),
        }
    }

    fn note(&self, faults: &mut ValidationErrors) {
        let field = "metadata.claims.map";
        // A rule that only sends the person's own standard claim elsewhere does not change it, so its name may be a reserved one.
        if !self.is_own() || standard::scope_of(&self.claim).is_none() {
            note_name(faults, field, &self.claim);
        }
        let given = [self.from.is_some(), self.value.is_some(), self.template.is_some()];
        let one = given.into_iter().filter(|given| *given).count() == 1;
        faults.check(one, field, "each rule needs exactly one of from, value and template");
        if let Some(from) = &self.from {
            faults.check(scope_of_source(from).is_some(), field, "from names no claim we know");
        }
        if let Some(value) = &self.value {
            faults.check(
                fits(&self.claim, value),
                field,
                "a value is not acceptable for its claim",
            );
        }
        if let Some(template) = &self.template {
            let known = |name: &&str| scope_of_source(name).is_some();
            let readable = variables(template).is_some_and(|names| names.iter().all(known));
            let short = (1..=LONGEST_TEMPLATE).contains(&template.chars().count());
            let clean = !template.chars().any(char::is_control);
            faults.check(
                readable && short && clean,
                field,
                format_args!("a template takes up to {LONGEST_TEMPLATE} characters with variables we know in braces"),
            );
        }
        let scope = self.scope.as_deref().is_none_or(|scope| SUPPORTED.contains(&scope));
        faults.check(scope, field, "scope names no scope we know");
    }
}

/// Adds a fault for whatever is not acceptable in the rules of one portal, and in the name of its groups claim.
pub fn note(faults: &mut ValidationErrors, map: &[Mapping], groups: &str) {
    let field = "metadata.claims.map";
    faults.check(map.len() <= MOST, field, format_args!("takes up to {MOST} rules"));
    for (index, rule) in map.iter().take(MOST).enumerate() {
        rule.note(faults);
        let again = map.iter().take(index).any(|other| other.claim == rule.claim);
        faults.check(!again && rule.claim != groups, field, "two rules make the same claim");
    }
    note_name(faults, "metadata.claims.groups.claim", groups);
    let standard = standard::scope_of(groups).is_some() || groups == "wecom";
    faults.check(!standard, "metadata.claims.groups.claim", "is another claim's name");
}

fn note_name(faults: &mut ValidationErrors, field: &str, name: &str) {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    let shaped = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain);
    faults.check(
        shaped,
        field,
        format_args!("a claim's name needs 1 to {LONGEST_NAME} visible ASCII characters"),
    );
    faults.check(!RESERVED.contains(&name), field, "names a claim that cannot be set");
}

/// Whether a fixed value is acceptable: not empty, not too large, and a text where a standard claim is one.
fn fits(claim: &str, value: &Value) -> bool {
    let small = serde_json::to_vec(value).is_ok_and(|json| json.len() <= LARGEST_VALUE);
    let right = match claim {
        "email" => value.as_str().is_some_and(is_email),
        _ if standard::scope_of(claim).is_some() => value.is_string(),
        _ => true,
    };
    small && right && standard::non_empty(value.clone()).as_ref() == Some(value)
}

fn scope_of_source(name: &str) -> Option<&'static str> {
    let ours = || SOURCES.into_iter().find(|(source, _)| *source == name);
    standard::scope_of(name).or_else(|| ours().map(|(_, scope)| scope))
}

/// A part of a template.
enum Piece<'a> {
    Plain(&'a str),
    Name(&'a str),
}

/// Parses a template into its parts; `None` when a brace has no partner.
fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}')?;
        if before.contains('}') || inside.contains('{') {
            return None;
        }
        found.extend([Piece::Plain(before), Piece::Name(inside)]);
        rest = behind;
    }
    found.push(Piece::Plain(rest));
    (!rest.contains('}')).then_some(found)
}

fn variables(template: &str) -> Option<Vec<&str>> {
    let names = pieces(template)?.into_iter().filter_map(|piece| match piece {
        Piece::Plain(_) => None,
        Piece::Name(name) => Some(name),
    });
    Some(names.collect())
}

fn rendered<'a>(template: &'a str, known: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let texts = pieces(template)?.into_iter().map(|piece| match piece {
        Piece::Plain(text) => Some(text),
        Piece::Name(name) => known(name),
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oidc::registration::failure::RegistrationFailure;

    fn rule(value: Value) -> Mapping {
        serde_json::from_value(value).unwrap()
    }

    fn sources() -> Map<String, Value> {
        let known = json!({ "userid": "lihua", "corp_id": "ww1", "email": "a@b.example", "groups": ["/总部"] });
        known.as_object().unwrap().clone()
    }

    fn refused(value: Value) -> bool {
        let mut faults = ValidationErrors::default();
        note(&mut faults, &[rule(value)], "groups");
        faults.into_result(RegistrationFailure::Invalid.entry()).is_err()
    }

    #[test]
    fn a_claim_is_renamed_fixed_or_made_up() {
        let make = |value| rule(value).make(&sources());
        assert_eq!(
            make(json!({ "claim": "roles", "from": "groups" })),
            Some(json!(["/总部"]))
        );
        assert_eq!(
            make(json!({ "claim": "role", "value": "viewer" })),
            Some(json!("viewer"))
        );
        assert_eq!(
            make(json!({ "claim": "email", "template": "{userid}@corp.example" })),
            Some(json!("lihua@corp.example"))
        );
    }

    #[test]
    fn a_template_with_a_missing_variable_gives_no_claim() {
        for template in ["{nickname}@corp.example", "{userid}-{nickname}", "{groups}", "{userid"] {
            assert_eq!(
                rule(json!({ "claim": "x", "template": template })).make(&sources()),
                None,
                "{template}"
            );
        }
    }

    #[test]
    fn a_made_up_address_is_one_address_or_none() {
        let mut sources = sources();
        for userid in ["a@evil.example", "a b", "a\nb"] {
            sources.insert("userid".to_owned(), userid.into());
            let rule = rule(json!({ "claim": "email", "template": "{userid}@corp.example" }));
            assert_eq!(rule.make(&sources), None, "{userid}");
        }
    }

    #[test]
    fn what_the_protocol_says_cannot_be_set() {
        for claim in RESERVED {
            assert!(refused(json!({ "claim": claim, "value": "x" })), "{claim}");
            assert!(refused(json!({ "claim": claim, "template": "{userid}" })), "{claim}");
        }
        assert!(refused(json!({ "claim": "sub", "from": "sub" })));
        assert!(!refused(
            json!({ "claim": "address", "from": "address", "where": "id_token" })
        ));
        assert!(!refused(
            json!({ "claim": "https://corp.example/role", "value": ["a"] })
        ));
    }

    #[test]
    fn nonsense_is_refused() {
        for value in [
            json!({ "claim": "x" }),
            json!({ "claim": "x", "from": "name", "value": 1 }),
            json!({ "claim": "x", "from": "password" }),
            json!({ "claim": "x", "template": "{password}" }),
            json!({ "claim": "x", "template": "}{" }),
            json!({ "claim": "x", "template": "" }),
            json!({ "claim": "x", "value": null }),
            json!({ "claim": "x", "value": [""] }),
            json!({ "claim": "x", "value": "y".repeat(2001) }),
            json!({ "claim": "x", "value": 1, "scope": "root" }),
            json!({ "claim": "", "value": 1 }),
            json!({ "claim": "a b", "value": 1 }),
            json!({ "claim": "name", "value": 1 }),
            json!({ "claim": "email", "value": "nobody" }),
            json!({ "claim": "groups", "value": "x" }),
        ] {
            assert!(refused(value.clone()), "{value}");
        }
    }

    #[test]
    fn scopes_follow_what_is_told() {
        let scopes = |value| rule(value).scopes().join(" ");
        assert_eq!(
            scopes(json!({ "claim": "email", "template": "{userid}@c.example" })),
            "email"
        );
        assert_eq!(scopes(json!({ "claim": "mobile", "from": "phone_number" })), "phone");
        assert_eq!(
            scopes(json!({ "claim": "label", "template": "{name} <{email}>" })),
            "profile email"
        );
        assert_eq!(scopes(json!({ "claim": "role", "value": "x" })), "");
        assert_eq!(
            scopes(json!({ "claim": "mobile", "from": "phone_number", "scope": "openid" })),
            "openid"
        );
    }
}

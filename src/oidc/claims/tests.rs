//! Tests of the release of claims, on plain values.

use serde_json::json;

use super::*;
use crate::oidc::tests::samples;

fn rules(rules: Value) -> ClaimRules {
    serde_json::from_value(rules).unwrap()
}

fn context<'a>(granted: &'a str, asked: &'a [String], registered: &'a [String]) -> ReleaseContext<'a> {
    ReleaseContext {
        granted,
        registered,
        asked,
    }
}

/// The hot path: without groups and the like userinfo must not query the member.
#[test]
fn the_member_is_looked_up_only_for_what_is_told_of_them() {
    let all = ["groups", "wecom", "profile", "email"].map(str::to_owned);
    let asked = ["groups".to_owned()];
    let plain = rules(json!({}));
    let mapped = rules(json!({ "map": [{ "claim": "email", "template": "{userid}@c.example" }] }));
    let token = rules(json!({ "groups": { "where": "id_token" } }));
    let (userinfo, id_token) = (Place::Userinfo, Place::IdToken);
    for (rules, place, granted, asked, needed) in [
        (&plain, userinfo, "openid profile email phone address", &[][..], false),
        (&plain, userinfo, "openid groups", &[], true),
        (&plain, userinfo, "openid wecom", &[], true),
        (&plain, userinfo, "openid", &asked, true),
        (&plain, id_token, "openid groups wecom", &[], false),
        (&mapped, userinfo, "openid email", &[], true),
        (&mapped, userinfo, "openid profile", &[], false),
        (&mapped, id_token, "openid email", &[], false),
        (&token, userinfo, "openid groups", &[], false),
        (&token, id_token, "openid groups", &[], true),
    ] {
        let context = context(granted, asked, &all);
        assert_eq!(
            rules.needs_affiliation(place, context),
            needed,
            "{place:?} {granted} {asked:?}"
        );
    }
    assert!(
        !plain.needs_affiliation(userinfo, context("openid", &asked, &[])),
        "not registered"
    );
}

#[test]
fn a_row_no_version_of_ours_writes_still_says_nothing_of_the_protocol() {
    let rules = rules(json!({
        "groups": { "claim": "sub" },
        "map": [{ "claim": "iss", "value": "x", "where": "both" }, { "claim": "email_verified", "value": true }],
    }));
    let member = Affiliation {
        userid: "lihua".to_owned(),
        ..Affiliation::default()
    };
    let told = rules.release(
        Place::Userinfo,
        context("openid email groups", &[], &["email", "groups"].map(str::to_owned)),
        &samples::person(),
        "me",
        Some(&member),
    );
    assert_eq!(Value::Object(told), json!({ "email": "z@example.com" }));
}

/// Compares the fast path with the general one, which a rule without effect brings about.
#[test]
fn without_rules_the_same_is_told_as_with_a_rule_that_says_nothing() {
    let (none, idle) = (
        rules(json!({})),
        rules(json!({ "map": [{ "claim": "x", "value": "y", "scope": "never" }] })),
    );
    let registered = ["profile", "email", "phone"].map(str::to_owned);
    let person = samples::person();
    for granted in [
        "openid",
        "openid email",
        "openid profile phone",
        "openid profile email phone address",
    ] {
        for asked in [
            &[][..],
            &["email"],
            &["name", "phone_number", "unknown"],
            &["email_verified"],
        ] {
            let asked: Vec<String> = asked.iter().map(|name| (*name).to_owned()).collect();
            let context = context(granted, &asked, &registered);
            for place in [Place::Userinfo, Place::IdToken, Place::FullIdToken] {
                let short = none.release(place, context, &person, "me", None);
                assert_eq!(
                    short,
                    idle.release(place, context, &person, "me", None),
                    "{granted} {asked:?} {place:?}"
                );
            }
        }
    }
}

#[test]
fn a_scope_taken_from_the_client_tells_nothing_any_more() {
    let registered = ["email".to_owned()];
    let plain = rules(json!({}));
    let granted = context("openid email groups", &[], &registered);
    assert!(!plain.needs_affiliation(Place::Userinfo, granted));
    let told = plain.release(
        Place::Userinfo,
        context("openid email", &[], &[]),
        &samples::person(),
        "me",
        None,
    );
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn a_proof_travels_with_its_claim() {
    let asked = ["email".to_owned()];
    let registered = ["email".to_owned()];
    let mut person = samples::person();
    for (verified, told) in [
        (false, json!({ "email": "z@example.com" })),
        (true, json!({ "email": "z@example.com", "email_verified": true })),
    ] {
        person.email_verified = verified;
        let context = context("openid", &asked, &registered);
        let released = rules(json!({})).release(Place::IdToken, context, &person, "me", None);
        assert_eq!(Value::Object(released), told);
    }
}

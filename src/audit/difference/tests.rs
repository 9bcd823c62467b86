//! What is told of changes, what is masked, and how much at most.

use serde_json::{Value, json};

use super::*;

fn told(before: Value, after: Value) -> Value {
    Difference::between(&before, &after).detail("changed", &[])
}

#[test]
fn only_what_differs_is_told_by_its_path() {
    let before =
        json!({ "name": "a", "guard": { "departures": { "count": 1, "percent": 5 } }, "same": [1], "updated_at": 1 });
    let after =
        json!({ "name": "b", "guard": { "departures": { "count": 2, "percent": 5 } }, "same": [1], "updated_at": 2 });
    let detail = told(before, after);
    assert_eq!(detail["before"], json!({ "name": "a", "guard.departures.count": 1 }));
    assert_eq!(detail["after"], json!({ "name": "b", "guard.departures.count": 2 }));
}

#[test]
fn what_appears_or_goes_stands_on_one_side() {
    let detail = told(json!({ "a": 1, "b": {} }), json!({ "c": 2, "b": { "d": null } }));
    assert_eq!(detail["before"], json!({ "a": 1, "b": {} }));
    assert_eq!(detail["after"], json!({ "c": 2, "b.d": null }));
    let same = told(json!({ "a": 1 }), json!({ "a": 1 }));
    assert_eq!(same, json!({ "action": "changed", "fields": [] }));
    let created = Difference::created(&json!({ "a": 1 })).detail("created", &["x"]);
    assert_eq!(
        created,
        json!({ "action": "created", "fields": ["x"], "after": { "a": 1 } })
    );
    let deleted = Difference::deleted(&json!({ "a": 1 })).detail("deleted", &[]);
    assert_eq!(
        deleted,
        json!({ "action": "deleted", "fields": [], "before": { "a": 1 } })
    );
}

#[test]
fn whatever_sounds_like_a_secret_is_masked_wherever_it_stands() {
    let secret = "do-not-tell";
    for name in [
        "client_secret",
        "Token",
        "encoding_aes_key",
        "password_hash",
        "secret_sealed",
        "new_api_key_of_a_later_version",
        "recovery_codes",
    ] {
        for value in [
            json!(secret),
            json!([secret]),
            json!({ "inner": secret }),
            json!(271_828),
        ] {
            for document in [
                json!({ name: value }),
                json!({ "outer": { name: value } }),
                json!({ "list": [{ name: value }] }),
                json!({ "list": [[{ "deep": { name: value } }]] }),
            ] {
                let detail = Difference::created(&document).also("more", document.clone());
                let detail = detail.detail("created", &[]).to_string();
                assert!(
                    !detail.contains(secret) && !detail.contains("271828"),
                    "{name}: {detail}"
                );
                assert!(detail.contains(MASK), "{name}: {detail}");
            }
        }
    }
}

#[test]
fn that_one_is_set_or_replaced_is_no_secret() {
    let detail = told(
        json!({ "client_secret_set": false, "token": null }),
        json!({ "client_secret_set": true, "token": "x" }),
    );
    assert_eq!(detail["before"], json!({ "client_secret_set": false, "token": null }));
    assert_eq!(detail["after"], json!({ "client_secret_set": true, "token": MASK }));
    let replaced = Difference::default()
        .secret("client_secret", true, true)
        .detail("secret_rotated", &[]);
    assert_eq!(
        (
            &replaced["before"]["client_secret"],
            &replaced["after"]["client_secret"]
        ),
        (&json!(MASK), &json!(MASK))
    );
}

#[test]
fn harmless_names_and_public_keys_are_told() {
    let detail = told(
        json!({ "access_token_lifetime": 600, "login_password": true }),
        json!({ "access_token_lifetime": 300, "login_password": false }),
    );
    assert_eq!(
        detail["after"],
        json!({ "access_token_lifetime": 300, "login_password": false })
    );
    let key = json!({ "kty": "EC", "kid": "one", "crv": "P-256", "x": "abc", "y": "def", "d": "private" });
    let detail = Difference::created(&json!({ "metadata": { "jwks": { "keys": [key] } } })).detail("created", &[]);
    assert_eq!(
        detail["after"]["metadata.jwks"],
        json!([{ "kty": "EC", "kid": "one", "crv": "P-256" }])
    );
}

#[test]
fn long_lists_are_told_by_what_came_and_went() {
    let users: Vec<Value> = (0..3000).map(|number| json!(format!("user-{number}"))).collect();
    let mut fewer = users.clone();
    fewer.remove(7);
    fewer.push(json!("new"));
    let detail = told(json!({ "allowed_users": users }), json!({ "allowed_users": fewer }));
    assert_eq!(
        detail["before"]["allowed_users"],
        json!({ "entries": 3000, "removed": ["user-7"] })
    );
    assert_eq!(
        detail["after"]["allowed_users"],
        json!({ "entries": 3000, "added": ["new"] })
    );
}

#[test]
fn an_event_is_bounded_whatever_was_changed() {
    let long = "长".repeat(100_000);
    let document: Value = (0..200).map(|number| (format!("field{number}"), json!(long))).collect();
    let detail = Difference::between(&json!({ "many": vec![long.clone(); 300] }), &document).detail("changed", &[]);
    assert!(detail.to_string().len() < 40_000, "{}", detail.to_string().len());
    let one = told(json!({ "description": long }), json!({ "description": "" }));
    assert_eq!(one["before"]["description"].as_str().unwrap().chars().count(), 501);
}

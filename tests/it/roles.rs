//! Which role may call what, for the resources whose handlers need the whole product around them; the others are in
//! `src/admin/http/tests/roles.rs`.

mod scoped;

use serde_json::{Value, json};

use crate::{
    actors::{Admin, text},
    fixture::Fixture,
    scenario,
};

const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// From the least rank to the one that may everything.
const RANKS: [&str; 4] = ["auditor", "operator", "admin", "owner"];

/// Kinds of tokens that reach only what they name; they have no rank.
const KINDS: [&str; 2] = ["sync", "portal"];

/// Method, path, the least rank that may, and the scoped kind that may besides.
const MATRIX: &[(&str, &str, &str, &str)] = &[
    ("GET", "access-checks", "auditor", "portal"),
    ("GET", "clients/{id}/access-checks", "auditor", "portal"),
    ("GET", "clients/{id}/access-checks.csv", "auditor", "portal"),
    ("GET", "clients/{id}/access-checks/counts", "auditor", "portal"),
    ("GET", "users/{id}/access-checks", "auditor", ""),
    ("GET", "activity", "auditor", ""),
    ("GET", "clients/{id}/claims", "auditor", ""),
    ("GET", "sessions", "auditor", "portal"),
    ("GET", "sessions/{id}", "auditor", "portal"),
    ("DELETE", "sessions/{id}", "operator", "portal"),
    ("POST", "sessions/end", "operator", "portal"),
    ("DELETE", "users/{id}/sessions", "operator", ""),
    ("GET", "users/{id}/consents", "auditor", ""),
    ("DELETE", "users/{id}/consents", "operator", ""),
    ("DELETE", "users/{id}/consents/{client}", "operator", ""),
    ("POST", "users/{id}/password-link", "operator", ""),
    ("DELETE", "users/{id}/password", "operator", ""),
    ("POST", "users/{id}/reset", "operator", ""),
    ("POST", "users/{id}/totp-link", "operator", ""),
    ("DELETE", "users/{id}/totp", "operator", ""),
    ("GET", "users/{id}/passkeys", "auditor", ""),
    ("DELETE", "users/{id}/passkeys/{passkey}", "operator", ""),
    ("GET", "groups", "auditor", ""),
    ("POST", "groups", "admin", ""),
    ("GET", "groups/{id}", "auditor", ""),
    ("PATCH", "groups/{id}", "admin", ""),
    ("DELETE", "groups/{id}", "admin", ""),
    ("GET", "groups/{id}/users", "auditor", ""),
    ("POST", "groups/{id}/users", "admin", ""),
    ("DELETE", "groups/{id}/users/{user}", "admin", ""),
    ("GET", "doctor", "auditor", ""),
    ("GET", "keys", "auditor", ""),
    ("POST", "keys/rotate", "admin", ""),
    ("GET", "logout-deliveries", "auditor", "portal"),
    ("POST", "members/import", "operator", ""),
    ("POST", "members/{id}/import", "operator", ""),
    ("POST", "members/{id}/exclude", "operator", ""),
    ("GET", "access-requests", "auditor", ""),
    ("GET", "access-requests/{id}", "auditor", ""),
    ("POST", "access-requests/{id}/approve", "operator", ""),
    ("POST", "access-requests/{id}/refuse", "operator", ""),
    ("GET", "installations", "auditor", ""),
    ("GET", "installations/{id}", "auditor", ""),
    ("POST", "installations/{id}/check", "operator", ""),
    ("POST", "installations/returned", "admin", ""),
    ("POST", "installations/scanned", "admin", ""),
    ("POST", "suites/{id}/invitations", "admin", ""),
    ("GET", "suites/{id}/invitations/{invitation}", "admin", ""),
    ("POST", "suites/{id}/invitations/{invitation}/scan", "admin", ""),
    ("GET", "data-sources/{id}/moves", "auditor", ""),
    ("POST", "data-sources/{id}/moves", "admin", ""),
    ("GET", "data-sources/{id}/moves/{move}", "auditor", ""),
    ("PATCH", "data-sources/{id}/moves/{move}", "admin", ""),
    ("DELETE", "data-sources/{id}/moves/{move}", "admin", ""),
    ("POST", "data-sources/{id}/moves/{move}/pair", "admin", ""),
    ("GET", "data-sources/{id}/moves/{move}/pairs", "auditor", ""),
    ("PUT", "data-sources/{id}/moves/{move}/pairs/{member}", "admin", ""),
    ("GET", "data-sources/{id}/moves/{move}/joined", "auditor", ""),
    ("POST", "data-sources/{id}/moves/{move}/rehearse", "admin", ""),
    ("POST", "data-sources/{id}/moves/{move}/change", "admin", ""),
    ("POST", "data-sources/{id}/moves/{move}/undo", "admin", ""),
    ("POST", "data-sources/{id}/moves/{move}/finish", "admin", ""),
    ("GET", "conflicts", "auditor", ""),
    ("POST", "conflicts/{id}/link", "admin", ""),
    ("POST", "conflicts/{id}/rename", "operator", ""),
    ("POST", "conflicts/{id}/ignore", "operator", ""),
    ("POST", "conflicts/{id}/reopen", "operator", ""),
    ("GET", "identity-findings", "auditor", ""),
    ("GET", "identity-findings.csv", "auditor", ""),
    ("GET", "identity-findings/{id}", "auditor", ""),
    ("POST", "identity-findings/{id}/decide", "admin", ""),
    ("GET", "offboardings", "auditor", ""),
    ("GET", "offboardings/summary", "auditor", ""),
    ("GET", "offboardings/{id}", "auditor", ""),
    ("GET", "offboardings/{id}/export", "auditor", ""),
    ("POST", "offboardings/{id}/resend", "operator", ""),
    ("GET", "logout-deliveries/{id}", "auditor", "portal"),
    ("POST", "logout-deliveries/{id}/retry", "operator", "portal"),
    ("GET", "initial-access-tokens", "auditor", ""),
    ("POST", "initial-access-tokens", "admin", ""),
    ("GET", "initial-access-tokens/{id}", "auditor", ""),
    ("DELETE", "initial-access-tokens/{id}", "admin", ""),
    ("GET", "data-sources/{id}/callbacks", "auditor", ""),
    ("POST", "data-sources/{id}/callbacks", "admin", ""),
    ("GET", "data-sources/{id}/external-contact-events", "auditor", ""),
    ("GET", "data-sources/{id}/external-contact-events.csv", "auditor", ""),
    ("GET", "data-sources/{id}/external-contact-counts", "auditor", ""),
    ("GET", "data-sources/{id}/probe", "auditor", ""),
    ("POST", "data-sources/{id}/probe", "operator", ""),
    ("POST", "data-sources/{id}/ask-again", "operator", ""),
    ("GET", "wecom-apps/{id}/probe", "auditor", ""),
    ("POST", "wecom-apps/{id}/probe", "operator", ""),
    ("GET", "sync-runs/{id}/events", "auditor", "sync"),
    ("GET", "sync-runs/{id}/rows.csv", "auditor", "sync"),
    ("POST", "sync-runs/{id}/undo", "operator", ""),
    ("POST", "sync-runs/{id}/confirm", "operator", ""),
    ("GET", "audit-events.csv", "auditor", ""),
    ("GET", "audit-events.jsonl", "auditor", ""),
    ("GET", "traces/{reference}", "auditor", ""),
    ("GET", "suites", "auditor", ""),
    ("POST", "suites", "admin", ""),
    ("GET", "suites/{id}", "auditor", ""),
    ("PATCH", "suites/{id}", "admin", ""),
    ("DELETE", "suites/{id}", "admin", ""),
    ("POST", "suites/{id}/renew", "admin", ""),
    ("POST", "suites/{id}/check", "operator", ""),
    ("GET", "suites/{id}/pushes", "auditor", ""),
    ("GET", "verification-files", "auditor", ""),
    ("POST", "verification-files", "admin", ""),
    ("GET", "verification-files/{id}", "auditor", ""),
    ("DELETE", "verification-files/{id}", "admin", ""),
    ("GET", "grants", "auditor", ""),
    ("GET", "grants/{id}", "auditor", ""),
    ("DELETE", "grants/{id}", "operator", ""),
    ("DELETE", "users/{id}/grants", "operator", ""),
    ("DELETE", "clients/{id}/grants", "operator", ""),
    ("GET", "operators", "auditor", ""),
    ("GET", "operators/{id}", "auditor", ""),
    ("PUT", "operators/{id}", "admin", ""),
    ("DELETE", "operators/{id}", "admin", ""),
    ("GET", "data-sources/{id}/callbacks/{callback}", "auditor", ""),
    ("DELETE", "data-sources/{id}/callbacks/{callback}", "admin", ""),
    ("POST", "data-sources/{id}/callbacks/{callback}/renew", "admin", ""),
    ("GET", "refusals", "auditor", ""),
    ("GET", "refusals.csv", "auditor", ""),
    ("GET", "members.csv", "auditor", ""),
    ("GET", "clients.csv", "auditor", "portal"),
    ("GET", "access-requests.csv", "auditor", ""),
    ("GET", "offboardings.csv", "auditor", ""),
    ("GET", "sync-runs.csv", "auditor", "sync"),
    ("GET", "conflicts.csv", "auditor", ""),
    ("GET", "groups.csv", "auditor", ""),
    ("GET", "installations.csv", "auditor", ""),
    ("GET", "api-tokens.csv", "auditor", ""),
    ("GET", "operators.csv", "auditor", ""),
    ("GET", "logout-deliveries.csv", "auditor", "portal"),
    ("GET", "health", "auditor", ""),
    ("GET", "notice-channels", "auditor", ""),
    ("POST", "notice-channels", "admin", ""),
    ("GET", "notice-channels/{id}", "auditor", ""),
    ("PATCH", "notice-channels/{id}", "admin", ""),
    ("DELETE", "notice-channels/{id}", "admin", ""),
    ("POST", "notice-channels/{id}/test", "admin", ""),
    ("POST", "notice-channels/{id}/compare", "admin", ""),
    ("GET", "notice-subscriptions", "auditor", ""),
    ("POST", "notice-subscriptions", "admin", ""),
    ("GET", "notice-subscriptions/{id}", "auditor", ""),
    ("PATCH", "notice-subscriptions/{id}", "admin", ""),
    ("DELETE", "notice-subscriptions/{id}", "admin", ""),
    ("GET", "notices", "auditor", ""),
    ("GET", "notices.csv", "auditor", ""),
    ("GET", "notices/{id}", "auditor", ""),
    ("POST", "notices/{id}/resend", "operator", ""),
    ("GET", "personal-notices", "auditor", ""),
    ("POST", "users/{id}/email-verification", "operator", ""),
    ("PATCH", "personal-notices", "admin", ""),
    ("GET", "settings", "auditor", ""),
    ("GET", "branding", "auditor", ""),
    ("PUT", "branding", "admin", ""),
    ("PATCH", "branding", "admin", ""),
    ("PUT", "branding/logo", "admin", ""),
    ("DELETE", "branding/logo", "admin", ""),
    ("GET", "branding/companies", "auditor", ""),
    ("GET", "data-sources/{id}/branding", "auditor", ""),
    ("PUT", "data-sources/{id}/branding", "admin", ""),
    ("PATCH", "data-sources/{id}/branding", "admin", ""),
    ("DELETE", "data-sources/{id}/branding", "admin", ""),
    ("PUT", "data-sources/{id}/branding/logo", "admin", ""),
    ("DELETE", "data-sources/{id}/branding/logo", "admin", ""),
    ("GET", "refusals/summary", "auditor", ""),
    ("POST", "clients/{id}/trials", "admin", ""),
    ("GET", "trials/{id}", "admin", ""),
];

fn path_of(pattern: &str) -> String {
    let path = pattern
        .replace("{id}", NIL)
        .replace("{callback}", NIL)
        .replace("{passkey}", NIL)
        .replace("{invitation}", NIL)
        .replace("{move}", NIL)
        .replace("{member}", NIL)
        .replace("{client}", "wiki");
    path.replace("{reference}", "0000-0000").replace("{user}", NIL)
}

scenario!(
    every_operation_of_people_and_keys_asks_for_its_role,
    |fixture: Fixture| async move {
        fixture.portal("own", json!({})).await;
        let callers = RANKS.iter().chain(&KINDS);
        for role in callers {
            let scope = (*role == "portal").then(|| json!({ "clients": ["own"] }));
            let token = json!({ "name": role, "role": role, "scope": scope });
            let token = fixture.admin().create("api-tokens", token).await;
            let caller = Admin::new(&fixture.http, &fixture.base, text(&token, "token"));
            for (method, pattern, needed, scoped) in MATRIX {
                // What passes the role fails on what is in the body, or on what is not there.
                let body = matches!(*method, "POST" | "PUT" | "PATCH").then(|| json!({ "unknown": 1 }));
                let (status, text) = caller.status(method, &path_of(pattern), body).await;
                // An export is no JSON.
                let answer: Value = serde_json::from_str(&text).unwrap_or_default();
                let rank = |name: &str| RANKS.iter().position(|rank| *rank == name);
                let may = rank(role).is_some_and(|own| own >= rank(needed).unwrap()) || role == scoped;
                let refused = status == 403 && answer["number"] == "AD-103";
                assert_eq!(may, !refused, "{method} {pattern} by {role}: {status} {text}");
                assert!(status < 500, "{method} {pattern} by {role}: {text}");
                if !may {
                    let detail = answer["detail"].as_str().unwrap();
                    assert!(detail.contains(needed), "{method} {pattern} by {role}: {text}");
                }
            }
        }
        assert_eq!(fixture.admin().get("initial-access-tokens").await["items"], json!([]));
    }
);

scenario!(
    without_a_token_nothing_of_people_and_keys_is_looked_at,
    |fixture: Fixture| async move {
        let nobody = Admin::new(&fixture.http, &fixture.base, "wrong");
        for (method, pattern, ..) in MATRIX {
            let reply = nobody.call(method, &path_of(pattern), None).await;
            assert_eq!(reply.refusal(), (401, "AD-102"), "{method} {pattern}");
        }
        assert_eq!(fixture.admin().get("sessions").await["items"], json!([]));
    }
);

/// A resource without a line in either matrix would be one whose role nobody checks.
#[test]
fn every_resource_stands_in_a_matrix() {
    let home = concat!(env!("CARGO_MANIFEST_DIR"), "/src/admin/http");
    let elsewhere = std::fs::read_to_string(format!("{home}/tests/roles.rs")).unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(home).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for resource in text.split("resource(\"/").skip(1) {
            let resource = resource.split('"').next().unwrap();
            // The API's own document stands beside what needs a token.
            if resource.starts_with("api/v1/") {
                continue;
            }
            let there = resource.split("{").map(|part| part.split('}').next_back().unwrap());
            let there: Vec<&str> = there.collect();
            let stands = MATRIX.iter().any(|(_, pattern, ..)| *pattern == resource)
                || elsewhere.lines().any(|line| fits(line, &there));
            assert!(stands, "{resource} of {} is in no matrix", path.display());
            found += 1;
        }
    }
    assert!(found > 20, "{found}");
}

/// Whether a line of the other matrix names this path, whatever stands for its parameters.
fn fits(line: &str, parts: &[&str]) -> bool {
    let Some(path) = line.split("\"/").nth(1).and_then(|rest| rest.split('"').next()) else {
        return false;
    };
    match parts {
        [whole] => path == *whole,
        [first, .., last] => path.starts_with(first) && path.ends_with(last) && path.len() > first.len() + last.len(),
        [] => false,
    }
}

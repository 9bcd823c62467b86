//! Which role may call what, for the resources whose handlers need the whole product around them; the others are in
//! `src/admin/http/tests/roles.rs`.

use serde_json::json;

use crate::{actors::Admin, fixture::Fixture, scenario};

const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// From the least role to the one that may everything.
const ROLES: [&str; 3] = ["auditor", "operator", "admin"];

/// Method, path, and the least role that may.
const MATRIX: &[(&str, &str, &str)] = &[
    ("GET", "access-checks", "auditor"),
    ("GET", "clients/{id}/access-checks", "auditor"),
    ("GET", "clients/{id}/access-checks.csv", "auditor"),
    ("GET", "clients/{id}/access-checks/counts", "auditor"),
    ("GET", "sessions", "auditor"),
    ("GET", "sessions/{id}", "auditor"),
    ("DELETE", "sessions/{id}", "operator"),
    ("POST", "sessions/end", "operator"),
    ("DELETE", "users/{id}/sessions", "operator"),
    ("GET", "users/{id}/consents", "auditor"),
    ("DELETE", "users/{id}/consents", "operator"),
    ("DELETE", "users/{id}/consents/{client}", "operator"),
    ("GET", "grants", "auditor"),
    ("GET", "grants/{id}", "auditor"),
    ("DELETE", "grants/{id}", "operator"),
    ("DELETE", "users/{id}/grants", "operator"),
    ("DELETE", "clients/{id}/grants", "operator"),
    ("GET", "operators", "auditor"),
    ("GET", "operators/{id}", "auditor"),
    ("PUT", "operators/{id}", "admin"),
    ("DELETE", "operators/{id}", "admin"),
    ("POST", "users/{id}/password-link", "operator"),
    ("DELETE", "users/{id}/password", "operator"),
    ("POST", "users/{id}/totp-link", "operator"),
    ("DELETE", "users/{id}/totp", "operator"),
    ("GET", "doctor", "auditor"),
    ("GET", "keys", "auditor"),
    ("POST", "keys/rotate", "admin"),
    ("GET", "logout-deliveries", "auditor"),
    ("POST", "members/import", "operator"),
    ("POST", "members/{id}/import", "operator"),
    ("POST", "members/{id}/exclude", "operator"),
    ("GET", "conflicts", "auditor"),
    ("POST", "conflicts/{id}/link", "admin"),
    ("POST", "conflicts/{id}/rename", "operator"),
    ("POST", "conflicts/{id}/ignore", "operator"),
    ("POST", "conflicts/{id}/reopen", "operator"),
    ("GET", "identity-findings", "auditor"),
    ("GET", "identity-findings/{id}", "auditor"),
    ("POST", "identity-findings/{id}/decide", "admin"),
    ("GET", "offboardings", "auditor"),
    ("GET", "offboardings/{id}", "auditor"),
    ("GET", "offboardings/{id}/export", "auditor"),
    ("POST", "offboardings/{id}/resend", "operator"),
    ("GET", "logout-deliveries/{id}", "auditor"),
    ("POST", "logout-deliveries/{id}/retry", "operator"),
    ("GET", "initial-access-tokens", "auditor"),
    ("POST", "initial-access-tokens", "admin"),
    ("GET", "initial-access-tokens/{id}", "auditor"),
    ("DELETE", "initial-access-tokens/{id}", "admin"),
    ("GET", "data-sources/{id}/callbacks", "auditor"),
    ("POST", "data-sources/{id}/callbacks", "admin"),
    ("GET", "data-sources/{id}/callbacks/{callback}", "auditor"),
    ("DELETE", "data-sources/{id}/callbacks/{callback}", "admin"),
    ("POST", "data-sources/{id}/callbacks/{callback}/renew", "admin"),
    ("GET", "data-sources/{id}/probe", "auditor"),
    ("POST", "data-sources/{id}/probe", "operator"),
    ("GET", "wecom-apps/{id}/probe", "auditor"),
    ("POST", "wecom-apps/{id}/probe", "operator"),
    ("GET", "sync-runs/{id}/events", "auditor"),
    ("GET", "sync-runs/{id}/rows.csv", "auditor"),
    ("POST", "sync-runs/{id}/undo", "operator"),
    ("POST", "sync-runs/{id}/confirm", "operator"),
    ("GET", "traces/{reference}", "auditor"),
    ("GET", "refusals", "auditor"),
    ("GET", "health", "auditor"),
    ("GET", "settings", "auditor"),
    ("GET", "branding", "auditor"),
    ("PUT", "branding", "admin"),
    ("PATCH", "branding", "admin"),
    ("PUT", "branding/logo", "admin"),
    ("DELETE", "branding/logo", "admin"),
    ("GET", "refusals/summary", "auditor"),
    ("GET", "verification-files", "auditor"),
    ("POST", "verification-files", "admin"),
    ("GET", "verification-files/{id}", "auditor"),
    ("DELETE", "verification-files/{id}", "admin"),
];

fn path_of(pattern: &str) -> String {
    let path = pattern
        .replace("{id}", NIL)
        .replace("{callback}", NIL)
        .replace("{client}", "wiki");
    path.replace("{reference}", "0000-0000")
}

scenario!(
    every_operation_of_people_and_keys_asks_for_its_role,
    |fixture: Fixture| async move {
        for (rank, role) in ROLES.iter().enumerate() {
            let caller = fixture.admin_with_role(role).await;
            for (method, pattern, needed) in MATRIX {
                // What passes the role fails on what is in the body, or on what is not there.
                let body = matches!(*method, "POST" | "PUT" | "PATCH").then(|| json!({ "unknown": 1 }));
                let reply = caller.call(method, &path_of(pattern), body).await;
                let may = rank >= ROLES.iter().position(|role| role == needed).unwrap();
                let refused = reply.status == 403 && reply.body["number"] == "AD-103";
                assert_eq!(
                    may, !refused,
                    "{method} {pattern} by {role}: {} {}",
                    reply.status, reply.body
                );
                assert!(reply.status < 500, "{method} {pattern} by {role}: {}", reply.body);
                if !may {
                    assert!(
                        reply.body["detail"].as_str().unwrap().contains(needed),
                        "{}",
                        reply.body
                    );
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
        for (method, pattern, _) in MATRIX {
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
            let there = resource.split("{").map(|part| part.split('}').next_back().unwrap());
            let there: Vec<&str> = there.collect();
            let stands = MATRIX.iter().any(|(_, pattern, _)| *pattern == resource)
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

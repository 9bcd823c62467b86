//! Tests of authorization: every operation and the role it needs.

use super::*;

/// Method, path, and the lowest role that may.
const MATRIX: &[(&str, &str, Role)] = &[
    ("GET", "/data-sources", Role::Auditor),
    ("GET", "/data-sources/{nil}", Role::Auditor),
    ("POST", "/data-sources", Role::Admin),
    ("PATCH", "/data-sources/{nil}", Role::Admin),
    ("DELETE", "/data-sources/{nil}", Role::Admin),
    ("POST", "/data-sources/{nil}/sync", Role::Operator),
    ("GET", "/auth-sources", Role::Auditor),
    ("GET", "/auth-sources/{nil}", Role::Auditor),
    ("POST", "/auth-sources", Role::Admin),
    ("PATCH", "/auth-sources/{nil}", Role::Admin),
    ("DELETE", "/auth-sources/{nil}", Role::Admin),
    ("GET", "/wecom-apps", Role::Auditor),
    ("GET", "/wecom-apps/{nil}", Role::Auditor),
    ("GET", "/wecom-apps/{nil}/outside-integration-scope", Role::Auditor),
    ("GET", "/clients", Role::Auditor),
    ("GET", "/clients/x", Role::Auditor),
    ("POST", "/clients", Role::Admin),
    ("PATCH", "/clients/x", Role::Admin),
    ("DELETE", "/clients/x", Role::Admin),
    ("POST", "/clients/x/secret", Role::Admin),
    ("GET", "/users", Role::Auditor),
    ("GET", "/users/{nil}", Role::Auditor),
    ("POST", "/users", Role::Operator),
    ("PATCH", "/users/{nil}", Role::Operator),
    ("DELETE", "/users/{nil}", Role::Operator),
    ("GET", "/members", Role::Auditor),
    ("GET", "/members/{nil}", Role::Auditor),
    ("GET", "/departments", Role::Auditor),
    ("GET", "/departments/{nil}", Role::Auditor),
    ("GET", "/tags", Role::Auditor),
    ("GET", "/sync-runs", Role::Auditor),
    ("GET", "/sync-runs/{nil}", Role::Auditor),
    ("GET", "/sync-runs/{nil}/rows", Role::Auditor),
    ("GET", "/api-tokens", Role::Auditor),
    ("GET", "/api-tokens/{nil}", Role::Auditor),
    ("POST", "/api-tokens", Role::Admin),
    ("DELETE", "/api-tokens/{nil}", Role::Admin),
    ("GET", "/audit-events", Role::Auditor),
    ("GET", "/audit-events/x", Role::Auditor),
];

#[actix_web::test]
async fn every_operation_asks_for_its_role_before_it_reads_the_body() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for role in Role::ALL {
        tokens.push((role, world.token_of(role).await));
    }
    let before = world.contents().await;
    for (method, path, needed) in MATRIX {
        let path = path.replace("{nil}", &Uuid::nil().to_string());
        for (role, token) in &tokens {
            // An invalid body: a caller that passes the role check fails on that, or on what does not exist.
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = world.request(token, method.clone(), &path).set_payload("{");
            let reply = world.send(request).await;
            if role < needed {
                let refused = reply.refused(403, "AD-103");
                assert!(refused.json()["detail"].as_str().unwrap().contains(needed.word()));
            } else {
                assert_ne!(reply.status, 403, "{method} {path} by {role:?}: {}", reply.text);
                assert!(reply.status < 500, "{method} {path}: {}", reply.text);
            }
        }
    }
    assert_eq!(world.contents().await, before);
}

#[actix_web::test]
async fn without_a_valid_token_nothing_is_even_looked_at() {
    let world = World::new().await;
    let before = world.contents().await;
    for (method, path, _) in MATRIX {
        let uri = format!("/api/v1{}", path.replace("{nil}", &Uuid::nil().to_string()));
        let bare = || actix_test::TestRequest::with_uri(&uri).method(Method::from_bytes(method.as_bytes()).unwrap());
        let missing = world.send(bare().set_payload("{")).await.refused(401, "AD-101");
        assert_eq!(missing.challenge.unwrap(), "Bearer realm=\"menjin\"");
        let wrong = bare().insert_header(("authorization", "Bearer wrong")).set_payload("{");
        let wrong = world.send(wrong).await.refused(401, "AD-102");
        assert!(wrong.challenge.unwrap().contains("invalid_token"));
    }
    assert_eq!(world.contents().await, before);
}

#[actix_web::test]
async fn odd_authorization_headers_are_refused() {
    let world = World::new().await;
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "bearer",
        "Token x",
        "Bearer \u{7f}",
    ] {
        let Ok(value) = actix_web::http::header::HeaderValue::from_bytes(header.as_bytes()) else {
            continue;
        };
        let request = actix_test::TestRequest::with_uri("/api/v1/users").insert_header(("authorization", value));
        assert_eq!(world.send(request).await.status, 401, "{header:?}");
    }
    let opaque = actix_web::http::header::HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let request = actix_test::TestRequest::with_uri("/api/v1/users").insert_header(("authorization", opaque));
    world.send(request).await.refused(401, "AD-101");
}

//! What is sent in the wrong form or place: told by the field's path, never taken for something else, never repeated.

mod names;
mod parameters;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Reply, id},
    fixture::{ADMIN_TOKEN, Fixture},
    registration::anonymous::{initial, least, manage, register, send},
    scenario,
};

/// A secret in the wrong place.
const SECRET: &str = "Kq7-secret-9XzW";

/// The detail of a refusal with this status and number.
fn detail(reply: &Reply, refusal: (u16, &str)) -> String {
    assert_eq!(reply.refusal(), refusal, "{}", reply.body);
    reply.body["detail"].as_str().unwrap().to_owned()
}

scenario!(a_list_is_no_object_and_changes_nothing, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let portal = fixture.portal("wiki", json!({})).await;
    let admin = fixture.admin();
    let one = format!("data-sources/{}", id(&source));
    let resources = ["data-sources", "auth-sources", "clients", "users", "api-tokens"];
    let callbacks = format!("{one}/callbacks");
    admin.create(&callbacks, json!({ "owner": "contacts" })).await;
    let mut before = Vec::new();
    for resource in resources {
        before.push(admin.get(resource).await);
    }
    let own = register(&fixture, &initial(&fixture, 5).await, &least()).await.ok(201);
    for (method, path, body) in [
        ("PATCH", one.as_str(), json!(["renamed"])),
        ("POST", "api-tokens", json!(["x", "admin"])),
        ("POST", &callbacks, json!(["contacts"])),
        ("POST", "users", json!(["x"])),
        ("POST", "clients/wiki/secret", json!(["none"])),
        ("POST", "keys/rotate", json!(["RS256", true])),
        ("PATCH", &one, json!({ "app": [sample::AGENT_ID, "secret"] })),
        (
            "POST",
            "clients",
            json!({ "name": "x", "redirect_uris": ["https://x.example/"], "metadata": { "claims": [[], []] } }),
        ),
        ("POST", "users", json!({ "username": "x", "profile": ["a"] })),
    ] {
        let told = detail(&admin.call(method, path, Some(body)).await, (400, "WB-101"));
        assert!(told.ends_with("must be an object"), "{path}: {told}");
    }
    for (path, body, field) in [
        (
            "clients/wiki",
            json!({ "metadata": { "claims": [[], []] } }),
            "metadata.claims: must be an object",
        ),
        (
            "clients/wiki",
            json!({ "metadata": { "claims": { "map": [["nickname", "name"]] } } }),
            "metadata.claims.map[0]: must be an object",
        ),
    ] {
        assert_eq!(
            detail(&admin.call("PATCH", path, Some(body)).await, (422, "RG-101")),
            field
        );
    }
    let list = json!([["https://grafana.portal.example/callback"]]);
    let token = initial(&fixture, 1).await;
    let url = format!("{}/oauth2/register", fixture.base);
    send(&fixture, "POST", &url, Some(&token), Some(&list))
        .await
        .refused(400, "invalid_client_metadata", "RG-205");
    manage(&fixture, "PUT", &own, Some(&list))
        .await
        .refused(400, "invalid_client_metadata", "RG-205");
    for claims in [
        r#"{"userinfo":{"name":[true]}}"#,
        r#"{"userinfo":{"name":null,"name":null}}"#,
        "[{}]",
    ] {
        let page = fixture
            .browser()
            .get(&portal.authorize_url(&[("claims", claims)]))
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{claims}");
    }
    for (resource, before) in resources.into_iter().zip(before) {
        let known = |list: &Value| list["items"].as_array().unwrap().len();
        let after = admin.get(resource).await;
        assert!(
            after == before || resource == "clients" && known(&after) == known(&before) + 1,
            "{resource}"
        );
    }
});

scenario!(
    all_faults_are_told_by_path_and_a_secret_in_the_wrong_place_is_not_repeated,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        let one = format!("data-sources/{}", id(&source));
        let cases: Vec<(&str, &str, Value, &str)> = vec![
            ("PATCH", &one, json!({ "app": SECRET }), "app: must be an object"),
            (
                "PATCH",
                &one,
                json!({ "app": { "agent_id": SECRET } }),
                "app.agent_id: must be a whole number",
            ),
            (
                "PATCH",
                &one,
                json!({ "duplicate_rule": SECRET, "enabled": SECRET, "login_methods": [SECRET], SECRET: 1 }),
                "body: has a field that is not known here; known are name, description, corp_id, contacts_secret, customer_secret, app, auto_sync_hours, read_by, \
              duplicate_rule, doubtful_identity, import, match_by, username_template, login_methods, removal_threshold_percent, guard, enabled, email_sources, vouched_email_domains, access_requests, approvers, save_anyway; duplicate_rule: must be one of overwrite, skip; \
              enabled: must be true or false; login_methods[0]: must be one of password, wecom_qr",
            ),
            (
                "PATCH",
                "clients/wiki",
                json!({ "auth_method": SECRET }),
                "auth_method: must be one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none",
            ),
            (
                "POST",
                "clients/wiki/secret",
                json!({ "auth_method": SECRET, "colour": 1 }),
                "auth_method: must be one of client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, none; \
              colour: is not known here; known are auth_method",
            ),
            (
                "POST",
                "api-tokens",
                json!({ "role": SECRET, "expires_at": SECRET }),
                "expires_at: must be a whole number; role: must be one of sync, portal, auditor, operator, admin, owner; name: is needed",
            ),
            (
                "POST",
                "users",
                json!({ "username": 5, "profile": { "given_name": 5, "address": SECRET } }),
                "profile.address: must be an object; profile.given_name: must be a text; username: must be a text",
            ),
        ];
        for (method, path, body, expected) in cases {
            let reply = admin.call(method, path, Some(body)).await;
            let told = detail(&reply, (400, "WB-101"));
            let sorted = |text: &str| {
                let mut parts: Vec<String> = text
                    .replace("; known", ", known")
                    .split("; ")
                    .map(str::to_owned)
                    .collect();
                parts.sort();
                parts
            };
            assert_eq!(sorted(&told), sorted(expected), "{path}");
            assert!(!reply.body.to_string().contains(SECRET), "{}", reply.body);
        }
        let twice = fixture
            .http
            .post(format!("{}/api/v1/users", fixture.base))
            .bearer_auth(ADMIN_TOKEN);
        let twice = twice
            .header("content-type", "application/json")
            .body(format!(r#"{{"username":"{SECRET}","username":"b"}}"#));
        let twice = twice.send().await.unwrap();
        assert_eq!(twice.status(), 400);
        let told = twice.text().await.unwrap();
        assert!(
            told.contains("username: stands twice") && !told.contains(SECRET),
            "{told}"
        );
        let broken = fixture
            .http
            .post(format!("{}/api/v1/users", fixture.base))
            .bearer_auth(ADMIN_TOKEN);
        let broken = broken
            .header("content-type", "application/json")
            .body(format!("{{\"username\":{SECRET}}}"));
        let told = broken.send().await.unwrap().text().await.unwrap();
        assert!(
            told.contains("is no JSON (line 1, column 1") && !told.contains(SECRET),
            "{told}"
        );
        let token = initial(&fixture, 1).await;
        let mut body = least();
        body["token_endpoint_auth_method"] = json!(SECRET);
        body["require_auth_time"] = json!(SECRET);
        let reply = register(&fixture, &token, &body).await;
        let reply = reply.refused(400, "invalid_client_metadata", "RG-203");
        assert!(!reply.body.to_string().contains(SECRET), "{reply:?}");
    }
);

scenario!(
    control_characters_are_refused_with_their_field_everywhere,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        let one = format!("data-sources/{}", id(&source));
        let map = |value: &str| json!({ "metadata": { "claims": { "map": [{ "claim": "x", "value": value }] } } });
        for (method, path, body, field) in [
            ("PATCH", "clients/wiki", map("a\0"), "metadata.claims.map[0].value"),
            ("PATCH", "clients/wiki", map("a\u{9f}"), "metadata.claims.map[0].value"),
            (
                "PATCH",
                "clients/wiki",
                json!({ "metadata": { "claims": { "groups": { "allow": ["a", "b\0"] } } } }),
                "metadata.claims.groups.allow[1]",
            ),
            (
                "PATCH",
                "clients/wiki",
                json!({ "metadata": { "jwks": { "keys": [{ "kty": "\0" }] } } }),
                "metadata.jwks.keys[0].kty",
            ),
            (
                "POST",
                "users",
                json!({ "username": "x", "display_name": "a\u{7f}" }),
                "display_name",
            ),
            ("POST", "users", json!({ "username": "x\0" }), "username"),
            ("PATCH", &one, json!({ "name": "a\nb" }), "name"),
            ("PATCH", &one, json!({ "description": "a\0" }), "description"),
            (
                "POST",
                "api-tokens",
                json!({ "name": "\u{1b}[31m", "role": "admin" }),
                "name",
            ),
        ] {
            let told = detail(&admin.call(method, path, Some(body)).await, (422, "WB-170"));
            assert_eq!(told, format!("{field}: must not hold control characters"));
        }
        admin.change(&one, json!({ "description": "first\nsecond" })).await;
        for path in [
            "users?q=a%00",
            "sessions?client_id=%00",
            "audit-events?reference=%1b",
            "clients?cursor=%00",
        ] {
            assert_eq!(admin.call("GET", path, None).await.refusal(), (422, "WB-170"), "{path}");
        }
        for path in ["clients/%00", "users/%00", "audit-events/%00", "users/%00/consents/%00"] {
            let status = admin.call("GET", path, None).await.status;
            assert!((400..500).contains(&status), "{path}: {status}");
        }
        let mut body = least();
        body["client_name"] = json!("a\0");
        body["redirect_uris"] = json!("https://x.example/");
        let reply = register(&fixture, &initial(&fixture, 1).await, &body).await;
        let reply = reply.refused(400, "invalid_client_metadata", "RG-203");
        let told = reply.body["error_description"].as_str().unwrap();
        assert!(
            told.contains("redirect_uris: must be a list; client_name: must not hold"),
            "{told}"
        );
    }
);

scenario!(
    a_query_parameter_that_is_not_known_is_refused_with_those_that_are,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({})).await;
        let admin = fixture.admin();
        for (method, path, known) in [
            (
                "GET",
                "users?name=x",
                "name: is not known here; known are cursor, limit, sort, q, ids, username, status, data_source, console_role, group, department, lacks, client, signed_in",
            ),
            (
                "GET",
                "clients?name=x",
                "name: is not known here; known are cursor, limit, sort, q, auth_source, enabled",
            ),
            (
                "GET",
                "clients/wiki?fields=x",
                "fields: is not known here; known are none",
            ),
            ("GET", "keys?alg=x", "alg: is not known here; known are none"),
            ("POST", "keys/rotate?now=true", "now: is not known here; known are none"),
            (
                "DELETE",
                "clients/wiki?dry_run=1",
                "dry_run: is not known here; known are none",
            ),
            ("GET", "users?limit=1&limit=2", "limit: stands twice"),
            ("GET", "sessions?user_id=Kq7-secret", "user_id: must be an id (a UUID)"),
        ] {
            let body = (method == "POST").then(|| json!({}));
            assert_eq!(detail(&admin.call(method, path, body).await, (400, "WB-101")), known);
        }
        let told = detail(
            &admin.call("GET", "audit-events?kind=signed-in", None).await,
            (422, "AD-105"),
        );
        assert!(told.starts_with("kind: must be one of signed_in, refused, "), "{told}");
        assert_eq!(admin.get("clients/wiki").await["client_id"], "wiki");
    }
);

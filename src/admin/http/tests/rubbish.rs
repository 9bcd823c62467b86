//! Tests of invalid input at every resource: a 4xx with a number, and nothing changed.

use super::*;

/// Posted as JSON to a collection: path, body, status, number.
type Case = (&'static str, String, u16, &'static str);

/// Bodies that no collection can read.
fn unreadable() -> Vec<Case> {
    let deep = "[".repeat(5000);
    let mut cases = Vec::new();
    for path in ["/data-sources", "/auth-sources", "/clients", "/users", "/api-tokens"] {
        for body in [
            "",
            "{",
            "nonsense",
            "null",
            "[]",
            "42",
            "\"text\"",
            "{}",
            "{\"a\":1}",
            "\u{0}",
            deep.as_str(),
        ] {
            cases.push((path, body.to_owned(), 400, "WB-101"));
        }
        let huge = format!("{{\"name\":\"{}\"}}", "x".repeat(1024 * 1024));
        cases.push((path, huge, 413, "WB-103"));
    }
    cases
}

/// An acceptable data source but for one field.
fn sources(status: u16, number: &'static str, fields: Vec<(&str, Value)>) -> Vec<Case> {
    let case = |(field, value): (&str, Value)| {
        let mut body = json!({"name": "a", "corp_id": "wwA"});
        body[field] = value;
        ("/data-sources", body.to_string(), status, number)
    };
    fields.into_iter().map(case).collect()
}

fn mistyped_sources() -> Vec<Case> {
    let fields = vec![
        ("unknown", json!(1)),
        ("name", json!(1)),
        ("corp_id", json!(["wwA"])),
        ("contacts_secret", json!(12345)),
        ("auto_sync_hours", json!("4")),
        ("auto_sync_hours", json!(4.5)),
        ("auto_sync_hours", json!(1e300)),
        ("read_by", json!("exports")),
        ("read_by", json!(null)),
        ("duplicate_rule", json!("merge")),
        ("import", json!("some")),
        ("import", json!(null)),
        ("match_by", json!("email")),
        ("match_by", json!(["userid"])),
        ("match_by", json!([1])),
        ("username_template", json!(1)),
        ("login_methods", json!("password")),
        ("login_methods", json!(["sms"])),
        ("app", json!({"agent_id": "1"})),
        ("app", json!({"agent_id": 1, "secret": null})),
        ("app", json!({"agent_id": 1, "extra": 1})),
        ("enabled", json!("yes")),
    ];
    sources(400, "WB-101", fields)
}

fn unacceptable_sources() -> Vec<Case> {
    let fields = vec![
        ("name", json!("")),
        ("name", json!("x".repeat(201))),
        ("name", json!("a\u{202e}b")),
        ("corp_id", json!("")),
        ("corp_id", json!("ww A")),
        ("corp_id", json!("ww'; DROP TABLE users;--")),
        ("contacts_secret", json!("")),
        ("contacts_secret", json!("a b")),
        ("auto_sync_hours", json!(5)),
        ("auto_sync_hours", json!(0)),
        ("app", json!({"secret": "s"})),
        ("app", json!({"agent_id": 0, "secret": "s"})),
        ("app", json!({"agent_id": -1, "secret": "s"})),
        ("match_by", json!(["email", "mobile", "email"])),
        ("username_template", json!("")),
        ("username_template", json!("everybody")),
        ("username_template", json!("{user}")),
        ("username_template", json!("{userid")),
        ("username_template", json!("{userid} x")),
        ("username_template", json!("../{userid}")),
        ("username_template", json!("x".repeat(200))),
        ("removal_threshold_percent", json!(0)),
        ("removal_threshold_percent", json!(101)),
        ("guard", json!({"departures": {"count": -1}})),
        ("guard", json!({"overwrites": {"percent": 0}})),
    ];
    sources(422, "DI-101", fields)
}

fn sources_with_control_characters() -> Vec<Case> {
    let fields = vec![
        ("name", json!("a\u{0}b")),
        ("name", json!("a\nb")),
        ("description", json!("a\u{0}b")),
        ("app", json!({"agent_id": 1, "secret": "a\u{1b}"})),
    ];
    sources(422, "WB-170", fields)
}

fn clients() -> Vec<Case> {
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "a", "redirect_uris": ["https://a.example/"]});
        body[field] = value;
        body.to_string()
    };
    let many: Vec<String> = (0..101).map(|n| format!("https://a.example/{n}")).collect();
    let mut cases = vec![
        ("/clients", with("redirect_uris", json!(many)), 422, "RG-101"),
        ("/clients", with("client_secret", json!("short")), 422, "RG-101"),
        (
            "/clients",
            with("access_token_lifetime", json!(i64::MAX)),
            422,
            "RG-101",
        ),
        ("/clients", with("scopes", json!(["root"])), 422, "RG-101"),
        ("/clients", with("allowed_users", json!(["x"])), 400, "WB-101"),
        ("/clients", with("id_token_alg", json!("none")), 400, "WB-101"),
    ];
    for uri in [
        "http://a.example/",
        "https://a.example/#x",
        "/relative",
        "javascript:alert(1)",
        "",
        "*",
    ] {
        cases.push(("/clients", with("redirect_uris", json!([uri])), 422, "RG-101"));
    }
    cases
}

fn others() -> Vec<Case> {
    let case = |path, body: Value, status, number| (path, body.to_string(), status, number);
    let auth_source = json!({"name": "a", "corp_id": "ww A", "agent_id": -1, "app_secret": ""});
    let stray = json!({"name": "a", "corp_id": "wwA", "agent_id": 1, "data_source_id": "no-uuid"});
    let unreal = json!({"username": "a", "email": "no address", "picture": "javascript:x"});
    vec![
        case("/auth-sources", auth_source, 422, "DI-101"),
        case("/auth-sources", stray, 400, "WB-101"),
        case("/users", unreal, 422, "DI-101"),
        case("/users", json!({"username": "a b"}), 422, "DI-101"),
        case(
            "/users",
            json!({"username": "a", "email_verified": true}),
            400,
            "WB-101",
        ),
        case(
            "/users",
            json!({"username": "a", "console_role": "root"}),
            400,
            "WB-101",
        ),
        case("/api-tokens", json!({"name": "a", "role": "root"}), 400, "WB-101"),
        case("/api-tokens", json!({"name": "", "role": "admin"}), 422, "AD-105"),
    ]
}

fn bodies() -> impl Iterator<Item = Case> {
    let tables = [
        unreadable(),
        mistyped_sources(),
        unacceptable_sources(),
        sources_with_control_characters(),
        clients(),
        others(),
    ];
    tables.into_iter().flatten()
}

#[actix_web::test]
async fn rubbish_is_refused_with_a_number_and_changes_nothing() {
    let world = World::new().await;
    let before = world.contents().await;
    for (path, body, status, number) in bodies() {
        let shown: String = body.chars().take(80).collect();
        let request = world
            .request(&world.token, Method::POST, path)
            .insert_header(("content-type", "application/json"));
        let reply = world.send(request.set_payload(body)).await;
        assert_eq!(
            (reply.status, reply.number().as_str()),
            (status, number),
            "{path} {shown}: {}",
            reply.text
        );
        reply.refused(status, number);
    }
    assert_eq!(world.contents().await, before);
}

#[actix_web::test]
async fn rubbish_in_patches_changes_nothing() {
    let world = World::new().await;
    let source = world
        .post("/data-sources", json!({"name": "a", "corp_id": "wwA"}))
        .await
        .ok(201)
        .id();
    let client = json!({"client_id": "c", "name": "a", "redirect_uris": ["https://a.example/"]});
    world.post("/clients", client).await.ok(201);
    let user = world.post("/users", json!({"username": "u"})).await.ok(201).id();
    let before = world.contents().await;
    let source = format!("/data-sources/{source}");
    let user = format!("/users/{user}");
    for (path, body, status) in [
        (source.as_str(), json!({"corp_id": null}), 400),
        (&source, json!({"duplicate_rule": null}), 400),
        (&source, json!({"auto_sync_hours": 5}), 422),
        (&source, json!({"app": {"secret": "s"}}), 422),
        (&source, json!({"app": {"agent_id": 5}}), 422),
        (&source, json!({"id": Uuid::nil()}), 400),
        ("/clients/c", json!({"redirect_uris": []}), 422),
        ("/clients/c", json!({"redirect_uris": null}), 400),
        ("/clients/c", json!({"client_id": "d"}), 400),
        ("/clients/c", json!({"client_secret": "x"}), 400),
        ("/clients/c", json!({"scopes": ["openid", "root"]}), 422),
        (&user, json!({"username": ""}), 422),
        (&user, json!({"status": "gone"}), 400),
        (&user, json!({"password_hash": "x"}), 400),
    ] {
        let reply = world.patch(path, body.clone()).await;
        assert_eq!(reply.status, status, "{path} {body}: {}", reply.text);
    }
    assert_eq!(world.contents().await, before);
}

#[actix_web::test]
async fn rubbish_in_addresses_is_refused() {
    let world = World::new().await;
    for (path, status, number) in [
        ("/nonsense", 404, "WB-102"),
        ("/", 404, "WB-102"),
        ("", 404, "WB-102"),
        ("/data-sources/not-a-uuid", 404, "WB-102"),
        ("/data-sources/%00", 404, "WB-102"),
        ("/users/%ff%fe", 404, "WB-102"),
        ("/clients/%00", 404, "RG-102"),
        ("/clients/a%20b", 404, "RG-102"),
        ("/audit-events/%00", 422, "AD-105"),
        ("/users?limit=0", 400, "AD-104"),
        ("/users?limit=201", 400, "AD-104"),
        ("/users?limit=x", 400, "AD-104"),
        ("/users?cursor=x", 400, "AD-104"),
        ("/data-sources?cursor=%00", 422, "WB-170"),
        ("/users?q=%00", 422, "WB-170"),
        ("/users?page=2", 400, "WB-101"),
        ("/users?q=a&q=b", 400, "WB-101"),
        ("/clients/x?verbose=1", 400, "WB-101"),
        ("/departments?data_source=x", 400, "WB-101"),
        ("/members?outcome=%00", 422, "WB-170"),
    ] {
        let reply = world.get(path).await;
        assert_eq!(
            (reply.status, reply.number().as_str()),
            (status, number),
            "{path}: {}",
            reply.text
        );
        reply.refused(status, number);
    }
}

#[actix_web::test]
async fn wrong_methods_and_content_types_are_told() {
    let world = World::new().await;
    let wrong = world
        .send(world.request(&world.token, Method::PUT, "/users"))
        .await
        .refused(405, "WB-104");
    let allow = wrong.allow.unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let form = world
        .request(&world.token, Method::POST, "/users")
        .insert_header(("content-type", "text/plain"))
        .set_payload("{\"username\":\"u\"}");
    world.send(form).await.refused(415, "WB-105");
}

#[actix_web::test]
async fn a_secret_of_the_wrong_type_is_not_repeated() {
    let world = World::new().await;
    let body = json!({"name": "a", "corp_id": "wwA", "contacts_secret": 987_654_321});
    let reply = world.post("/data-sources", body).await.refused(400, "WB-101");
    assert!(!reply.text.contains("987654321"), "{}", reply.text);
}

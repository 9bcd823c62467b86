//! Tests of API tokens: the first one, shown once, expiry, revocation.

use super::*;

const OPERATORS: &str = "operator-chosen-token-0123456789-abcdef";

#[actix_web::test]
async fn the_first_token_is_printed_once() {
    let world = World::new().await;
    let again = |_: &Secret<String>| panic!("there is one already");
    world.admin.ensure_first(None, &again).await.unwrap();
    assert!(!world.contents().await.contains(&world.token));
    world.get("/api-tokens").await.ok(200);
}

#[actix_web::test]
async fn a_token_set_by_the_operator_works_at_every_start() {
    let world = World::new().await;
    for _ in 0..2 {
        let printed = |_: &Secret<String>| panic!("the operator knows it");
        let set = Some(Secret::new(OPERATORS.to_owned()));
        world.admin.ensure_first(set, &printed).await.unwrap();
        world
            .send(world.request(OPERATORS, Method::GET, "/clients"))
            .await
            .ok(200);
    }
    world.get("/clients").await.refused(401, "AD-102");
    assert_eq!(
        api_token::Entity::find()
            .all(world.database.reader())
            .await
            .unwrap()
            .len(),
        1
    );
    let weak = world
        .admin
        .ensure_first(Some(Secret::new("short".to_owned())), &|_| {})
        .await;
    assert_eq!(weak.unwrap_err().entry.number, "AD-108");
}

#[actix_web::test]
async fn tokens_are_shown_once_and_can_be_revoked() {
    let world = World::new().await;
    let made = world
        .post("/api-tokens", json!({"name": "ci", "role": "operator"}))
        .await
        .ok(201);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    world.send(world.request(&token, Method::GET, "/users")).await.ok(200);
    let path = format!("/api-tokens/{}", made.id());
    for place in ["/api-tokens", path.as_str()] {
        assert!(!world.get(place).await.ok(200).text.contains(&token));
    }
    world.delete(&path).await.ok(204);
    world.delete(&path).await.ok(204);
    let refused = world
        .send(world.request(&token, Method::GET, "/users"))
        .await
        .refused(401, "AD-102");
    assert!(refused.challenge.unwrap().contains("invalid_token"));
}

#[actix_web::test]
async fn tokens_expire_by_the_clock() {
    let world = World::new().await;
    let at = START.plus(Duration::from_secs(60)).millis();
    let made = world
        .post(
            "/api-tokens",
            json!({"name": "ci", "role": "auditor", "expires_at": at}),
        )
        .await
        .ok(201);
    let token = made.json()["token"].as_str().unwrap().to_owned();
    world.clock.advance(Duration::from_secs(59));
    world.send(world.request(&token, Method::GET, "/users")).await.ok(200);
    world.clock.advance(Duration::from_secs(1));
    world
        .send(world.request(&token, Method::GET, "/users"))
        .await
        .refused(401, "AD-102");
    let past = json!({"name": "ci", "role": "auditor", "expires_at": 1});
    world.post("/api-tokens", past).await.refused(422, "AD-105");
}

#[actix_web::test]
async fn the_last_owner_token_stays() {
    let world = World::new().await;
    let id = world.get("/api-tokens").await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.delete(&format!("/api-tokens/{id}")).await.refused(409, "AD-107");
    world.token_of(Role::Admin).await;
    world.delete(&format!("/api-tokens/{id}")).await.refused(409, "AD-107");
    let other = world.token_of(Role::Owner).await;
    world.delete(&format!("/api-tokens/{id}")).await.ok(204);
    world.get("/users").await.refused(401, "AD-102");
    world.send(world.request(&other, Method::GET, "/users")).await.ok(200);
}

/// Replicas that start together must print one token, not several.
#[actix_web::test]
async fn of_many_first_starts_exactly_one_prints_a_token() {
    let world = World::new().await;
    api_token::Entity::delete_many()
        .exec(world.database.writer())
        .await
        .unwrap();
    let tokens = Mutex::new(Vec::new());
    let announce = |token: &Secret<String>| tokens.lock().unwrap().push(token.expose().clone());
    let starts = (0..100).map(|_| world.admin.ensure_first(None, &announce));
    for started in futures_util::future::join_all(starts).await {
        started.unwrap();
    }
    let tokens = tokens.into_inner().unwrap();
    assert_eq!(tokens.len(), 1);
    world
        .send(world.request(&tokens[0], Method::GET, "/users"))
        .await
        .ok(200);
}

#[actix_web::test]
async fn nobody_creates_or_revokes_more_power_than_their_own() {
    let world = World::new().await;
    let admin = world.token_of(Role::Admin).await;
    let tokens = world.get("/api-tokens").await.json();
    let owner = tokens["items"][0]["id"].as_str().unwrap().to_owned();
    world.token_of(Role::Owner).await;
    let ask = |method: Method, path: String| world.request(&admin, method, &path);
    let input = |role: &str| json!({ "name": "x", "role": role });
    let made = world.send(ask(Method::POST, "/api-tokens".to_owned()).set_json(input("owner")));
    made.await.refused(403, "AD-121");
    world
        .send(ask(Method::DELETE, format!("/api-tokens/{owner}")))
        .await
        .refused(403, "AD-121");
    for role in ["admin", "operator", "auditor", "sync"] {
        let made = world.send(ask(Method::POST, "/api-tokens".to_owned()).set_json(input(role)));
        let id = made.await.ok(201).id();
        world
            .send(ask(Method::DELETE, format!("/api-tokens/{id}")))
            .await
            .ok(204);
    }
    world.get("/users").await.ok(200);
}

#[actix_web::test]
async fn scopes_fit_their_role_and_name_what_is_there() {
    let world = World::new().await;
    let nil = Uuid::nil().to_string();
    let id = world
        .post(
            "/clients",
            json!({"client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://w.example/cb"]}),
        )
        .await
        .ok(201)
        .id();
    for (role, scope, field) in [
        ("portal", json!(null), "scope.clients"),
        ("portal", json!({}), "scope.clients"),
        ("portal", json!({ "clients": [] }), "scope.clients"),
        ("portal", json!({ "clients": ["nobody"] }), "scope.clients"),
        ("portal", json!({ "clients": [id, nil] }), "scope.clients"),
        (
            "portal",
            json!({ "clients": [id], "data_sources": [nil] }),
            "scope.data_sources",
        ),
        ("sync", json!({ "data_sources": [nil] }), "scope.data_sources"),
        ("sync", json!({ "data_sources": [] }), "scope.data_sources"),
        ("sync", json!({ "clients": [id] }), "scope.clients"),
        ("admin", json!({ "clients": [id] }), "scope.clients"),
    ] {
        let input = json!({ "name": "x", "role": role, "scope": scope });
        let refused = world.post("/api-tokens", input).await.refused(422, "AD-105");
        assert!(
            refused.json()["detail"].as_str().unwrap().contains(field),
            "{}",
            refused.text
        );
    }
    let made = world.post(
        "/api-tokens",
        json!({ "name": "x", "role": "portal", "scope": { "clients": ["wiki", id] } }),
    );
    let made = made.await.ok(201);
    assert_eq!(made.json()["scope"], json!({ "clients": [id] }));
    let shown = world.get(&format!("/api-tokens/{}", made.id())).await.ok(200).json();
    assert_eq!(shown["scope"], json!({ "clients": [id] }));
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(shown["prefix"], token[..6]);
    assert_eq!(world.get("/api-tokens").await.json()["items"][0]["prefix"], Value::Null);
}

/// A client that is registered under the name of a deleted one belongs to somebody else.
#[actix_web::test]
async fn a_portal_token_does_not_pass_on_with_a_name() {
    let world = World::new().await;
    let wiki = || json!({"client_id": "wiki", "name": "Wiki", "redirect_uris": ["https://w.example/cb"]});
    world.post("/clients", wiki()).await.ok(201);
    let made = world.post(
        "/api-tokens",
        json!({ "name": "x", "role": "portal", "scope": { "clients": ["wiki"] } }),
    );
    let token = made.await.ok(201).json()["token"].as_str().unwrap().to_owned();
    let read = || world.request(&token, Method::GET, "/clients/wiki");
    world.send(read()).await.ok(200);
    world.delete("/clients/wiki").await.ok(204);
    world.post("/clients", wiki()).await.ok(201);
    world.send(read()).await.refused(404, "RG-102");
    let listed = world.send(world.request(&token, Method::GET, "/clients")).await.ok(200);
    assert_eq!(listed.json()["items"], json!([]));
}

#[actix_web::test]
async fn a_token_says_to_the_minute_when_it_was_used_last() {
    let world = World::new().await;
    let shown = async || world.get("/api-tokens").await.ok(200).json()["items"][0]["last_used_at"].clone();
    let until = async |expected: i64| {
        for _ in 0..10_000 {
            if shown().await == json!(expected) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{} is not {expected}", shown().await);
    };
    until(START.millis()).await;
    world.clock.advance(Duration::from_secs(59));
    for _ in 0..20 {
        assert_eq!(shown().await, json!(START.millis()));
    }
    world.clock.advance(Duration::from_secs(1));
    until(START.plus(Duration::from_secs(60)).millis()).await;
}

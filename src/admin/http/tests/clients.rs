//! Tests of clients: secrets shown once, rules between fields, references in lists.

use super::*;
use crate::crypto::digest::sha256_base64url;

fn portal() -> Value {
    json!({"client_id": "grafana", "name": "Grafana", "redirect_uris": ["https://grafana.example/login/generic_oauth"]})
}

async fn row(world: &World) -> client::Model {
    client::Entity::find()
        .one(world.database.reader())
        .await
        .unwrap()
        .unwrap()
}

#[actix_web::test]
async fn a_secret_is_returned_once_and_kept_as_a_digest() {
    let world = World::new().await;
    let made = world.post("/clients", portal()).await.ok(201);
    let secret = made.json()["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(
        row(&world).await.secret_digest.unwrap(),
        sha256_base64url(secret.as_bytes())
    );
    for path in [
        "/clients",
        "/clients/grafana",
        &format!("/clients/{}", made.id()),
        "/audit-events",
    ] {
        let reply = world.get(path).await.ok(200);
        assert!(
            !reply.text.contains(&secret) && !reply.text.contains("\"client_secret\":"),
            "{}",
            reply.text
        );
    }
    let rotated = world.post("/clients/grafana/secret", json!({})).await.ok(200).json();
    let fresh = rotated["client_secret"].as_str().unwrap();
    assert_ne!(fresh, secret);
    assert_eq!(
        row(&world).await.secret_digest.unwrap(),
        sha256_base64url(fresh.as_bytes())
    );
}

#[actix_web::test]
async fn a_secret_may_be_given() {
    let world = World::new().await;
    let mut input = portal();
    input["client_secret"] = json!("0123456789abcdef0123456789abcdef");
    let made = world.post("/clients", input.clone()).await.ok(201).json();
    assert_eq!(made["client_secret"], input["client_secret"]);
    world.post("/clients", portal()).await.refused(409, "RG-103");
}

#[actix_web::test]
async fn public_clients_have_no_secret_and_always_pkce() {
    let world = World::new().await;
    let input =
        json!({"name": "CLI", "auth_method": "none", "redirect_uris": ["http://127.0.0.1/cb", "com.example.cli:/cb"]});
    let made = world.post("/clients", input).await.ok(201).json();
    assert_eq!(
        (&made["require_pkce"], &made["client_secret_set"]),
        (&json!(true), &json!(false))
    );
    assert!(made.get("client_secret").is_none());
    let name = made["client_id"].as_str().unwrap();
    world
        .post(&format!("/clients/{name}/secret"), json!({}))
        .await
        .refused(409, "RG-104");
    world
        .patch(
            &format!("/clients/{name}"),
            json!({"auth_method": "client_secret_basic"}),
        )
        .await
        .refused(422, "RG-101");
    let still = world
        .patch(&format!("/clients/{name}"), json!({"require_pkce": false}))
        .await
        .ok(200)
        .json();
    assert_eq!(still["require_pkce"], true);
}

#[actix_web::test]
async fn addresses_are_kept_exactly_as_written() {
    let world = World::new().await;
    let mut input = portal();
    input["redirect_uris"] = json!(["HTTPS://Grafana.Example:443/a/../cb?x=%7e"]);
    let made = world.post("/clients", input).await.ok(201).json();
    assert_eq!(
        made["redirect_uris"],
        json!(["HTTPS://Grafana.Example:443/a/../cb?x=%7e"])
    );
}

#[actix_web::test]
async fn lists_of_ids_must_lead_somewhere() {
    let world = World::new().await;
    world.post("/clients", portal()).await.ok(201);
    let before = world.contents().await;
    for field in ["auth_sources", "allowed_departments", "allowed_users"] {
        let refused = world
            .patch("/clients/grafana", json!({field: [Uuid::nil()]}))
            .await
            .refused(422, "RG-101");
        assert!(refused.json()["detail"].as_str().unwrap().contains(field));
    }
    assert_eq!(world.contents().await, before);
    let user = world.post("/users", json!({"username": "u"})).await.ok(201).id();
    let changed = world
        .patch("/clients/grafana", json!({"allowed_users": [user], "auth_sources": []}))
        .await
        .ok(200);
    assert_eq!(changed.json()["allowed_users"], json!([user]));
    assert_eq!(changed.json()["auth_sources"], json!([]));
    let all = world
        .patch("/clients/grafana", json!({"auth_sources": null}))
        .await
        .ok(200)
        .json();
    assert_eq!(all["auth_sources"], Value::Null);
}

#[actix_web::test]
async fn clients_are_removed() {
    let world = World::new().await;
    world.post("/clients", portal()).await.ok(201);
    world.delete("/clients/grafana").await.ok(204);
    world.get("/clients/grafana").await.refused(404, "RG-102");
    world.delete("/clients/grafana").await.refused(404, "RG-102");
}

#[actix_web::test]
async fn only_client_secret_jwt_keeps_its_secret_sealed() {
    let world = World::new().await;
    let opened = async || {
        let sealed = row(&world).await.secret_sealed?;
        let secret = world.sealer.open_text("client.secret", &sealed).unwrap();
        Some(secret.expose().clone())
    };
    let mut input = portal();
    input["auth_method"] = json!("client_secret_jwt");
    let made = world.post("/clients", input).await.ok(201).json();
    assert_eq!(opened().await.unwrap(), made["client_secret"]);
    let rotated = world.post("/clients/grafana/secret", json!({})).await.ok(200).json();
    assert_eq!(opened().await.unwrap(), rotated["client_secret"]);
    let basic = json!({"auth_method": "client_secret_basic"});
    world.patch("/clients/grafana", basic).await.ok(200);
    assert_eq!(opened().await, None);
    let jwt = json!({"auth_method": "client_secret_jwt"});
    world
        .patch("/clients/grafana", jwt.clone())
        .await
        .refused(409, "RG-105");
    let rotated = world.post("/clients/grafana/secret", jwt).await.ok(200).json();
    assert_eq!(opened().await.unwrap(), rotated["client_secret"]);
}

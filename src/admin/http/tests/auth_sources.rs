//! Tests of auth sources, and of the setup problems shown on both sides when corp IDs differ.

use super::*;
use crate::{directory::setup_problem::CORP_MISMATCH, gate::failure::GateFailure};

fn auth_source(corp: &str) -> Value {
    json!({"name": "WeCom", "corp_id": corp, "agent_id": 7, "app_secret": "app-secret-0123456789"})
}

#[test]
fn the_mismatch_bears_the_gates_number() {
    assert_eq!(CORP_MISMATCH.number, GateFailure::CorpMismatch.entry().number);
}

#[actix_web::test]
async fn an_auth_source_is_added_later_and_on_its_own() {
    let world = World::new().await;
    world
        .post(
            "/data-sources",
            json!({"name": "a", "corp_id": "wwA", "contacts_secret": "s"}),
        )
        .await
        .ok(201);
    let made = world.post("/auth-sources", auth_source("wwA")).await.ok(201);
    assert!(made.problems().is_empty(), "{}", made.text);
    assert_eq!(made.json()["callback_domain"], CALLBACK_DOMAIN);
    assert_eq!(made.json()["app_secret_set"], true);
    assert!(!made.text.contains("app-secret"));
    let path = format!("/auth-sources/{}", made.id());
    let changed = world
        .patch(&path, json!({"enabled": false, "name": "Off"}))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&changed["enabled"], &changed["name"], &changed["agent_id"]),
        (&json!(false), &json!("Off"), &json!(7))
    );
    world.delete(&path).await.ok(204);
    world.get(&path).await.refused(404, "DI-102");
}

#[actix_web::test]
async fn a_different_corp_id_is_told_on_both_sides() {
    let world = World::new().await;
    let source = world
        .post(
            "/data-sources",
            json!({"name": "a", "corp_id": "wwA", "contacts_secret": "s"}),
        )
        .await
        .id();
    let mut input = auth_source("wwB");
    input["data_source_id"] = json!(source);
    let made = world.post("/auth-sources", input).await.ok(201);
    assert_eq!(made.problems(), ["GT-104"]);
    let other_side = world.get(&format!("/data-sources/{source}")).await;
    assert!(
        other_side.problems().contains(&"GT-104".to_owned()),
        "{}",
        other_side.text
    );
    let mended = world
        .patch(&format!("/auth-sources/{}", made.id()), json!({"corp_id": "wwA"}))
        .await
        .ok(200);
    assert!(
        mended.problems().is_empty(),
        "the secret was carried along: {}",
        mended.text
    );
    assert!(
        world
            .get(&format!("/data-sources/{source}"))
            .await
            .problems()
            .is_empty()
    );
}

#[actix_web::test]
async fn one_app_has_one_secret_on_whichever_side_it_is_saved() {
    let world = World::new().await;
    let source = json!({"name": "a", "corp_id": "wwA", "app": {"agent_id": 7, "secret": "first-secret"}});
    world.post("/data-sources", source).await.ok(201);
    let made = world
        .post("/auth-sources", json!({"name": "d", "corp_id": "wwA", "agent_id": 7}))
        .await
        .ok(201);
    let path = format!("/auth-sources/{}", made.id());
    world.patch(&path, json!({"app_secret": "second-secret"})).await.ok(200);
    let apps = wecom_app::Entity::find().all(world.database.reader()).await.unwrap();
    assert_eq!(apps.len(), 1);
    let opened = world
        .sealer
        .open_text("wecom_app.secret", &apps[0].secret_sealed)
        .unwrap();
    assert_eq!(opened.expose(), "second-secret");
}

#[actix_web::test]
async fn an_unknown_app_needs_its_secret() {
    let world = World::new().await;
    let before = world.contents().await;
    let input = json!({"name": "d", "corp_id": "wwA", "agent_id": 7});
    let refused = world.post("/auth-sources", input).await.refused(422, "DI-101");
    assert!(refused.text.contains("app_secret"));
    let input = json!({"name": "a", "corp_id": "wwA", "app": {"agent_id": 7}});
    world.post("/data-sources", input).await.refused(422, "DI-101");
    let mut stray = auth_source("wwA");
    stray["data_source_id"] = json!(Uuid::nil());
    world.post("/auth-sources", stray).await.refused(422, "DI-101");
    assert_eq!(world.contents().await, before);
    let made = world.post("/auth-sources", auth_source("wwA")).await.ok(201);
    let other = world
        .patch(&format!("/auth-sources/{}", made.id()), json!({"agent_id": 8}))
        .await;
    other.refused(422, "DI-101");
}

#[actix_web::test]
async fn an_auth_source_that_portals_name_stays() {
    let world = World::new().await;
    let id = world.post("/auth-sources", auth_source("wwA")).await.ok(201).id();
    let portal =
        json!({"client_id": "grafana", "name": "G", "redirect_uris": ["https://g.example/cb"], "auth_sources": [id]});
    world.post("/clients", portal).await.ok(201);
    let refused = world
        .delete(&format!("/auth-sources/{id}"))
        .await
        .refused(409, "DI-106");
    assert!(refused.text.contains("grafana"));
}

//! Tests of the read-only resources: departments, tags, audit events.

use entity::{department, tag};

use super::*;

#[actix_web::test]
async fn departments_and_tags_are_read_by_data_source() {
    let world = World::new().await;
    let source = world
        .post("/data-sources", json!({"name": "a", "corp_id": "wwA"}))
        .await
        .ok(201)
        .id();
    let row = department::ActiveModel {
        id: Set(Uuid::from_u128(1)),
        data_source_id: Set(source.parse().unwrap()),
        wecom_id: Set(2),
        parent_wecom_id: Set(1),
        name: Set("研发".to_owned()),
        sort_order: Set(100),
        path: Set("/1/2/".to_owned()),
        updated_at: Set(0),
    };
    let insert = department::Entity::insert(row);
    insert.exec_without_returning(world.database.writer()).await.unwrap();
    let row = tag::ActiveModel {
        id: Set(Uuid::from_u128(2)),
        data_source_id: Set(source.parse().unwrap()),
        wecom_id: Set(5),
        name: Set("leads".to_owned()),
        updated_at: Set(0),
    };
    let insert = tag::Entity::insert(row);
    insert.exec_without_returning(world.database.writer()).await.unwrap();
    let listed = world
        .get(&format!("/departments?data_source={source}"))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&listed["items"][0]["path"], &listed["items"][0]["order"]),
        (&json!("/1/2/"), &json!(100))
    );
    let one = world
        .get(&format!("/departments/{}", Uuid::from_u128(1)))
        .await
        .ok(200)
        .json();
    assert_eq!(one["name"], "研发");
    let elsewhere = world
        .get(&format!("/departments?data_source={}", Uuid::nil()))
        .await
        .ok(200)
        .json();
    assert_eq!(elsewhere, json!({"items": [], "next_cursor": null}));
    assert_eq!(world.get("/tags").await.ok(200).json()["items"][0]["wecom_id"], 5);
    world.post("/tags", json!({})).await.refused(405, "WB-104");
}

#[actix_web::test]
async fn an_event_is_found_by_the_code_the_person_was_shown() {
    let world = World::new().await;
    let row = audit_event::ActiveModel {
        id: Set(world.entropy.id(START)),
        at: Set(START.millis()),
        kind: Set("refused".to_owned()),
        actor: Set("member:wwA/zhangsan".to_owned()),
        subject: Set("client:grafana".to_owned()),
        reference: Set(Some("7K3F-9QXA".to_owned())),
        number: Set(Some("GT-108".to_owned())),
        detail: Set(json!({"checks": []})),
        ..Default::default()
    };
    let insert = audit_event::Entity::insert(row);
    insert.exec_without_returning(world.database.writer()).await.unwrap();
    assert_eq!(
        world.get("/audit-events/7K3F-9QXA").await.ok(200).json()["number"],
        "GT-108"
    );
    let filtered = world
        .get("/audit-events?kind=refused&reference=7K3F-9QXA")
        .await
        .ok(200)
        .json();
    assert_eq!(filtered["items"].as_array().unwrap().len(), 1);
    world.get("/audit-events/NONE-0000").await.refused(404, "AD-106");
}

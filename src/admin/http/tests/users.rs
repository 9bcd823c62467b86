//! Tests of users, and of what an operator may not do to them.

use sea_orm::{ColumnTrait, QueryFilter};

use super::*;

#[actix_web::test]
async fn users_are_made_found_changed_and_removed() {
    let world = World::new().await;
    let made = world
        .post(
            "/users",
            json!({"username": "Zhang.San", "display_name": "张三", "email": "z@a.example"}),
        )
        .await
        .ok(201);
    let path = format!("/users/{}", made.id());
    assert_eq!(
        (&made.json()["status"], &made.json()["email_verified"]),
        (&json!("active"), &json!(false))
    );
    world
        .post("/users", json!({"username": "zhang.san"}))
        .await
        .refused(409, "DI-105");
    for (query, hits) in [
        ("zhang", 1),
        ("ZHANG", 1),
        ("%E5%BC%A0", 1),
        ("%25", 0),
        ("_", 0),
        ("nobody", 0),
    ] {
        let found = world.get(&format!("/users?q={query}")).await.ok(200).json();
        assert_eq!(found["items"].as_array().unwrap().len(), hits, "{query}");
    }
    let changed = world
        .patch(&path, json!({"display_name": null, "locale": "zh-CN"}))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&changed["display_name"], &changed["locale"]),
        (&Value::Null, &json!("zh-CN"))
    );
    assert_eq!(changed["email"], "z@a.example");
    world.delete(&path).await.ok(204);
    world.get(&path).await.refused(404, "DI-102");
}

#[actix_web::test]
async fn a_changed_address_is_no_longer_verified() {
    let world = World::new().await;
    let id = world
        .post("/users", json!({"username": "u", "email": "a@a.example"}))
        .await
        .ok(201)
        .id();
    let proven = user_table::ActiveModel {
        id: Set(id.parse().unwrap()),
        email_verified: Set(true),
        ..Default::default()
    };
    user_table::Entity::update(proven)
        .exec(world.database.writer())
        .await
        .unwrap();
    let path = format!("/users/{id}");
    let same = world.patch(&path, json!({"email": "a@a.example"})).await.ok(200).json();
    assert_eq!(same["email_verified"], true);
    let other = world.patch(&path, json!({"email": "b@a.example"})).await.ok(200).json();
    assert_eq!(other["email_verified"], false);
}

#[actix_web::test]
async fn disabling_ends_every_session_at_once() {
    let world = World::new().await;
    let id = world.post("/users", json!({"username": "u"})).await.ok(201).id();
    let other = world.post("/users", json!({"username": "v"})).await.ok(201).id();
    let sessions = [world.session(&id).await, world.session(&id).await];
    let theirs = world.session(&other).await;
    let off = world
        .patch(&format!("/users/{id}"), json!({"status": "disabled"}))
        .await
        .ok(200)
        .json();
    assert_eq!(off["disabled_reason"], "admin");
    let alive = session::Entity::find()
        .filter(session::Column::EndedAt.is_null())
        .all(world.database.reader())
        .await
        .unwrap();
    assert_eq!(alive.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs]);
    assert!(!sessions.contains(&theirs));
    let on = world
        .patch(&format!("/users/{id}"), json!({"status": "active"}))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&on["status"], &on["disabled_reason"]),
        (&json!("active"), &Value::Null)
    );
}

#[actix_web::test]
async fn an_operator_cannot_make_or_touch_console_admins() {
    let world = World::new().await;
    let operator = world.token_of(Role::Operator).await;
    let boss = world
        .post("/users", json!({"username": "boss", "console_role": "admin"}))
        .await
        .ok(201)
        .id();
    let plain = world.post("/users", json!({"username": "plain"})).await.ok(201).id();
    let before = world.contents().await;
    let send = |method, path: String, body: Value| world.send(world.request(&operator, method, &path).set_json(body));
    let made = json!({"username": "x", "console_role": "auditor"});
    send(Method::POST, "/users".to_owned(), made)
        .await
        .refused(403, "DI-107");
    let raised = json!({"console_role": "operator"});
    send(Method::PATCH, format!("/users/{plain}"), raised)
        .await
        .refused(403, "DI-107");
    let locked_out = json!({"status": "disabled"});
    send(Method::PATCH, format!("/users/{boss}"), locked_out)
        .await
        .refused(403, "DI-107");
    send(Method::DELETE, format!("/users/{boss}"), json!({}))
        .await
        .refused(403, "DI-107");
    assert_eq!(world.contents().await, before);
    send(Method::PATCH, format!("/users/{plain}"), json!({"display_name": "P"}))
        .await
        .ok(200);
}

#[actix_web::test]
async fn members_show_why_they_are_not_imported() {
    let world = World::new().await;
    let source = world
        .post("/data-sources", json!({"name": "a", "corp_id": "wwA"}))
        .await
        .ok(201)
        .id();
    let user = world.post("/users", json!({"username": "u"})).await.ok(201).id();
    world.member(&source, "Imported", Some(&user)).await;
    world.member(&source, "skipped", None).await;
    let seen = world.get(&format!("/users/{user}")).await.ok(200).json();
    assert_eq!(
        (&seen["members"][0]["corp_id"], &seen["members"][0]["userid"]),
        (&json!("wwA"), &json!("Imported"))
    );
    let skipped = world
        .get(&format!("/members?data_source={source}&outcome=skipped"))
        .await
        .ok(200)
        .json();
    assert_eq!(skipped["items"].as_array().unwrap().len(), 1);
    assert_eq!(skipped["items"][0]["import_reason"], "duplicate");
    world.delete(&format!("/users/{user}")).await.ok(204);
    let removed = world.get("/members?outcome=removed").await.ok(200).json();
    assert_eq!(removed["items"].as_array().unwrap().len(), 1);
    assert_eq!(removed["items"][0]["userid"], "Imported");
}

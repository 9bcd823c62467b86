//! Tests of data sources, from creation to removal.

use entity::{oauth_grant, sync_row};

use super::*;

const CONTACTS: &str = "contacts-secret-0123456789";
const APP: &str = "app-secret-0123456789";

fn full() -> Value {
    json!({
        "name": "Headquarters", "description": "总部", "corp_id": "wwCORP", "contacts_secret": CONTACTS,
        "app": {"agent_id": 1000002, "secret": APP}, "auto_sync_hours": 12, "duplicate_rule": "overwrite",
        "login_methods": ["password", "wecom_qr"]
    })
}

#[actix_web::test]
async fn one_form_makes_the_data_source_and_its_auth_source() {
    let world = World::new().await;
    let made = world.post("/data-sources", full()).await.ok(201);
    let json = made.json();
    assert_eq!(
        made.location.clone().unwrap(),
        format!("/api/v1/data-sources/{}", made.id())
    );
    assert_eq!(json["callback_domain"], CALLBACK_DOMAIN);
    assert_eq!(json["contacts_secret_set"], true);
    assert_eq!(
        json["app"],
        json!({"agent_id": 1000002, "name": "", "secret_set": true})
    );
    assert_eq!(json["next_sync_at"], START.millis());
    assert_eq!(json["removal_threshold_percent"], 20);
    assert!(made.problems().is_empty(), "{}", made.text);
    let auth_sources = world.get("/auth-sources").await.ok(200).json();
    assert_eq!(auth_sources["items"][0]["corp_id"], "wwCORP");
    assert_eq!(auth_sources["items"][0]["data_source_id"], json["id"]);
    assert_eq!(auth_sources["items"][0]["problems"], json!([]));
}

#[actix_web::test]
async fn secrets_are_sealed_and_never_come_back() {
    let world = World::new().await;
    let made = world.post("/data-sources", full()).await.ok(201);
    let path = format!("/data-sources/{}", made.id());
    let replies = [
        made.text,
        world.get(&path).await.text,
        world.get("/data-sources").await.text,
        world.get("/auth-sources").await.text,
        world
            .patch(&path, json!({"contacts_secret": "another-contacts-secret"}))
            .await
            .ok(200)
            .text,
        world.get("/audit-events").await.text,
    ];
    for reply in replies {
        assert!(
            !reply.contains(CONTACTS) && !reply.contains(APP) && !reply.contains("another-contacts"),
            "{reply}"
        );
    }
    let contents = world.contents().await;
    assert!(!contents.contains(CONTACTS) && !contents.contains(APP));
    let row = data_source::Entity::find()
        .one(world.database.reader())
        .await
        .unwrap()
        .unwrap();
    let sealed = row.contacts_secret_sealed.unwrap();
    let opened = world.sealer.open_text("data_source.contacts_secret", &sealed).unwrap();
    assert_eq!(opened.expose(), "another-contacts-secret");
    let app = wecom_app::Entity::find()
        .one(world.database.reader())
        .await
        .unwrap()
        .unwrap();
    let opened = world.sealer.open_text("wecom_app.secret", &app.secret_sealed).unwrap();
    assert_eq!(opened.expose(), APP);
}

#[actix_web::test]
async fn saving_a_secret_makes_the_wecom_client_forget_the_old_one() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    world.forgotten.lock().unwrap().clear();
    let path = format!("/data-sources/{id}");
    world.patch(&path, json!({"name": "Renamed"})).await.ok(200);
    assert!(world.forgotten.lock().unwrap().is_empty());
    world
        .patch(&path, json!({"app": {"secret": "renewed-secret"}}))
        .await
        .ok(200);
    let forgotten = world.forgotten.lock().unwrap();
    let secrets: Vec<&str> = forgotten
        .iter()
        .map(|credential| credential.secret.expose().as_str())
        .collect();
    assert!(
        secrets.contains(&APP) && secrets.contains(&"renewed-secret"),
        "{secrets:?}"
    );
}

#[actix_web::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    let path = format!("/data-sources/{id}");
    let same = world.patch(&path, json!({"name": "Renamed"})).await.ok(200).json();
    assert_eq!(
        (&same["name"], &same["description"]),
        (&json!("Renamed"), &json!("总部"))
    );
    assert_eq!(same["auto_sync_hours"], 12);
    let off = world
        .patch(&path, json!({"auto_sync_hours": null, "contacts_secret": null}))
        .await
        .ok(200)
        .json();
    assert_eq!(
        (&off["auto_sync_hours"], &off["next_sync_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(off["contacts_secret_set"], false);
    let methods = world
        .patch(&path, json!({"login_methods": ["password"]}))
        .await
        .ok(200)
        .json();
    assert_eq!(methods["login_methods"], json!(["password"]));
    world.patch(&path, json!({"name": null})).await.refused(400, "WB-101");
    let events = world.get("/audit-events?kind=configured").await.ok(200).json();
    assert_eq!(events["items"][0]["actor"], "token:bootstrap");
    assert_eq!(events["items"][0]["subject"], format!("data_source:{id}"));
    assert!(
        events
            .to_string()
            .contains(r#""fields":["contacts_secret","auto_sync_hours"]"#),
        "{events}"
    );
}

#[actix_web::test]
async fn an_app_without_use_loses_its_row_and_its_secret() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    world
        .patch(&format!("/data-sources/{id}"), json!({"app": null}))
        .await
        .ok(200);
    let apps = || async {
        wecom_app::Entity::find()
            .all(world.database.reader())
            .await
            .unwrap()
            .len()
    };
    assert_eq!(apps().await, 1, "the auth source still uses it");
    let auth_source = world.get("/auth-sources").await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.delete(&format!("/auth-sources/{auth_source}")).await.ok(204);
    assert_eq!(apps().await, 0);
}

#[actix_web::test]
async fn a_corp_has_one_data_source() {
    let world = World::new().await;
    world.post("/data-sources", full()).await.ok(201);
    let before = world.contents().await;
    world.post("/data-sources", full()).await.refused(409, "DI-103");
    assert_eq!(world.contents().await, before);
}

#[actix_web::test]
async fn a_mistyped_corp_id_can_be_corrected_until_the_first_sync() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    let path = format!("/data-sources/{id}");
    let moved = world.patch(&path, json!({"corp_id": "wwRIGHT"})).await.ok(200);
    assert_eq!(moved.json()["app"]["agent_id"], 1000002, "the secret moves along");
    assert!(
        moved.problems().contains(&"GT-104".to_owned()),
        "its auth source still has the old one: {}",
        moved.text
    );
    world.member(&id, "zhangsan", None).await;
    world
        .patch(&path, json!({"corp_id": "wwOTHER"}))
        .await
        .refused(409, "DI-104");
}

#[actix_web::test]
async fn problems_are_found_live() {
    let world = World::new().await;
    let bare = world
        .post("/data-sources", json!({"name": "a", "corp_id": "wwA"}))
        .await
        .ok(201);
    assert_eq!(bare.problems(), ["DI-203", "DI-201", "DI-202"]);
    world
        .post(
            "/auth-sources",
            json!({"name": "d", "corp_id": "wwA", "agent_id": 1, "app_secret": "s"}),
        )
        .await
        .ok(201);
    let after = world.get(&format!("/data-sources/{}", bare.id())).await;
    assert_eq!(after.problems(), ["DI-203"]);
    assert!(!after.json()["problems"][0]["remedy"].as_str().unwrap().is_empty());
}

#[actix_web::test]
async fn a_sync_is_started_and_watched() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    let run = world.post(&format!("/data-sources/{id}/sync"), json!({})).await.ok(202);
    let place = run.location.clone().unwrap();
    assert_eq!(run.json()["state"], "queued");
    let run_id: Uuid = run.id().parse().unwrap();
    let row = sync_row::ActiveModel {
        id: Set(world.entropy.id(START)),
        run_id: Set(run_id),
        userid: Set("zhangsan".to_owned()),
        outcome: Set("skipped".to_owned()),
        reason: Set("duplicate".to_owned()),
        ..Default::default()
    };
    let insert = sync_row::Entity::insert(row);
    insert.exec_without_returning(world.database.writer()).await.unwrap();
    let path = place.strip_prefix("/api/v1").unwrap();
    assert_eq!(world.get(path).await.ok(200).json()["data_source_id"], id);
    let rows = world.get(&format!("{path}/rows")).await.ok(200).json();
    assert_eq!(rows["items"][0]["userid"], "zhangsan");
    let listed = world.get(&format!("/sync-runs?data_source={id}")).await.ok(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    world
        .patch(&format!("/data-sources/{id}"), json!({"enabled": false}))
        .await
        .ok(200);
    world
        .post(&format!("/data-sources/{id}/sync"), json!({}))
        .await
        .refused(409, "DI-108");
    world
        .post(&format!("/data-sources/{}/sync", Uuid::nil()), json!({}))
        .await
        .refused(404, "DI-102");
}

#[actix_web::test]
async fn removing_a_data_source_shuts_its_people_out_but_keeps_their_sub() {
    let world = World::new().await;
    let id = world.post("/data-sources", full()).await.ok(201).id();
    let user = world.post("/users", json!({"username": "zhangsan"})).await.ok(201).id();
    let synced = user_table::ActiveModel {
        id: Set(user.parse().unwrap()),
        data_source_id: Set(Some(id.parse().unwrap())),
        ..Default::default()
    };
    user_table::Entity::update(synced)
        .exec(world.database.writer())
        .await
        .unwrap();
    world.member(&id, "zhangsan", Some(&user)).await;
    let session = world.session(&user).await;
    let stranger = world.post("/users", json!({"username": "local"})).await.ok(201).id();
    let others = world.session(&stranger).await;
    world.delete(&format!("/data-sources/{id}")).await.ok(204);
    world.get(&format!("/data-sources/{id}")).await.refused(404, "DI-102");
    let left = world.get(&format!("/users/{user}")).await.ok(200).json();
    assert_eq!(
        (&left["status"], &left["disabled_reason"]),
        (&json!("disabled"), &json!("source_removed"))
    );
    assert_eq!(left["members"], json!([]));
    assert_eq!(
        world.get(&format!("/users/{stranger}")).await.json()["status"],
        "active"
    );
    let ended = |id| session::Entity::find_by_id(id).one(world.database.reader());
    assert!(ended(session).await.unwrap().unwrap().ended_at.is_some());
    assert!(ended(others).await.unwrap().unwrap().ended_at.is_none());
    assert_eq!(
        oauth_grant::Entity::find()
            .all(world.database.reader())
            .await
            .unwrap()
            .len(),
        0
    );
}

#[actix_web::test]
async fn lists_come_in_pages() {
    let world = World::new().await;
    for n in 0..5 {
        world.clock.advance(Duration::from_millis(1));
        world
            .post("/data-sources", json!({"name": "x", "corp_id": format!("ww{n}")}))
            .await
            .ok(201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world
            .get(&format!("/data-sources?limit=2{cursor}"))
            .await
            .ok(200)
            .json();
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["corp_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["ww0", "ww1", "ww2", "ww3", "ww4"]);
}

#[actix_web::test]
async fn of_many_at_once_one_gets_the_corp_id() {
    let world = World::new().await;
    let tries = (0..20).map(|_| world.post("/data-sources", full()));
    let replies = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, [409; 19].as_slice()));
    let rows = |count: usize| assert_eq!(count, 1);
    rows(
        auth_source::Entity::find()
            .all(world.database.reader())
            .await
            .unwrap()
            .len(),
    );
    rows(
        wecom_app::Entity::find()
            .all(world.database.reader())
            .await
            .unwrap()
            .len(),
    );
}

#[actix_web::test]
async fn two_admins_who_change_different_fields_both_succeed() {
    let world = World::new().await;
    let path = format!(
        "/data-sources/{}",
        world.post("/data-sources", full()).await.ok(201).id()
    );
    let name = world.patch(&path, json!({"name": "Renamed"}));
    let hours = world.patch(&path, json!({"auto_sync_hours": 24}));
    let (name, hours) = futures_util::future::join(name, hours).await;
    name.ok(200);
    hours.ok(200);
    let after = world.get(&path).await.json();
    assert_eq!(
        (&after["name"], &after["auto_sync_hours"]),
        (&json!("Renamed"), &json!(24))
    );
}

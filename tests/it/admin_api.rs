//! The admin API as an operator uses it: the first token, roles, secrets that never come back, resources from creation to deletion.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, As},
    scenario,
    stage::Stage,
};

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

scenario!(secrets_are_write_only, |stage: Stage| async move {
    stage.connect().await;
    let portal = stage.portal("wiki", json!({})).await;
    for path in [
        "data-sources",
        "auth-sources",
        "clients",
        "api-tokens",
        "audit-events?limit=200",
        "sync-runs",
        "users",
    ] {
        let text = stage.admin().get(path).await.to_string();
        for secret in [
            sample::APP_SECRET,
            sample::CONTACTS_SECRET,
            portal.secret.as_str(),
            crate::stage::ADMIN_TOKEN,
        ] {
            assert!(!text.contains(secret), "{path} returns a secret");
        }
    }
});

scenario!(
    the_callback_domain_and_what_is_wrong_are_shown,
    |stage: Stage| async move {
        let source = stage
            .connect_with(json!({ "login_methods": [], "auto_sync_hours": 12, "description": "总部" }))
            .await;
        let host = stage.base.trim_start_matches("http://");
        let shown = stage.admin().get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(shown["callback_domain"], host);
        assert_eq!(shown["description"], "总部");
        assert_eq!(shown["auto_sync_hours"], 12);
        assert_eq!(shown["contacts_secret_set"], true);
        let changed = stage
            .admin()
            .change(
                &format!("data-sources/{}", id(&source)),
                json!({ "auto_sync_hours": null, "login_methods": ["password", "wecom_qr"] }),
            )
            .await;
        assert_eq!(changed["auto_sync_hours"], Value::Null);
        assert_eq!(changed["login_methods"], json!(["password", "wecom_qr"]));
    }
);

scenario!(roles_are_kept_apart, |stage: Stage| async move {
    let source = stage.connect().await;
    let admin = stage.admin();
    let token = async |role: &str| {
        let made = admin.create("api-tokens", json!({ "name": role, "role": role })).await;
        (
            made["id"].as_str().unwrap().to_owned(),
            Admin::new(&stage.http, &stage.base, made["token"].as_str().unwrap()),
        )
    };
    let ((auditor_id, auditor), (_, operator)) = (token("auditor").await, token("operator").await);
    let sync = format!("data-sources/{}/sync", id(&source));
    let client = json!({ "name": "x", "redirect_uris": ["https://x.portal.example/cb"] });
    assert_eq!(auditor.call("GET", "users", None).await.status, 200);
    assert_eq!(auditor.call("POST", &sync, Some(json!({}))).await.status, 403);
    assert_eq!(auditor.call("POST", "clients", Some(client.clone())).await.status, 403);
    assert_eq!(operator.call("POST", "clients", Some(client)).await.status, 403);
    let run = operator.call("POST", &sync, Some(json!({}))).await;
    assert_eq!(run.status, 202, "{}", run.body);
    operator.watch(id(&run.body)).await;
    assert_eq!(
        admin
            .call("DELETE", &format!("api-tokens/{auditor_id}"), None)
            .await
            .status,
        204
    );
    assert_eq!(
        auditor.call("GET", "users", None).await.status,
        401,
        "a revoked token still works"
    );
});

scenario!(an_auth_source_added_later_lets_people_in, |stage: Stage| async move {
    let source = stage.connect_with(json!({ "login_methods": [] })).await;
    stage
        .admin()
        .change(
            &format!("data-sources/{}", id(&source)),
            json!({ "login_methods": ["wecom_qr"] }),
        )
        .await;
    let door = json!({ "name": "青云", "corp_id": sample::CORP, "agent_id": sample::AGENT_ID, "app_secret": sample::APP_SECRET });
    let door = stage.admin().create("auth-sources", door).await;
    assert!(door["callback_domain"].is_string());
    let portal = stage.portal("wiki", json!({ "auth_sources": [door["id"]] })).await;
    let page = portal
        .sign_in(&stage, &stage.browser(), As::Member(sample::NORMAL))
        .await;
    assert!(page.returned("code").is_some(), "{}", page.body);
});

scenario!(a_changed_rule_takes_effect_at_once, |stage: Stage| async move {
    stage.connect().await;
    let portal = stage.portal("wiki", json!({})).await;
    let browser = stage.browser();
    portal.code(&stage, &browser, sample::NORMAL).await;
    let admin_user = stage.admin().user(sample::ADMIN).await;
    stage
        .admin()
        .change(
            &format!("clients/{}", portal.id),
            json!({ "allowed_users": [admin_user["id"]] }),
        )
        .await;
    let page = browser.open(&portal.authorize_url(&[])).await;
    assert_eq!(page.status, 403, "{:?}", page.location);
    assert!(page.body.contains("GT-112"), "{}", page.body);
});

scenario!(resources_can_be_deleted_and_are_gone, |stage: Stage| async move {
    stage.connect().await;
    let portal = stage.portal("wiki", json!({})).await;
    let door = stage.auth_source(sample::CORP).await;
    for path in [format!("clients/{}", portal.id), format!("auth-sources/{}", id(&door))] {
        let deleted = stage.admin().call("DELETE", &path, None).await;
        assert_eq!(deleted.status, 204, "{path}: {}", deleted.body);
        assert_eq!(stage.admin().call("GET", &path, None).await.status, 404, "{path}");
    }
});

scenario!(lists_are_walked_by_cursor, |stage: Stage| async move {
    stage.connect().await;
    let whole = stage.admin().get("members?limit=200").await["items"]
        .as_array()
        .unwrap()
        .len();
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = stage.admin().get(&format!("members?limit=7{cursor}")).await;
        seen += page["items"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, whole);
});

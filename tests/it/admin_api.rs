//! The admin API as an operator uses it: the first token, roles, secrets that never come back, resources from creation to deletion.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Admin, As, id, text},
    fixture::Fixture,
    scenario,
};

scenario!(secrets_are_write_only, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    for path in [
        "data-sources",
        "auth-sources",
        "clients",
        "api-tokens",
        "audit-events?limit=200",
        "sync-runs",
        "users",
    ] {
        let text = fixture.admin().get(path).await.to_string();
        for secret in [
            sample::APP_SECRET,
            sample::CONTACTS_SECRET,
            portal.secret.as_str(),
            crate::fixture::ADMIN_TOKEN,
        ] {
            assert!(!text.contains(secret), "{path} returns a secret");
        }
    }
});

scenario!(
    the_callback_domain_and_what_is_wrong_are_shown,
    |fixture: Fixture| async move {
        let source = fixture
            .connect_with(json!({ "login_methods": [], "auto_sync_hours": 12, "description": "总部" }))
            .await;
        let host = fixture.base.trim_start_matches("http://");
        let shown = fixture.admin().get(&format!("data-sources/{}", id(&source))).await;
        assert_eq!(shown["callback_domain"], host);
        assert_eq!(shown["description"], "总部");
        assert_eq!(shown["auto_sync_hours"], 12);
        assert_eq!(shown["contacts_secret_set"], true);
        let changed = fixture
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

scenario!(roles_are_kept_apart, |fixture: Fixture| async move {
    let source = fixture.connect().await;
    let admin = fixture.admin();
    let operator = fixture.admin_with_role("operator").await;
    let made = json!({ "name": "auditor", "role": "auditor" });
    let made = admin.create("api-tokens", made).await;
    let auditor = Admin::new(&fixture.http, &fixture.base, text(&made, "token"));
    let sync = format!("data-sources/{}/sync", id(&source));
    let client = json!({ "name": "x", "redirect_uris": ["https://x.portal.example/cb"] });
    assert_eq!(auditor.call("GET", "users", None).await.status, 200);
    assert_eq!(auditor.call("POST", &sync, Some(json!({}))).await.status, 403);
    assert_eq!(auditor.call("POST", "clients", Some(client.clone())).await.status, 403);
    assert_eq!(operator.call("POST", "clients", Some(client)).await.status, 403);
    let run = operator.call("POST", &sync, Some(json!({}))).await;
    assert_eq!(run.status, 202, "{}", run.body);
    operator.watch(id(&run.body)).await;
    let token = format!("api-tokens/{}", id(&made));
    assert_eq!(admin.call("DELETE", &token, None).await.status, 204);
    assert_eq!(
        auditor.call("GET", "users", None).await.status,
        401,
        "a revoked token still works"
    );
});

scenario!(
    an_auth_source_added_later_lets_people_in,
    |fixture: Fixture| async move {
        let source = fixture.connect_with(json!({ "login_methods": [] })).await;
        let scans = json!({ "login_methods": ["wecom_qr"] });
        fixture
            .admin()
            .change(&format!("data-sources/{}", id(&source)), scans)
            .await;
        let auth_source = json!({ "name": "青云", "corp_id": sample::CORP, "agent_id": sample::AGENT_ID, "app_secret": sample::APP_SECRET });
        let auth_source = fixture.admin().create("auth-sources", auth_source).await;
        assert!(auth_source["callback_domain"].is_string());
        let portal = fixture
            .portal("wiki", json!({ "auth_sources": [auth_source["id"]] }))
            .await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(a_changed_rule_takes_effect_at_once, |fixture: Fixture| async move {
    let (portal, browser, _) = fixture.signed_in().await;
    let admin_user = fixture.admin().user(sample::ADMIN).await;
    let client = format!("clients/{}", portal.id);
    let rule = json!({ "allowed_users": [admin_user["id"]] });
    fixture.admin().change(&client, rule).await;
    let page = browser.open(&portal.authorize_url(&[])).await;
    assert_eq!(page.status, 403, "{:?}", page.location);
    assert!(page.body.contains("GT-112"), "{}", page.body);
});

scenario!(resources_can_be_deleted_and_are_gone, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let auth_source = fixture.auth_source(sample::CORP).await;
    for path in [
        format!("clients/{}", portal.id),
        format!("auth-sources/{}", id(&auth_source)),
    ] {
        let deleted = fixture.admin().call("DELETE", &path, None).await;
        assert_eq!(deleted.status, 204, "{path}: {}", deleted.body);
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 404, "{path}");
    }
});

scenario!(lists_are_walked_by_cursor, |fixture: Fixture| async move {
    fixture.connect().await;
    let whole = fixture.admin().items("members?limit=200").await.len();
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = fixture.admin().get(&format!("members?limit=7{cursor}")).await;
        seen += page["items"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, whole);
});

scenario!(
    a_data_source_is_found_by_part_of_its_name_or_corp_id,
    |fixture: Fixture| async move {
        let first = fixture.connect().await;
        let second = fixture.connect_second(json!({})).await;
        let admin = fixture.admin();
        admin
            .change(&format!("data-sources/{}", id(&first)), json!({ "name": "Zürich Süd" }))
            .await;
        let found = async |query: &str| -> Vec<String> {
            let found = admin.items(&format!("data-sources?{query}")).await;
            found.iter().map(|source| id(source).to_owned()).collect()
        };
        let (first, second) = (id(&first).to_owned(), id(&second).to_owned());
        assert_eq!(found("q=z%C3%9CRICH").await, [first.as_str()]);
        assert_eq!(
            found(&format!("q={}", sample::CORP2.to_uppercase())).await,
            [second.as_str()]
        );
        assert_eq!(found("q=&sort=created_at").await, [first, second]);
        assert!(found("q=nothing-is-called-so").await.is_empty());
        let long = format!("data-sources?q={}", "x".repeat(201));
        let refused = admin.call("GET", &long, None).await;
        assert_eq!(refused.refusal(), (422, "AD-105"));
    }
);

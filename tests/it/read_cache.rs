//! What is remembered between two requests never outlives a change: what an admin was told is done counts from then on, everywhere.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::Portal,
    backends::Backend,
    fixture::{Fixture, Replica},
    scenario,
};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// Asked twice, so that the second answer is from memory where there is one.
async fn known(portal: &Portal, token: &str) -> u16 {
    let first = portal.userinfo(token).await.status;
    assert_eq!(portal.userinfo(token).await.status, first);
    first
}

/// Whether a browser with a session gets a code without a page, and the error if not.
async fn silent(portal: &Portal, browser: &crate::actors::Browser) -> Result<String, String> {
    let page = browser.get(&portal.authorize_url(&[("prompt", "none")])).await;
    page.returned("code")
        .ok_or_else(|| page.returned("error").unwrap_or_default())
}

async fn active(fixture: &Fixture, portal: &Portal, token: &str) -> bool {
    let answer = fixture
        .http
        .post(format!("{}/oauth2/introspect", fixture.base))
        .basic_auth(&portal.client_id, Some(&portal.secret))
        .form(&[("token", token)])
        .send()
        .await
        .unwrap();
    answer.json::<Value>().await.unwrap()["active"] == true
}

scenario!(
    a_user_disabled_between_two_calls_of_userinfo_is_out_at_the_second,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        assert!(active(&fixture, &portal, token).await && silent(&portal, &browser).await.is_ok());
        let user = fixture.admin().user(sample::NORMAL).await;
        let path = format!("users/{}", text(&user, "id"));
        fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        assert_eq!(known(&portal, token).await, 401);
        assert!(!active(&fixture, &portal, token).await);
        assert!(silent(&portal, &browser).await.is_err());
        assert_eq!(portal.refresh(text(&tokens, "refresh_token")).await.status, 400);
    }
);

scenario!(
    a_person_renamed_between_two_calls_of_userinfo_has_the_new_name,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        let user = fixture.admin().user(sample::NORMAL).await;
        let path = format!("users/{}", text(&user, "id"));
        fixture.admin().change(&path, json!({ "display_name": "新名字" })).await;
        assert_eq!(portal.userinfo(token).await.body["name"], "新名字");
    }
);

scenario!(
    a_session_ended_between_two_authorizations_opens_nothing,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        assert!(silent(&portal, &browser).await.is_ok() && silent(&portal, &browser).await.is_ok());
        let code = silent(&portal, &browser).await.unwrap();
        let sessions = fixture.admin().get("sessions").await;
        let path = format!("sessions/{}", text(&sessions["items"][0], "id"));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(silent(&portal, &browser).await.unwrap_err(), "login_required");
        assert_eq!(known(&portal, token).await, 401);
        assert_eq!(portal.redeem(&code).await.status, 400, "a code on its way");
    }
);

scenario!(
    a_portals_rules_changed_between_two_authorizations_hold_at_the_second,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        assert!(silent(&portal, &browser).await.is_ok());
        let path = format!("clients/{}", portal.id);
        let other = fixture.admin().user(sample::BY_PICK).await;
        let rules = json!({ "allowed_users": [other["id"]] });
        fixture.admin().change(&path, rules).await;
        assert_eq!(silent(&portal, &browser).await.unwrap_err(), "access_denied");
        fixture.admin().change(&path, json!({ "allowed_users": [] })).await;
        assert!(silent(&portal, &browser).await.is_ok());
        assert_eq!(known(&portal, text(&tokens, "access_token")).await, 200);
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        assert_eq!(known(&portal, text(&tokens, "access_token")).await, 401);
        assert_eq!(portal.refresh(text(&tokens, "refresh_token")).await.status, 401);
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert_eq!(known(&portal, text(&tokens, "access_token")).await, 200);
    }
);

scenario!(
    an_auth_source_closed_between_two_authorizations_lets_nobody_through,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        assert!(silent(&portal, &browser).await.is_ok());
        let auth_source = fixture.auth_source(sample::CORP).await;
        let path = format!("auth-sources/{}", text(&auth_source, "id"));
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        assert_eq!(silent(&portal, &browser).await.unwrap_err(), "interaction_required");
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert!(silent(&portal, &browser).await.is_ok());
    }
);

scenario!(
    what_a_replica_changed_counts_here_at_once_and_the_other_way_round,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let Replica { base, .. } = Box::pin(fixture.replica()).await;
        let there = portal.at(&base);
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = text(&tokens, "access_token");
        assert_eq!((known(&portal, token).await, known(&there, token).await), (200, 200));
        let user = fixture.admin().user(sample::NORMAL).await;
        let path = format!("users/{}", text(&user, "id"));
        let elsewhere = crate::actors::Admin::new(&fixture.http, &base, crate::fixture::ADMIN_TOKEN);
        elsewhere.change(&path, json!({ "status": "disabled" })).await;
        assert_eq!((known(&portal, token).await, known(&there, token).await), (401, 401));
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        let token = text(&tokens, "access_token");
        assert_eq!((known(&portal, token).await, known(&there, token).await), (200, 200));
        let user = fixture.admin().user(sample::BY_PICK).await;
        let path = format!("users/{}", text(&user, "id"));
        fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        assert_eq!((known(&portal, token).await, known(&there, token).await), (401, 401));
    }
);

/// Each would remember what the other has changed since.
#[actix_web::test]
async fn a_second_server_on_one_sqlite_file_is_refused_in_a_sentence() {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let said = fixture.command_within(20, &["serve"]);
    assert!(said.contains("ST-104") && said.contains("SQLite"), "{said}");
    assert!(fixture.command(&["keys", "list"]).contains("RS256"));
}

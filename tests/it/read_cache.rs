//! What is remembered between two requests never outlives a change: what an admin was told is done counts from then on, everywhere.

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{Browser, Portal, id, text},
    backends::Backend,
    fixture::Fixture,
    scenario,
};

/// Asked twice, so that the second answer is from memory where there is one.
async fn known(portal: &Portal, token: &str) -> u16 {
    let first = portal.userinfo(token).await.status;
    assert_eq!(portal.userinfo(token).await.status, first);
    first
}

/// Whether a browser with a session gets a code without a page, and the error if not.
async fn silent(portal: &Portal, browser: &Browser) -> Result<String, String> {
    let page = portal.authorize_silently(browser).await;
    page.returned("code")
        .ok_or_else(|| page.returned("error").unwrap_or_default())
}

scenario!(
    a_user_disabled_between_two_calls_of_userinfo_is_out_at_the_second,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        assert_eq!(portal.introspect(token).await["active"], true);
        assert!(silent(&portal, &browser).await.is_ok());
        fixture.admin().disable(sample::NORMAL).await;
        assert_eq!(known(&portal, token).await, 401);
        assert_ne!(portal.introspect(token).await["active"], true);
        assert!(silent(&portal, &browser).await.is_err());
        assert_eq!(portal.refresh(text(&tokens, "refresh_token")).await.status, 400);
    }
);

scenario!(
    a_person_renamed_between_two_calls_of_userinfo_has_the_new_name,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        let path = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        fixture.admin().change(&path, json!({ "display_name": "新名字" })).await;
        assert_eq!(portal.userinfo(token).await.body["name"], "新名字");
    }
);

scenario!(
    a_session_ended_between_two_authorizations_opens_nothing,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let token = text(&tokens, "access_token");
        assert_eq!(known(&portal, token).await, 200);
        assert!(silent(&portal, &browser).await.is_ok() && silent(&portal, &browser).await.is_ok());
        let code = silent(&portal, &browser).await.unwrap();
        let session = fixture.admin().items("sessions").await.remove(0);
        let path = format!("sessions/{}", id(&session));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(silent(&portal, &browser).await.unwrap_err(), "login_required");
        assert_eq!(known(&portal, token).await, 401);
        assert_eq!(portal.redeem(&code).await.status, 400, "a code on its way");
    }
);

scenario!(
    a_portals_rules_changed_between_two_authorizations_hold_at_the_second,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
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
        let (portal, browser, _) = fixture.signed_in().await;
        assert!(silent(&portal, &browser).await.is_ok());
        let auth_source = fixture.auth_source(sample::CORP).await;
        let path = format!("auth-sources/{}", id(&auth_source));
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        assert_eq!(silent(&portal, &browser).await.unwrap_err(), "interaction_required");
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert!(silent(&portal, &browser).await.is_ok());
    }
);

scenario!(
    what_a_replica_changed_counts_here_at_once_and_the_other_way_round,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let replica = Box::pin(fixture.replica()).await;
        let there = portal.at(&replica.base);
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = text(&tokens, "access_token");
        assert_eq!((known(&portal, token).await, known(&there, token).await), (200, 200));
        replica.admin(&fixture).disable(sample::NORMAL).await;
        assert_eq!((known(&portal, token).await, known(&there, token).await), (401, 401));
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        let token = text(&tokens, "access_token");
        assert_eq!((known(&portal, token).await, known(&there, token).await), (200, 200));
        fixture.admin().disable(sample::BY_PICK).await;
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

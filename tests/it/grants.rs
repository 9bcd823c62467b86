//! Grants over the admin API: seen, ended one by one and in bulk, and refused from then on.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

/// The only grant in force at this portal.
async fn grant_at(fixture: &Fixture, portal: &str) -> Value {
    let path = format!("grants?client_id={portal}&revoked=false");
    let mut found = fixture.admin().items(&path).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

scenario!(
    a_grant_is_shown_without_its_tokens_and_ended_by_one_call,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let mail = fixture.portal("mail", json!({ "refresh_token_lifetime": 0 })).await;
        let short = mail.tokens_silently(&browser, &[]).await;
        let admin = fixture.admin();
        let person = admin.user_id(sample::NORMAL).await;
        let grant = grant_at(&fixture, "wiki").await;
        assert_eq!(
            (
                text(&grant, "user_id"),
                text(&grant, "username"),
                text(&grant, "client")
            ),
            (person.as_str(), sample::NORMAL, portal.id.as_str())
        );
        assert_eq!(grant["scopes"], json!(["openid", "profile", "email", "phone"]));
        assert_eq!((&grant["offline"], &grant["revoked_at"]), (&json!(true), &Value::Null));
        let by_access_tokens = grant_at(&fixture, "mail").await;
        assert_eq!(by_access_tokens["offline"], false);
        assert!(by_access_tokens["expires_at"].as_i64() < grant["expires_at"].as_i64());
        let all = admin.get("grants").await.to_string();
        for token in ["access_token", "refresh_token"] {
            assert!(!all.contains(text(&tokens, token)), "{token} is shown");
        }

        let path = format!("grants/{}", id(&grant));
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        portal.assert_ended(&tokens).await;
        assert_eq!(
            mail.userinfo(text(&short, "access_token")).await.status,
            200,
            "another one goes on"
        );
        let ended = admin.get(&path).await;
        assert_eq!(ended["revoke_reason"], "admin");
        assert!(ended["revoked_at"].is_i64());
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204, "twice is no error");
        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let told = events
            .iter()
            .filter(|event| event["subject"] == format!("grant:{}", id(&grant)));
        assert_eq!(told.count(), 1, "and is told once");
        let unknown = admin
            .call("DELETE", "grants/00000000-0000-7000-8000-000000000000", None)
            .await;
        assert_eq!(unknown.refusal(), (404, "AD-106"));
    }
);

scenario!(
    all_grants_of_a_person_or_a_portal_are_counted_first_and_then_ended,
    |fixture: Fixture| async move {
        let (wiki, browser, tokens) = fixture.signed_in().await;
        let mail = fixture.portal("mail", json!({})).await;
        let at_mail = mail.tokens_silently(&browser, &[]).await;
        let other = fixture.browser();
        let of_other = wiki.tokens(&fixture, &other, sample::BY_PICK).await;
        let admin = fixture.admin();
        let counted = admin
            .call("DELETE", "clients/wiki/grants?dry_run=true", None)
            .await
            .body;
        assert_eq!(
            (&counted["ended"], &counted["dry_run"]),
            (&json!(2), &json!(true)),
            "{counted}"
        );
        assert_eq!(
            wiki.userinfo(text(&tokens, "access_token")).await.status,
            200,
            "counting ends nothing"
        );

        let person = admin.user_id(sample::NORMAL).await;
        let ended = admin.call("DELETE", &format!("users/{person}/grants"), None).await.body;
        assert_eq!(
            ended,
            json!({ "dry_run": false, "ended": 2, "left_out": 0, "remaining": 0 })
        );
        wiki.assert_ended(&tokens).await;
        mail.assert_ended(&at_mail).await;
        // The session goes on: what is granted anew counts.
        wiki.tokens_silently(&browser, &[]).await;

        let ended = admin.call("DELETE", "clients/wiki/grants", None).await.body;
        assert_eq!(ended["ended"], 2, "{ended}");
        wiki.assert_ended(&of_other).await;
        assert_eq!(admin.items("grants?revoked=false").await.len(), 0);
        let wrong = admin.call("DELETE", "clients/wiki/grants?dry_run=perhaps", None).await;
        assert_eq!(wrong.refusal(), (422, "AD-105"));
        assert_eq!(admin.call("DELETE", "clients/nobody/grants", None).await.status, 404);
    }
);

scenario!(
    an_operator_ends_no_grants_of_people_with_a_console_role,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let admin = fixture.admin();
        let boss = admin.user_id(sample::BY_PICK).await;
        admin
            .change(&format!("users/{boss}"), json!({ "console_role": "auditor" }))
            .await;
        let of_boss = portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
        portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let operator = fixture.admin_with_role("operator").await;
        let own = operator.call("DELETE", &format!("users/{boss}/grants"), None).await;
        assert_eq!(own.refusal(), (403, "DI-107"));
        let theirs = admin.items(&format!("grants?user_id={boss}&revoked=false")).await;
        let one = operator
            .call("DELETE", &format!("grants/{}", id(&theirs[0])), None)
            .await;
        assert_eq!(one.refusal(), (403, "DI-107"));
        let ended = operator.call("DELETE", "clients/wiki/grants", None).await.body;
        assert_eq!((&ended["ended"], &ended["left_out"]), (&json!(1), &json!(1)), "{ended}");
        assert_eq!(portal.userinfo(text(&of_boss, "access_token")).await.status, 200);
    }
);

scenario!(an_admin_ends_no_grants_of_owners, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let boss = fixture.admin().user_id(sample::BY_PICK).await;
    let role = json!({ "console_role": "owner" });
    fixture.admin().change(&format!("users/{boss}"), role).await;
    let of_boss = portal.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
    portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    let admin = fixture.admin_with_role("admin").await;
    let own = admin.call("DELETE", &format!("users/{boss}/grants"), None).await;
    assert_eq!(own.refusal(), (403, "DI-107"));
    let ended = admin.call("DELETE", "clients/wiki/grants", None).await.body;
    assert_eq!((&ended["ended"], &ended["left_out"]), (&json!(1), &json!(1)), "{ended}");
    assert_eq!(portal.userinfo(text(&of_boss, "access_token")).await.status, 200);
    let ended = fixture.admin().call("DELETE", "clients/wiki/grants", None).await.body;
    assert_eq!((&ended["ended"], &ended["left_out"]), (&json!(1), &json!(0)), "{ended}");
});

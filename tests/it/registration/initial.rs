//! Initial access tokens: shown once, bounded, counted.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::anonymous::{initial, least, register, send, with};
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    of_100_parallel_registrations_with_one_use_exactly_one_wins,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 1).await;
        let body = least();
        let replies = join_all((0..100).map(|_| register(&fixture, &token, &body))).await;
        let won = replies.iter().filter(|reply| reply.status == 201).count();
        assert_eq!(
            won,
            1,
            "{:?}",
            replies.iter().map(|reply| reply.status).collect::<Vec<_>>()
        );
        for lost in replies.into_iter().filter(|reply| reply.status != 201) {
            lost.refused(401, "invalid_token", "RG-201");
        }
        assert_eq!(fixture.admin().items("clients").await.len(), 1);
        assert_eq!(fixture.admin().items("initial-access-tokens").await[0]["uses"], 1);
    }
);

scenario!(a_refused_registration_spends_no_use, |fixture: Fixture| async move {
    let token = initial(&fixture, 2).await;
    for bad in [with("redirect_uris", json!(["/x"])), with("jwks", json!(5)), json!({})] {
        assert_eq!(register(&fixture, &token, &bad).await.status, 400);
    }
    for _ in 0..2 {
        register(&fixture, &token, &least()).await.ok(201);
    }
    register(&fixture, &token, &least())
        .await
        .refused(401, "invalid_token", "RG-201");
});

scenario!(
    a_token_that_is_missing_unknown_expired_or_revoked_registers_nothing,
    |fixture: Fixture| async move {
        let url = format!("{}/oauth2/register", fixture.base);
        let body = least();
        send(&fixture, "POST", &url, None, Some(&body))
            .await
            .refused(401, "invalid_token", "OP-160");
        for unknown in ["x", crate::fixture::ADMIN_TOKEN, &"x".repeat(5000)] {
            register(&fixture, unknown, &body)
                .await
                .refused(401, "invalid_token", "RG-201");
        }
        let admin = fixture.admin();
        let soon = (crate::fixture::START + 60) * 1000;
        let made = admin
            .create(
                "initial-access-tokens",
                json!({ "name": "soon", "max_uses": 5, "expires_at": soon }),
            )
            .await;
        let token = made["token"].as_str().unwrap();
        register(&fixture, token, &body).await.ok(201);
        fixture.advance(Duration::from_secs(60));
        register(&fixture, token, &body)
            .await
            .refused(401, "invalid_token", "RG-201");
        let made = admin
            .create("initial-access-tokens", json!({ "name": "revoked", "max_uses": 5 }))
            .await;
        let path = format!("initial-access-tokens/{}", id(&made));
        for _ in 0..2 {
            assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        }
        assert!(admin.get(&path).await["revoked_at"].is_i64());
        register(&fixture, made["token"].as_str().unwrap(), &body)
            .await
            .refused(401, "invalid_token", "RG-201");
        // Nobody makes us call a sector identifier without a token.
        let sector = with("sector_identifier_uri", json!("http://127.0.0.1:9/"));
        register(&fixture, "x", &sector)
            .await
            .refused(401, "invalid_token", "RG-201");
    }
);

scenario!(admins_make_them_and_see_them_once, |fixture: Fixture| async move {
    let admin = fixture.admin();
    for (bad, status) in [
        (json!({ "name": "" }), 422),
        (json!({ "name": "a", "max_uses": 0 }), 422),
        (json!({ "name": "a", "max_uses": 1001 }), 422),
        (json!({ "name": "a", "expires_at": 1 }), 422),
        (json!({ "name": "a", "max_uses": "1" }), 400),
        (json!({ "name": "a", "token": "x" }), 400),
        (json!({}), 400),
    ] {
        let reply = admin.call("POST", "initial-access-tokens", Some(bad)).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        if status == 422 {
            assert_eq!(reply.body["number"], "RG-109");
        }
    }
    let made = admin
        .create("initial-access-tokens", json!({ "name": "partners" }))
        .await;
    assert_eq!(
        (&made["max_uses"], &made["uses"], &made["expires_at"]),
        (&json!(1), &json!(0), &Value::Null)
    );
    let token = made["token"].as_str().unwrap();
    assert_eq!(token.len(), 43);
    for path in ["initial-access-tokens", "audit-events?limit=200"] {
        assert!(!admin.get(path).await.to_string().contains(token), "{path}");
    }
    let nobody = format!("initial-access-tokens/{}", "0".repeat(32));
    for method in ["GET", "DELETE"] {
        let reply = admin.call(method, &nobody, None).await;
        assert_eq!(reply.refusal(), (404, "RG-110"));
    }
    let auditor = fixture.admin_with_role("auditor").await;
    let body = Some(json!({ "name": "x" }));
    assert_eq!(auditor.call("POST", "initial-access-tokens", body).await.status, 403);
    // The trail leads from the client to the token.
    let client = register(&fixture, token, &least()).await.ok(201);
    let events = admin.items("audit-events?limit=200").await;
    let subject = format!("client:{}", text(&client, "client_id"));
    let event = events.iter().find(|event| event["subject"] == subject.as_str());
    assert_eq!(event.unwrap()["actor"], "initial_access_token:partners");
});

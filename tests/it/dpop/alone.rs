//! Clients that act for themselves: `client_credentials`, and what their tokens are worth.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use super::{Answer, alone, machine, userinfo};
use crate::{
    actors::{claims, header, id_claims},
    fixture::Fixture,
    scenario,
};

// RFC 6749 section 4.4, RFC 9068 section 2.2.
scenario!(
    a_client_gets_a_token_of_its_own_and_nothing_else,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let tokens = alone(&fixture, &machine, &[], &[]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert_eq!(tokens.header("cache-control"), "no-store");
        assert_eq!(tokens.text("token_type"), "Bearer");
        assert_eq!(tokens.body["expires_in"], 600);
        assert_eq!(tokens.text("scope"), "orders:read orders:write");
        for absent in ["refresh_token", "id_token"] {
            assert_eq!(tokens.body[absent], Value::Null, "{absent}");
        }
        let token = tokens.text("access_token");
        let (head, said) = (header(token), claims(token));
        assert_eq!(
            (head["typ"].as_str(), head["alg"].as_str()),
            (Some("at+jwt"), Some("ES256"))
        );
        let now = fixture.clock.now().secs();
        assert_eq!(
            said,
            json!({
                "iss": fixture.base, "sub": "machine", "aud": fixture.base, "client_id": "machine", "jti": said["jti"],
                "iat": now, "exp": now + 600, "scope": "orders:read orders:write",
            })
        );
        assert!(said["jti"].as_str().unwrap().len() >= 22);
        let other = alone(&fixture, &machine, &[], &[]).await;
        assert_ne!(claims(other.text("access_token"))["jti"], said["jti"]);
    }
);

scenario!(
    userinfo_is_about_people_and_refuses_a_clients_token,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let tokens = alone(&fixture, &machine, &[], &[]).await;
        let answer = userinfo(&fixture, "Bearer", tokens.text("access_token"), &[]).await;
        assert_eq!(answer.refusal(), (403, "insufficient_scope"));
        assert!(
            answer
                .header("www-authenticate")
                .contains("error=\"insufficient_scope\"")
        );
    }
);

scenario!(
    only_api_scopes_are_had_without_a_person,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let some = alone(
            &fixture,
            &machine,
            &[("scope", "openid orders:read email nonsense")],
            &[],
        )
        .await;
        assert_eq!(some.text("scope"), "orders:read");
        assert_eq!(some.body["id_token"], Value::Null);
        for scope in ["openid", "profile email phone offline_access", "nonsense"] {
            let none = alone(&fixture, &machine, &[("scope", scope)], &[]).await;
            assert_eq!(none.refusal(), (400, "invalid_scope"), "{scope}");
        }
        let bare = fixture
            .portal("bare", json!({ "metadata": { "grant_types": ["client_credentials"] } }))
            .await;
        let tokens = alone(&fixture, &bare, &[], &[]).await;
        assert_eq!((tokens.status, &tokens.body["scope"]), (200, &Value::Null));
        assert_eq!(claims(tokens.text("access_token"))["scope"], Value::Null);
    }
);

scenario!(
    a_client_without_the_grant_or_without_its_secret_gets_nothing,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let answer = alone(&fixture, &portal, &[], &[]).await;
        assert_eq!(answer.refusal(), (400, "unauthorized_client"));
        let mut machine = machine(&fixture, json!({})).await;
        machine.secret = "wrong".to_owned();
        assert_eq!(
            alone(&fixture, &machine, &[], &[]).await.refusal(),
            (401, "invalid_client")
        );
    }
);

// RFC 7662 section 2.2: active, or nothing.
scenario!(
    a_clients_token_is_active_while_the_client_is_switched_on,
    |fixture: Fixture| async move {
        let portal = fixture.portal("api", json!({})).await;
        let machine = machine(&fixture, json!({})).await;
        let token = alone(&fixture, &machine, &[("scope", "orders:read")], &[]).await;
        let token = token.text("access_token");
        let known = portal.introspect(token).await;
        assert_eq!(known["active"], true);
        for (name, value) in [
            ("sub", "machine"),
            ("client_id", "machine"),
            ("scope", "orders:read"),
            ("token_type", "Bearer"),
            ("aud", fixture.base.as_str()),
        ] {
            assert_eq!(known[name], value, "{name}");
        }
        assert_eq!((&known["sid"], &known["auth_time"]), (&Value::Null, &Value::Null));
        let path = format!("clients/{}", machine.id);
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        assert_eq!(portal.introspect(token).await, json!({ "active": false }));
        assert_eq!(
            alone(&fixture, &machine, &[], &[]).await.refusal(),
            (401, "invalid_client")
        );
        fixture.admin().change(&path, json!({ "enabled": true })).await;
        assert_eq!(portal.introspect(token).await["active"], true);
        fixture.advance(Duration::from_secs(600));
        assert_eq!(portal.introspect(token).await, json!({ "active": false }));
    }
);

// RFC 7009: 200 also for unknown tokens; another client changes nothing.
scenario!(
    a_clients_token_is_inactive_once_it_is_revoked,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let other = fixture.portal("other", json!({})).await;
        let (first, second) = (
            alone(&fixture, &machine, &[], &[]).await,
            alone(&fixture, &machine, &[], &[]).await,
        );
        let first = first.text("access_token");
        assert_eq!(other.post("revoke", &[("token", first)]).await.status, 200);
        assert_eq!(other.introspect(first).await["active"], true);
        for token in [first, first, "unknown"] {
            assert_eq!(machine.post("revoke", &[("token", token)]).await.status, 200);
        }
        assert_eq!(other.introspect(first).await, json!({ "active": false }));
        let second = second.text("access_token");
        assert_eq!(other.introspect(second).await["active"], true);
    }
);

// Introspection only for authenticated confidential clients.
scenario!(introspection_is_not_for_everybody, |fixture: Fixture| async move {
    let machine = machine(&fixture, json!({})).await;
    let token = alone(&fixture, &machine, &[], &[]).await;
    let form = |more: &[(&'static str, &'static str)]| {
        let mut form = vec![("token", token.text("access_token").to_owned())];
        form.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        form
    };
    fixture.portal("spa", json!({ "auth_method": "none" })).await;
    for more in [&[][..], &[("client_id", "spa")], &[("client_id", "machine")]] {
        let request = fixture.http.post(format!("{}/oauth2/introspect", fixture.base));
        let answer = Answer::of(request.form(&form(more))).await;
        assert_eq!(answer.refusal(), (401, "invalid_client"), "{more:?}");
    }
});

scenario!(
    access_tokens_are_signed_with_the_registered_algorithm,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let machine = machine(&fixture, json!({})).await;
        for alg in ["RS256", "ES256", "PS256", "EdDSA"] {
            let change = json!({ "metadata": { "access_token_signed_response_alg": alg } });
            for id in [&portal.id, &machine.id] {
                fixture.admin().change(&format!("clients/{id}"), change.clone()).await;
            }
            let tokens = alone(&fixture, &machine, &[], &[]).await;
            assert_eq!(header(tokens.text("access_token"))["alg"], alg);
            assert_eq!(machine.introspect(tokens.text("access_token")).await["active"], true);
            let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            let token = tokens["access_token"].as_str().unwrap();
            assert_eq!(header(token)["alg"], alg);
            assert_eq!(portal.userinfo(token).await.status, 200);
        }
        let refused = fixture
            .admin()
            .call(
                "PATCH",
                &format!("clients/{}", machine.id),
                Some(json!({ "metadata": { "access_token_signed_response_alg": "none" } })),
            )
            .await;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
);

// RFC 9068 section 2.2: what a person's access token says.
scenario!(
    a_persons_access_token_says_who_for_whom_and_since_when,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let token = tokens["access_token"].as_str().unwrap();
        let (said, id) = (claims(token), id_claims(&tokens));
        assert_eq!(header(token)["typ"], "at+jwt");
        for same in ["iss", "sub", "auth_time", "sid", "iat", "acr", "amr"] {
            assert_eq!(said[same], id[same], "{same}");
        }
        // RFC 9068 section 2.2.1, RFC 9470 section 6: a resource server sees how the person proved it.
        assert_eq!(said["acr"], "urn:menjin:acr:wecom");
        assert_eq!(portal.introspect(token).await["acr"], said["acr"]);
        assert_eq!(said["aud"], fixture.base.as_str());
        assert_eq!(said["client_id"], "wiki");
        assert_eq!(said["scope"], tokens["scope"]);
        assert_eq!(said["cnf"], Value::Null);
        assert!(said["exp"].as_i64() > said["iat"].as_i64() && said["jti"].is_string());
        assert_eq!(portal.introspect(token).await["auth_time"], said["auth_time"]);
    }
);

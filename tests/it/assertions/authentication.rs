//! `private_key_jwt` and `client_secret_jwt`.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use crate::{
    actors::{As, JWT_BEARER, Keyholder, Redemption, Signer, post, unsigned},
    fixture::Fixture,
    oidc::json_of,
    scenario,
};

scenario!(
    a_client_proves_itself_with_each_algorithm_at_each_endpoint,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
            let client = Keyholder::register(&fixture, &format!("wiki-{alg}"), alg, json!({})).await;
            let page = client
                .portal
                .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
                .await;
            let tokens = client.redeem(&page.returned("code").unwrap()).await;
            assert_eq!(tokens.status, 200, "{alg}: {}", tokens.body);
            let access = tokens.body["access_token"].as_str().unwrap();
            let known = client.post("/oauth2/introspect", &[("token", access)]).await;
            assert_eq!(known.body["active"], true, "{alg}: {}", known.body);
            let pushed = client.post("/oauth2/par", &client.portal.parameters(&[])).await;
            assert_eq!(pushed.status, 201, "{alg}: {}", pushed.body);
            let refresh = tokens.body["refresh_token"].as_str().unwrap();
            let ended = client.post("/oauth2/revoke", &[("token", refresh)]).await;
            assert_eq!(ended.status, 200, "{alg}: {}", ended.body);
        }
    }
);

scenario!(
    an_assertion_names_issuer_or_endpoints_and_nobody_else,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let endpoint = |name: &str| format!("{}/oauth2/{name}", fixture.base);
        for aud in [
            json!(fixture.base),
            json!(endpoint("token")),
            json!(endpoint("revoke")),
            json!([fixture.base]),
            json!([endpoint("revoke"), endpoint("token"), fixture.base]),
        ] {
            let answer = client.revoke_with(&client.assertion(json!({ "aud": aud }))).await;
            assert_eq!(answer.status, 200, "{aud}: {}", answer.body);
        }
        for aud in [
            json!(null),
            json!("https://elsewhere.example"),
            json!(format!("{}/", fixture.base)),
            json!([]),
            json!(["https://elsewhere.example", endpoint("token")]),
            json!([fixture.base, "https://elsewhere.example"]),
            json!([fixture.base, 7]),
            json!({ "a": fixture.base }),
            json!(endpoint("userinfo")),
        ] {
            let answer = client.revoke_with(&client.assertion(json!({ "aud": aud }))).await;
            refused(&answer, "OP-205", &aud.to_string());
        }
    }
);

pub fn refused(answer: &Redemption, number: &str, what: &str) {
    assert_eq!(answer.status, 401, "{what}: {}", answer.body);
    assert_eq!(answer.body["error"], "invalid_client", "{what}");
    let description = answer.body["error_description"].as_str().unwrap();
    assert!(description.starts_with(number), "{what}: {description}");
}

scenario!(
    an_assertion_that_does_not_say_what_it_must_proves_nothing,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let now = fixture.clock.now().secs();
        for (change, number) in [
            (json!({ "iss": "another" }), "OP-142"),
            (json!({ "iss": null }), "OP-201"),
            (json!({ "sub": "another" }), "OP-204"),
            (json!({ "sub": null }), "OP-204"),
            (json!({ "exp": null }), "OP-206"),
            (json!({ "exp": "tomorrow" }), "OP-206"),
            (json!({ "exp": now - 60 }), "OP-206"),
            (json!({ "exp": now + 661 }), "OP-206"),
            (json!({ "exp": i64::MAX }), "OP-206"),
            (json!({ "exp": i64::MIN }), "OP-206"),
            (json!({ "exp": 1e300 }), "OP-206"),
            (json!({ "nbf": now + 31 }), "OP-207"),
            (json!({ "iat": now + 31 }), "OP-207"),
            (json!({ "nbf": "now" }), "OP-206"),
            (json!({ "jti": null }), "OP-208"),
            (json!({ "jti": "" }), "OP-208"),
            (json!({ "jti": 5 }), "OP-208"),
            (json!({ "jti": "x".repeat(1025) }), "OP-208"),
        ] {
            let answer = client.revoke_with(&client.assertion(change.clone())).await;
            refused(&answer, number, &change.to_string());
        }
        for good in [
            json!({ "exp": now - 59 }),
            json!({ "exp": now + 660 }),
            json!({ "nbf": now + 30, "iat": now - 3600 }),
            json!({ "iat": now + 30 }),
            json!({ "exp": now + 30, "iat": null }),
        ] {
            let answer = client.revoke_with(&client.assertion(good.clone())).await;
            assert_eq!(answer.status, 200, "{good}: {}", answer.body);
        }
    }
);

scenario!(
    none_foreign_keys_and_other_uses_of_a_jwt_prove_nothing,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "RS256", json!({})).await;
        let good = client.assertion_claims(json!({}));
        let foreign = Signer::new("RS256");
        let kid = json!({ "kid": client.key.kid });
        let public = client.key.jwk()["n"].as_str().unwrap().to_owned();
        let cases: Vec<(&str, String, &str)> = vec![
            ("none", unsigned(&good), "OP-201"),
            ("foreign key", foreign.sign(json!({}), &good), "OP-142"),
            ("foreign key, our kid", foreign.sign(kid, &good), "OP-142"),
            (
                "the public key as a secret",
                Signer::shared(&public).sign(json!({}), &good),
                "OP-142",
            ),
            (
                "request object",
                client.key.sign(json!({ "typ": "oauth-authz-req+jwt" }), &good),
                "OP-203",
            ),
            ("crit", client.key.sign(json!({ "crit": ["exp"] }), &good), "OP-201"),
            ("rubbish", "a.b.c".to_owned(), "OP-201"),
        ];
        for (what, assertion, number) in &cases {
            refused(&client.revoke_with(assertion).await, number, what);
        }
        let tampered = client.key.sign(json!({}), &good);
        let cut = &tampered[..tampered.len() - 6];
        refused(&client.revoke_with(cut).await, "OP-142", "tampered");
        for typ in [
            "JWT",
            "client-authentication+jwt",
            "application/client-authentication+jwt",
        ] {
            let assertion = client
                .key
                .sign(json!({ "typ": typ }), &client.assertion_claims(json!({})));
            assert_eq!(client.revoke_with(&assertion).await.status, 200, "{typ}");
        }
    }
);

scenario!(an_assertion_may_lack_a_kid, |fixture: Fixture| async move {
    let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
    let other = Signer::new("ES256");
    let both = json!({ "metadata": { "jwks": { "keys": [other.jwk(), client.key.jwk()] } } });
    fixture.admin().change("clients/wiki", both).await;
    for kid in [json!(client.key.kid), json!(null)] {
        let assertion = client
            .key
            .sign(json!({ "kid": kid }), &client.assertion_claims(json!({})));
        assert_eq!(client.revoke_with(&assertion).await.status, 200, "{kid}");
    }
    let assertion = client
        .key
        .sign(json!({ "kid": other.kid }), &client.assertion_claims(json!({})));
    refused(&client.revoke_with(&assertion).await, "OP-142", "another's kid");
});

scenario!(
    unknown_client_wrong_key_and_wrong_method_are_one_answer,
    |fixture: Fixture| async move {
        let keyholder = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let secretive = fixture.portal("git", json!({})).await;
        let url = format!("{}/oauth2/revoke", fixture.base);
        let mut answers = Vec::new();
        for client_id in ["wiki", "git", "nobody"] {
            let foreign = Signer::new("ES256");
            let claims = keyholder.assertion_claims(json!({ "iss": client_id, "sub": client_id }));
            let assertion = foreign.sign(json!({}), &claims);
            let form = [
                ("token", "x"),
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", assertion.as_str()),
            ];
            answers.push(post(&fixture.http, &url, &form).await);
        }
        // The other way round: a secret, or nothing, from who is registered with a key.
        let secret = [
            ("token", "x"),
            ("client_id", "wiki"),
            ("client_secret", secretive.secret.as_str()),
        ];
        answers.push(post(&fixture.http, &url, &secret).await);
        answers.push(post(&fixture.http, &url, &[("token", "x"), ("client_id", "wiki")]).await);
        for answer in &answers {
            refused(answer, "OP-142", "one answer");
        }
        // An assertion of one client under the name of another.
        let assertion = keyholder.assertion(json!({}));
        let form = [
            ("token", "x"),
            ("client_id", "git"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion.as_str()),
        ];
        refused(&post(&fixture.http, &url, &form).await, "OP-142", "another's name");
        let form = [
            ("token", "x"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
            ),
            ("client_assertion", assertion.as_str()),
        ];
        refused(&post(&fixture.http, &url, &form).await, "OP-200", "another type");
        fixture
            .admin()
            .change("clients/wiki", json!({ "enabled": false }))
            .await;
        refused(&keyholder.revoke_with(&assertion).await, "OP-142", "switched off");
    }
);

scenario!(a_refused_assertion_is_on_record_as_one, |fixture: Fixture| async move {
    fixture.portal("git", json!({})).await;
    let url = format!("{}/oauth2/revoke", fixture.base);
    let readable = Signer::new("ES256").sign(json!({}), &json!({ "iss": "git", "sub": "git" }));
    for (assertion, number, cause) in [
        ("abc.def.ghi", "OP-201", "bad_assertion"),
        (readable.as_str(), "OP-142", "wrong_method"),
    ] {
        let form = [
            ("token", "x"),
            ("client_id", "git"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ];
        let answer = post(&fixture.http, &url, &form).await;
        refused(&answer, number, cause);
        let reference = answer.body["reference"].as_str().unwrap();
        let event = fixture.admin().trace(reference).await;
        let detail = &event["detail"];
        assert_eq!(detail["cause"], cause, "{event}");
        assert_eq!(detail["client_id"], "git", "{event}");
        assert_eq!(detail["sent"], "client_assertion", "{event}");
    }
});

scenario!(an_assertion_and_a_secret_are_two_ways, |fixture: Fixture| async move {
    let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
    let form = [("token", "x"), ("client_secret", "s")];
    let answer = client
        .post_with("/oauth2/revoke", &form, &client.assertion(json!({})))
        .await;
    assert_eq!(answer.refusal(), (400, "invalid_request"));
});

scenario!(
    of_100_parallel_uses_of_one_assertion_exactly_one_wins,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let assertion = client.assertion(json!({}));
        let answers = join_all((0..100).map(|_| client.revoke_with(&assertion))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1);
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            refused(lost, "OP-209", "used");
        }
        // The name stays used as long as the assertion could be taken.
        fixture.advance(Duration::from_secs(119));
        refused(&client.revoke_with(&assertion).await, "OP-209", "later");
        fixture.advance(Duration::from_secs(2));
        refused(&client.revoke_with(&assertion).await, "OP-206", "too late");
    }
);

scenario!(
    the_same_jti_of_two_clients_is_two_names,
    |fixture: Fixture| async move {
        let first = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let second = Keyholder::register(&fixture, "git", "ES256", json!({})).await;
        for client in [&first, &second] {
            let answer = client.revoke_with(&client.assertion(json!({ "jti": "1" }))).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
);

scenario!(only_the_registered_algorithm_is_taken, |fixture: Fixture| async move {
    let only = json!({ "token_endpoint_auth_signing_alg": "PS256" });
    let client = Keyholder::register(&fixture, "wiki", "PS256", only).await;
    assert_eq!(client.revoke().await.status, 200);
    let claims = client.assertion_claims(json!({}));
    let same_key = client.key.sign(json!({ "alg": "RS256" }), &claims);
    refused(&client.revoke_with(&same_key).await, "OP-202", "RS256");
});

scenario!(
    a_client_proves_itself_with_a_jwt_under_its_secret,
    |fixture: Fixture| async move {
        let extra = json!({ "auth_method": "client_secret_jwt" });
        let portal = fixture.portal("wiki", extra).await;
        let key = Signer::shared(&portal.secret);
        let client = Keyholder::of(&fixture, portal, key);
        let good = client.assertion(json!({}));
        let answer = client.revoke_with(&good).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        refused(&client.revoke_with(&good).await, "OP-209", "again");
        let wrong = Signer::shared("another secret of thirty-two characters");
        let claims = client.assertion_claims(json!({}));
        refused(
            &client.revoke_with(&wrong.sign(json!({}), &claims)).await,
            "OP-142",
            "wrong secret",
        );
        refused(&client.revoke_with(&unsigned(&claims)).await, "OP-201", "none");
        let asymmetric = Signer::new("ES256").sign(json!({}), &claims);
        refused(&client.revoke_with(&asymmetric).await, "OP-142", "another method");
        // The secret itself is not this client's method.
        let sent = client
            .portal
            .token(&[("grant_type", "refresh_token"), ("refresh_token", "x")])
            .await;
        refused(&sent, "OP-142", "basic");
    }
);

scenario!(
    discovery_tells_how_clients_may_prove_themselves,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        let has = |key: &str, value: &str| document[key].as_array().unwrap().contains(&json!(value));
        for endpoint in ["token", "introspection", "revocation"] {
            for method in [
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
            ] {
                assert!(
                    has(&format!("{endpoint}_endpoint_auth_methods_supported"), method),
                    "{endpoint} {method}"
                );
            }
            for alg in ["RS256", "PS256", "ES256", "EdDSA", "HS256"] {
                assert!(has(
                    &format!("{endpoint}_endpoint_auth_signing_alg_values_supported"),
                    alg
                ));
            }
            assert!(!has(
                &format!("{endpoint}_endpoint_auth_signing_alg_values_supported"),
                "none"
            ));
        }
        assert!(has("token_endpoint_auth_methods_supported", "none"));
        assert_eq!(
            document["pushed_authorization_request_endpoint"],
            format!("{}/oauth2/par", fixture.base)
        );
        assert_eq!(document["require_pushed_authorization_requests"], false);
        assert_eq!(document["request_parameter_supported"], true);
        assert_eq!(document["request_uri_parameter_supported"], false);
        assert_eq!(document["require_signed_request_object"], false);
        assert!(has("request_object_signing_alg_values_supported", "RS256"));
        assert!(!has("request_object_signing_alg_values_supported", "none"));
    }
);

//! Signed request objects (RFC 9101; OpenID Connect Core section 6.1).

use serde_json::json;

use crate::{
    actors::{KeyServer, Keyholder, Signer, unsigned},
    fixture::Fixture,
    scenario,
};

fn address(client: &Keyholder, object: &str) -> String {
    client
        .portal
        .url(&[("client_id", &client.portal.client_id), ("request", object)])
}

scenario!(
    a_signed_request_leads_to_tokens_with_each_algorithm,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
            let client = Keyholder::register(&fixture, &format!("wiki-{alg}"), alg, json!({})).await;
            let object = client.request_object(json!({ "max_age": 3600, "claims": { "userinfo": { "name": null } } }));
            let address = address(&client, &object);
            let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
            assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~");
            let tokens = client.redeem(&page.returned("code").unwrap()).await;
            assert_eq!(tokens.status, 200, "{alg}: {}", tokens.body);
        }
    }
);

scenario!(parameters_come_from_the_object_only, |fixture: Fixture| async move {
    fixture.connect().await;
    let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
    let object = client.request_object(json!({ "state": "signed" }));
    let beside = client
        .portal
        .authorize_url(&[("request", &object), ("state", "added"), ("prompt", "none")]);
    let page = client.sign_in_at(&fixture, &fixture.browser(), &beside).await;
    assert_eq!(page.returned("state").unwrap(), "signed");
    // What the object lacks is lacking.
    let object = client.request_object(json!({ "response_type": null, "state": null }));
    let beside = client.portal.authorize_url(&[("request", &object)]);
    let page = fixture.browser().get(&beside).await;
    assert_eq!(page.returned("error").unwrap(), "invalid_request");
    assert!(page.returned("state").is_none());
});

scenario!(
    control_characters_in_an_object_are_refused_by_the_parameters_name,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        for (name, value) in [
            ("nonce", json!("a\u{0}")),
            ("state", json!("\u{7f}")),
            ("ui_locales", json!("zh\n")),
            ("resource", json!(["https://a.example", "\u{0}"])),
            ("claims", json!({ "userinfo": { "sub": { "value": "\u{0}" } } })),
        ] {
            let object = client.request_object(json!({ name: value }));
            let page = fixture.browser().get(&address(&client, &object)).await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{name}");
            let told = page.returned("error_description").unwrap();
            assert!(
                told.contains(name) && (told.starts_with("OP-129: ") || name == "claims"),
                "{told}"
            );
        }
    }
);

scenario!(
    an_unregistered_redirect_uri_in_an_object_is_a_page_never_a_redirect,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        for redirect_uri in [
            json!("https://evil.example/"),
            json!(null),
            json!(["https://evil.example/"]),
        ] {
            let object = client.request_object(json!({ "redirect_uri": redirect_uri }));
            for address in [
                address(&client, &object),
                client.portal.authorize_url(&[("request", &object)]),
            ] {
                let page = fixture.browser().get(&address).await;
                assert_eq!((page.status, &page.location), (400, &None), "{redirect_uri}");
            }
        }
        // Nor does an object that is not believed lend its address.
        let foreign = Signer::new("ES256");
        let claims =
            json!({ "client_id": "wiki", "redirect_uri": client.portal.redirect_uri, "response_type": "code" });
        let page = fixture
            .browser()
            .get(&address(&client, &foreign.sign(json!({}), &claims)))
            .await;
        assert_eq!((page.status, &page.location), (400, &None));
        assert!(page.body.contains("OP-232"), "{}", page.body);
    }
);

scenario!(
    a_request_object_and_a_client_assertion_never_stand_in_for_each_other,
    |fixture: Fixture| async move {
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        for asks in [
            json!({ "response_type": "code" }),
            json!({ "redirect_uri": client.portal.redirect_uri }),
        ] {
            let answer = client.revoke_with(&client.assertion(asks.clone())).await;
            assert_eq!(answer.body["error"], "invalid_client", "{asks}: {}", answer.body);
        }
        let object = client.request_object(json!({ "sub": "wiki" }));
        let answer = client.post("/oauth2/par", &[("request", &object)]).await;
        assert_eq!(answer.body["error"], "invalid_request_object", "{}", answer.body);
    }
);

scenario!(
    an_object_that_is_not_what_it_must_be_is_an_invalid_request_object,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let client = Keyholder::register(&fixture, "wiki", "RS256", json!({})).await;
        let now = fixture.clock.now().secs();
        let claims = json!({
            "iss": "wiki", "aud": fixture.base, "client_id": "wiki", "response_type": "code", "scope": "openid",
            "redirect_uri": client.portal.redirect_uri,
        });
        let public = client.key.jwk()["n"].as_str().unwrap().to_owned();
        let mut objects = vec![
            ("none", unsigned(&claims), "OP-230"),
            ("rubbish", "eyJ".to_owned(), "OP-230"),
            (
                "encrypted",
                "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d".to_owned(),
                "OP-230",
            ),
            (
                "shared secret",
                Signer::shared(&public).sign(json!({}), &claims),
                "OP-230",
            ),
            ("foreign key", Signer::new("RS256").sign(json!({}), &claims), "OP-232"),
            (
                "a client assertion",
                client.key.sign(json!({ "typ": "client-authentication+jwt" }), &claims),
                "OP-234",
            ),
        ];
        for (change, number) in [
            (json!({ "iss": "git" }), "OP-234"),
            (json!({ "iss": null }), "OP-234"),
            (json!({ "aud": "https://elsewhere.example" }), "OP-234"),
            (json!({ "aud": null }), "OP-234"),
            (json!({ "client_id": "git" }), "OP-234"),
            (json!({ "client_id": null }), "OP-234"),
            (json!({ "exp": now - 60 }), "OP-235"),
            (json!({ "exp": "soon" }), "OP-235"),
            (json!({ "nbf": now + 31 }), "OP-235"),
            (json!({ "sub": "wiki" }), "OP-234"),
            (json!({ "request": "a.b.c" }), "OP-236"),
            (json!({ "request_uri": "https://x.example" }), "OP-236"),
        ] {
            objects.push(("claims", client.request_object(change), number));
        }
        for (what, object, number) in &objects {
            let page = fixture.browser().get(&address(&client, object)).await;
            assert_eq!((page.status, &page.location), (400, &None), "{what} {number}");
            assert!(page.body.contains(number), "{what} {number}: {}", page.body);
            // The registered address beside it hears of it.
            let page = fixture
                .browser()
                .get(&client.portal.authorize_url(&[("request", object)]))
                .await;
            assert_eq!(
                page.returned("error").unwrap(),
                "invalid_request_object",
                "{what} {number}"
            );
            let answer = client.post("/oauth2/par", &[("request", object)]).await;
            assert_eq!(answer.refusal(), (400, "invalid_request_object"), "{what}");
        }
        for good in [
            json!({ "aud": [fixture.base, "https://elsewhere.example"] }),
            json!({ "exp": null, "nbf": null }),
            json!({ "exp": now - 59 }),
            json!({ "nbf": now + 30 }),
        ] {
            let page = fixture
                .browser()
                .open(&address(&client, &client.request_object(good)))
                .await;
            assert_eq!(page.status, 200, "{}", page.body);
        }
        for typ in ["JWT", "jwt", "application/oauth-authz-req+jwt"] {
            let object = client.key.sign(json!({ "typ": typ }), &claims);
            let page = fixture.browser().open(&address(&client, &object)).await;
            assert_eq!(page.status, 200, "{typ}: {}", page.body);
        }
        let both = client
            .portal
            .authorize_url(&[("request", "a.b.c"), ("request_uri", "urn:x")]);
        assert_eq!(
            fixture.browser().get(&both).await.returned("error").unwrap(),
            "invalid_request"
        );
    }
);

scenario!(
    an_object_can_be_pushed_and_must_be_its_pushers,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let client = Keyholder::register(&fixture, "wiki", "ES256", json!({})).await;
        let other = Keyholder::register(&fixture, "git", "ES256", json!({})).await;
        let object = client.request_object(json!({ "state": "signed" }));
        let pushed = client
            .post("/oauth2/par", &[("request", &object), ("state", "beside")])
            .await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let address = client.pushed_url(pushed.body["request_uri"].as_str().unwrap());
        let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
        assert_eq!(page.returned("state").unwrap(), "signed");
        let foreign = other.post("/oauth2/par", &[("request", &object)]).await;
        assert_eq!(foreign.body["error"], "invalid_request_object", "{}", foreign.body);
    }
);

scenario!(
    a_client_that_must_sign_is_refused_otherwise_and_keeps_to_its_algorithm,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let server = KeyServer::start(json!(null));
        let must = json!({
            "jwks": null, "jwks_uri": server.address,
            "require_signed_request_object": true, "request_object_signing_alg": "PS256",
        });
        let client = Keyholder::register(&fixture, "wiki", "PS256", must).await;
        let page = fixture.browser().get(&client.portal.authorize_url(&[])).await;
        assert_eq!(page.returned("error").unwrap(), "invalid_request");
        assert!(page.returned("error_description").unwrap().starts_with("OP-237"));
        let object = client.request_object(json!({}));
        let page = fixture.browser().get(&address(&client, &object)).await;
        assert!(
            page.body.contains("OP-233"),
            "its keys cannot be fetched: {}",
            page.body
        );
        *server.keys.lock().unwrap() = client.key.jwks();
        fixture.advance(std::time::Duration::from_secs(11));
        assert_eq!(fixture.browser().open(&address(&client, &object)).await.status, 200);
        let unsigned = client.post("/oauth2/par", &client.portal.parameters(&[])).await;
        assert_eq!(unsigned.body["error"], "invalid_request", "pushed is not signed");
        let signed = client.post("/oauth2/par", &[("request", &object)]).await;
        let address_of_it = client.pushed_url(signed.body["request_uri"].as_str().unwrap());
        assert_eq!(fixture.browser().open(&address_of_it).await.status, 200);
        let claims = json!({ "iss": "wiki", "aud": fixture.base, "client_id": "wiki" });
        let object = client.key.sign(json!({ "alg": "RS256" }), &claims);
        let page = fixture.browser().get(&address(&client, &object)).await;
        assert!(page.body.contains("OP-231"), "{}", page.body);
    }
);

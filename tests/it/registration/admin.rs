//! Metadata over the admin API: every rule refuses by the field's name, and secrets follow the method.

use serde_json::{Value, json};

use super::server::{jwks, serving};
use crate::{
    fixture::{Fixture, lay_over},
    scenario,
};

fn client(extra: Value) -> Value {
    let mut body = json!({
        "client_id": "wiki",
        "name": "wiki",
        "redirect_uris": ["https://wiki.portal.example/callback"],
    });
    lay_over(&mut body, extra);
    body
}

/// Registering this must be refused, naming this field.
async fn refused(fixture: &Fixture, extra: Value, field: &str) {
    let body = client(extra);
    let reply = fixture.admin().call("POST", "clients", Some(body.clone())).await;
    assert_eq!(reply.status, 422, "{body}: {}", reply.body);
    assert_eq!(reply.body["number"], "RG-101", "{}", reply.body);
    let detail = reply.body["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("{field}: ")), "{field} in {detail} for {body}");
}

async fn accepted(fixture: &Fixture, extra: Value) -> Value {
    let made = fixture.admin().create("clients", client(extra)).await;
    let path = format!("clients/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    made
}

scenario!(
    keys_are_public_well_formed_and_come_one_way,
    |fixture: Fixture| async move {
        let key = jwks()["keys"][0].clone();
        let with = |name: &str, value: Value| {
            let mut changed = key.clone();
            changed[name] = value;
            json!({ "keys": [changed] })
        };
        let rsa = |n: usize| json!({ "keys": [{ "kty": "RSA", "n": "A".repeat(n), "e": "AQAB" }] });
        for bad in [
            json!([]),
            json!("x"),
            json!({}),
            json!({ "keys": [] }),
            json!({ "keys": "x" }),
            json!({ "keys": vec![key.clone(); 21] }),
        ] {
            refused(&fixture, json!({ "metadata": { "jwks": bad } }), "metadata.jwks").await;
        }
        for bad in [
            json!({ "keys": [5] }),
            with("d", json!("AAAA")),
            with("kty", json!("oct")),
            json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] }),
            with("crv", json!("P-255")),
            with("x", json!("AAAA")),
            with("y", json!("not base64url!")),
            with("kid", json!(5)),
            with("kid", json!("x".repeat(300))),
            with("x5c", json!("x".repeat(20_000))),
            rsa(100),
            rsa(10_000),
            json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }] }),
        ] {
            refused(
                &fixture,
                json!({ "metadata": { "jwks": bad } }),
                "metadata.jwks.keys[0]",
            )
            .await;
        }
        let twice = json!({ "keys": [key, key] });
        refused(
            &fixture,
            json!({ "metadata": { "jwks": twice } }),
            "metadata.jwks.keys[1]",
        )
        .await;
        let both = json!({ "metadata": { "jwks": jwks(), "jwks_uri": "https://wiki.portal.example/jwks" } });
        refused(&fixture, both, "metadata.jwks").await;
        let made = accepted(&fixture, json!({ "metadata": { "jwks": jwks() } })).await;
        assert_eq!(made["metadata"]["jwks"], jwks());
        accepted(&fixture, json!({ "metadata": { "jwks": rsa(342) } })).await;
    }
);

scenario!(addresses_are_https_without_fragment, |fixture: Fixture| async move {
    for name in [
        "jwks_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "sector_identifier_uri",
        "initiate_login_uri",
        "logo_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
    ] {
        for bad in [
            "http://wiki.portal.example/x",
            "https://wiki.portal.example/x#y",
            "https://a:b@wiki.portal.example/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "/x",
            "",
        ] {
            refused(
                &fixture,
                json!({ "metadata": { name: bad } }),
                &format!("metadata.{name}"),
            )
            .await;
        }
        let long = format!("https://wiki.portal.example/{}", "x".repeat(2000));
        refused(
            &fixture,
            json!({ "metadata": { name: long } }),
            &format!("metadata.{name}"),
        )
        .await;
    }
    let loopback = json!({ "metadata": { "initiate_login_uri": "http://127.0.0.1/login" } });
    refused(&fixture, loopback, "metadata.initiate_login_uri").await;
    for foreign in ["https://other.example/bye", "https://wiki.portal.example:444/bye"] {
        let body = json!({ "metadata": { "frontchannel_logout_uri": foreign } });
        refused(&fixture, body, "metadata.frontchannel_logout_uri").await;
    }
    let good = json!({
        "jwks_uri": "http://127.0.0.1:9/jwks",
        "backchannel_logout_uri": "https://elsewhere.example/bye",
        "frontchannel_logout_uri": "https://wiki.portal.example/bye",
        "initiate_login_uri": "https://wiki.portal.example/login",
        "logo_uri": "https://cdn.example/logo.png",
        "policy_uri": "https://wiki.portal.example/policy",
    });
    let made = accepted(&fixture, json!({ "metadata": good })).await;
    for (name, value) in good.as_object().unwrap() {
        assert_eq!(&made["metadata"][name], value);
    }
});

scenario!(
    methods_algorithms_and_grants_fit_together,
    |fixture: Fixture| async move {
        let meta = |value: Value| json!({ "metadata": value });
        refused(&fixture, json!({ "auth_method": "private_key_jwt" }), "auth_method").await;
        let keyed = |alg: &str| json!({ "auth_method": "private_key_jwt", "metadata": { "jwks": jwks(), "token_endpoint_auth_signing_alg": alg } });
        for alg in ["none", "HS256", "XX999", ""] {
            refused(&fixture, keyed(alg), "metadata.token_endpoint_auth_signing_alg").await;
        }
        for alg in ["RS256", "PS256", "ES256", "EdDSA"] {
            accepted(&fixture, keyed(alg)).await;
        }
        let made = accepted(&fixture, keyed("ES256")).await;
        assert!(made.get("client_secret").is_none() && made["client_secret_set"] == false);
        let secret = json!({ "auth_method": "private_key_jwt", "client_secret": "x".repeat(40), "metadata": { "jwks": jwks() } });
        refused(&fixture, secret, "client_secret").await;
        let signing = "token_endpoint_auth_signing_alg";
        refused(
            &fixture,
            meta(json!({ signing: "ES256" })),
            &format!("metadata.{signing}"),
        )
        .await;
        let hmac = |alg: &str| json!({ "auth_method": "client_secret_jwt", "metadata": { signing: alg } });
        refused(&fixture, hmac("RS256"), &format!("metadata.{signing}")).await;
        accepted(&fixture, hmac("HS256")).await;
        for (name, alg) in [
            ("userinfo_signed_response_alg", "none"),
            ("userinfo_signed_response_alg", "HS256"),
            ("request_object_signing_alg", "none"),
        ] {
            let body = meta(json!({ "jwks": jwks(), name: alg }));
            refused(&fixture, body, &format!("metadata.{name}")).await;
        }
        let unsigned = meta(json!({ "require_signed_request_object": true }));
        refused(&fixture, unsigned, "metadata.request_object_signing_alg").await;
        let grants = |list: Value| meta(json!({ "grant_types": list }));
        for list in [
            json!([]),
            json!(["refresh_token"]),
            json!(["authorization_code", "authorization_code"]),
        ] {
            refused(&fixture, grants(list), "metadata.grant_types").await;
        }
        let mut public = grants(json!(["authorization_code", "client_credentials"]));
        public["auth_method"] = json!("none");
        refused(&fixture, public, "metadata.grant_types").await;
        refused(&fixture, json!({ "redirect_uris": [] }), "redirect_uris").await;
        for machine in ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code"] {
            let mut body = grants(json!([machine]));
            body["redirect_uris"] = json!([]);
            accepted(&fixture, body).await;
        }
    }
);

scenario!(lists_and_numbers_are_bounded, |fixture: Fixture| async move {
    let many = |n: usize| (0..n).map(|n| format!("https://api{n}.example/")).collect::<Vec<_>>();
    for (name, bad, field) in [
        ("resources", json!(many(21)), "metadata.resources"),
        ("resources", json!(["/relative"]), "metadata.resources"),
        ("resources", json!(["https://a.example/#x"]), "metadata.resources"),
        ("contacts", json!(vec!["a@b.example"; 11]), "metadata.contacts"),
        ("contacts", json!([""]), "metadata.contacts[0]"),
        ("contacts", json!(["a\u{202e}"]), "metadata.contacts[0]"),
        (
            "default_acr_values",
            json!(vec!["a"; 11]),
            "metadata.default_acr_values",
        ),
        ("default_acr_values", json!(["a b"]), "metadata.default_acr_values[0]"),
        ("default_max_age", json!(u64::MAX), "metadata.default_max_age"),
    ] {
        refused(&fixture, json!({ "metadata": { name: bad } }), field).await;
    }
    accepted(
        &fixture,
        json!({ "metadata": { "resources": ["urn:a:b", "https://api.example/v1?x=1"] } }),
    )
    .await;
    // What is no metadata at all is refused when it is read, and changes nothing.
    fixture.portal("plain", json!({})).await;
    for bad in [json!({ "no_such": 1 }), json!({ "jwks": 5, "subject_type": "x" })] {
        let made = fixture
            .admin()
            .call("POST", "clients", Some(client(json!({ "metadata": bad }))))
            .await;
        assert_eq!(made.status, 400, "{}", made.body);
        let changed = fixture
            .admin()
            .call("PATCH", "clients/plain", Some(json!({ "metadata": bad })))
            .await;
        assert_eq!(changed.status, 422, "{}", changed.body);
    }
});

scenario!(
    fapi2_forces_what_it_can_and_refuses_the_rest,
    |fixture: Fixture| async move {
        let fapi = json!({ "security_profile": "fapi2", "jwks": jwks() });
        refused(&fixture, json!({ "metadata": fapi }), "auth_method").await;
        let body = |extra: Value| {
            let mut metadata = fapi.clone();
            lay_over(&mut metadata, extra);
            json!({ "auth_method": "private_key_jwt", "metadata": metadata })
        };
        for name in [
            "token_endpoint_auth_signing_alg",
            "request_object_signing_alg",
            "userinfo_signed_response_alg",
            "access_token_signed_response_alg",
        ] {
            refused(&fixture, body(json!({ name: "RS256" })), &format!("metadata.{name}")).await;
        }
        let device = json!({ "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"] });
        refused(&fixture, body(device), "metadata.grant_types").await;
        let made = accepted(&fixture, body(json!({ "dpop_bound_access_tokens": false }))).await;
        assert_eq!(made["require_pkce"], true);
        assert_ne!(made["id_token_alg"], "RS256");
        for name in ["require_pushed_authorization_requests", "dpop_bound_access_tokens"] {
            assert_eq!(made["metadata"][name], true, "{name}");
        }
        let portal = fixture.portal("ordinary", json!({})).await;
        let path = format!("clients/{}", portal.id);
        let changed = json!({ "auth_method": "private_key_jwt", "metadata": fapi });
        let changed = fixture.admin().change(&path, changed).await;
        assert_eq!(changed["metadata"]["dpop_bound_access_tokens"], true);
        let off = json!({ "metadata": { "dpop_bound_access_tokens": false } });
        let still = fixture.admin().change(&path, off).await;
        assert_eq!(still["metadata"]["dpop_bound_access_tokens"], true);
    }
);

scenario!(a_sector_vouches_for_every_redirect_uri, |fixture: Fixture| async move {
    let two = json!(["https://a.portal.example/cb", "https://b.portal.example/cb"]);
    let pairwise = |sector: Option<&str>| json!({ "redirect_uris": two, "metadata": { "subject_type": "pairwise", "sector_identifier_uri": sector } });
    refused(&fixture, pairwise(None), "metadata.sector_identifier_uri").await;
    accepted(&fixture, json!({ "metadata": { "subject_type": "pairwise" } })).await;
    let good = serving(json!(["https://b.portal.example/cb", 5, "https://a.portal.example/cb"]));
    accepted(&fixture, pairwise(Some(&good))).await;
    let nobody = [
        "http://127.0.0.1:9/sector",
        "http://[::1]/sector",
        "https://10.0.0.1/sector",
    ]
    .map(str::to_owned);
    let wrong = [json!([two[0]]), json!({ "x": 1 }), json!("x"), json!([])].map(serving);
    for bad in nobody.iter().chain(&wrong) {
        let body = client(pairwise(Some(bad)));
        let reply = fixture.admin().call("POST", "clients", Some(body)).await;
        assert_eq!(reply.refusal(), (422, "RG-107"), "{bad}: {}", reply.body);
    }
    fixture.admin().create("clients", client(pairwise(Some(&good)))).await;
    let third = json!({ "redirect_uris": ["https://c.portal.example/cb"] });
    let reply = fixture.admin().call("PATCH", "clients/wiki", Some(third)).await;
    assert_eq!(reply.body["number"], "RG-107", "{}", reply.body);
    let one = json!({ "redirect_uris": [two[0]] });
    fixture.admin().change("clients/wiki", one).await;
});

scenario!(a_secret_goes_and_comes_with_the_method, |fixture: Fixture| async move {
    let mut portal = fixture.portal("wiki", json!({})).await;
    let admin = fixture.admin();
    let path = format!("clients/{}", portal.id);
    let to_jwt = json!({ "auth_method": "client_secret_jwt" });
    let reply = admin.call("PATCH", &path, Some(to_jwt.clone())).await;
    assert_eq!(reply.refusal(), (409, "RG-105"), "{}", reply.body);
    let rotated = admin.create(&format!("{path}/secret"), to_jwt).await;
    assert_eq!(admin.get(&path).await["auth_method"], "client_secret_jwt");
    portal.secret = rotated["client_secret"].as_str().unwrap().to_owned();
    admin
        .change(&path, json!({ "auth_method": "client_secret_post" }))
        .await;
    let keys = json!({ "auth_method": "private_key_jwt", "metadata": { "jwks": jwks() } });
    let changed = admin.change(&path, keys).await;
    assert_eq!(changed["client_secret_set"], false, "a secret without use is kept");
    let reply = admin.call("POST", &format!("{path}/secret"), Some(json!({}))).await;
    assert_eq!(reply.refusal(), (409, "RG-106"), "{}", reply.body);
    let reply = admin
        .call("PATCH", &path, Some(json!({ "auth_method": "client_secret_basic" })))
        .await;
    assert_eq!(reply.refusal(), (409, "RG-105"), "{}", reply.body);
    let none = json!({ "auth_method": "none" });
    let reply = admin.call("POST", &format!("{path}/secret"), Some(none)).await;
    assert_eq!(reply.status, 422, "{}", reply.body);
    let basic = json!({ "auth_method": "client_secret_basic" });
    let rotated = admin.create(&format!("{path}/secret"), basic).await;
    portal.secret = rotated["client_secret"].as_str().unwrap().to_owned();
    fixture.connect().await;
    portal
        .tokens(&fixture, &fixture.browser(), simulator::sample::NORMAL)
        .await;
    for bad in ["5", "{\"x\":1}", "{", "\u{0}"] {
        let answer = fixture
            .http
            .post(format!("{}/api/v1/{path}/secret", fixture.base))
            .bearer_auth(crate::fixture::ADMIN_TOKEN)
            .body(bad)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{bad}");
    }
});

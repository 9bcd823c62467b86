//! What anonymous clients may not register, and rubbish.

use serde_json::json;

use super::{
    anonymous::{initial, least, manage, register, reply, with},
    server::{jwks, serving},
};
use crate::{fixture::Fixture, scenario};

scenario!(bad_metadata_is_invalid_client_metadata, |fixture: Fixture| async move {
    let token = initial(&fixture, 9).await;
    let made = register(&fixture, &token, &least()).await.ok(201);
    for (name, value) in [
        ("client_name", json!("a\u{0}b")),
        ("client_name", json!("x".repeat(201))),
        ("client_name", json!(5)),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!([])),
        ("response_types", json!(["code", "id_token"])),
        ("response_types", json!(["token"])),
        ("application_type", json!("desktop")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("userinfo_signed_response_alg", json!("none")),
        ("request_object_signing_alg", json!("none")),
        ("subject_type", json!("secret")),
        ("scope", json!("nothing known")),
        ("scope", json!(["openid"])),
        ("logo_uri", json!("javascript:alert(1)")),
        ("policy_uri", json!("https://a.example/#x")),
        ("initiate_login_uri", json!("http://127.0.0.1/login")),
        ("backchannel_logout_uri", json!("http://a.example/bye")),
        ("frontchannel_logout_uri", json!("https://other.example/bye")),
        ("post_logout_redirect_uris", json!(["http://a.example/"])),
        ("post_logout_redirect_uris", json!("https://a.example/")),
        ("jwks", json!({ "keys": [] })),
        ("jwks_uri", json!("http://a.example/jwks")),
        ("sector_identifier_uri", json!("http://127.0.0.1:9/nobody")),
        (
            "sector_identifier_uri",
            json!(serving(json!(["https://other.example/"]))),
        ),
        ("default_max_age", json!(-1)),
        ("default_acr_values", json!(vec!["a"; 11])),
        ("contacts", json!([""])),
        ("require_auth_time", json!("yes")),
    ] {
        let mut body = with(name, value);
        let refused = register(&fixture, &token, &body).await;
        let refused = refused.refused(400, "invalid_client_metadata", "RG-203");
        let told = refused.body["error_description"].as_str().unwrap();
        assert!(!told.contains("metadata."), "{told}");
        body["client_id"] = made["client_id"].clone();
        let refused = manage(&fixture, "PUT", &made, Some(&body)).await;
        refused.refused(400, "invalid_client_metadata", "RG-203");
    }
    let mut both = with("jwks", jwks());
    both["jwks_uri"] = json!("https://grafana.portal.example/jwks");
    register(&fixture, &token, &both)
        .await
        .refused(400, "invalid_client_metadata", "RG-203");
    let read = manage(&fixture, "GET", &made, None).await.ok(200);
    assert_eq!(
        read["client_name"], made["client_name"],
        "a refused change changes nothing"
    );
});

scenario!(
    bad_redirect_uris_are_invalid_redirect_uri,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 9).await;
        let made = register(&fixture, &token, &least()).await.ok(201);
        for bad in [
            json!(["https://grafana.portal.example/callback#fragment"]),
            json!(["https://grafana.portal.example/callback#"]),
            json!(["http://grafana.portal.example/callback"]),
            json!(["javascript:alert(1)"]),
            json!(["com.example.app:/cb"]),
            json!(["/callback"]),
            json!([""]),
            json!(["*"]),
            json!([]),
            json!(null),
            json!(vec!["https://grafana.portal.example/callback"; 2]),
            json!((0..101).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>()),
        ] {
            let mut body = with("redirect_uris", bad);
            register(&fixture, &token, &body)
                .await
                .refused(400, "invalid_redirect_uri", "RG-204");
            body["client_id"] = made["client_id"].clone();
            let reply = manage(&fixture, "PUT", &made, Some(&body)).await;
            reply.refused(400, "invalid_redirect_uri", "RG-204");
        }
        let native = json!({ "redirect_uris": ["com.example.app:/cb", "http://127.0.0.1/cb"], "token_endpoint_auth_method": "none", "application_type": "native" });
        register(&fixture, &token, &native).await.ok(201);
    }
);

scenario!(good_metadata_comes_back_as_it_was_sent, |fixture: Fixture| async move {
    let token = initial(&fixture, 1).await;
    let body = json!({
        "client_name": "图表",
        "redirect_uris": ["https://a.portal.example/cb", "https://b.portal.example/cb"],
        "post_logout_redirect_uris": ["https://a.portal.example/bye"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": jwks(),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
        "request_object_signing_alg": "PS256",
        "subject_type": "pairwise",
        "sector_identifier_uri": serving(json!(["https://b.portal.example/cb", "https://a.portal.example/cb"])),
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["urn:example:acr"],
        "initiate_login_uri": "https://a.portal.example/login",
        "backchannel_logout_uri": "https://a.portal.example/back",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://a.portal.example/front",
        "frontchannel_logout_session_required": true,
        "require_pushed_authorization_requests": true,
        "dpop_bound_access_tokens": true,
        "logo_uri": "https://a.portal.example/logo.png",
        "client_uri": "https://a.portal.example/",
        "policy_uri": "https://a.portal.example/policy",
        "tos_uri": "https://a.portal.example/tos",
        "contacts": ["ops@portal.example"],
        "scope": "openid email",
    });
    let made = register(&fixture, &token, &body).await.ok(201);
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    assert!(made.get("client_secret").is_none());
    assert_eq!(manage(&fixture, "GET", &made, None).await.ok(200), made);
});

scenario!(rubbish_is_refused_with_a_number, |fixture: Fixture| async move {
    let token = initial(&fixture, 9).await;
    let made = register(&fixture, &token, &least()).await.ok(201);
    let (own, own_token) = (&made["registration_client_uri"], &made["registration_access_token"]);
    let places = [
        (
            reqwest::Method::POST,
            format!("{}/oauth2/register", fixture.base),
            token.as_str(),
        ),
        (
            reqwest::Method::PUT,
            own.as_str().unwrap().to_owned(),
            own_token.as_str().unwrap(),
        ),
    ];
    for (method, url, token) in places {
        let send = async |kind: &str, body: Vec<u8>| {
            let request = fixture.http.request(method.clone(), &url).bearer_auth(token);
            reply(request.header("content-type", kind).body(body)).await
        };
        let json = "application/json";
        let deep = [b"[".repeat(5000), b"]".repeat(5000)].concat();
        for body in [
            &b""[..],
            b"{",
            b"[]",
            b"5",
            b"null",
            b"\"x\"",
            b"\xff\xfe",
            b"{\"a\":\"\\ud800\"}",
            &deep,
        ] {
            send(json, body.to_vec())
                .await
                .refused(400, "invalid_client_metadata", "RG-205");
        }
        let good = serde_json::to_vec(&least()).unwrap();
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            send(kind, good.clone())
                .await
                .refused(400, "invalid_client_metadata", "RG-205");
        }
        let large = format!("{{\"x\":\"{}\"}}", "x".repeat(70_000));
        send(json, large.into_bytes())
            .await
            .refused(413, "invalid_client_metadata", "RG-206");
        let long = format!("{{\"client_name\":5,\"subject_type\":\"{}\"}}", "x".repeat(50_000));
        let refused = send(json, long.into_bytes())
            .await
            .refused(400, "invalid_client_metadata", "RG-203");
        assert!(refused.body["error_description"].as_str().unwrap().len() < 600);
    }
    for (method, path) in [("GET", "register"), ("DELETE", "register"), ("POST", "register/x")] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = reply(fixture.http.request(method, format!("{}/oauth2/{path}", fixture.base))).await;
        assert_eq!(answer.status, 405, "{path}");
    }
});

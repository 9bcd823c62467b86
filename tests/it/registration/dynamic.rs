//! The life of a client that registers itself: register, sign people in, read, replace, delete.

use serde_json::{Value, json};
use simulator::sample;

use super::{
    anonymous::{initial, least, manage, register, registered_without_consent, send, with},
    server::jwks,
};
use crate::{actors::Portal, fixture::Fixture, oidc::json_of, scenario};

scenario!(
    a_client_registers_signs_in_reads_replaces_and_deletes,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let discovery = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(
            discovery["registration_endpoint"],
            format!("{}/oauth2/register", fixture.base)
        );
        let asked = json!({
            "client_name": "Grafana",
            "redirect_uris": ["https://grafana.portal.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "scope": "openid profile email",
            "contacts": ["ops@portal.example"],
        });
        let made = register(&fixture, &initial(&fixture, 1).await, &asked).await.ok(201);
        for (name, value) in asked.as_object().unwrap() {
            assert_eq!(&made[name], value, "{name}");
        }
        let id = made["client_id"].as_str().unwrap();
        assert_eq!(made["client_id_issued_at"], crate::fixture::START);
        assert_eq!(made["client_secret_expires_at"], 0);
        assert_eq!(
            made["registration_client_uri"],
            format!("{}/oauth2/register/{id}", fixture.base)
        );
        // Anonymous clients ask people; this test is about the rest.
        let path = format!("clients/{id}");
        assert_eq!(fixture.admin().get(&path).await["metadata"]["consent"], "ask");
        fixture
            .admin()
            .change(&path, json!({ "metadata": { "consent": "implicit" } }))
            .await;

        let portal = Portal::registered(&fixture, &made);
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(portal.userinfo(access).await.status, 200);

        let read = manage(&fixture, "GET", &made, None).await.ok(200);
        assert!(read.get("client_secret").is_none());
        assert_eq!(read["client_name"], "Grafana");
        assert_eq!(read["registration_access_token"], made["registration_access_token"]);
        let mut whole = read.clone();
        whole["client_name"] = json!("Grafana 2");
        whole.as_object_mut().unwrap().remove("contacts");
        let replaced = manage(&fixture, "PUT", &made, Some(&whole)).await.ok(200);
        assert_eq!(replaced["client_name"], "Grafana 2");
        assert_eq!(
            replaced["contacts"],
            json!([]),
            "what is left out returns to its default"
        );
        assert!(replaced.get("client_secret").is_none(), "the secret goes on");
        assert_eq!(manage(&fixture, "GET", &made, None).await.ok(200), replaced);
        let refreshed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);

        assert_eq!(manage(&fixture, "DELETE", &made, None).await.status, 204);
        for method in ["GET", "PUT", "DELETE"] {
            let body = (method == "PUT").then_some(&whole);
            manage(&fixture, method, &made, body)
                .await
                .refused(401, "invalid_token", "RG-202");
        }
        assert_eq!(portal.userinfo(access).await.status, 401, "its grants are gone");
        let refreshed = portal.refresh(refreshed.body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(refreshed.refusal(), (401, "invalid_client"));
        assert_eq!(browser.get(&portal.authorize_url(&[])).await.status, 400);
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 404);
    }
);

scenario!(
    the_defaults_are_those_of_the_specification,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 9).await;
        let made = register(&fixture, &token, &least()).await.ok(201);
        assert_eq!(made["token_endpoint_auth_method"], "client_secret_basic");
        assert_eq!(made["id_token_signed_response_alg"], "RS256");
        assert_eq!(made["grant_types"], json!(["authorization_code"]));
        assert_eq!(made["response_types"], json!(["code"]));
        assert_eq!(made["subject_type"], "public");
        let scope = made["scope"].as_str().unwrap();
        assert!(scope.contains("openid profile email"), "{scope}");
        for ours in ["consent", "claims", "resources", "security_profile"] {
            assert!(made.get(ours).is_none(), "{ours} is shown");
        }
        assert!(
            made.as_object().unwrap().values().all(|value| !value.is_null()),
            "{made}"
        );
        let public = register(&fixture, &token, &with("token_endpoint_auth_method", json!("none")))
            .await
            .ok(201);
        for secret in ["client_secret", "client_secret_expires_at"] {
            assert!(public.get(secret).is_none(), "{secret} of a public client");
        }
        let device = json!({ "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "token_endpoint_auth_method": "none" });
        let device = register(&fixture, &token, &device).await.ok(201);
        assert_eq!(device["response_types"], json!([]));
    }
);

scenario!(
    without_the_refresh_grant_there_is_no_refresh_token,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = registered_without_consent(&fixture, &least()).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert!(tokens.get("refresh_token").is_none(), "{tokens}");
    }
);

scenario!(
    a_wrong_registration_token_opens_nothing,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 9).await;
        let one = register(&fixture, &token, &least()).await.ok(201);
        let other = register(&fixture, &token, &least()).await.ok(201);
        let url = one["registration_client_uri"].as_str().unwrap();
        let mut body = least();
        body["client_id"] = one["client_id"].clone();
        let foreign = other["registration_access_token"].as_str().unwrap();
        for method in ["GET", "PUT", "DELETE"] {
            let body = (method == "PUT").then_some(&body);
            for wrong in [foreign, token.as_str(), one["client_secret"].as_str().unwrap(), "x"] {
                let reply = send(&fixture, method, url, Some(wrong), body).await;
                reply.refused(401, "invalid_token", "RG-202");
            }
            send(&fixture, method, url, None, body)
                .await
                .refused(401, "invalid_token", "OP-160");
            for nobody in ["nobody", "%00", "a%20b", &"x".repeat(3000)] {
                let url = format!("{}/oauth2/register/{nobody}", fixture.base);
                let reply = send(&fixture, method, &url, Some(foreign), body).await;
                reply.refused(401, "invalid_token", "RG-202");
            }
        }
        // A client of an admin has no registration token, and one that is switched off has lost its word.
        let portal = fixture.portal("wiki", json!({})).await;
        let url = format!("{}/oauth2/register/{}", fixture.base, portal.client_id);
        send(&fixture, "GET", &url, Some(foreign), None)
            .await
            .refused(401, "invalid_token", "RG-202");
        manage(&fixture, "GET", &one, None).await.ok(200);
        let path = format!("clients/{}", one["client_id"].as_str().unwrap());
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        manage(&fixture, "GET", &one, None)
            .await
            .refused(401, "invalid_token", "RG-202");
    }
);

scenario!(
    a_replacement_names_its_client_and_its_secret,
    |fixture: Fixture| async move {
        let made = register(&fixture, &initial(&fixture, 1).await, &least()).await.ok(201);
        let own = |name: &str, value: Value| {
            let mut body = with(name, value);
            body["client_id"] = made["client_id"].clone();
            body
        };
        for (body, hint) in [
            (least(), "client_id"),
            (with("client_id", json!("somebody else")), "client_id"),
            (own("client_secret", json!("x".repeat(43))), "client_secret"),
            (
                own("token_endpoint_auth_method", json!("none")),
                "token_endpoint_auth_method",
            ),
        ] {
            let reply = manage(&fixture, "PUT", &made, Some(&body)).await;
            let reply = reply.refused(400, "invalid_client_metadata", "RG-203");
            assert!(reply.body["error_description"].as_str().unwrap().contains(hint));
        }
        let same = own("client_secret", made["client_secret"].clone());
        manage(&fixture, "PUT", &made, Some(&same)).await.ok(200);
        let mut keys = own("jwks", jwks());
        keys["token_endpoint_auth_method"] = json!("private_key_jwt");
        let keyed = manage(&fixture, "PUT", &made, Some(&keys)).await.ok(200);
        assert!(keyed.get("client_secret").is_none() && keyed["jwks"] == jwks());
        for method in ["client_secret_post", "client_secret_jwt"] {
            let back = own("token_endpoint_auth_method", json!(method));
            let back = manage(&fixture, "PUT", &made, Some(&back)).await.ok(200);
            assert!(
                back["client_secret"].is_string() && back["client_secret_expires_at"] == 0,
                "{method}: {back}"
            );
        }
    }
);

scenario!(
    what_only_admins_decide_self_registered_clients_neither_set_nor_undo,
    |fixture: Fixture| async move {
        let mut body = least();
        for (name, value) in [
            ("consent", json!("implicit")),
            ("security_profile", json!("fapi2")),
            ("resources", json!(["https://payroll.example/"])),
            ("claims", json!({ "x": 1 })),
            ("enabled", json!(false)),
            ("allowed_users", json!([])),
            ("access_token_lifetime", json!(86_400)),
            ("membership_max_age", json!(1)),
            ("no_such_member", json!([{ "a": null }])),
            ("client_name#zh-CN", json!("图表")),
        ] {
            body[name] = value;
        }
        let made = register(&fixture, &initial(&fixture, 1).await, &body).await.ok(201);
        let path = format!("clients/{}", made["client_id"].as_str().unwrap());
        let kept = fixture.admin().get(&path).await;
        assert_eq!(kept["metadata"]["consent"], "ask");
        assert_eq!(kept["metadata"]["security_profile"], "standard");
        assert_eq!(kept["metadata"]["resources"], json!([]));
        assert_eq!(
            (&kept["enabled"], &kept["access_token_lifetime"]),
            (&json!(true), &json!(600))
        );
        let decided = json!({ "access_token_lifetime": 120, "require_pkce": true, "metadata": { "resources": ["https://api.example/"] } });
        fixture.admin().change(&path, decided).await;
        body["client_id"] = made["client_id"].clone();
        manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        let after = fixture.admin().get(&path).await;
        assert_eq!(after["metadata"]["consent"], "ask");
        assert_eq!(after["metadata"]["resources"], json!(["https://api.example/"]));
        assert_eq!(
            (&after["access_token_lifetime"], &after["require_pkce"]),
            (&json!(120), &json!(true))
        );
    }
);

scenario!(
    a_replacement_never_widens_what_an_admin_narrowed,
    |fixture: Fixture| async move {
        let mut body = least();
        body["scope"] = json!("openid profile email phone");
        let made = register(&fixture, &initial(&fixture, 1).await, &body).await.ok(201);
        let path = format!("clients/{}", made["client_id"].as_str().unwrap());
        let narrowed = json!({
            "scopes": ["openid", "profile"],
            "metadata": {
                "consent": "implicit",
                "subject_type": "pairwise",
                "require_pushed_authorization_requests": true,
                "dpop_bound_access_tokens": true,
            },
        });
        body["client_id"] = made["client_id"].clone();
        // Until an admin has decided, it may narrow itself, and gets nothing back.
        body["scope"] = json!("openid profile email");
        manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        body["scope"] = json!("openid profile email phone");
        let again = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        assert_eq!(again["scope"], "openid profile email");
        fixture.admin().change(&path, narrowed).await;
        body["subject_type"] = json!("public");
        body["require_pushed_authorization_requests"] = json!(false);
        let replaced = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        assert_eq!(replaced["scope"], "openid profile");
        let after = fixture.admin().get(&path).await;
        assert_eq!(after["scopes"], json!(["openid", "profile"]));
        for (name, value) in [
            ("consent", json!("implicit")),
            ("subject_type", json!("pairwise")),
            ("require_pushed_authorization_requests", json!(true)),
            ("dpop_bound_access_tokens", json!(true)),
        ] {
            assert_eq!(after["metadata"][name], value, "{name}");
        }
    }
);

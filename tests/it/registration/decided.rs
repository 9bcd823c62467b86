//! What a client that registered itself cannot change or see: what an admin has decided, and tokens that do not name it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use super::{
    anonymous::{initial, least, manage, register, registered_without_consent},
    server::{jwks, serving},
};
use crate::{
    actors::{Admin, text},
    fixture::Fixture,
    scenario,
};

// Every field a client may ask for, one after the other: no list of fields to keep in mind when one is added.
scenario!(
    a_replacement_changes_no_field_that_an_admin_has_set,
    |fixture: Fixture| async move {
        let token = initial(&fixture, 50).await;
        let sector = serving(json!(["https://a.example/cb", "https://b.example/cb"]));
        let asked = json!({
            "client_name": "Asked",
            "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
            "post_logout_redirect_uris": ["https://a.example/out"],
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "id_token_signed_response_alg": "ES256",
            "userinfo_signed_response_alg": "ES256",
            "contacts": ["asked@portal.example"],
            "default_max_age": 9000,
            "require_auth_time": false,
            "default_acr_values": ["urn:menjin:acr:pwd"],
            "initiate_login_uri": "https://a.example/start",
            "backchannel_logout_uri": "https://a.example/back",
            "frontchannel_logout_uri": "https://a.example/front",
            "logo_uri": "https://a.example/logo",
            "client_uri": "https://a.example/",
            "policy_uri": "https://a.example/policy",
            "tos_uri": "https://a.example/tos",
        });
        for decided in [
            json!({ "name": "Decided" }),
            json!({ "redirect_uris": ["https://a.example/cb"] }),
            json!({ "post_logout_redirect_uris": [] }),
            json!({ "auth_method": "client_secret_basic" }),
            json!({ "scopes": ["openid"] }),
            json!({ "scopes": ["openid", "groups", "wecom"] }),
            json!({ "id_token_alg": "PS256" }),
            json!({ "metadata": { "grant_types": ["authorization_code"] } }),
            json!({ "metadata": { "contacts": [] } }),
            json!({ "metadata": { "require_auth_time": true } }),
            json!({ "metadata": { "default_max_age": 60 } }),
            json!({ "metadata": { "default_acr_values": ["urn:menjin:acr:wecom"] } }),
            json!({ "metadata": { "userinfo_signed_response_alg": null } }),
            json!({ "metadata": { "initiate_login_uri": null } }),
            json!({ "metadata": { "backchannel_logout_uri": null } }),
            json!({ "metadata": { "frontchannel_logout_uri": null } }),
            json!({ "metadata": { "jwks": jwks() } }),
            json!({ "metadata": { "logo_uri": null, "policy_uri": null, "tos_uri": null, "client_uri": null } }),
            json!({ "metadata": { "sector_identifier_uri": sector, "subject_type": "pairwise" } }),
        ] {
            let made = register(&fixture, &token, &asked).await.ok(201);
            let path = format!("clients/{}", text(&made, "client_id"));
            let before = fixture.admin().change(&path, decided.clone()).await;
            let mut body = asked.clone();
            body["client_id"] = made["client_id"].clone();
            body["subject_type"] = json!("public");
            let own = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
            let after = fixture.admin().get(&path).await;
            for (field, value) in decided.as_object().unwrap() {
                let Some(members) = value.as_object().filter(|_| field == "metadata") else {
                    assert_eq!(after[field], before[field], "{field}");
                    continue;
                };
                for member in members.keys() {
                    assert_eq!(after["metadata"][member], before["metadata"][member], "{member}");
                    assert_eq!(own[member], after["metadata"][member], "the answer tells: {member}");
                }
            }
            // What the admin left alone is still the client's.
            body["client_name"] = json!("Renamed");
            body["contacts"] = json!(["renamed@portal.example"]);
            let own = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
            let (name, contacts) = (own["client_name"] == "Renamed", own["contacts"] == body["contacts"]);
            assert_eq!(name, decided.get("name").is_none());
            assert_eq!(contacts, decided["metadata"].get("contacts").is_none());
        }
        // An admin may give the word back.
        let made = register(&fixture, &token, &asked).await.ok(201);
        let path = format!("clients/{}", text(&made, "client_id"));
        fixture.admin().change(&path, json!({ "name": "Decided" })).await;
        let back = fixture
            .admin()
            .change(&path, json!({ "metadata": { "decided": null } }))
            .await;
        assert!(back["metadata"].get("decided").is_none(), "{back}");
        let mut body = asked.clone();
        body["client_id"] = made["client_id"].clone();
        let own = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        assert_eq!(own["client_name"], "Asked");
        let wrong = json!({ "metadata": { "decided": ["consent"] } });
        assert_eq!(fixture.admin().call("PATCH", &path, Some(wrong)).await.status, 422);
    }
);

// Lost updates: each replacement is made from the row as it is when its turn comes.
scenario!(
    of_100_parallel_replacements_one_is_kept_whole_and_an_admins_word_is_not_lost,
    |fixture: Fixture| async move {
        let mut body = least();
        body["scope"] = json!("openid profile email phone");
        let made = register(&fixture, &initial(&fixture, 1).await, &body).await.ok(201);
        body["client_id"] = made["client_id"].clone();
        let path = format!("clients/{}", text(&made, "client_id"));
        let admin = fixture.admin();
        let replacements = (0..100).map(|nth| {
            let mut body = body.clone();
            body["client_name"] = json!(format!("Client {nth}"));
            body["redirect_uris"] = json!([format!("https://portal{nth}.example/cb")]);
            body["contacts"] = json!([format!("ops{nth}@portal.example")]);
            let (fixture, made) = (&fixture, &made);
            async move { manage(fixture, "PUT", made, Some(&body)).await.ok(200) }
        });
        let narrowed = json!({ "scopes": ["openid", "profile"], "metadata": { "require_auth_time": true, "consent": "implicit" } });
        let (replaced, changed) = tokio::join!(join_all(replacements), admin.call("PATCH", &path, Some(narrowed)),);
        assert_eq!(changed.status, 200, "{}", changed.body);
        let kept = manage(&fixture, "GET", &made, None).await.ok(200);
        let fields = ["client_name", "redirect_uris", "contacts"];
        let whole = |answer: &&Value| fields.iter().all(|field| answer[*field] == kept[*field]);
        assert_eq!(replaced.iter().filter(whole).count(), 1, "{kept}");
        assert_eq!(
            (&kept["scope"], &kept["require_auth_time"]),
            (&json!("openid profile"), &json!(true))
        );
        assert_eq!(fixture.admin().get(&path).await["metadata"]["consent"], "implicit");
    }
);

// RFC 7662 section 2.1: who may ask is up to the server; nobody has looked at a client that registered itself.
scenario!(
    a_client_that_registered_itself_introspects_only_tokens_that_name_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let mut body = least();
        body["grant_types"] = json!(["authorization_code", "refresh_token"]);
        let newcomer = registered_without_consent(&fixture, &body).await;
        let wiki = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        for name in ["access_token", "refresh_token"] {
            let told = newcomer.introspect(text(&tokens, name)).await;
            assert_eq!(told, json!({ "active": false }), "another portal's token");
        }
        assert_eq!(wiki.introspect(text(&tokens, "access_token")).await["active"], true);
        let own = newcomer.tokens_silently(&browser, &[]).await;
        for name in ["access_token", "refresh_token"] {
            let told = newcomer.introspect(text(&own, name)).await;
            assert_eq!(told["active"], true, "its own {name}");
        }
        // A resource server that an admin registered may look at every access token, also at those of that client.
        let told = wiki.introspect(text(&own, "access_token")).await;
        assert_eq!(told["client_id"], newcomer.client_id.as_str());
    }
);

scenario!(
    what_a_portal_token_sets_is_no_admins_decision,
    |fixture: Fixture| async move {
        let made = register(&fixture, &initial(&fixture, 1).await, &least()).await.ok(201);
        let client = text(&made, "client_id");
        let token = json!({ "name": "team", "role": "portal", "scope": { "clients": [client] } });
        let token = fixture.admin().create("api-tokens", token).await;
        let team = Admin::new(&fixture.http, &fixture.base, text(&token, "token"));
        let patch = json!({ "redirect_uris": ["https://team.portal.example/cb"] });
        team.change(&format!("clients/{client}"), patch).await;
        let mut body = least();
        body["client_id"] = made["client_id"].clone();
        body["redirect_uris"] = json!(["https://own.portal.example/cb"]);
        let replaced = manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
        assert_eq!(replaced["redirect_uris"], body["redirect_uris"]);
    }
);

//! Control characters in parameters of the protocol, and bodies of operations that need none.

use serde_json::json;

use super::detail;
use crate::{
    actors::{id, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    control_characters_in_a_parameter_are_refused_by_its_name_at_every_endpoint,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let names = [
            "state",
            "nonce",
            "login_hint",
            "ui_locales",
            "acr_values",
            "claims",
            "resource",
            "id_token_hint",
            "scope",
            "prompt",
            "unheard_of",
        ];
        for name in names {
            for value in ["a\0", "\u{1b}", "a\u{85}"] {
                let sent = [(name, value)];
                let page = fixture.browser().get(&portal.authorize_url(&sent)).await;
                assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{name}");
                let told = page.returned("error_description").unwrap();
                assert!(
                    told.starts_with("OP-129: ") && told.contains(&format!("({name})")),
                    "{told}"
                );
                let pushed = portal.post("par", &portal.parameters(&sent)).await;
                assert_eq!(pushed.refusal(), (400, "invalid_request"), "{name}: {}", pushed.body);
                let told = text(&pushed.body, "error_description");
                assert!(
                    told.starts_with("OP-129: ") && told.contains(&format!("({name})")),
                    "{told}"
                );
            }
        }
        for (path, name) in [
            ("oauth2/authorize", "client_id"),
            ("oauth2/authorize", "redirect_uri"),
            ("oauth2/logout", "client_id"),
            ("oauth2/logout", "state"),
            ("oauth2/logout", "logout_hint"),
            ("device", "user_code"),
            ("device", "ui_locales"),
        ] {
            let page = fixture
                .browser()
                .get(&format!("{}/{path}?{name}=%00", fixture.base))
                .await;
            assert_eq!((page.status, page.location.as_deref()), (400, None), "{path} {name}");
            assert!(page.body.contains("OP-129"), "{path} {name}: {}", page.body);
        }
        for (path, name) in [("wecom/callback", "state"), ("oauth2/authorize/resume", "request")] {
            let url = format!("{}/{path}?{name}=%00", fixture.base);
            let page = fixture.browser().get(&url).await;
            assert!((400..500).contains(&page.status), "{path} {name}: {}", page.status);
        }
        for endpoint in ["token", "introspect", "revoke", "par", "device_authorization"] {
            for name in [
                "grant_type",
                "code",
                "refresh_token",
                "device_code",
                "token",
                "scope",
                "client_assertion",
            ] {
                let answer = portal.post(endpoint, &[(name, "\0")]).await;
                assert_eq!(
                    answer.refusal(),
                    (400, "invalid_request"),
                    "{endpoint} {name}: {}",
                    answer.body
                );
                let told = text(&answer.body, "error_description");
                assert!(
                    told.starts_with("OP-129: ") && told.contains(&format!("({name})")),
                    "{told}"
                );
            }
        }
        // JSON may be written over several lines.
        let pretty = "{\r\n\t\"userinfo\": {\n\t\t\"name\": null }\n}";
        let page = fixture
            .browser()
            .get(&portal.authorize_url(&[("claims", pretty)]))
            .await;
        assert!(
            page.status == 303 && page.returned("error").is_none(),
            "{:?}",
            page.location
        );
    }
);

scenario!(
    an_operation_that_needs_no_body_takes_none_but_an_empty_object,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        let user = admin.create("users", json!({ "username": "somebody" })).await;
        let sync = format!("data-sources/{}/sync", id(&source));
        let user = format!("users/{}", id(&user));
        let runs = admin.items("sync-runs").await.len();
        for (method, path, known) in [
            ("POST", &sync, "mode"),
            ("DELETE", &user, "none"),
            ("POST", &format!("{user}/password-link"), "send"),
        ] {
            let unknown = format!("dry_run: is not known here; known are {known}");
            for (body, told) in [
                (json!([]), "body: must be an object"),
                (json!(null), "body: must be an object"),
                (json!("x"), "body: must be an object"),
                (json!({ "dry_run": true }), unknown.as_str()),
            ] {
                let reply = admin.call(method, path, Some(body)).await;
                assert_eq!(detail(&reply, (400, "WB-101")), told, "{method} {path}");
            }
        }
        let reply = admin.call("POST", &sync, Some(json!({ "mode": "both" }))).await;
        assert_eq!(detail(&reply, (400, "WB-101")), "mode: must be one of plan, apply");
        assert_eq!(admin.items("sync-runs").await.len(), runs);
        admin.get(&user).await;
        for body in [None, Some(json!({}))] {
            let username = format!("other-{}", body.is_some());
            let other = admin.create("users", json!({ "username": username })).await;
            let path = format!("users/{}", id(&other));
            assert_eq!(admin.call("DELETE", &path, body).await.status, 204);
        }
    }
);

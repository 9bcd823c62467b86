//! Settings at the console: operators, tokens, keys, branding, configuration, doctor.

use serde_json::json;

use super::{Colleague, at_work, sent, shown};
use crate::{
    actors::{Admin, id},
    fixture::Fixture,
    scenario,
};

scenario!(
    operators_are_appointed_promoted_and_dismissed,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let admin = fixture.admin();
        let user = admin.create("users", json!({ "username": "newly" })).await;
        let unknown = sent(
            &fixture,
            &owner,
            "/console/settings/operators",
            &[("username", "nobody"), ("role", "auditor")],
        )
        .await;
        assert_eq!(unknown.status, 422);
        assert!(
            unknown.body.contains("value=\"nobody\"") && unknown.body.contains("id=\"f-username-fault\""),
            "{}",
            unknown.body
        );
        let list = sent(
            &fixture,
            &owner,
            "/console/settings/operators",
            &[("username", "newly"), ("role", "auditor")],
        )
        .await;
        assert!(list.body.contains("newly"), "{}", list.body);
        let path = format!("operators/{}", id(&user));
        assert_eq!(admin.get(&path).await["role"], "auditor");
        sent(
            &fixture,
            &owner,
            &format!("/console/settings/{path}/role"),
            &[("role", "operator")],
        )
        .await;
        assert_eq!(admin.get(&path).await["role"], "operator");
        let link = sent(
            &fixture,
            &owner,
            &format!("/console/settings/{path}/link"),
            &[("kind", "password")],
        )
        .await;
        assert!(link.body.contains("/password/"), "{}", link.body);
        shown(&fixture, &owner, &format!("/console/settings/{path}/remove")).await;
        sent(&fixture, &owner, &format!("/console/settings/{path}/remove"), &[]).await;
        assert_eq!(admin.call("GET", &path, None).await.status, 404);
    }
);

scenario!(
    a_token_is_shown_once_works_and_is_revoked,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let faulty = sent(
            &fixture,
            &owner,
            "/console/settings/tokens",
            &[("name", "mine"), ("role", "portal"), ("expires", "2020-01-01")],
        )
        .await;
        assert_eq!(faulty.status, 422, "{}", faulty.body);
        assert!(faulty.body.contains("value=\"mine\""), "{}", faulty.body);
        let made = sent(
            &fixture,
            &owner,
            "/console/settings/tokens",
            &[("name", "nightly"), ("role", "auditor"), ("expires", "2026-12-31")],
        )
        .await;
        let token = made
            .body
            .split("<pre><code>")
            .nth(1)
            .unwrap()
            .split("</code>")
            .next()
            .unwrap();
        let program = Admin::new(&fixture.http, &fixture.base, token);
        assert_eq!(program.call("GET", "users", None).await.status, 200);
        let list = shown(&fixture, &owner, "/console/settings/tokens").await;
        assert!(
            list.body.contains("nightly") && !list.body.contains(token),
            "{}",
            list.body
        );
        let tokens = fixture.admin().items("api-tokens?limit=200").await;
        let mine = tokens.iter().find(|token| token["name"] == "nightly").unwrap();
        let revoke = format!("/console/settings/tokens/{}/revoke", id(mine));
        assert!(shown(&fixture, &owner, &revoke).await.body.contains("nightly"));
        sent(&fixture, &owner, &revoke, &[]).await;
        assert_eq!(program.call("GET", "users", None).await.status, 401);
    }
);

scenario!(
    a_refused_token_form_sent_again_as_it_stands_keeps_its_limits,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let source = fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "name": "Wiki of all" })).await;
        let wiki = portal.id.as_str();
        for (role, field, chosen, reached) in [
            ("sync", "data_sources", id(&source), id(&source)),
            ("portal", "clients", "wiki", wiki),
        ] {
            let path = "/console/settings/tokens";
            let form = [
                ("name", role),
                ("role", role),
                (field, chosen),
                ("expires", "2020-01-01"),
            ];
            let faulty = sent(&fixture, &owner, path, &form).await;
            assert_eq!(faulty.status, 422, "{}", faulty.body);
            let kept = format!("value=\"{chosen}\" checked");
            assert!(faulty.body.contains(&kept), "{role}: {}", faulty.body);
            let still: &str = if faulty.body.contains(&kept) { chosen } else { "" };
            let form = [
                ("name", role),
                ("role", role),
                (field, still),
                ("expires", "2026-12-31"),
            ];
            let made = sent(&fixture, &owner, path, &form).await;
            assert!(made.status < 400, "{}", made.body);
            let tokens = fixture.admin().items("api-tokens?limit=200").await;
            let token = tokens.iter().find(|token| token["name"] == role).unwrap();
            assert_eq!(token["scope"][field], json!([reached]), "{token}");
        }
        let list = shown(&fixture, &owner, "/console/settings/tokens").await;
        let told = format!("<a href=\"/console/portals/{wiki}\"><bdi>Wiki of all</bdi></a>");
        assert!(
            list.body.contains(&told),
            "what it reaches is told by name: {}",
            list.body
        );
    }
);

scenario!(
    keys_rotate_branding_is_saved_and_registration_tokens_are_made,
    |fixture: Fixture| async move {
        let owner = at_work(&fixture, "owner").await;
        let admin = fixture.admin();
        let before = admin.items("keys").await;
        sent(
            &fixture,
            &owner,
            "/console/settings/keys/rotate",
            &[("now", "yes"), ("sure", "on")],
        )
        .await;
        let after = admin.items("keys").await;
        assert!(before.iter().all(|key| !after.contains(key)), "{before:?} {after:?}");
        let page = shown(&fixture, &owner, "/console/settings/keys").await;
        assert!(
            after.iter().all(|key| page.body.contains(key["kid"].as_str().unwrap())),
            "{}",
            page.body
        );

        let faulty = sent(
            &fixture,
            &owner,
            "/console/settings/branding",
            &[("name", "Gate"), ("accent", "#ffffff")],
        )
        .await;
        assert!(
            faulty.status == 422
                && faulty.body.contains("value=\"#ffffff\"")
                && faulty.body.contains("id=\"f-accent\""),
            "{}",
            faulty.body
        );
        sent(
            &fixture,
            &owner,
            "/console/settings/branding",
            &[("name", "Gate"), ("accent", "#7a1fa2")],
        )
        .await;
        let branding = admin.get("branding").await;
        assert_eq!(
            (&branding["name"], &branding["accent"]),
            (&json!("Gate"), &json!("#7a1fa2"))
        );

        let made = sent(
            &fixture,
            &owner,
            "/console/settings/registration",
            &[("name", "wiki team"), ("max_uses", "2")],
        )
        .await;
        assert!(made.body.contains("<pre><code>"), "{}", made.body);
        let tokens = admin.items("initial-access-tokens").await;
        let token = &tokens[0];
        assert_eq!((&token["name"], &token["max_uses"]), (&json!("wiki team"), &json!(2)));
        sent(
            &fixture,
            &owner,
            &format!("/console/settings/registration/{}/revoke", id(token)),
            &[],
        )
        .await;
        assert!(admin.get(&format!("initial-access-tokens/{}", id(token))).await["revoked_at"].is_i64());
    }
);

scenario!(
    a_logo_is_uploaded_and_what_is_none_is_told,
    |fixture: Fixture| async move {
        let colleague = Colleague::hire(&fixture, "admin").await;
        let browser = colleague.browser(&fixture).await;
        let page = shown(&fixture, &browser, "/console/settings/branding").await;
        let (confirm, version) = (page.field("confirm"), page.field("version"));
        let upload = async |confirm: &str, file: &[u8]| {
            let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"confirm\"\r\n\r\n{confirm}\r\n--b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\n\r\n").into_bytes();
            body.extend_from_slice(file);
            body.extend_from_slice(b"\r\n--b--\r\n");
            let cookies: Vec<String> = browser
                .all_cookies()
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let request = fixture
                .http
                .post(format!("{}/console/settings/branding/logo", fixture.base));
            let request = request
                .header("cookie", cookies.join("; "))
                .header("content-type", "multipart/form-data; boundary=b");
            let answer = request.body(body).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let (status, page) = upload(&confirm, b"no picture").await;
        assert!(
            (400..500).contains(&status) && page.contains("role=\"alert\""),
            "{status} {page}"
        );
        let picture = crate::branding::png(64, 32);
        assert_eq!(upload("wrong", &picture).await.0, 403);
        assert_eq!(upload(&confirm, &picture).await.0, 303);
        assert_eq!(fixture.admin().get("branding").await["logo"]["width"], 64);
        // The page from before the first one knows nothing of it.
        let (status, page) = upload(&confirm, &crate::branding::png(32, 32)).await;
        assert!(status == 412 && page.contains("AD-114"), "{status} {page}");
        assert_eq!(fixture.admin().get("branding").await["logo"]["width"], 64);
    }
);

scenario!(
    the_configuration_is_searched_and_a_check_of_the_doctor_run_again,
    |fixture: Fixture| async move {
        let auditor = at_work(&fixture, "auditor").await;
        let found = shown(&fixture, &auditor, "/console/settings/configuration?q=trace_days").await;
        assert!(
            found.body.contains("audit.trace_days") && !found.body.contains("audit.keep_days"),
            "{}",
            found.body
        );
        let all = shown(&fixture, &auditor, "/console/settings/doctor").await;
        assert!(
            all.body.contains("id=\"database\"") && all.body.contains("id=\"clock\""),
            "{}",
            all.body
        );
        let one = auditor.get(&all.link("check=clock")).await;
        assert!(
            one.body.contains("id=\"clock\"") && !one.body.contains("id=\"database\""),
            "{}",
            one.body
        );
    }
);

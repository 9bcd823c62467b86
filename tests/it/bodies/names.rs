//! Names and addresses that look like others: refused, or told for what they are.

use serde_json::json;
use simulator::sample;

use super::detail;
use crate::{
    actors::{As, Portal, id},
    fixture::Fixture,
    registration::anonymous::{initial, least, manage, register},
    scenario,
};

scenario!(names_that_deceive_are_refused, |fixture: Fixture| async move {
    let admin = fixture.admin();
    admin
        .create("users", json!({ "username": "Wang.li", "console_role": "admin" }))
        .await;
    let operator = fixture.admin_with_role("operator").await;
    for name in [
        ".",
        "..",
        "-",
        "ｚｈａｎｇ",
        "a\u{202e}b",
        "a\u{200b}b",
        "wаng.li",
        "wang.1i",
        "wang.lí",
        "аdmin",
        "r00t",
    ] {
        let told = detail(
            &operator.call("POST", "users", Some(json!({ "username": name }))).await,
            (422, "DI-101"),
        );
        assert!(told.starts_with("username: "), "{name}: {told}");
    }
    let other = operator.create("users", json!({ "username": "zhang.san" })).await;
    let path = format!("users/{}", id(&other));
    let change = json!({ "username": "wаng.li" });
    assert_eq!(
        operator.call("PATCH", &path, Some(change)).await.refusal(),
        (422, "DI-101")
    );
    operator.change(&path, json!({ "username": "zhang.si" })).await;
    for uri in ["https:p.example/cb", "https:/p.example/cb", "https:///p.example/cb"] {
        for field in ["redirect_uris", "post_logout_redirect_uris"] {
            let mut body = json!({ "name": "x", "redirect_uris": ["https://x.example/"] });
            body[field] = json!([uri]);
            let told = detail(&admin.call("POST", "clients", Some(body)).await, (422, "RG-101"));
            assert_eq!(told, format!("{field}[0]: must be an absolute URI"));
        }
        for field in [
            "logo_uri",
            "jwks_uri",
            "client_uri",
            "backchannel_logout_uri",
            "sector_identifier_uri",
        ] {
            let body = json!({ "name": "x", "redirect_uris": ["https://x.example/"], "metadata": { field: uri } });
            let told = detail(&admin.call("POST", "clients", Some(body)).await, (422, "RG-101"));
            assert!(told.contains(&format!("metadata.{field}: ")), "{told}");
        }
    }
    let turned = json!({ "name": "ikiw\u{202e}", "redirect_uris": ["https://x.example/"] });
    assert_eq!(
        admin.call("POST", "clients", Some(turned)).await.refusal(),
        (422, "RG-101")
    );
});

scenario!(
    people_are_told_that_a_client_registered_itself,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let mut body = least();
        body["client_name"] = json!("Grafana");
        body["scope"] = json!("openid profile");
        let made = register(&fixture, &initial(&fixture, 1).await, &body).await.ok(201);
        let stranger = Portal::registered(&fixture, &made);
        let known = fixture
            .portal("wiki", json!({ "metadata": { "consent": "ask" } }))
            .await;
        for (portal, name, told) in [(&stranger, "Grafana", true), (&known, "wiki", false)] {
            let browser = fixture.browser();
            let address = portal.authorize_url(&[("ui_locales", "en")]);
            let page = portal
                .sign_in_at(&fixture, &browser, As::Member(sample::NORMAL), &address)
                .await;
            assert!(page.url.contains("/oauth2/consent/"), "{} {}", page.url, page.body);
            assert!(
                page.body.contains(&format!("\u{2068}{name}\u{2069} would like")),
                "{}",
                page.body
            );
            assert_eq!(page.body.contains("registered itself"), told, "{name}: {}", page.body);
        }
    }
);

scenario!(
    a_client_that_registers_itself_gets_no_name_that_looks_like_a_portals,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({ "name": "Salary 系统" })).await;
        let token = initial(&fixture, 2).await;
        let named = |name: &str| {
            let mut body = least();
            body["client_name"] = json!(name);
            body
        };
        fixture.portal("hr", json!({ "name": "报销（HR）" })).await;
        for name in ["Salary 系统", "salary 系统", "Sаlаrу 系统", "Mеnjin", "报销(HR)"] {
            let refused = register(&fixture, &token, &named(name)).await;
            assert_eq!(
                (refused.status, &refused.body["error"]),
                (400, &json!("invalid_client_metadata"))
            );
            let told = refused.body["error_description"].as_str().unwrap();
            assert!(told.contains("client_name: looks like"), "{told}");
        }
        // What was refused has used nothing up, and two that registered themselves may have one name.
        let made = register(&fixture, &token, &named("Grafana")).await.ok(201);
        register(&fixture, &token, &named("Grafana")).await.ok(201);
        let mut body = named("Sa1ary 系统");
        body["client_id"] = made["client_id"].clone();
        let changed = manage(&fixture, "PUT", &made, Some(&body)).await;
        assert_eq!(
            (changed.status, &changed.body["error"]),
            (400, &json!("invalid_client_metadata"))
        );
        body["client_name"] = json!("Grafana");
        manage(&fixture, "PUT", &made, Some(&body)).await.ok(200);
    }
);

scenario!(
    a_portals_name_is_in_normal_form_but_for_full_width_punctuation,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let token = initial(&fixture, 2).await;
        let named = |name: &str| json!({ "name": name, "redirect_uris": ["https://x.example/"] });
        let mut own = least();
        for name in [
            "ﬁnance",
            "𝐒alary",
            "①号",
            "ｶﾞﾝ",
            "Ｓalary",
            "Cafe\u{301}",
            "报销\u{3000}系统",
        ] {
            let told = detail(&admin.call("POST", "clients", Some(named(name))).await, (422, "RG-101"));
            assert!(
                told.starts_with("name: ") && told.contains("NFKC") && !told.contains(name),
                "{told}"
            );
            own["client_name"] = json!(name);
            let refused = register(&fixture, &token, &own).await;
            refused.refused(400, "invalid_client_metadata", "RG-203");
        }
        for name in ["工资（华东）", "【测试】报销：一，二！"] {
            let made = admin.create("clients", named(name)).await;
            assert_eq!(made["name"], name);
        }
        own["client_name"] = json!("考勤（自助）");
        let made = register(&fixture, &token, &own).await.ok(201);
        own["client_name"] = json!("ﬁnance");
        own["client_id"] = made["client_id"].clone();
        let changed = manage(&fixture, "PUT", &made, Some(&own)).await;
        let told = changed.body["error_description"].as_str().unwrap();
        assert!(
            changed.status == 400 && told.contains("client_name: ") && told.contains("NFKC"),
            "{told}"
        );
        let wiki = fixture.portal("wiki", json!({})).await;
        let path = format!("clients/{}", wiki.client_id);
        let reply = admin.call("PATCH", &path, Some(json!({ "name": "ﬁnance" }))).await;
        assert!(detail(&reply, (422, "RG-101")).starts_with("name: "));
    }
);

//! People in the console: the list, a person's pages, and what can be done there.

use serde_json::{Value, json};
use simulator::sample;

use super::{Colleague, in_both_languages, send};
use crate::{
    actors::{As, Browser, id, text},
    fixture::Fixture,
    scenario,
};

/// An owner and an auditor, each in a browser of their own.
async fn both(fixture: &Fixture) -> (Browser, Browser) {
    let owner = Colleague::hire(fixture, "owner").await.browser(fixture).await;
    let auditor = Colleague::hire(fixture, "auditor").await.browser(fixture).await;
    (owner, auditor)
}

scenario!(
    the_list_of_people_is_filtered_sorted_and_exported_as_it_is_shown,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let admin = fixture.admin();
        admin.disable(sample::NORMAL).await;
        let (owner, auditor) = both(&fixture).await;
        for browser in [&owner, &auditor] {
            let path = format!(
                "/console/people?status=disabled&data_source={}&sort=-username",
                id(&source)
            );
            let [en, zh] = in_both_languages(&fixture, browser, &path).await;
            for page in [&en, &zh] {
                assert!(page.body.contains(sample::NORMAL), "{}", page.body);
                assert!(!page.body.contains("the-owner</bdi></td>"), "{}", page.body);
            }
        }
        let at = |path: &str| format!("{}{path}", fixture.base);
        let csv = auditor.open(&at("/console/people.csv?status=disabled&q=lihua")).await;
        let lines: Vec<&str> = csv.body.trim_end().split("\r\n").collect();
        assert_eq!((csv.status, lines.len()), (200, 2), "{}", csv.body);
        assert!(
            lines[0].trim_start_matches('\u{feff}').starts_with("id,username,") && lines[1].contains(sample::NORMAL),
            "{}",
            csv.body
        );
        let all = fixture.admin().status("GET", "users.csv", None).await;
        let users = fixture.admin().items("users?limit=200").await;
        assert_eq!(all.1.trim_end().split("\r\n").count(), users.len() + 1, "{}", all.1);
    }
);

scenario!(
    a_closed_door_says_why_and_what_would_open_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let boss = admin.user_id(sample::ADMIN).await;
        fixture.portal("wiki", json!({ "allowed_users": [boss] })).await;
        fixture.portal("mail", json!({})).await;
        let she = admin.user_id(sample::NORMAL).await;

        let doors = admin.items(&format!("users/{she}/access-checks")).await;
        let door = |client: &str| doors.iter().find(|door| door["client_id"] == client).unwrap();
        assert_eq!(door("mail")["admitted"], true, "{doors:?}");
        assert_eq!(door("wiki")["ways"][0]["refusal"]["number"], "GT-112", "{doors:?}");
        assert!(!door("wiki")["ways"][0]["would_let_in"].as_array().unwrap().is_empty());
        let one = admin.get(&format!("access-checks?user_id={she}&client_id=wiki")).await;
        let way: &Value = &one["people"][0]["ways"][0];
        assert_eq!(way["would_let_in"], door("wiki")["ways"][0]["would_let_in"], "one gate");
        assert_eq!(way["refusal"], door("wiki")["ways"][0]["refusal"]);

        let (owner, auditor) = both(&fixture).await;
        for browser in [&owner, &auditor] {
            let [en, zh] = in_both_languages(&fixture, browser, &format!("/console/people/{she}")).await;
            assert!(en.body.contains(text(&way["refusal"], "en")), "{}", en.body);
            assert!(zh.body.contains(text(&way["refusal"], "zh")), "{}", zh.body);
            assert!(en.body.contains("may enter"), "{}", en.body);
        }
        let page = auditor.open(&format!("{}/console/people/{she}", fixture.base)).await;
        assert!(
            !page.body.contains("/disable"),
            "an auditor is offered nothing: {}",
            page.body
        );
    }
);

scenario!(
    a_person_is_disabled_with_a_preview_and_enabled_again,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let page = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        page.returned("code").unwrap();
        let she = admin.user_id(sample::NORMAL).await;
        let (owner, auditor) = both(&fixture).await;
        let at = format!("/console/people/{she}");
        let [preview, _] = in_both_languages(&fixture, &owner, &format!("{at}/disable")).await;
        assert!(preview.body.contains("Sessions that end: 1"), "{}", preview.body);

        let refused = auditor.open(&format!("{}{at}/disable", fixture.base)).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        let refused = send(&fixture, &auditor, &format!("{at}/disable"), &[]).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert_eq!(admin.get(&format!("users/{she}")).await["status"], "active");

        let page = send(&fixture, &owner, &format!("{at}/disable"), &[]).await;
        assert!(
            page.status == 200 && page.body.contains("role=\"status\""),
            "{}",
            page.body
        );
        assert_eq!(admin.get(&format!("users/{she}")).await["status"], "disabled");
        send(&fixture, &owner, &format!("{at}/enable"), &[]).await;
        assert_eq!(admin.get(&format!("users/{she}")).await["status"], "active");
    }
);

scenario!(
    a_person_is_signed_out_everywhere_and_gets_links,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let page = portal
            .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        page.returned("code").unwrap();
        let she = admin.user_id(sample::NORMAL).await;
        let (owner, auditor) = both(&fixture).await;
        let at = format!("/console/people/{she}");
        for browser in [&owner, &auditor] {
            in_both_languages(&fixture, browser, &format!("{at}/sessions")).await;
            in_both_languages(&fixture, browser, &format!("{at}/history")).await;
            in_both_languages(&fixture, browser, &format!("{at}/ways-in")).await;
        }
        in_both_languages(&fixture, &owner, &format!("{at}/sign-out")).await;
        send(&fixture, &owner, &format!("{at}/sign-out"), &[]).await;
        let active = admin.items(&format!("sessions?user_id={she}&active=true")).await;
        assert!(active.is_empty(), "{active:?}");
        for (button, part) in [("password-link", "/password/"), ("totp-link", "/totp/")] {
            let page = send(&fixture, &owner, &format!("{at}/{button}"), &[("send", "shown")]).await;
            assert!(
                page.status == 200 && page.body.contains("class=\"copyable\""),
                "{part}: {}",
                page.body
            );
        }
        let refused = send(&fixture, &auditor, &format!("{at}/password-link"), &[("send", "shown")]).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
    }
);

scenario!(
    what_is_typed_in_is_pinned_and_a_fault_stands_at_its_field,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let she = admin.user_id(sample::NORMAL).await;
        let (owner, _) = both(&fixture).await;
        let (page, at) = (format!("/console/people/{she}/edit"), format!("/console/people/{she}"));
        in_both_languages(&fixture, &owner, &page).await;
        let shown = owner.open(&format!("{}{page}", fixture.base)).await;
        let tag = shown.field("tag").replace("&#34;", "\"");
        let before = admin.get(&format!("users/{she}")).await;
        let typed = |name: &'static str, email: &'static str| {
            let kept = |field: &str| before[field].as_str().unwrap_or_default().to_owned();
            vec![
                ("tag", tag.clone()),
                ("username", kept("username")),
                ("display_name", name.to_owned()),
                ("email", email.to_owned()),
                ("phone_number", kept("phone_number")),
                ("locale", kept("locale")),
                (
                    "profile.nickname",
                    before["profile"]["nickname"].as_str().unwrap_or_default().to_owned(),
                ),
                ("access_until", "2099-12-31".to_owned()),
            ]
        };
        let post = |fields: Vec<(&'static str, String)>| {
            let (page, owner, fixture) = (&page, &owner, &fixture);
            async move {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
                send(fixture, owner, page, &fields).await
            }
        };
        let refused = post(typed("Hua", "no address")).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(
            refused.body.contains("aria-invalid=\"true\"") && refused.body.contains("no address"),
            "{}",
            refused.body
        );
        let saved = post(typed("Hua", "hua@example.com")).await;
        assert!(saved.status == 200 && saved.url.contains(&at), "{}", saved.body);
        let after = admin.get(&format!("users/{she}")).await;
        assert_eq!(
            (&after["display_name"], &after["email"]),
            (&json!("Hua"), &json!("hua@example.com"))
        );
        assert_eq!(after["sources"]["display_name"]["pinned"], true, "{after}");
        assert_eq!(
            after["access_until"], 4_102_416_000_000_i64,
            "the end of that day at UTC+8: {after}"
        );
        let stale = post(typed("Hua2", "hua@example.com")).await;
        assert_eq!(stale.status, 412, "somebody changed it since: {}", stale.body);
    }
);

scenario!(a_console_role_is_given_and_taken, |fixture: Fixture| async move {
    let user = fixture.admin().create("users", json!({ "username": "helper" })).await;
    let (owner, auditor) = both(&fixture).await;
    let at = format!("/console/people/{}", id(&user));
    let page = format!("{at}/role");
    in_both_languages(&fixture, &owner, &page).await;
    let refused = send(&fixture, &auditor, &page, &[("role", "auditor")]).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    send(&fixture, &owner, &page, &[("role", "operator")]).await;
    assert_eq!(fixture.admin().user("helper").await["console_role"], "operator");
    // A form without a word takes nothing.
    let wordless = send(&fixture, &owner, &page, &[]).await;
    assert!((400..500).contains(&wordless.status), "{}", wordless.body);
    assert_eq!(fixture.admin().user("helper").await["console_role"], "operator");
    send(&fixture, &owner, &page, &[("role", "none")]).await;
    assert_eq!(fixture.admin().user("helper").await["console_role"], Value::Null);
    let odd = send(&fixture, &owner, &page, &[("role", "emperor")]).await;
    assert!((400..500).contains(&odd.status), "{}", odd.body);
});

scenario!(
    members_stand_beside_the_tree_of_their_departments,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (owner, auditor) = both(&fixture).await;
        let department = fixture.admin().items("departments").await[0].clone();
        for browser in [&owner, &auditor] {
            let path = format!("/console/people/members?department={}&state=present", id(&department));
            let [en, _] = in_both_languages(&fixture, browser, &path).await;
            assert!(
                en.body.contains("class=\"tree\"") && en.body.contains(id(&department)),
                "{}",
                en.body
            );
        }
    }
);

scenario!(rubbish_ends_on_a_page_with_a_way_on, |fixture: Fixture| async move {
    fixture.connect().await;
    let (owner, _) = both(&fixture).await;
    let she = fixture.admin().user_id(sample::NORMAL).await;
    let long = "a".repeat(300);
    let mut paths: Vec<String> = Vec::new();
    for odd in ["%00", "..%2F..%2Fclients", "x'%20OR%201=1", "%E2%80%AE", long.as_str()] {
        for name in ["q", "status", "data_source", "console_role", "sort", "cursor"] {
            paths.push(format!("/console/people?{name}={odd}"));
            paths.push(format!("/console/people.csv?{name}={odd}"));
        }
        for name in ["outcome", "state", "department", "cursor", "data_source"] {
            paths.push(format!("/console/people/members?{name}={odd}"));
        }
        for name in ["reason", "data_source_id", "user_id", "cursor", "sort"] {
            paths.push(format!("/console/leaving?{name}={odd}"));
        }
        for page in [
            "",
            "/edit",
            "/disable",
            "/sessions",
            "/history",
            "/sign-out",
            "/ways-in",
            "/role",
        ] {
            paths.push(format!("/console/people/{odd}{page}"));
        }
        paths.push(format!("/console/people/{she}/history?cursor={odd}"));
        paths.push(format!("/console/people/{she}/sessions?cursor={odd}"));
        paths.push(format!("/console/people/{she}?done={odd}"));
        paths.push(format!("/console/leaving/{odd}"));
        paths.push(format!("/console/leaving/{odd}/export"));
        paths.push(format!("/console/search?q={odd}"));
    }
    for path in paths {
        let page = owner.open(&format!("{}{path}", fixture.base)).await;
        assert!(page.status < 500, "{path}: {} {}", page.status, page.body);
        let way_on = page.body.contains("href=\"/console\"") || page.body.starts_with("id,");
        assert!(way_on, "{path}: {}", page.body);
    }
});

//! Portals at the console: a recipe makes a portal whose settings come filled in, and each tab says what the API says.

use serde_json::{Value, json};
use simulator::sample;

use super::Colleague;
use crate::{
    actors::{As, Browser, Page, id, text},
    fixture::Fixture,
    scenario,
};

/// Tabs of a portal.
const TABS: [&str; 6] = ["", "/access", "/claims", "/sessions", "/logouts", "/setup"];

/// Sends a form of the page, with its confirmation.
async fn send(browser: &Browser, page: &Page, url: &str, fields: &[(&str, &str)]) -> Page {
    let confirm = page.field("confirm");
    let mut all = vec![("confirm", confirm.as_str())];
    all.extend(fields);
    browser.submit(url, &all).await
}

scenario!(
    a_recipe_registers_a_portal_and_shows_the_secret_once,
    |fixture: Fixture| async move {
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let at = |path: &str| format!("{}/console/portals{path}", fixture.base);
        let page = browser.open(&at("/new/grafana")).await;
        let fields = [
            ("name", "Grafana"),
            ("address", "https://grafana.corp.example/"),
            ("client_id", "grafana"),
        ];
        let created = send(&browser, &page, &page.url, &fields).await;
        assert_eq!(created.status, 200, "{}", created.body);
        let client = fixture.admin().get("clients/grafana").await;
        assert_eq!(
            client["redirect_uris"],
            json!(["https://grafana.corp.example/login/generic_oauth"])
        );
        assert_eq!(
            (&client["require_pkce"], &client["auth_method"]),
            (&json!(true), &json!("client_secret_basic"))
        );
        let secret = created
            .body
            .split("client_secret = ")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .to_owned();
        assert!(secret.len() >= 32 && !created.url.contains(&secret), "{secret}");
        assert!(
            created
                .body
                .contains(&format!("auth_url = {}/oauth2/authorize", fixture.base))
        );
        for tab in TABS {
            let page = browser.open(&at(&format!("/grafana{tab}"))).await;
            assert_eq!(page.status, 200, "{tab}: {}", page.body);
            assert!(!page.body.contains(&secret), "{tab} shows the secret again");
        }
        // Sent again: the name is taken, and what was typed stands there still.
        let again = send(&browser, &page, &page.url, &fields).await;
        assert!((400..500).contains(&again.status), "{}", again.status);
        assert!(again.body.contains("https://grafana.corp.example/"), "{}", again.body);
    }
);

scenario!(every_recipe_makes_a_portal, |fixture: Fixture| async move {
    let owner = Colleague::hire(&fixture, "owner").await;
    let browser = owner.browser(&fixture).await;
    let list = browser.open(&format!("{}/console/portals/new", fixture.base)).await;
    let keys: Vec<&str> = list
        .body
        .split("\"/console/portals/new/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(keys.len() >= 17, "{keys:?}");
    for key in keys {
        let url = format!("{}/console/portals/new/{key}", fixture.base);
        let page = browser.open(&url).await;
        let fields = [
            ("name", key),
            ("address", "https://app.corp.example"),
            ("client_id", key),
        ];
        let created = send(&browser, &page, &url, &fields).await;
        assert_eq!(created.status, 200, "{key}: {}", created.body);
        let portal = fixture.admin().get(&format!("clients/{key}")).await;
        assert_eq!(text(&portal, "client_id"), key);
        // The other side's settings bear this deployment's values, and nothing is left to be filled in.
        let settings: Vec<&str> = created
            .body
            .split("<pre")
            .skip(1)
            .filter_map(|rest| rest.split("</pre>").next())
            .collect();
        let settings = settings.join("\n");
        assert!(
            settings.contains(&fixture.base) && settings.contains(key),
            "{key}: {settings}"
        );
        let places = settings.match_indices('@').filter_map(|(at, _)| {
            let rest = settings.get(at + 1..)?;
            let word = rest.split('@').next().filter(|word| word.len() < rest.len())?;
            let is_place = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            is_place.then_some(word)
        });
        let unfilled: Vec<&str> = places.collect();
        assert_eq!(unfilled, Vec::<&str>::new(), "{key}: {settings}");
        let addressed = portal["redirect_uris"].to_string().contains("https://app.corp.example");
        assert_eq!(addressed, key != "cli" && key != "kubernetes", "{key}: {portal}");
        // The recipe is kept, so that its settings are there again, without the secret.
        assert_eq!(text(&portal["metadata"], "recipe"), key);
        let setup = format!("{}/console/portals/{}/setup", fixture.base, text(&portal, "id"));
        let setup = browser.open(&setup).await;
        assert!(
            setup.body.contains(&format!("<option value=\"{key}\" selected>")),
            "{key}: {}",
            setup.body
        );
        if key == "spa" {
            assert!(setup.body.contains("https://app.corp.example"), "{}", setup.body);
        }
    }
});

scenario!(
    a_portal_is_edited_opened_to_some_and_deleted,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let owner = Colleague::hire(&fixture, "owner").await;
        let browser = owner.browser(&fixture).await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let at = |path: &str| format!("{}/console/portals/{}{path}", fixture.base, portal.id);

        let page = browser.open(&at("/edit")).await;
        let version = page.field("version");
        let wrong = [
            ("version", version.as_str()),
            ("name", "维基"),
            ("redirect_uris", "no address"),
            ("enabled", "on"),
            ("scopes", "openid"),
            ("access_token_lifetime", "600"),
            ("id_token_lifetime", "600"),
            ("refresh_token_lifetime", "2592000"),
            ("membership_max_age", "900"),
            ("membership_grace", "14400"),
        ];
        let refused = send(&browser, &page, &at("/edit"), &wrong).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(
            refused.body.contains("aria-invalid") && refused.body.contains("维基"),
            "{}",
            refused.body
        );
        assert_ne!(text(&admin.get("clients/wiki").await, "name"), "维基");

        let user = admin.user_id(sample::NORMAL).await;
        let page = browser.open(&at(&format!("/allowed?person={}", sample::NORMAL))).await;
        assert!(page.body.contains(&user), "{}", page.body);
        let saved = send(
            &browser,
            &page,
            &at("/allowed"),
            &[
                ("every_source", "on"),
                ("allowed_users", &user),
                ("version", &page.field("version")),
                ("sure", "1"),
            ],
        )
        .await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        let client = admin.get("clients/wiki").await;
        assert_eq!(
            (&client["allowed_users"], &client["auth_sources"]),
            (&json!([user]), &Value::Null)
        );

        let mistyped = send(&browser, &page, &at("/delete"), &[("client_id", "wik")]).await;
        assert_eq!(
            (mistyped.status, admin.status("GET", "clients/wiki", None).await.0),
            (422, 200)
        );
        send(&browser, &page, &at("/delete"), &[("client_id", "wiki")]).await;
        assert_eq!(admin.status("GET", "clients/wiki", None).await.0, 404);
    }
);

scenario!(
    a_portal_is_opened_to_everybody_only_where_that_is_said_and_over_no_change_of_others,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
        let admin = fixture.admin();
        let user = admin.user_id(sample::NORMAL).await;
        let portal = fixture.portal("wiki", json!({ "allowed_users": [user] })).await;
        let url = format!("{}/console/portals/{}/allowed", fixture.base, portal.id);
        let page = browser.open(&url).await;
        assert!(!page.body.contains("name=\"everybody\""), "{}", page.body);
        let stale = page.field("version");
        admin
            .change(&format!("clients/{}", portal.id), json!({ "name": "Other" }))
            .await;
        let some = [("every_source", "on"), ("allowed_users", &*user), ("version", &*stale)];
        let refused = send(&browser, &page, &url, &some).await;
        assert_eq!(refused.status, 412, "{}", refused.body);
        assert!(
            refused.body.contains(&user),
            "what was sent stands there: {}",
            refused.body
        );

        let page = browser.open(&url).await;
        let version = page.field("version");
        let none = [("every_source", "on"), ("version", &*version)];
        for lang in ["en", "zh-CN"] {
            let url = format!("{url}?ui_locales={lang}");
            let asked = send(&browser, &page, &url, &none).await;
            assert_eq!(asked.status, 422, "{}", asked.body);
            assert!(asked.body.contains("name=\"everybody\""), "{}", asked.body);
            assert!(!asked.body.contains(">console-"), "{}", asked.body);
        }
        assert_eq!(admin.get("clients/wiki").await["allowed_users"], json!([user]));
        let meant = [none[0], none[1], ("everybody", "on"), ("sure", "1")];
        let saved = send(&browser, &page, &url, &meant).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        assert_eq!(admin.get("clients/wiki").await["allowed_users"], json!([]));
    }
);

scenario!(what_is_to_end_at_a_portal_must_be_said, |fixture: Fixture| async move {
    fixture.connect().await;
    let browser = Colleague::hire(&fixture, "owner").await.browser(&fixture).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let signed_in = fixture.browser();
    let page = portal.sign_in(&fixture, &signed_in, As::Member(sample::NORMAL)).await;
    // The portal knows the session by its tokens.
    portal.tokens_from(&page).await;
    let url = format!("{}/console/portals/{}/sessions/end", fixture.base, portal.id);
    let page = browser.open(&url).await;
    let user = fixture.admin().user_id(sample::NORMAL).await;
    let active = format!("sessions?user_id={user}&active=true");
    for rubbish in [&[("what", "everything")][..], &[]] {
        let refused = send(&browser, &page, &url, rubbish).await;
        assert_eq!(refused.status, 422, "{}", refused.body);
    }
    assert_eq!(fixture.admin().items(&active).await.len(), 1);
    let ended = send(&browser, &page, &url, &[("what", "sessions")]).await;
    assert!(
        ended.status == 200 && ended.url.ends_with("done=ended"),
        "{} {}",
        ended.url,
        ended.body
    );
    assert_eq!(fixture.admin().items(&active).await.len(), 0);
    for lang in ["en", "zh-CN"] {
        let page = browser.open(&format!("{url}?live_on=3&ui_locales={lang}")).await;
        assert!(page.status == 200 && page.body.contains('3'), "{}", page.body);
        assert!(!page.body.contains(">console-"), "{}", page.body);
    }
});

scenario!(
    the_claims_shown_are_those_that_userinfo_gives,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let portal = fixture.portal("wiki", json!({})).await;
        let user = admin.user_id(sample::NORMAL).await;
        let told = admin
            .get(&format!("clients/wiki/claims?user_id={user}&scope=openid%20profile"))
            .await;
        assert_eq!(told["scope"], "openid profile");
        assert_eq!(
            (&told["userinfo"]["sub"], &told["id_token"]["sub"]),
            (&json!(user), &json!(user))
        );
        assert_eq!(told["userinfo"]["preferred_username"], sample::NORMAL);
        assert!(
            told["id_token"].get("preferred_username").is_none() && told["userinfo"].get("groups").is_none(),
            "{told}"
        );
        admin
            .change(
                &format!("clients/{}", portal.id),
                json!({ "metadata": { "id_token_claims": "scopes" } }),
            )
            .await;
        let told = admin.get(&format!("clients/wiki/claims?user_id={user}")).await;
        assert_eq!(told["id_token"]["preferred_username"], sample::NORMAL);
        let nobody = "clients/wiki/claims?user_id=00000000-0000-0000-0000-000000000000";
        assert_eq!(admin.call("GET", nobody, None).await.refusal(), (404, "DI-102"));

        let auditor = Colleague::hire(&fixture, "auditor").await;
        let browser = auditor.browser(&fixture).await;
        let page = browser
            .open(&format!("{}/console/portals/wiki/claims?user={user}", fixture.base))
            .await;
        assert!(
            page.status == 200 && page.body.contains("preferred_username"),
            "{}",
            page.body
        );
    }
);

scenario!(
    an_auditor_reads_portals_and_changes_nothing_and_rubbish_is_no_failure,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let auditor = Colleague::hire(&fixture, "auditor").await;
        let browser = auditor.browser(&fixture).await;
        let at = |path: &str| format!("{}/console/portals{path}", fixture.base);
        let before = fixture.admin().items("clients").await;
        let list = browser.open(&at("?q=wik&enabled=true&sort=-name")).await;
        assert!(list.status == 200 && list.body.contains(&portal.id), "{}", list.body);
        assert!(
            !list.body.contains("/console/portals/new"),
            "what an auditor may not do is not offered"
        );
        let confirm = browser.open(&at("/wiki/claims")).await.body;
        assert!(!confirm.contains("name=\"confirm\""));
        for lang in ["en", "zh-CN"] {
            for tab in TABS {
                let page = browser
                    .open(&at(&format!("/{}{tab}?ui_locales={lang}", portal.id)))
                    .await;
                assert_eq!(
                    (page.status, page.body.contains(&format!("lang=\"{lang}\""))),
                    (200, true),
                    "{tab}"
                );
                assert!(
                    !page.body.contains("console-"),
                    "{tab} {lang} lacks a text: {}",
                    page.body
                );
            }
        }
        for post in [
            "/new/grafana",
            "/wiki/edit",
            "/wiki/allowed",
            "/wiki/secret",
            "/wiki/sessions/end",
        ] {
            let path = format!("/console/portals{post}");
            let refused = crate::console::send(&fixture, &browser, &path, &[]).await;
            assert!((400..500).contains(&refused.status), "{post}: {}", refused.body);
            assert!(!refused.body.contains("CO-101"), "the role is asked: {post}");
        }
        assert_eq!(fixture.admin().items("clients").await, before);
        for wrong in [
            "?sort=x",
            "?cursor=%00",
            "?enabled=perhaps",
            "?auth_source=x",
            "/nowhere",
            "/a%2Fb",
            "/new/nothing",
            "/wiki/access?number=x",
            "/wiki/access?departments=x",
            "/wiki/access?cursor=x",
            "/wiki/claims?user=x",
            "/wiki/claims?user=%2F",
            "/wiki/sessions?cursor=x",
            "/wiki/logouts?state=x",
            "/wiki/nothing",
        ] {
            let page = browser.open(&at(wrong)).await;
            assert!(
                (400..500).contains(&page.status) && page.body.contains("href=\"/console\""),
                "{wrong}: {}",
                page.status
            );
        }
        assert_eq!(id(&fixture.admin().get("clients/wiki").await), portal.id);
    }
);

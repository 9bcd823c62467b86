//! The branding of companies: on their people's pages it overrides, field by field, that of the installation.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, id},
    branding::png,
    console::{at_work, shown},
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// Sends a file as the logo of a company; status and body.
pub async fn send_logo(fixture: &Fixture, source: &str, file: Vec<u8>) -> (u16, Value) {
    let request = fixture
        .http
        .put(format!("{}/api/v1/data-sources/{source}/branding/logo", fixture.base))
        .bearer_auth(ADMIN_TOKEN)
        .header("content-type", "application/octet-stream")
        .body(file);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Two companies with a brand of their own, and the installation's.
async fn two_companies(fixture: &Fixture) -> [Value; 2] {
    let sources = [fixture.connect().await, fixture.connect_second(json!({})).await];
    let group = json!({ "name": "The Group", "name_zh": "集团", "accent": "#7a0b4b", "contact": "Group desk" });
    let admin = fixture.admin();
    assert_eq!(admin.call("PUT", "branding", Some(group)).await.status, 200);
    for (source, name, desk) in [
        (&sources[0], "Qingyun", "Qingyun desk"),
        (&sources[1], "Baishi", "Baishi desk"),
    ] {
        let path = format!("data-sources/{}/branding", id(source));
        let own = json!({ "name": name, "contact": desk });
        let answer = admin.call("PUT", &path, Some(own)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    sources
}

/// The page bears this name and none of the others.
fn assert_worn(body: &str, name: &str) {
    let brand = body.split("class=\"brand\"").nth(1).unwrap_or(body);
    let brand = brand.split("</p>").next().unwrap();
    assert!(brand.contains(&format!("<bdi>{name}</bdi>")), "{name}: {brand}");
}

async fn opened(fixture: &Fixture, browser: &Browser, path: &str) -> String {
    browser.open(&format!("{}{path}", fixture.base)).await.body
}

scenario!(
    pages_bear_the_brand_of_the_company_that_is_chosen_scanned_for_or_whose_person_it_is,
    |fixture: Fixture| async move {
        let [_, second] = two_companies(&fixture).await;
        let portal = fixture
            .portal("wiki", json!({ "metadata": { "consent": "ask" } }))
            .await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        assert_worn(&login.body, "The Group");
        let second = fixture.auth_source(second["corp_id"].as_str().unwrap()).await;
        let picked = browser.open(&format!("{}?source={}", login.url, id(&second))).await;
        assert_worn(&picked.body, "Baishi");

        let refused = portal.sign_in(&fixture, &browser, As::Outsider).await;
        assert_worn(&refused.body, "Qingyun");
        assert!(
            refused.body.contains("Qingyun desk") && !refused.body.contains("Group desk"),
            "{}",
            refused.body
        );
        // What it has none of is the installation's.
        assert!(refused.body.contains("accent.css?v=7a0b4b"), "{}", refused.body);

        let last_used = browser.open(&portal.authorize_url(&[])).await;
        assert_worn(&last_used.body, "Qingyun");
        let consent = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert!(consent.url.contains("/oauth2/consent/"), "{}", consent.url);
        assert_worn(&consent.body, "Qingyun");
        assert_worn(&opened(&fixture, &browser, "/account").await, "Qingyun");
        assert_worn(&opened(&fixture, &fixture.browser(), "/account").await, "The Group");

        let only = fixture.scan_only_portal("design", sample::CORP2).await;
        let only = fixture.browser().open(&only.authorize_url(&[])).await;
        assert_worn(&only.body, "Baishi");
    }
);

scenario!(
    the_way_to_the_console_and_its_pages_are_the_installation_s,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let admin = fixture.admin();
        let source = admin.items("data-sources").await.remove(0);
        let own = json!({ "name": "Qingyun" });
        let path = format!("data-sources/{}/branding", id(&source));
        assert_eq!(admin.call("PUT", &path, Some(own)).await.status, 200);
        let login = opened(&fixture, &fixture.browser(), "/console").await;
        assert_worn(&login, "Menjin");
        let browser = at_work(&fixture, "owner").await;
        let page = shown(&fixture, &browser, "/console/settings/keys").await;
        assert!(!page.body.contains("Qingyun"), "{}", page.body);
    }
);

scenario!(
    what_a_company_has_is_listed_served_told_in_the_audit_log_and_removed,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let (admin, source) = (fixture.admin(), id(&source).to_owned());
        let path = format!("data-sources/{source}/branding");
        let nothing = admin.get(&path).await;
        assert_eq!((&nothing["name"], &nothing["logo"]), (&Value::Null, &Value::Null));
        assert!(admin.items("branding/companies").await.is_empty());

        let light = admin.call("PATCH", &path, Some(json!({ "accent": "#ffcc00" }))).await;
        assert_eq!(light.refusal(), (422, "AD-130"));
        admin.change(&path, json!({ "accent": "#0b7a4b" })).await;
        admin.change(&path, json!({ "name": "Qingyun" })).await;
        let (status, with_logo) = send_logo(&fixture, &source, png(64, 32)).await;
        assert_eq!((status, &with_logo["accent"]), (200, &json!("#0b7a4b")), "{with_logo}");
        let address = with_logo["logo"]["url"].as_str().unwrap();
        let picture = fixture.fetch(address).await;
        assert_eq!(picture.headers()["content-type"], "image/png");
        assert!(
            picture.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable"),
            "{:?}",
            picture.headers()
        );
        assert_eq!(picture.bytes().await.unwrap().to_vec(), png(64, 32));
        assert_eq!(fixture.fetch("/branding/logo?v=unknown").await.status(), 404);
        let listed = admin.items("branding/companies").await;
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(
            (&listed[0]["data_source_id"], &listed[0]["branding"]["name"]),
            (&json!(source), &json!("Qingyun"))
        );
        let own = admin.get("branding").await;
        assert_eq!(own["name"], Value::Null, "the installation's stays as it was");

        // A logo goes alone, and what was entered stays.
        assert_eq!(admin.call("DELETE", &format!("{path}/logo"), None).await.status, 204);
        assert_eq!(admin.get(&path).await["name"], "Qingyun");
        assert_eq!(fixture.fetch(address).await.status(), 404);
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204);
        assert_eq!(admin.call("DELETE", &path, None).await.status, 204, "twice is no error");
        assert!(admin.items("branding/companies").await.is_empty());

        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let subject = format!("data_source:{source}");
        let told: Vec<&Value> = events
            .iter()
            .filter(|event| event["subject"] == subject.as_str())
            .filter(|event| event["detail"]["fields"].to_string().contains("branding."))
            .collect();
        assert_eq!(told.len(), 5, "{told:?}");
        let removed = told.iter().find(|event| {
            event["detail"]["before"]["branding.name"] == "Qingyun"
                && event["detail"]["after"]["branding.name"].is_null()
        });
        assert!(removed.is_some(), "{told:?}");

        for method in ["GET", "DELETE"] {
            let unknown = admin
                .call(
                    method,
                    "data-sources/0199c0de-7a00-7000-8000-000000000001/branding",
                    None,
                )
                .await;
            assert_eq!(unknown.status, 404, "{method}: {}", unknown.body);
        }
    }
);

scenario!(
    the_branding_of_a_company_goes_with_its_data_source,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let (admin, source) = (fixture.admin(), id(&source).to_owned());
        admin
            .change(&format!("data-sources/{source}/branding"), json!({ "name": "Qingyun" }))
            .await;
        let (_, shown) = send_logo(&fixture, &source, png(64, 32)).await;
        let gone = admin.call("DELETE", &format!("data-sources/{source}"), None).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        assert!(admin.items("branding/companies").await.is_empty());
        let left = crate::backends::number(fixture.database_url(), "SELECT COUNT(*) FROM company_branding").await;
        assert_eq!(left, 0);
        let address = shown["logo"]["url"].as_str().unwrap();
        assert_eq!(fixture.fetch(address).await.status(), 404);
    }
);

scenario!(
    an_admin_sees_how_pages_of_a_company_would_look_before_anything_is_saved,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        fixture
            .admin()
            .change("branding", json!({ "name": "The Group", "contact": "Group desk" }))
            .await;
        let browser = at_work(&fixture, "admin").await;
        let path = format!("/console/settings/branding/companies/{}", id(&source));
        let page = shown(&fixture, &browser, &path).await;
        let fields = [
            ("confirm", page.field("confirm")),
            ("version", page.field("version")),
            ("name", "Qing<b>".to_owned()),
            ("name_zh", String::new()),
            ("accent", "#0b7a4b".to_owned()),
            ("contact", String::new()),
            ("contact_zh", String::new()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let tried = browser.post(&format!("{}{path}/preview", fixture.base), &fields).await;
        assert_eq!(tried.status, 200, "{}", tried.body);
        assert!(tried.body.contains("value=\"Qing&#60;b&#62;\""), "{}", tried.body);
        for (page, part) in [("login", "Qing&#60;b&#62;"), ("refusal", "Group desk")] {
            let place = format!("/console/settings/branding/preview/{page}?");
            let frame = tried
                .body
                .split("<iframe src=\"")
                .find(|frame| frame.starts_with(&place));
            let frame = frame.unwrap().split('"').next().unwrap().replace("&#38;", "&");
            let answer = browser.get(&format!("{}{frame}", fixture.base)).await;
            assert_eq!(answer.status, 200, "{page}: {}", answer.body);
            assert!(
                answer.body.contains(part) && answer.body.contains("accent.css?v=0b7a4b"),
                "{page}: {}",
                answer.body
            );
            assert!(!answer.body.contains("<script"), "{page}: {}", answer.body);
        }
        let stored = fixture
            .admin()
            .get(&format!("data-sources/{}/branding", id(&source)))
            .await;
        assert_eq!(stored["name"], Value::Null, "nothing is saved");
        let saved = browser.post(&format!("{}{path}", fixture.base), &fields).await;
        assert_eq!(saved.status, 303, "{}", saved.body);
        let stored = fixture
            .admin()
            .get(&format!("data-sources/{}/branding", id(&source)))
            .await;
        assert_eq!(stored["name"], "Qing<b>");
        let list = shown(&fixture, &browser, "/console/settings/branding").await;
        assert!(
            list.body.contains(&path) && list.body.contains("Qing&#60;b&#62;"),
            "{}",
            list.body
        );
        let strangers = fixture
            .browser()
            .get(&format!("{}/console/settings/branding/preview/login", fixture.base))
            .await;
        assert_eq!(strangers.status, 303, "{}", strangers.body);
    }
);

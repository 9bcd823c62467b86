//! The branding of the installation: entered over the admin API, borne by the pages people see in both languages, and by those of replicas.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::As,
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

/// A PNG of this size, as far as anybody reads it who does not decode it.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\x06\0\0\0");
    file
}

/// Sends a file as the logo; status and body.
async fn send_logo(fixture: &Fixture, file: Vec<u8>, media: &str) -> (u16, Value) {
    let request = fixture
        .http
        .put(format!("{}/api/v1/branding/logo", fixture.base))
        .bearer_auth(ADMIN_TOKEN)
        .header("content-type", media)
        .body(file);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn whole() -> Value {
    json!({
        "name": "Qingyun <b>",
        "name_zh": "青云科技",
        "accent": "#0b7a4b",
        "contact": "IT desk, extension 8000",
        "contact_zh": "信息部，分机 8000",
    })
}

scenario!(
    pages_bear_name_colour_logo_and_whom_to_ask_in_both_languages,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let admin = fixture.admin();
        let plain = fixture.browser().open(&portal.authorize_url(&[])).await.body;
        assert!(plain.contains("Menjin") && !plain.contains("/branding/"), "{plain}");

        let shown = admin.call("PUT", "branding", Some(whole())).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        assert_eq!(shown.body["accent"], "#0b7a4b");
        let (status, with_logo) = send_logo(&fixture, png(320, 96), "application/octet-stream").await;
        assert_eq!(
            (status, &with_logo["logo"]["media_type"]),
            (200, &json!("image/png")),
            "{with_logo}"
        );
        assert_eq!(
            (&with_logo["logo"]["width"], &with_logo["logo"]["height"]),
            (&json!(320), &json!(96))
        );
        let logo = with_logo["logo"]["url"].as_str().unwrap().to_owned();

        for (browser, name, contact) in [
            (fixture.browser(), "Qingyun &#60;b&#62;", "IT desk, extension 8000"),
            (fixture.browser().in_chinese(), "青云科技", "信息部，分机 8000"),
        ] {
            let login = browser.open(&portal.authorize_url(&[])).await.body;
            assert!(login.contains(name), "{login}");
            assert!(
                login.contains(&logo) && login.contains("/branding/accent.css?v=0b7a4b"),
                "{login}"
            );
            assert!(!login.contains(contact), "whom to ask stands on refusals");
            let refused = portal.sign_in(&fixture, &browser, As::Outsider).await;
            assert!(
                refused.body.contains(contact) && refused.body.contains(name),
                "{}",
                refused.body
            );
            let nothing = browser.get(&format!("{}/nothing", fixture.base)).await;
            assert!(
                nothing.status == 404 && nothing.body.contains(contact),
                "{}",
                nothing.body
            );
        }
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        assert!(
            account.body.contains("Qingyun") && account.body.contains(&logo),
            "{}",
            account.body
        );

        let cleared = admin
            .change("branding", json!({ "contact": null, "contact_zh": null, "name": "Q" }))
            .await;
        assert_eq!((&cleared["name"], &cleared["contact"]), (&json!("Q"), &Value::Null));
        assert_eq!(cleared["name_zh"], "青云科技", "what a change leaves out stays");
        let replaced = admin.call("PUT", "branding", Some(json!({}))).await.body;
        assert_eq!(
            (&replaced["name_zh"], &replaced["accent"]),
            (&Value::Null, &Value::Null)
        );
        assert!(replaced["logo"].is_object(), "the logo is not part of it");
        assert_eq!(admin.call("DELETE", "branding/logo", None).await.status, 204);
        assert_eq!(
            admin.call("DELETE", "branding/logo", None).await.status,
            204,
            "twice is no error"
        );
        assert_eq!(
            fixture.browser().open(&portal.authorize_url(&[])).await.body.len(),
            plain.len()
        );
        let events = admin.items("audit-events?kind=configured&limit=200").await;
        let told: Vec<&Value> = events.iter().filter(|event| event["subject"] == "branding").collect();
        assert_eq!(told.len(), 5, "{told:?}");
        let values = |event: &Value| event["detail"]["before"].is_object() && event["detail"]["after"].is_object();
        assert!(told.iter().all(|event| values(event)), "{told:?}");
    }
);

scenario!(
    logo_and_colours_are_served_for_ever_under_the_address_of_their_content,
    |fixture: Fixture| async move {
        assert_eq!(fixture.fetch("/branding/logo").await.status(), 404);
        assert_eq!(fixture.fetch("/branding/accent.css").await.status(), 404);
        fixture.admin().change("branding", json!({ "accent": "#0B7A4B" })).await;
        let (_, shown) = send_logo(&fixture, png(64, 64), "text/html").await;
        let address = shown["logo"]["url"].as_str().unwrap();
        let answer = fixture.fetch(address).await;
        let headers = answer.headers().clone();
        assert_eq!(header(&headers, "content-type"), "image/png");
        assert_eq!(header(&headers, "x-content-type-options"), "nosniff");
        assert_eq!(header(&headers, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.bytes().await.unwrap().to_vec(), png(64, 64));
        let known = fixture.http.get(format!("{}{address}", fixture.base));
        let known = known
            .header("if-none-match", header(&headers, "etag"))
            .send()
            .await
            .unwrap();
        assert_eq!(known.status(), 304);
        let bare = fixture.fetch("/branding/logo").await;
        assert_eq!(
            header(bare.headers(), "cache-control"),
            "no-cache",
            "this address may show another one"
        );

        let css = fixture.fetch("/branding/accent.css?v=0b7a4b").await;
        assert_eq!(header(css.headers(), "content-type"), "text/css; charset=utf-8");
        assert!(header(css.headers(), "cache-control").contains("immutable"));
        let css = css.text().await.unwrap();
        assert!(
            css.contains("--accent: #0b7a4b") && css.contains("prefers-color-scheme: dark"),
            "{css}"
        );
        // Another picture has another address.
        let (_, other) = send_logo(&fixture, png(65, 64), "image/png").await;
        assert_ne!(other["logo"]["url"], shown["logo"]["url"]);
    }
);

scenario!(
    what_cannot_be_read_or_is_no_picture_is_refused_with_a_sentence,
    |fixture: Fixture| async move {
        let admin = fixture.admin();
        let light = admin
            .call("PATCH", "branding", Some(json!({ "accent": "#ffcc00" })))
            .await;
        assert_eq!(light.refusal(), (422, "AD-130"));
        let told = light.body["detail"].as_str().unwrap();
        assert!(told.contains("1.5 to 1"), "{told}");
        let all = json!({ "name": "n".repeat(41), "name_zh": "", "accent": "red", "contact": "x".repeat(161) });
        let refused = admin.call("PUT", "branding", Some(all)).await;
        assert_eq!(refused.refusal(), (422, "AD-105"));
        let told = refused.body["detail"].as_str().unwrap();
        assert!(
            ["name:", "name_zh:", "accent:", "contact:"]
                .iter()
                .all(|field| told.contains(field)),
            "{told}"
        );
        let unknown = admin
            .call("PUT", "branding", Some(json!({ "colour": "#000000" })))
            .await;
        assert_eq!(unknown.status, 400, "{}", unknown.body);

        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
        let mut large = png(300, 300);
        large.resize(256 * 1024 + 1, 0);
        for (file, media, expected) in [
            (svg, "image/png", (422, "AD-131")),
            (Vec::new(), "image/png", (422, "AD-131")),
            (b"GIF89a\x40\0\x40\0".to_vec(), "image/gif", (422, "AD-131")),
            (png(4000, 16), "image/png", (422, "AD-131")),
            (large, "image/png", (413, "AD-132")),
        ] {
            let (status, body) = send_logo(&fixture, file, media).await;
            assert_eq!((status, body["number"].as_str().unwrap()), expected, "{body}");
        }
        let mut largest = png(300, 300);
        largest.resize(256 * 1024, 0);
        assert_eq!(send_logo(&fixture, largest, "image/png").await.0, 200);
        let shown = admin.get("branding").await;
        assert_eq!((&shown["name"], &shown["accent"]), (&Value::Null, &Value::Null));
    }
);

// Only on PostgreSQL there are replicas; a second process on SQLite would not get the file.
scenario!(
    another_process_shows_a_change_at_its_next_page,
    |fixture: Fixture| async move {
        if !fixture.database_url().starts_with("postgres") {
            return;
        }
        let replica = fixture.replica().await;
        let page = async || {
            let answer = fixture
                .http
                .get(format!("{}/nothing", replica.base))
                .header("accept", "text/html");
            answer.send().await.unwrap().text().await.unwrap()
        };
        assert!(!page().await.contains("Qingyun"));
        fixture
            .admin()
            .change("branding", json!({ "name": "Qingyun", "name_zh": "Qingyun" }))
            .await;
        assert!(page().await.contains("Qingyun"));
    }
);

// Consent is asked by portals that registered so.
scenario!(the_consent_page_bears_it_too, |fixture: Fixture| async move {
    fixture.connect().await;
    let portal = fixture
        .portal("wiki", json!({ "metadata": { "consent": "ask" } }))
        .await;
    fixture
        .admin()
        .change("branding", json!({ "name": "Qingyun", "accent": "#7a0b4b" }))
        .await;
    let page = portal
        .sign_in(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    assert!(page.url.contains("/oauth2/consent/"), "{} {}", page.url, page.body);
    assert!(
        page.body.contains("Qingyun") && page.body.contains("v=7a0b4b"),
        "{}",
        page.body
    );
});

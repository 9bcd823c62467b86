//! What holds at the authorization endpoint holds for devices too: consent, authentication context classes, the age of a sign-in.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, Page, Portal, id_claims},
    device::{answer, ask, asked, error_of_poll, opened, poll, portal, question},
    fixture::Fixture,
    password::{GOOD, company, sign_in},
    scenario,
};

const WECOM: &str = "urn:menjin:acr:wecom";
const WECOM_IN_APP: &str = "urn:menjin:acr:wecom-in-app";
const PASSWORD: &str = "urn:menjin:acr:pwd";

fn asks_for_a_sign_in(page: &Page) -> bool {
    page.status == 200 && page.url.contains("/signin/")
}

/// 李华 scans, from this login page on.
async fn scanned(fixture: &Fixture, browser: &Browser, login: &Page) -> Page {
    let who = As::Member(sample::NORMAL);
    fixture.phone().sign_in_from(browser, login, who).await
}

/// The claims of the ID token that the device fetches.
async fn id_token(portal: &Portal, issued: &Value) -> Value {
    let tokens = poll(portal, issued).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    id_claims(&tokens.body)
}

// The page of RFC 8628 section 3.3 lists what goes over; where people are asked its yes is their consent, and is taken back like any other.
scenario!(
    where_people_are_asked_the_yes_to_a_device_is_their_consent,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let tv = portal(&fixture, "tv", json!({ "metadata": { "consent": "ask" } })).await;
        let wiki = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        // A no is no consent.
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "decline").await;
        assert_eq!(error_of_poll(&tv, &issued).await, "access_denied");
        let page = browser.open(&tv.authorize_url(&[("scope", "openid profile")])).await;
        assert!(page.url.contains("/oauth2/consent/"), "{}", page.url);
        let issued = asked(&fixture, &tv).await;
        let page = question(&browser, &issued).await;
        for item in ["Your profile", "while you are away"] {
            assert!(page.body.contains(item), "{item} is not on the page: {}", page.body);
        }
        answer(&fixture, &browser, &issued, "allow").await;
        let tokens = poll(&tv, &issued).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        // The authorization endpoint knows of it: as much without a question, more with one.
        let page = browser.get(&tv.authorize_url(&[("scope", "openid profile")])).await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        let page = browser
            .open(&tv.authorize_url(&[("scope", "openid profile email")]))
            .await;
        assert!(page.url.contains("/oauth2/consent/"), "{}", page.url);
        // Taken back between the yes and the poll: the device gets nothing.
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "allow").await;
        let account = browser.get(&format!("{}/account", fixture.base)).await;
        let withdraw = account.link(&format!("/account/portals/{}/withdraw", tv.id));
        let confirm = account.field("confirm");
        browser.submit(&withdraw, &[("confirm", &confirm)]).await;
        let late = poll(&tv, &issued).await;
        assert_eq!(late.status, 400, "{}", late.body);
        assert!(late.body.get("access_token").is_none());
        let refresh = tokens.body["refresh_token"].as_str().unwrap();
        assert_eq!(
            tv.refresh(refresh).await.status,
            400,
            "what came of it before ended too"
        );
    }
);

// OpenID Connect Dynamic Client Registration 1.0 section 2, default_acr_values: a preference, asked for once.
scenario!(
    a_device_prefers_the_classes_of_its_portal_and_is_told_one_of_them,
    |fixture: Fixture| async move {
        let (_, _, wiki) = company(&fixture).await;
        let preferring =
            |classes: Value| json!({ "metadata": { "default_acr_values": classes, "require_auth_time": true } });
        let tv = portal(&fixture, "tv", preferring(json!(["x", WECOM]))).await;
        let browser = fixture.browser();
        let page = sign_in(&wiki, &browser, sample::NORMAL, GOOD).await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        fixture.advance(Duration::from_secs(5));
        let issued = asked(&fixture, &tv).await;
        let login = opened(&browser, &issued).await;
        assert!(asks_for_a_sign_in(&login), "{} {}", login.url, login.body);
        assert!(
            !login.body.contains("name=\"password\""),
            "a scan is preferred: {}",
            login.body
        );
        fixture.advance(Duration::from_secs(5));
        scanned(&fixture, &browser, &login).await;
        answer(&fixture, &browser, &issued, "allow").await;
        let id = id_token(&tv, &issued).await;
        assert_eq!((&id["acr"], id["auth_time"].is_i64()), (&json!(WECOM), true));
        // What the device says itself comes first, and what was reached already is not asked for again.
        fixture.advance(Duration::from_secs(5));
        let form = [("scope", "openid"), ("acr_values", WECOM_IN_APP)];
        let issued = ask(&fixture, &tv, &form).await.body;
        answer(&fixture, &browser, &issued, "allow").await;
        assert_eq!(id_token(&tv, &issued).await["acr"], WECOM_IN_APP);
        // Asked for once: whoever signs in another way all the same is let in.
        let issued = ask(&fixture, &tv, &[("scope", "openid"), ("acr_values", PASSWORD)])
            .await
            .body;
        fixture.advance(Duration::from_secs(5));
        let login = opened(&browser, &issued).await;
        let others = browser.open(&login.link("others=1")).await;
        scanned(&fixture, &browser, &others).await;
        answer(&fixture, &browser, &issued, "allow").await;
        assert_eq!(id_token(&tv, &issued).await["acr"], WECOM);
        // A preference that leads nowhere at this portal bothers nobody.
        let auth_source = fixture.auth_source(sample::CORP).await;
        let mut strict = preferring(json!([PASSWORD]));
        strict["auth_sources"] = json!([auth_source["id"]]);
        let strict = portal(&fixture, "strict", strict).await;
        fixture.advance(Duration::from_secs(5));
        let issued = asked(&fixture, &strict).await;
        answer(&fixture, &browser, &issued, "allow").await;
        assert_eq!(id_token(&strict, &issued).await["acr"], WECOM);
    }
);

// Dynamic Client Registration 1.0 section 2: default_max_age holds where a request says nothing.
scenario!(
    a_portals_default_max_age_holds_for_requests_without_one_and_for_devices,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let aged = json!({ "metadata": { "default_max_age": 60 } });
        let tv = portal(&fixture, "tv", aged).await;
        let browser = fixture.browser();
        let tokens = tv.tokens(&fixture, &browser, sample::NORMAL).await;
        let first = id_claims(&tokens);
        fixture.advance(Duration::from_secs(30));
        let page = browser.get(&tv.authorize_url(&[])).await;
        assert!(page.returned("code").is_some(), "{:?}", page.location);
        let issued = asked(&fixture, &tv).await;
        assert!(question(&browser, &issued).await.body.contains("name=\"confirm\""));
        fixture.advance(Duration::from_secs(31));
        tv.assert_signed_out(&browser).await;
        let page = browser.get(&tv.authorize_url(&[("max_age", "9000")])).await;
        assert!(page.returned("code").is_some(), "the request's own comes first");
        let login = browser.open(&tv.authorize_url(&[])).await;
        assert!(asks_for_a_sign_in(&login), "{:?}", login.location);
        // The device that waits, and its page that was open all the while.
        let login = opened(&browser, &issued).await;
        assert!(asks_for_a_sign_in(&login), "{} {}", login.url, login.body);
        let page = scanned(&fixture, &browser, &login).await;
        assert!(
            page.body.contains(issued["user_code"].as_str().unwrap()),
            "{}",
            page.body
        );
        answer(&fixture, &browser, &issued, "allow").await;
        let id = id_token(&tv, &issued).await;
        assert_eq!(id["sub"], first["sub"]);
        assert!(id["auth_time"].as_i64() > first["auth_time"].as_i64());
    }
);

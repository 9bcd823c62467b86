//! Passkeys in real Chromium, with the virtual authenticator of its driver (WebDriver, Web Authentication Level 3 §12): set up on the page of one's own
//! passkeys, and the way into the console.

use serde_json::json;

use super::Chromium;
use crate::{actors::text, backends::Backend, console::Colleague, fixture::Fixture, password::GOOD};

impl Chromium {
    /// Plugs in an authenticator that its owner unlocks.
    async fn add_authenticator(&self, http: &reqwest::Client) {
        let session = self.driver.session_id();
        let place = format!(
            "http://127.0.0.1:{}/session/{session}/webauthn/authenticator",
            self.port
        );
        let authenticator = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "isUserConsenting": true,
        });
        let answer = http.post(place).json(&authenticator).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    async fn fill(&self, css: &str, value: &str) {
        self.find(css).await.send_keys(value).await.unwrap();
    }
}

#[actix_web::test]
async fn chromium_sets_up_a_passkey_and_opens_the_console_by_it() {
    let Some(browser) = Chromium::start_with("--lang=en").await else {
        return;
    };
    let Some(fixture) = Fixture::at_localhost(Backend::SqliteMemory).await else {
        return;
    };
    let owner = Colleague::hire(&fixture, "owner").await;
    browser.add_authenticator(&fixture.http).await;
    let at = |path: &str| format!("{}{path}", fixture.base);

    browser.driver.goto(at("/console?ui_locales=en")).await.unwrap();
    browser.fill("#username", &owner.username).await;
    browser.fill("#password", GOOD).await;
    browser.click("form[action*='/password'] button").await;
    browser.fill("#code", &owner.app.shows(&fixture, 0)).await;
    browser.click("form[action*='/signin/code/'] button").await;
    browser.find("nav.self").await;

    browser
        .driver
        .goto(at("/account/passkeys?ui_locales=en"))
        .await
        .unwrap();
    browser.fill("#name", "Chromium").await;
    browser.picture("passkeys").await;
    browser.click("form[data-passkey] button").await;
    let listed = browser.text("ul.rows li strong").await;
    assert_eq!(listed, "Chromium");
    browser.picture("passkey-made").await;

    // The authenticator knows that it has one for this account.
    browser.fill("#name", "Again").await;
    browser.click("form[data-passkey] button").await;
    let said = browser.text("form[data-passkey] [role='alert']:not([hidden])").await;
    assert!(said.contains("has a passkey for this account"), "{said}");

    browser.driver.delete_all_cookies().await.unwrap();
    browser
        .driver
        .goto(at("/console/settings?ui_locales=en"))
        .await
        .unwrap();
    browser.picture("passkey-login").await;
    browser.click("form.passkey button").await;
    let operator = browser.text("nav.self").await;
    assert!(operator.contains("the-owner"), "{operator}");
    let passkeys = fixture.admin().get(&format!("users/{}/passkeys", owner.id)).await;
    let one = &passkeys["items"][0];
    assert!(text(one, "name") == "Chromium" && one["last_used_at"].is_i64(), "{one}");

    // One that was removed meanwhile: the page says that it was not accepted.
    let path = format!("users/{}/passkeys/{}", owner.id, text(one, "id"));
    browser.driver.delete_all_cookies().await.unwrap();
    browser.driver.goto(at("/console?ui_locales=en")).await.unwrap();
    browser.find("form.passkey button").await;
    fixture.admin().call("DELETE", &path, None).await;
    browser.click("form.passkey button").await;
    let wrong = browser.text("p.wrong[role='alert']").await;
    assert!(wrong.contains("SI-220"), "{wrong}");
    browser.stop().await;
}

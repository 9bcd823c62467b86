//! The branding of a company in real Chromium: pages beside the form follow what is typed, and the login page wears what was saved.

use std::time::Duration;

use serde_json::json;
use thirtyfour::prelude::*;

use super::person::{ON_A_DESK, ON_A_PHONE, Person, closed, opened};
use crate::{actors::id, company_branding::send_logo, registration::server::serving_picture};

/// A picture that can be decoded.
const LOGO: &[u8] = include_bytes!("logo.png");

impl Person<'_> {
    /// What a preview shows, once it shows what was typed.
    async fn sees_in_preview(&self, page: &str, css: &str, text: &str) {
        let frame = format!("iframe[data-preview][src*='/preview/{page}'][src*='accent=%230b7a4b']");
        let frame = self.browser.find(&frame).await;
        frame.scroll_into_view().await.unwrap();
        frame.enter_frame().await.unwrap();
        let shown = self.browser.driver.query(By::Css(css)).with_text(text.to_owned());
        let shown = shown.wait(Duration::from_secs(30), Duration::from_millis(100));
        assert!(shown.exists().await.unwrap(), "{page}: {text}");
        self.browser.driver.enter_default_frame().await.unwrap();
    }
}

async fn goes_through(walk: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(walk).await else {
        return;
    };
    let source = fixture.connect().await;
    let metadata = json!({ "logo_uri": serving_picture(LOGO.to_vec()) });
    let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
    let mut person = Person::at_console((&fixture, &browser), walk).await;
    let (status, _) = send_logo(&fixture, id(&source), LOGO.to_vec()).await;
    assert_eq!(status, 200);
    let page = format!("/console/settings/branding/companies/{}", id(&source));
    person.opens(&page).await;
    person.fill("#b-name_zh", "青云科技").await;
    person.fill("#b-contact", "Qingyun IT desk, extension 8000").await;
    person.fill("#b-accent", "#0b7a4b").await;
    person.sees_in_preview("login", ".brand bdi", "青云科技").await;
    person
        .sees_in_preview("refusal", ".contact bdi", "Qingyun IT desk, extension 8000")
        .await;
    person.look("branding").await;
    let own = fixture
        .admin()
        .get(&format!("data-sources/{}/branding", id(&source)))
        .await;
    assert!(own["name_zh"].is_null(), "nothing is saved by looking");
    person.click("#brand button[type='submit']:not([formaction])").await;
    person.browser.find("#b-name_zh[value='青云科技']").await;
    person.opens("/console/settings/branding").await;
    person.browser.find("table.list a[href*='/companies/']").await;
    person.look("branding-companies").await;

    let login = portal.authorize_url(&[("prompt", "login")]);
    person.browser.driver.goto(&login).await.unwrap();
    assert_eq!(person.browser.text(".brand bdi").await, "青云科技");
    let drawn = "return [...document.images].every((image) => image.complete && image.naturalWidth > 0)";
    person.browser.find(".logo img").await;
    let drawn = browser.driver.execute(drawn, Vec::new()).await.unwrap();
    assert!(drawn.convert::<bool>().unwrap(), "a picture is missing");
    if person.width > 480 {
        person.browser.find("[data-panel] iframe").await;
    }
    person.look("login").await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_sees_a_company_s_branding_as_it_is_typed_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_sees_a_company_s_branding_as_it_is_typed_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}

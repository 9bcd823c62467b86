//! The customer's flow in real Chromium, without script: refused, asks, the approver's phone gets the card, approves, the person's phone gets the word,
//! and the sign-in works. Then by the link of a notice, and refused.

use simulator::sample;
use thirtyfour::prelude::*;

use super::Chromium;
use crate::{
    access_requests::{
        asking,
        cards::{connect_callback, told_by_cards},
        imported, link, name_approver, tick,
    },
    actors::Portal,
    backends::Backend,
    fixture::Fixture,
};

impl Chromium {
    /// Goes to the portal, scans as this member, and is refused.
    async fn is_refused(&self, portal: &Portal, userid: &str) {
        self.driver
            .goto(portal.authorize_url(&[("ui_locales", "en")]))
            .await
            .unwrap();
        if self
            .driver
            .query(By::Css("a.button[href*='/go/']"))
            .nowait()
            .exists()
            .await
            .unwrap()
        {
            self.click("a.button[href*='/go/']").await;
        }
        self.confirm_on_the_phone(userid).await;
        let refusal = self.text("[role='alert']").await;
        assert!(refusal.contains("not been given an account"), "{refusal}");
    }

    /// Somebody's messages, on their phone.
    async fn phone_of(&self, fixture: &Fixture, userid: &str) {
        let inbox = format!(
            "{}/messages?corp={}&userid={userid}",
            fixture.wecom.base_url(),
            sample::CORP
        );
        self.driver.goto(&inbox).await.unwrap();
    }
}

async fn state_of(fixture: &Fixture, userid: &str) -> String {
    let found = fixture.admin().items(&format!("access-requests?userid={userid}")).await;
    found[0]["state"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn chromium_asks_is_approved_by_a_card_and_comes_in() {
    let Some(browser) = Chromium::start_with("--lang=en").await else {
        return;
    };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
    let (source, portal) = asking(&fixture).await;
    connect_callback(&fixture, &source).await;
    let approver = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &approver).await;
    told_by_cards(&fixture, &source, &[sample::ADMIN]).await;

    browser.is_refused(&portal, sample::NORMAL).await;
    browser.picture("request-refused").await;
    browser.click("a[href*='/access-request/']").await;
    browser.types("#reason", "For the handbook").await;
    browser.picture("request-form").await;
    browser.click("form.fields button").await;
    let waits = browser.text("[role='status']").await;
    assert!(waits.contains("waiting for a decision"), "{waits}");
    browser.picture("request-waits").await;
    let own = browser.driver.current_url().await.unwrap();

    tick(&fixture).await;
    browser.phone_of(&fixture, sample::ADMIN).await;
    browser.picture("request-card").await;
    browser.click("button[value='approve']").await;
    browser.find("#told").await;
    tick(&fixture).await;
    assert_eq!(state_of(&fixture, sample::NORMAL).await, "approved");
    tick(&fixture).await;
    browser.phone_of(&fixture, sample::ADMIN).await;
    let card = browser.text("[id^='message-']").await;
    assert!(card.contains("Approved"), "{card}");
    assert!(
        !browser
            .driver
            .query(By::Css("button[value='approve']"))
            .nowait()
            .exists()
            .await
            .unwrap(),
        "{card}"
    );
    browser.picture("request-card-settled").await;

    browser.phone_of(&fixture, sample::NORMAL).await;
    browser.picture("request-word").await;
    browser.find("a[href*='/access-request/enter/']").await;
    browser.driver.goto(own.as_str()).await.unwrap();
    browser.click("a.button[href*='/signin/']").await;
    browser.click("a.button[href*='/go/']").await;
    let before = fixture.admin().items("sessions").await.len();
    browser.confirm_on_the_phone(sample::NORMAL).await;
    let mut signed_in = Vec::new();
    for _ in 0..5_000 {
        signed_in = fixture.admin().items("sessions").await;
        if signed_in.len() > before {
            break;
        }
        tokio::task::yield_now().await;
    }
    let user = fixture.admin().user(sample::NORMAL).await;
    assert!(
        signed_in.iter().any(|session| session["user_id"] == user["id"]),
        "{signed_in:?}"
    );
    browser.stop().await;
}

#[actix_web::test]
async fn chromium_refuses_by_the_link_and_the_person_reads_why() {
    let Some(browser) = Chromium::start().await else { return };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
    let (source, portal) = asking(&fixture).await;
    let approver = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &approver).await;
    browser.is_refused(&portal, sample::NORMAL).await;
    browser.click("a[href*='/access-request/']").await;
    browser.click("form.fields button").await;
    browser.find("[role='status']").await;
    let own = browser.driver.current_url().await.unwrap();

    let address = format!("{}?ui_locales=en", link(&fixture).await);
    browser.driver.goto(&address).await.unwrap();
    browser.picture("link-unopened").await;
    let page = browser.text("main").await;
    assert!(!page.contains("李华") && page.contains("has decided nothing"), "{page}");
    browser.click("a.button[href*='/enter']").await;
    browser.click("a.button[href*='/go/']").await;
    browser.confirm_on_the_phone(sample::ADMIN).await;
    browser.find("#username").await;
    browser.picture("link-open").await;
    browser.types("#reason", "Ask HR first").await;
    browser.click("input[name='show_reason']").await;
    browser.click("form[action*='/refuse'] button").await;
    let decided = browser.text("[role='status']").await;
    assert!(decided.contains("Refused by"), "{decided}");
    browser.picture("link-decided").await;
    assert_eq!(state_of(&fixture, sample::NORMAL).await, "refused");
    browser.driver.goto(own.as_str()).await.unwrap();
    let page = browser.text("main").await;
    assert!(page.contains("Ask HR first"), "{page}");
    browser.stop().await;
}

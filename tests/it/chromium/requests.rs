//! The customer's flow in real Chromium, without script: refused, asks, the approver's phone gets the card, approves, the person's phone gets the word,
//! and the sign-in works. Then by the link of a notice, and refused.

use simulator::sample;
use thirtyfour::prelude::*;

use super::{
    Chromium,
    request_ways::{WORDS, Words},
};
use crate::{
    access_requests::{
        asking,
        cards::{connect_callback, told_by_cards_in},
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
}

async fn state_of(fixture: &Fixture, userid: &str) -> String {
    let found = fixture.admin().items(&format!("access-requests?userid={userid}")).await;
    found[0]["state"].as_str().unwrap().to_owned()
}

async fn by_card(words: &Words) {
    let Some(browser) = Chromium::start_with(&format!("--lang={}", words.lang)).await else {
        return;
    };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let picture = |name: &str| format!("request-{name}-{}", words.lang);
    fixture.trust_domain();
    let (source, portal) = asking(&fixture).await;
    connect_callback(&fixture, &source).await;
    let approver = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &approver).await;
    told_by_cards_in(&fixture, &source, &[sample::ADMIN], words.lang).await;

    browser.reads(&fixture, words.lang).await;
    let own = browser.is_refused_in(&portal, words.lang).await;
    browser.types("#reason", "For the handbook").await;
    browser.picture(&picture("form")).await;
    browser.click("form.fields button").await;
    let waits = browser.text("[role='status']").await;
    assert!(waits.contains(words.waits), "{waits}");
    browser.picture(&picture("waits")).await;

    tick(&fixture).await;
    let card = browser.messages_of(&fixture, sample::ADMIN).await;
    assert!(card.contains(words.card_approve), "{card}");
    browser.picture(&picture("card")).await;
    browser.click("button[value='approve']").await;
    browser.find("#told").await;
    tick(&fixture).await;
    assert_eq!(state_of(&fixture, sample::NORMAL).await, "approved");
    tick(&fixture).await;
    let card = browser.messages_of(&fixture, sample::ADMIN).await;
    assert!(card.contains(words.card_approved), "{card}");
    let button = browser.driver.query(By::Css("button[value='approve']")).nowait();
    assert!(!button.exists().await.unwrap(), "{card}");
    browser.picture(&picture("card-settled")).await;

    let word = browser.messages_of(&fixture, sample::NORMAL).await;
    assert!(word.contains(words.you_can_sign_in), "{word}");
    browser.picture(&picture("word")).await;
    browser.find("a[href*='/access-request/enter/']").await;
    browser.driver.goto(&own).await.unwrap();
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
async fn chromium_asks_is_approved_by_a_card_and_comes_in() {
    by_card(&WORDS[0]).await;
}

#[actix_web::test]
async fn chromium_asks_is_approved_by_a_card_and_comes_in_in_chinese() {
    by_card(&WORDS[1]).await;
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

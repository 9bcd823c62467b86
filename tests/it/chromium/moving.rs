//! The notice of the customer's document 002 (注意), in real Chromium with script, in both languages, on a phone and on a desk: a company that is connected by an
//! app of the service provider goes over to its own, and back.

use std::time::Duration;

use simulator::sample;

use super::setup::{Person, sign_in, window};
use crate::{
    actors::text,
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
    moving::{Company, company},
};

/// Clicks from the company's page to the change.
const CLICKS: usize = 6;

/// Fills a field of the form.
async fn fills(person: &Person<'_>, name: &str, value: &str) {
    person.browser.types(&format!("input[name='{name}']"), value).await;
}

/// Waits until the rehearsal has ended, and looks again.
async fn rehearsal_ends(person: &mut Person<'_>, company: &Company) {
    // The page names the run.
    person.browser.find("a[href*='/console/sync/']").await;
    let moves = format!("data-sources/{}/moves", company.source);
    let one = person.fixture.admin().items(&moves).await.remove(0);
    let run = text(&one["rehearsal"], "run_id").to_owned();
    person.fixture.admin().watch(&run).await;
    let address = format!("{}/console/moves/{}", person.fixture.base, company.source);
    person.browser.driver.goto(&address).await.unwrap();
}

async fn moves(person: &mut Person<'_>, company: &Company) {
    let address = format!("{}/console/wecom/{}", person.fixture.base, company.source);
    person.browser.driver.goto(&address).await.unwrap();
    person.click("a.button[href*='/console/moves/']").await;
    person.browser.find(".problem.warning").await;
    person.look("move-notice").await;
    fills(person, "corp_id", sample::CORP).await;
    fills(person, "agent_id", &sample::AGENT_ID.to_string()).await;
    fills(person, "app_secret", sample::APP_SECRET).await;
    person.click("form.fields .button").await;
    person.click("form[action$='/pair'] .button").await;
    person.browser.find("ul.counts strong").await;
    person.look("move-pairs").await;
    person.click("form[action$='/rehearse'] .button").await;
    rehearsal_ends(person, company).await;
    person.browser.find(".state.rehearsed").await;
    person.look("move-rehearsed").await;
    person.click("a.button[href$='/change']").await;
    person.look("move-change").await;
    person.click("form.fields .button").await;
    person.browser.find("a.button[href$='/undo']").await;
    person.look("move-done").await;
    company.settled(person.fixture).await;
}

async fn takes_it_back(person: &mut Person<'_>, company: &Company) {
    person.click("a.button[href$='/undo']").await;
    person.look("move-undo").await;
    person.click("form.fields .button").await;
    person.browser.find("input[name='app_secret']").await;
    person.look("move-undone").await;
    company.settled(person.fixture).await;
}

async fn goes_through(lang: &str, width: u32) {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let owner = Colleague::hire(&fixture, "owner").await;
    let Some(browser) = window(lang, width).await else {
        return;
    };
    let mut person = Person {
        browser: &browser,
        fixture: &fixture,
        clicks: 0,
        width,
        name: format!("{lang}-{width}"),
    };
    sign_in(&mut person, &owner, lang).await;
    let company = company(&fixture).await;
    moves(&mut person, &company).await;
    assert_eq!(person.clicks, CLICKS, "clicks of moving");
    takes_it_back(&mut person, &company).await;
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

#[actix_web::test]
async fn chromium_moves_a_company_to_its_own_app_on_a_phone_in_chinese() {
    goes_through("zh-CN", 390).await;
}

#[actix_web::test]
async fn chromium_moves_a_company_to_its_own_app_on_a_desk_in_english() {
    goes_through("en", 1280).await;
}

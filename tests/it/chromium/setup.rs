//! The set-up in real Chromium, with script, from an empty installation to a portal and a real scan: in both languages, on a phone and on a desk.

use std::time::{Duration, Instant};

use serde_json::Value;
use simulator::{Owner, sample};
use thirtyfour::prelude::*;

use super::person::{Person, closed, opened};
use crate::{
    actors::{id, text},
    fixture::Fixture,
};

/// Clicks from the first question to the scan that passed; on a phone one more leads to WeCom's page. More, and somebody made it longer.
const CLICKS: usize = 14;
/// How long the whole way may take.
const LONGEST: Duration = Duration::from_secs(180);

impl Person<'_> {
    /// Waits for the page of a step.
    async fn at(&self, step: &str) {
        self.browser
            .find(&format!(".steps a[href$='/{step}'][aria-current]"))
            .await;
        self.look(step).await;
    }

    /// Keeps the rules, sees what a sync by them would do, and lets it be done.
    pub(super) async fn previews_and_syncs(&mut self) {
        // The newest run is shown, and the clock of the test stands still.
        self.fixture.advance(Duration::from_secs(1));
        self.click("form[action$='/rules'] .button").await;
        self.browser.find("form[action$='/sync'] .button").await;
        self.look("preview").await;
        self.fixture.advance(Duration::from_secs(1));
        self.click("form[action$='/sync'] .button").await;
    }
}

/// Runs that were started in the background come to their end, and the page sees it.
async fn watch(fixture: &Fixture, mode: &str) {
    let admin = fixture.admin();
    for _ in 0..5_000 {
        let runs = admin.items(&format!("sync-runs?mode={mode}&limit=1")).await;
        if let Some(run) = runs.first() {
            admin.watch(id(run)).await;
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("no run in mode {mode} began");
}

async fn corp_and_app(person: &mut Person<'_>) {
    person.browser.find("#f-corp-id").await;
    person.look("new").await;
    person.fill("#f-name", "青云科技").await;
    person.fill("#f-corp-id", "ww 1").await;
    person.leave("#f-corp-id").await;
    person.browser.find("#f-corp-id-fault").await;
    person.look("fault").await;
    person.fill("#f-corp-id", sample::CORP).await;
    person.click(".asked form .button").await;

    person.at("app").await;
    person.fill("#f-app-agent-id", "1000002").await;
    person.fill("#f-app-secret", "nonsense-secret").await;
    person.leave("#f-app-secret").await;
    let fault = person.browser.text("#f-app-secret-fault").await;
    assert!(fault.contains("DI-237"), "{fault}");
    person.look("app-fault").await;
    person.fill("#f-app-secret", sample::APP_SECRET).await;
    person.leave("#f-app-secret").await;
    person.browser.find("#f-app-secret-fine").await;
    person.look("app-fine").await;
    person.click(".asked form .button").await;
}

async fn domain_and_callbacks(person: &mut Person<'_>) {
    person.at("domain").await;
    // Of its own, because several go through at the same time.
    let directory = crate::backends::directory();
    let file = directory.join("WW_verify_abcDEF0123456789.txt");
    std::fs::write(&file, "abcDEF0123456789").unwrap();
    let field = person.browser.find("#file").await;
    field.send_keys(file.display().to_string()).await.unwrap();
    person.click("form[enctype] .button").await;
    person.browser.find("#files ~ .problem.fine").await;
    std::fs::remove_dir_all(directory).unwrap();
    person.look("domain-file").await;
    person.click("a.button[href$='/callbacks']").await;

    let [url, token, key] = callbacks_issued(person).await;
    let saved = person
        .fixture
        .wecom
        .configure_callback(sample::CORP, Owner::Contacts, &url, &token, &key);
    saved.await.unwrap();
    // By itself, to the last of what is looked at.
    person.browser.find(".monitor li:last-child .state.yes").await;
    // What came later shows its times in the viewer's zone too.
    let utc = "const times = [...document.querySelectorAll('[data-poll] time')]; \
               return times.length && times.every((time) => !time.title.endsWith('UTC'));";
    let dressed = person.browser.driver.execute(utc, Vec::new()).await.unwrap();
    assert_eq!(dressed.json().as_bool(), Some(true), "times are left in UTC");
    person.look("verified").await;
    let path = format!("{}/console/setup", person.fixture.base);
    person.browser.driver.goto(&path).await.unwrap();
}

/// Makes the callback of the contacts: URL, Token and EncodingAESKey.
pub(super) async fn callbacks_issued(person: &mut Person<'_>) -> [String; 3] {
    person.at("callbacks").await;
    person.click(".asked form .button").await;
    person.browser.find(".once code").await;
    let blocks = person.browser.driver.find_all(By::Css(".once code")).await.unwrap();
    let mut values = Vec::new();
    for block in blocks {
        values.push(block.text().await.unwrap());
    }
    person.look("issued").await;
    values.try_into().unwrap()
}

pub(super) async fn people_and_portal(person: &mut Person<'_>) {
    person.at("people").await;
    person.previews_and_syncs().await;
    watch(person.fixture, "apply").await;
    person.browser.find(".step.ok a[href$='/people']").await;
    person.look("synced").await;
    person.click("a.button[href$='/portal']").await;

    person.at("portal").await;
    person.click(".cards a[href*='/new/grafana']").await;
    person.fill("#f-address", "https://grafana.corp.example").await;
    person.click("form.fields .button").await;
    person.browser.find(".once").await;
    person.look("portal-created").await;
    person.click("a.button[href$='/scan']").await;
    person.at("scan").await;
}

/// The last step; it goes through a trial of a sign-in.
pub(super) async fn scan(person: &mut Person<'_>) {
    person.click("form[action$='/scan'] .button").await;
    person.browser.find(".qr").await;
    person.look("trial").await;
    person.click(".scan a.button").await;
    match person.width {
        // Nobody scans the screen of the phone in their hand: the page leads to WeCom's own.
        ..480 => person.click("a.button[href*='/go/']").await,
        _ => {
            let frame = person.browser.find("[data-panel] iframe").await;
            frame.enter_frame().await.unwrap();
        }
    }
    person.browser.confirm_on_the_phone(sample::NORMAL).await;
    person.click("a[href*='/console/setup/']").await;
    person.browser.find(".chain .passed .state.yes").await;
    let failed = By::Css(".chain .decided, .chain .after");
    let failed = person.browser.driver.find_all(failed).await.unwrap();
    assert!(failed.is_empty(), "a check failed");
    person.browser.find(".answer").await;
    person.look("done").await;
    person.browser.find("a.button[href$='/setup']").await;
}

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is promised")]
async fn goes_through(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    fixture.trust_domain();
    let mut person = Box::pin(Person::at_console((&fixture, &browser), at)).await;
    let begun = Instant::now();
    Box::pin(corp_and_app(&mut person)).await;
    Box::pin(domain_and_callbacks(&mut person)).await;
    Box::pin(people_and_portal(&mut person)).await;
    Box::pin(scan(&mut person)).await;
    let took = begun.elapsed();
    eprintln!(
        "set up in {} s and {} clicks: {}",
        took.as_secs(),
        person.clicks,
        person.name
    );
    assert!(took < LONGEST, "{took:?}");
    assert_eq!(person.clicks, CLICKS + usize::from(person.width < 480), "clicks");
    let users: Vec<Value> = fixture.admin().items("users?q=lihua").await;
    assert_eq!(text(&users[0], "username"), sample::NORMAL);
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_phone_in_chinese() {
    Box::pin(goes_through(("zh-CN", 390))).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_desk_in_chinese() {
    Box::pin(goes_through(("zh-CN", 1280))).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_phone_in_english() {
    Box::pin(goes_through(("en", 390))).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_desk_in_english() {
    Box::pin(goes_through(("en", 1280))).await;
}

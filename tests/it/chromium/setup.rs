//! The set-up in real Chromium, with script, from an empty installation to a portal and a real scan: in both languages, on a phone and on a desk.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Owner, sample};
use thirtyfour::prelude::*;

use super::Chromium;
use crate::{
    actors::{id, text},
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
    password::GOOD,
};

/// Clicks from the first question to the scan that passed; on a phone one more leads to WeCom's page. More, and somebody made it longer.
const CLICKS: usize = 14;

/// Somebody at the browser, whose clicks are counted.
pub(super) struct Person<'a> {
    pub(super) browser: &'a Chromium,
    pub(super) fixture: &'a Fixture,
    pub(super) clicks: usize,
    /// Of the window, in pixels.
    pub(super) width: u32,
    /// `zh-CN-390`.
    pub(super) name: String,
}

impl Person<'_> {
    pub(super) async fn click(&mut self, css: &str) {
        self.clicks += 1;
        // What lies below the fold is brought into view first.
        let element = self.browser.find(css).await;
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.browser.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Leaves a field, as the Tab key does.
    pub(super) async fn leave(&self, css: &str) {
        self.browser.find(css).await.send_keys(Key::Tab + "").await.unwrap();
    }

    /// Nothing is wider than the window; and a picture for people, light and dark.
    pub(super) async fn look(&self, step: &str) {
        let wide = "return document.documentElement.scrollWidth - window.innerWidth";
        let wide = self.browser.driver.execute(wide, Vec::new()).await.unwrap();
        let wide: i64 = wide.convert().unwrap();
        assert!(wide <= 0, "{step} at {}: {wide} pixels too wide", self.name);
        for scheme in ["dark", "light"] {
            let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            self.browser.devtools("Emulation.setEmulatedMedia", media).await;
            self.browser
                .picture(&format!("setup-{step}-{}-{scheme}", self.name))
                .await;
        }
    }

    /// Waits for the page of a step.
    async fn at(&self, step: &str) {
        self.browser
            .find(&format!(".steps a[href$='/{step}'][aria-current]"))
            .await;
        self.look(step).await;
    }
}

/// A browser window of this size, in this language.
pub(super) async fn window(lang: &str, width: u32) -> Option<Chromium> {
    let browser = Chromium::start_with(&format!("--lang={lang}")).await?;
    // A window of a headless browser has a least width; the page in it has none.
    let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    Some(browser)
}

pub(super) async fn sign_in(person: &mut Person<'_>, owner: &Colleague, lang: &str) {
    let console = format!("{}/console?ui_locales={lang}&keep=1", person.fixture.base);
    person.browser.driver.goto(&console).await.unwrap();
    person.fill("#username", &owner.username).await;
    person.fill("#password", GOOD).await;
    person.browser.click("form .button").await;
    let code = owner.app.shows(person.fixture, 0);
    person.fill("#code", &code).await;
    person.browser.click("form .button").await;
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

    person.at("callbacks").await;
    person.click(".asked form .button").await;
    person.browser.find(".once code").await;
    let blocks = person.browser.driver.find_all(By::Css(".once code")).await.unwrap();
    let mut values = Vec::new();
    for block in blocks {
        values.push(block.text().await.unwrap());
    }
    person.look("issued").await;
    let [url, token, key] = values.try_into().unwrap();
    let saved = person
        .fixture
        .wecom
        .configure_callback(sample::CORP, Owner::Contacts, &url, &token, &key);
    saved.await.unwrap();
    // By itself, to the last of what is looked at.
    person.browser.find(".monitor li:last-child .state.yes").await;
    person.look("verified").await;
    let path = format!("{}/console/setup", person.fixture.base);
    person.browser.driver.goto(&path).await.unwrap();
}

async fn people_and_portal(person: &mut Person<'_>) {
    person.at("people").await;
    person.click("form[action$='/rules'] .button").await;
    watch(person.fixture, "plan").await;
    person.browser.find("form[action$='/sync'] .button").await;
    person.look("preview").await;
    // The newest run is shown, and the clock of the test stands still.
    person.fixture.advance(Duration::from_secs(1));
    person.click("form[action$='/sync'] .button").await;
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
async fn scan(person: &mut Person<'_>) {
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

async fn goes_through(lang: &str, width: u32) {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
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
    corp_and_app(&mut person).await;
    domain_and_callbacks(&mut person).await;
    people_and_portal(&mut person).await;
    scan(&mut person).await;
    assert_eq!(person.clicks, CLICKS + usize::from(width < 480), "clicks");
    let users: Vec<Value> = fixture.admin().items("users?q=lihua").await;
    assert_eq!(text(&users[0], "username"), sample::NORMAL);
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

#[actix_web::test]
async fn chromium_sets_up_on_a_phone_in_chinese() {
    goes_through("zh-CN", 390).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_desk_in_chinese() {
    goes_through("zh-CN", 1280).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_phone_in_english() {
    goes_through("en", 390).await;
}

#[actix_web::test]
async fn chromium_sets_up_on_a_desk_in_english() {
    goes_through("en", 1280).await;
}

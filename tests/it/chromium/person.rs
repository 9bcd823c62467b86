//! Somebody at the console in a real browser, and what walks have alike: how one begins, and how a company is connected in the browser.

use std::time::Duration;

use serde_json::json;
use simulator::sample;
use thirtyfour::prelude::*;

use super::Chromium;
use crate::{
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
    installations::{suite, tick},
    password::GOOD,
};

/// The languages and widths in which each walk is walked: on a phone, and on a desk.
pub(super) const ON_A_PHONE: (&str, u32) = ("zh-CN", 390);
/// See [`ON_A_PHONE`].
pub(super) const ON_A_DESK: (&str, u32) = ("en", 1280);

/// Clicks from the list of companies to the one that is connected in the browser.
pub(super) const CONNECTING: usize = 3;

/// Somebody at the browser, whose clicks are counted.
pub(super) struct Person<'a> {
    pub(super) browser: &'a Chromium,
    pub(super) fixture: &'a Fixture,
    pub(super) clicks: usize,
    /// Of the window, in pixels.
    pub(super) width: u32,
    pub(super) lang: &'static str,
    /// `zh-CN-390`.
    pub(super) name: String,
}

/// A browser window of this size, in this language.
pub(super) async fn window(lang: &str, width: u32) -> Option<Chromium> {
    let browser = Chromium::start_with(&format!("--lang={lang}")).await?;
    // A window of a headless browser has a least width; the page in it has none.
    let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    Some(browser)
}

/// An installation, and a browser for whoever walks; `None`: something is missing here.
pub(super) async fn opened((lang, width): (&str, u32)) -> Option<(Fixture, Chromium)> {
    let fixture = Box::pin(Fixture::open(Backend::SqliteMemory)).await?;
    Some((fixture, window(lang, width).await?))
}

/// Ends a walk.
pub(super) async fn closed(browser: Chromium) {
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

impl<'a> Person<'a> {
    /// An owner, signed in at the console.
    pub(super) async fn at_console(
        (fixture, browser): (&'a Fixture, &'a Chromium),
        (lang, width): (&'static str, u32),
    ) -> Self {
        let owner = Colleague::hire(fixture, "owner").await;
        let person = Self {
            browser,
            fixture,
            clicks: 0,
            width,
            lang,
            name: format!("{lang}-{width}"),
        };
        person.opens(&format!("/console?ui_locales={lang}&keep=1")).await;
        person.fill("#username", &owner.username).await;
        person.fill("#password", GOOD).await;
        person.browser.click("form .button").await;
        let code = owner.app.shows(fixture, 0);
        person.fill("#code", &code).await;
        person.browser.click("form .button").await;
        // The page after that, wherever it is.
        person.gone("#code").await;
        person
    }

    pub(super) async fn opens(&self, path: &str) {
        let address = format!("{}{path}", self.fixture.base);
        self.browser.driver.goto(&address).await.unwrap();
    }

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

    /// Waits until there is none of it any more.
    pub(super) async fn gone(&self, css: &str) {
        let there = self.browser.driver.query(By::Css(css));
        let gone = there.wait(Duration::from_secs(30), Duration::from_millis(100));
        assert!(
            gone.not_exists().await.unwrap(),
            "{css} stays: {}",
            self.browser.shown().await
        );
    }

    /// The page says this, in the language of whoever reads it.
    pub(super) async fn reads(&self, css: &str, (chinese, english): (&str, &str)) {
        let expected = match self.lang {
            "zh-CN" => chinese,
            _ => english,
        };
        let words = self.browser.text(css).await;
        assert!(words.contains(expected), "{expected}: {words}");
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

    /// Does something in another window, and puts it away.
    pub(super) async fn beside(&self, address: &str, does: impl AsyncFnOnce(&Self)) {
        let computer = self.browser.driver.window().await.unwrap();
        let other = self.browser.driver.new_tab().await.unwrap();
        self.browser.driver.switch_to_window(other).await.unwrap();
        self.browser.driver.goto(address).await.unwrap();
        Box::pin(does(self)).await;
        self.browser.driver.close_window().await.unwrap();
        self.browser.driver.switch_to_window(computer).await.unwrap();
    }

    /// 选择可见范围内用户, 以部门形式建立用户组织, 同意以上授权并添加: on WeCom's page.
    pub(super) async fn agrees(&self) {
        let corp = format!("a.button[href*='corp={}']", sample::CORP);
        self.browser.click(&corp).await;
        let department = self.browser.find("input[name='party-2']").await;
        if !department.is_selected().await.unwrap() {
            department.click().await.unwrap();
        }
        let agree = self.browser.find("#agree").await;
        agree.scroll_into_view().await.unwrap();
        agree.click().await.unwrap();
    }

    /// 浏览器安装: from the list of companies over WeCom's install page and back, to the page that says that the company is connected, and its people are read.
    pub(super) async fn connects_in_browser(&mut self) {
        if self.fixture.admin().items("suites").await.is_empty() {
            suite(self.fixture).await;
        }
        self.opens("/console/installations").await;
        self.click("a.button[href='/console/installations/new']").await;
        self.click("form.fields .button").await;
        Box::pin(self.agrees()).await;
        Box::pin(self.sees_it_connected()).await;
    }

    /// 接入企业微信成功: the page says so, and leads to the company with its employees.
    pub(super) async fn sees_it_connected(&mut self) {
        self.browser.find(".done .state.bound").await;
        self.reads(".answer", ("接入企业微信成功", "The company is connected"))
            .await;
        self.look("installation-connected").await;
        for _ in 0..2 {
            tick(self.fixture).await;
        }
        self.click("p.actions a.button[href*='/console/installations/']").await;
        self.browser.find("ul.counts strong").await;
        self.look("installation").await;
    }

    /// 手机端扫码: from the list of companies to the app's QR code, 添加应用 on the phone, and what the page says of it by itself.
    pub(super) async fn installs_by_phone(&mut self) {
        self.click("a.button[href='/console/installations/new']").await;
        self.look("installation-new").await;
        self.click("input[name='way'][value='phone']").await;
        self.click("form.fields .button").await;
        self.browser.find("img.qr").await;
        self.look("installation-qr").await;
        let page = self.browser.driver.current_url().await.unwrap();
        let ids: Vec<&str> = page.path().rsplit('/').take(2).collect();
        let invited = format!("suites/{}/invitations/{}", ids[1], ids[0]);
        let invited = self.fixture.admin().get(&invited).await;
        let qr = invited["qr"].as_str().unwrap();
        self.beside(qr, async |phone| {
            phone.browser.click("#add").await;
            phone.agrees().await;
            phone.gone("#agree").await;
        })
        .await;
        tick(self.fixture).await;
        self.browser.find("[data-poll] .done .state.unbound").await;
        self.reads("[data-poll] .answer", ("已安装", "Installed.")).await;
        self.look("installation-waits").await;
    }
}

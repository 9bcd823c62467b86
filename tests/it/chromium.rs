//! Real Chromium through the demo: portal → QR page → phone confirms → claims; a second portal without a scan; logout. Without script.

mod assistant;
mod branding;
mod installations;
mod keyboard;
mod lists;
mod mail;
mod moving;
mod names;
mod passkeys;
mod person;
mod request_ways;
mod requests;
mod setup;
mod setup_faults;

use std::{
    mem::ManuallyDrop,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use simulator::sample;
use thirtyfour::prelude::*;

use crate::backends::{directory, free_port, missing, wait_for};

/// A browser under remote control; both processes end with it.
struct Chromium {
    /// Never dropped: where a test has failed, it would wait for a session that is gone.
    driver: ManuallyDrop<WebDriver>,
    /// Where its driver listens.
    port: u16,
    chromedriver: Child,
    profile: std::path::PathBuf,
}

impl Chromium {
    /// Sends a command of the DevTools protocol, by the driver.
    async fn devtools(&self, command: &str, params: serde_json::Value) {
        let place = format!(
            "http://127.0.0.1:{}/session/{}/goog/cdp/execute",
            self.port,
            self.driver.session_id()
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let command = serde_json::json!({ "cmd": command, "params": params });
        let answer = http.post(place).json(&command).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// A browser in which pages run no script.
    async fn start() -> Option<Self> {
        Self::start_with("--blink-settings=scriptEnabled=false").await
    }

    /// A browser with one more argument.
    async fn start_with(argument: &str) -> Option<Self> {
        for binary in ["/usr/bin/chromium", "/usr/bin/chromedriver"] {
            if !Path::new(binary).exists() {
                missing(binary);
                return None;
            }
        }
        let port = free_port();
        let chromedriver = Command::new("/usr/bin/chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(port);
        let profile = directory();
        let mut capabilities = DesiredCapabilities::chrome();
        let profile_argument = format!("--user-data-dir={}", profile.display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            argument,
            "--window-size=1000,900",
            &profile_argument,
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let driver = WebDriver::new(&format!("http://127.0.0.1:{port}"), capabilities)
            .await
            .unwrap();
        Some(Self {
            driver: ManuallyDrop::new(driver),
            port,
            chromedriver,
            profile,
        })
    }

    /// Waits, at most 30 seconds, for an element: the page refreshes itself while the phone is busy.
    async fn find(&self, css: &str) -> WebElement {
        let found = self
            .driver
            .query(By::Css(css))
            .wait(Duration::from_secs(30), Duration::from_millis(100))
            .first()
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{css} did not appear: {error}; instead {}", self.shown().await),
        }
    }

    /// Address and words of the page.
    async fn shown(&self) -> String {
        let address = self.driver.current_url().await.map(String::from).unwrap_or_default();
        let words = match self.driver.find(By::Css("main")).await {
            Ok(page) => page.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        format!("{address}: {words}")
    }

    async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    async fn types(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// A screenshot for people, if a directory for them is named.
    #[expect(clippy::disallowed_methods, reason = "named in the environment by who wants to look")]
    async fn picture(&self, name: &str) {
        if let Ok(directory) = std::env::var("MENJIN_SCREENSHOTS") {
            self.driver
                .screenshot(&Path::new(&directory).join(format!("{name}.png")))
                .await
                .unwrap();
        }
    }

    /// Picks the sample corp on the login page.
    async fn pick_corp(&self) {
        let auth_source = self
            .driver
            .query(By::LinkText("青云科技"))
            .wait(Duration::from_secs(30), Duration::from_millis(100));
        auth_source
            .first()
            .await
            .expect("the corp is on the login page")
            .click()
            .await
            .unwrap();
    }

    /// Opens the link to the phone in another window, confirms as this member, and comes back.
    async fn confirm_on_the_phone(&self, userid: &str) {
        let link = self
            .find("a[href*='/phone/']")
            .await
            .prop("href")
            .await
            .unwrap()
            .unwrap();
        let computer = self.driver.window().await.unwrap();
        let phone = self.driver.new_tab().await.unwrap();
        self.driver.switch_to_window(phone).await.unwrap();
        self.driver.goto(&link).await.unwrap();
        self.picture("phone").await;
        self.click(&format!("button[aria-label='确认 {userid}']")).await;
        // Closing the window at once could cancel the form before it is sent.
        let form = self.driver.query(By::Css("form[role='search']"));
        let sent = form
            .wait(Duration::from_secs(30), Duration::from_millis(100))
            .not_exists()
            .await
            .unwrap();
        assert!(sent, "the phone did not confirm");
        self.driver.close_window().await.unwrap();
        self.driver.switch_to_window(computer).await.unwrap();
    }

    async fn stop(self) {
        drop(WebDriver::clone(&self.driver).quit().await);
    }
}

/// Also when a test fails: no browser is left behind.
impl Drop for Chromium {
    fn drop(&mut self) {
        drop(
            Command::new("pkill")
                .args(["-KILL", "-f", &self.profile.display().to_string()])
                .status(),
        );
        drop(self.chromedriver.kill());
        drop(self.chromedriver.wait());
        drop(std::fs::remove_dir_all(&self.profile));
    }
}

#[actix_web::test]
async fn chromium_goes_through_the_demo() {
    let Some(browser) = Chromium::start().await else { return };
    let demo = menjin::demo::start(menjin::demo::Options::default(), &|_| {})
        .await
        .unwrap();

    browser.driver.goto(&demo.portal_url).await.unwrap();
    browser.click("#login").await;
    browser.picture("login").await;
    browser.pick_corp().await;
    browser.picture("qr").await;
    browser.confirm_on_the_phone(sample::NORMAL).await;
    let claims = browser.text("#claims").await;
    assert!(claims.contains("李华") && claims.contains(sample::NORMAL), "{claims}");
    browser.picture("claims").await;

    browser.driver.goto(&demo.second_portal_url).await.unwrap();
    browser.click("#login").await;
    assert!(
        browser.text("#claims").await.contains("李华"),
        "the second portal asked again"
    );

    browser.click("#logout").await;
    browser.find("#login").await;
    browser.click("#login").await;
    browser.find("a.button[href*='/go/']").await;

    // Somebody who is refused reads why.
    browser.pick_corp().await;
    browser.confirm_on_the_phone(sample::OUT_OF_SCOPE).await;
    let refusal = browser.text("[role='alert']").await;
    assert!(
        refusal.contains("可见范围") || refusal.contains("outside the range"),
        "{refusal}"
    );
    browser.picture("refused").await;

    browser.stop().await;
    demo.stop().await;
}

/// The panel in its frame, a scan, and the whole window is at the portal: by the script and policy that every browser gets.
#[actix_web::test]
async fn chromium_signs_in_through_the_panel_on_the_login_page() {
    let Some(browser) = Chromium::start_with("--lang=zh-CN").await else {
        return;
    };
    let demo = menjin::demo::start(menjin::demo::Options::default(), &|_| {})
        .await
        .unwrap();
    browser.driver.goto(&demo.portal_url).await.unwrap();
    browser.click("#login").await;
    browser.find("a.button[href*='/signin/']").await;
    if browser
        .driver
        .query(By::Css("[data-panel]"))
        .nowait()
        .exists()
        .await
        .unwrap()
    {
        browser.find("[data-panel] iframe").await;
    } else {
        // Of several companies one is picked first.
        browser.pick_corp().await;
    }
    let login = browser.driver.current_url().await.unwrap();
    assert!(
        login.path().starts_with("/signin/"),
        "the panel is on our own page: {login}"
    );
    let frame = browser.find("[data-panel] iframe").await;
    browser.picture("panel").await;
    frame.enter_frame().await.unwrap();
    browser.confirm_on_the_phone(sample::NORMAL).await;
    let claims = browser.text("#claims").await;
    assert!(claims.contains("李华"), "{claims}");

    // Out at the second portal: the page of the first one, which stays open, notices by itself.
    let first = browser.driver.window().await.unwrap();
    let second = browser.driver.new_tab().await.unwrap();
    browser.driver.switch_to_window(second).await.unwrap();
    browser.driver.goto(&demo.second_portal_url).await.unwrap();
    browser.click("#login").await;
    browser.click("#logout").await;
    browser.find("#login").await;
    browser.driver.switch_to_window(first).await.unwrap();
    let told = browser.text("#told-out").await;
    assert!(
        told.contains("门禁已让您退出") || told.contains("Signed out by Menjin"),
        "{told}"
    );
    browser.picture("told-out").await;
    browser.stop().await;
    demo.stop().await;
}

//! The customer's document 000 (接入企业微信, 取消接入企业微信) in its own numbering, in real Chromium with script, in both languages, on a phone and on a
//! desk.

use std::time::Duration;

use simulator::sample;
use thirtyfour::prelude::*;

use super::setup::{Person, sign_in, window};
use crate::{
    actors::text,
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
    installations::{suite, tick},
};

/// Clicks from the list of companies to the one that is connected, by phone.
const BY_PHONE: usize = 5;

/// Likewise in the browser.
const IN_BROWSER: usize = 3;

impl Person<'_> {
    async fn goes_to(&self, path: &str) {
        let address = format!("{}{path}", self.fixture.base);
        self.browser.driver.goto(&address).await.unwrap();
    }

    /// 选择可见范围内用户, 以部门形式建立用户组织, 同意以上授权并添加: on WeCom's page.
    async fn agrees(&self) {
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

    /// Scans the app's QR code, 添加应用 on the phone, and puts it away.
    async fn installs_on_the_phone(&self) {
        let page = self.browser.driver.current_url().await.unwrap();
        let ids: Vec<&str> = page.path().rsplit('/').take(2).collect();
        let invited = format!("suites/{}/invitations/{}", ids[1], ids[0]);
        let invited = self.fixture.admin().get(&invited).await;
        let computer = self.browser.driver.window().await.unwrap();
        let phone = self.browser.driver.new_tab().await.unwrap();
        self.browser.driver.switch_to_window(phone).await.unwrap();
        self.browser.driver.goto(text(&invited, "qr")).await.unwrap();
        self.browser.click("#add").await;
        self.agrees().await;
        self.gone("#agree").await;
        self.browser.driver.close_window().await.unwrap();
        self.browser.driver.switch_to_window(computer).await.unwrap();
        tick(self.fixture).await;
    }

    async fn gone(&self, css: &str) {
        let there = self.browser.driver.query(By::Css(css));
        let gone = there.wait(Duration::from_secs(30), Duration::from_millis(100));
        assert!(gone.not_exists().await.unwrap(), "{css} stays");
    }

    /// 接入企业微信成功: the page says so, and the company is in the list with its employees.
    async fn sees_it_connected(&mut self) {
        self.browser.find(".done .state.bound").await;
        self.look("installation-connected").await;
        for _ in 0..2 {
            tick(self.fixture).await;
        }
        self.click("p.actions a.button[href*='/console/installations/']").await;
        self.browser.find("ul.counts strong").await;
        self.look("installation").await;
        self.goes_to("/console/installations").await;
        let line = self.browser.text("tbody tr:first-child").await;
        assert!(line.contains("青云科技"), "{line}");
        let members = self.browser.text("tbody tr:first-child td.figure").await;
        assert!(members.parse::<u32>().is_ok_and(|members| members > 5), "{members}");
        self.look("installations").await;
    }
}

/// 手机端扫码用户: installed on the phone, 我已安装, and a member of the visible scope scans.
async fn by_phone(person: &mut Person<'_>) {
    person.goes_to("/console/installations").await;
    person.click("a.button[href='/console/installations/new']").await;
    person.look("installation-new").await;
    person.click("input[name='way'][value='phone']").await;
    person.click("form.fields .button").await;
    person.browser.find("img.qr").await;
    person.look("installation-qr").await;
    person.installs_on_the_phone().await;
    // By itself.
    person.browser.find("[data-poll] .done .state.unbound").await;
    person.look("installation-waits").await;
    person.click("form[action$='/scan'] .button").await;
    person.browser.confirm_on_the_phone(sample::NORMAL).await;
    person.sees_it_connected().await;
}

/// 浏览器安装用户: one page of WeCom's and back.
async fn in_browser(person: &mut Person<'_>) {
    person.goes_to("/console/installations").await;
    person.click("a.button[href='/console/installations/new']").await;
    person.click("form.fields .button").await;
    person.agrees().await;
    person.sees_it_connected().await;
}

/// 取消接入企业微信: the app is deleted in WeCom, and the page that waits says so by itself.
async fn disconnect(person: &mut Person<'_>) {
    person.browser.click("tbody tr:first-child th a").await;
    person.click("a.button.danger").await;
    person.browser.find("a[href*='work.weixin.qq.com']").await;
    person.look("installation-disconnect").await;
    let computer = person.browser.driver.window().await.unwrap();
    let other = person.browser.driver.new_tab().await.unwrap();
    person.browser.driver.switch_to_window(other).await.unwrap();
    let manage = format!("{}/manage?corp={}", person.fixture.wecom.base_url(), sample::CORP);
    person.browser.driver.goto(&manage).await.unwrap();
    let delete = format!("button[aria-label='delete {}']", sample::SUITE);
    person.browser.click(&delete).await;
    person.gone(&delete).await;
    person.browser.driver.close_window().await.unwrap();
    person.browser.driver.switch_to_window(computer).await.unwrap();
    tick(person.fixture).await;
    person.browser.find("[data-poll] .answer").await;
    person.look("installation-disconnected").await;
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
    suite(&fixture).await;
    by_phone(&mut person).await;
    assert_eq!(person.clicks, BY_PHONE, "clicks by phone");
    disconnect(&mut person).await;
    assert_eq!(person.clicks, BY_PHONE + 1, "clicks of disconnecting");
    in_browser(&mut person).await;
    assert_eq!(person.clicks, BY_PHONE + 1 + IN_BROWSER, "clicks in the browser");
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

#[actix_web::test]
async fn chromium_connects_a_company_and_disconnects_it_on_a_phone_in_chinese() {
    goes_through("zh-CN", 390).await;
}

#[actix_web::test]
async fn chromium_connects_a_company_and_disconnects_it_on_a_desk_in_english() {
    goes_through("en", 1280).await;
}

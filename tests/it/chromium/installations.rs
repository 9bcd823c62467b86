//! The customer's document 000 (接入企业微信, 取消接入企业微信) in its own numbering, in real Chromium with script, in both languages, on a phone and on a
//! desk.

use simulator::sample;

use super::person::{CONNECTING, ON_A_DESK, ON_A_PHONE, Person, closed, opened};
use crate::installations::{suite, tick};

/// Clicks from the list of companies to the one that is connected, by phone.
const BY_PHONE: usize = 5;

impl Person<'_> {
    /// 用户列表中可查看接入的企业名称与授权员工列表.
    async fn sees_it_listed(&self) {
        self.opens("/console/installations").await;
        let line = self.browser.text("tbody tr:first-child").await;
        assert!(line.contains("青云科技"), "{line}");
        let members = self.browser.text("tbody tr:first-child td.figure").await;
        assert!(members.parse::<u32>().is_ok_and(|members| members > 5), "{members}");
        self.look("installations").await;
    }
}

/// 接入 1-2: from the menu to *Connect a company*.
async fn begins(person: &mut Person<'_>) {
    person.opens("/console/wecom").await;
    person.browser.click("a[href='/console/installations']").await;
    person.browser.find("a.button[href='/console/installations/new']").await;
}

/// 手机端扫码用户 1-3: 添加应用, 同意以上授权, 我已安装, and a member of the visible scope scans.
async fn by_phone(person: &mut Person<'_>) {
    begins(person).await;
    person.installs_by_phone().await;
    person
        .reads("form[action$='/scan'] .button", ("我已安装", "I have installed it"))
        .await;
    person.click("form[action$='/scan'] .button").await;
    person.browser.confirm_on_the_phone(sample::NORMAL).await;
    person.sees_it_connected().await;
    person.sees_it_listed().await;
}

/// 浏览器安装用户 1-3: one page of WeCom's and back.
async fn in_browser(person: &mut Person<'_>) {
    begins(person).await;
    person.connects_in_browser().await;
    person.sees_it_listed().await;
}

/// 取消接入企业微信 1-3: the app is deleted in WeCom, and the page that waits says so by itself.
async fn disconnect(person: &mut Person<'_>) {
    person.browser.click("tbody tr:first-child th a").await;
    person.click("a.button.danger").await;
    person.browser.find("a[href*='work.weixin.qq.com']").await;
    person.look("installation-disconnect").await;
    let manage = format!("{}/manage?corp={}", person.fixture.wecom.base_url(), sample::CORP);
    let delete = format!("button[aria-label='delete {}']", sample::SUITE);
    person
        .beside(&manage, async |admin| {
            admin.browser.click(&delete).await;
            admin.gone(&delete).await;
        })
        .await;
    tick(person.fixture).await;
    person
        .reads("[data-poll] .answer", ("取消接入成功", "Disconnected."))
        .await;
    person.look("installation-disconnected").await;
}

async fn goes_through(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    let mut person = Box::pin(Person::at_console((&fixture, &browser), at)).await;
    suite(&fixture).await;
    Box::pin(by_phone(&mut person)).await;
    assert_eq!(person.clicks, BY_PHONE, "clicks by phone");
    Box::pin(disconnect(&mut person)).await;
    assert_eq!(person.clicks, BY_PHONE + 1, "clicks of disconnecting");
    Box::pin(in_browser(&mut person)).await;
    assert_eq!(person.clicks, BY_PHONE + 1 + CONNECTING, "clicks in the browser");
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_connects_a_company_and_disconnects_it_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_connects_a_company_and_disconnects_it_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}

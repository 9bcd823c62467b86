//! The customer's document 004 (企微授权管理) in its own numbering, in real Chromium with script, in both languages, on a phone and on a desk.

use std::time::Duration;

use simulator::{Delivery, ExternalChange, Owner, sample};
use thirtyfour::prelude::*;

use super::setup::{Person, sign_in, window};
use crate::{
    assistant::{CUSTOMER, CUSTOMERS, customer, told},
    backends::Backend,
    console::Colleague,
    fixture::Fixture,
};

/// Clicks from the list of companies to the summary. More, and somebody made it longer.
const CLICKS: usize = 7;

impl Person<'_> {
    /// Waits for the page of a step.
    async fn at_step(&self, step: &str) {
        self.browser
            .find(&format!(
                ".steps a[href*='/console/assistant/'][href$='/{step}'][aria-current]"
            ))
            .await;
        self.look(&format!("assistant-{step}")).await;
    }

    /// 操作指引: where in WeCom's console the step is done, by its own words.
    async fn guided(&self, words: &[&str]) {
        let places = self.browser.text(".where").await;
        for word in words {
            assert!(places.contains(word), "{word}: {places}");
        }
    }

    /// Copies URL, Token and EncodingAESKey, each of which has a button for that, into WeCom's console, which saves them.
    async fn copies_into_wecom(&self, owner: Owner) {
        self.browser.find(".once code").await;
        let blocks = self.browser.driver.find_all(By::Css(".once code")).await.unwrap();
        let buttons = self
            .browser
            .driver
            .find_all(By::Css(".once .copyable button"))
            .await
            .unwrap();
        assert_eq!((blocks.len(), buttons.len()), (3, 3));
        let mut values = Vec::new();
        for block in blocks {
            values.push(block.text().await.unwrap());
        }
        let [url, token, key]: [String; 3] = values.try_into().unwrap();
        let saved = self
            .fixture
            .wecom
            .configure_callback(sample::CORP, owner, &url, &token, &key);
        saved.await.unwrap();
    }
}

/// 企业微信授权概览 and 安装应用: the list of companies, and one that takes its own app.
async fn install(person: &mut Person<'_>) {
    let console = format!("{}/console/wecom", person.fixture.base);
    person.browser.driver.goto(&console).await.unwrap();
    person.click("a[href='/console/assistant']").await;
    person.look("assistant").await;
    person.click("a[href='/console/assistant/new']").await;
    person.guided(&["应用管理", "企业ID"]).await;
    person.fill("#f-name", "青云科技").await;
    person.fill("#f-corp-id", sample::CORP).await;
    person.fill("#f-app-agent-id", "1000002").await;
    person.fill("#f-app-secret", "nonsense-secret").await;
    person.leave("#f-app-secret").await;
    let fault = person.browser.text("#f-app-secret-fault").await;
    assert!(fault.contains("DI-237"), "{fault}");
    person.fill("#f-app-secret", sample::APP_SECRET).await;
    person.leave("#f-app-secret").await;
    person.browser.find("#f-app-secret-fine").await;
    person.look("assistant-app-fine").await;
    person.click(".asked form .button").await;
    person.browser.find(".steps .step.ok a[href$='/app']").await;
}

/// 通讯录授权, 外部联系人授权: a secret, wrong at first; what is generated; and WeCom's verification, which shows by itself.
async fn authorise(
    person: &mut Person<'_>,
    step: &str,
    field: &str,
    wrong: (&str, &str),
    (secret, owner): (&str, Owner),
) {
    person.at_step(step).await;
    person.fill(field, wrong.0).await;
    person.leave(field).await;
    let fault = person.browser.text(&format!("{field}-fault")).await;
    assert!(fault.contains(wrong.1), "{fault}");
    person.look(&format!("assistant-{step}-fault")).await;
    person.fill(field, secret).await;
    person.leave(field).await;
    person.browser.find(&format!("{field}-fine")).await;
    person.click(".asked form.fields .button").await;
    person.copies_into_wecom(owner).await;
    person.browser.find(".monitor li:last-child .state.yes").await;
    person.look(&format!("assistant-{step}-verified")).await;
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
    // 安装应用
    install(&mut person).await;
    // 通讯录授权
    let wrong = (sample::APP_SECRET, "DI-240");
    person.guided(&["管理工具", "通讯录同步", "设置接收事件服务器"]).await;
    let good = (sample::CONTACTS_SECRET, Owner::Contacts);
    authorise(&mut person, "contacts", "#f-contacts-secret", wrong, good).await;
    // 点击下一步: it came with the verification.
    person.click("[data-poll] a.button[href$='/external-contacts']").await;
    // 外部联系人授权
    let wrong = (sample::CONTACTS_SECRET, "DI-248");
    person.guided(&["客户联系", "客户", "API", "设置接收事件服务器"]).await;
    let good = (sample::CUSTOMER_SECRET, CUSTOMERS);
    authorise(&mut person, "external-contacts", "#f-customer-secret", wrong, good).await;
    let event = customer(ExternalChange::AddExternalContact, CUSTOMER);
    assert_eq!(
        told(&fixture, CUSTOMERS, event, Delivery::default()).await.statuses,
        [200]
    );
    // 完成配置
    person.click("[data-poll] a.button[href$='/finish']").await;
    person.at_step("finish").await;
    let rows = browser.driver.find_all(By::Css("tbody .state.ok")).await.unwrap();
    assert_eq!(
        rows.len(),
        7,
        "everything but the first sync, which comes next: {}",
        browser.shown().await
    );
    browser.find("a.button[href$='/people']").await;
    assert_eq!(person.clicks, CLICKS, "clicks");
    assert!(
        fixture.admin().items("users?q=wmSample").await.is_empty(),
        "a customer is no user"
    );
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

#[actix_web::test]
async fn chromium_authorises_a_company_on_a_phone_in_chinese() {
    goes_through("zh-CN", 390).await;
}

#[actix_web::test]
async fn chromium_authorises_a_company_on_a_desk_in_english() {
    goes_through("en", 1280).await;
}

//! The customer's document 004 (企微授权管理) in its own numbering, in real Chromium with script, in both languages, on a phone and on a desk.

use simulator::{Delivery, ExternalChange, Owner, sample};
use thirtyfour::prelude::*;

use super::person::{ON_A_DESK, ON_A_PHONE, Person, closed, opened};
use crate::{
    assistant::{CUSTOMER, CUSTOMERS, customer, told},
    installations::suite,
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
    person.opens("/console/wecom").await;
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

async fn goes_through(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    fixture.trust_domain();
    let mut person = Box::pin(Person::at_console((&fixture, &browser), at)).await;
    // 安装应用
    Box::pin(install(&mut person)).await;
    // 通讯录授权
    let wrong = (sample::APP_SECRET, "DI-240");
    person.guided(&["管理工具", "通讯录同步", "设置接收事件服务器"]).await;
    let good = (sample::CONTACTS_SECRET, Owner::Contacts);
    Box::pin(authorise(&mut person, "contacts", "#f-contacts-secret", wrong, good)).await;
    // 点击下一步: it came with the verification.
    person.click("[data-poll] a.button[href$='/external-contacts']").await;
    // 外部联系人授权
    let wrong = (sample::CONTACTS_SECRET, "DI-248");
    person.guided(&["客户联系", "客户", "API", "设置接收事件服务器"]).await;
    let good = (sample::CUSTOMER_SECRET, CUSTOMERS);
    Box::pin(authorise(
        &mut person,
        "external-contacts",
        "#f-customer-secret",
        wrong,
        good,
    ))
    .await;
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
    closed(browser).await;
}

/// 安装应用 as the document has it: 安装到企业微信, an admin scans and agrees, and within seconds the page says *installed* by itself; then the steps that the
/// installed app covers, each with what it says of them, to 完成配置.
async fn goes_through_installed(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    let mut person = Box::pin(Person::at_console((&fixture, &browser), at)).await;
    suite(&fixture).await;
    person.opens("/console/wecom").await;
    person.click("a[href='/console/assistant']").await;
    Box::pin(person.installs_by_phone()).await;
    person.click("form[action$='/scan'] .button").await;
    person.browser.confirm_on_the_phone(sample::NORMAL).await;
    person.browser.find(".done .state.bound").await;
    // All that needs nobody is done: the summary comes at once, and each step says by what.
    person.click("p.actions a[href*='/console/assistant/']").await;
    person.at_step("finish").await;
    for (step, said) in [
        ("app", ("已安装", "Installed")),
        ("contacts", ("服务商", "service provider")),
        ("external-contacts", ("服务商", "service provider")),
    ] {
        person.click(&format!(".steps a[href$='/{step}']")).await;
        person.at_step(step).await;
        person.reads("main", said).await;
        person.browser.find(".steps .step.ok").await;
    }
    person.click(".steps a[href$='/finish']").await;
    person.at_step("finish").await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_authorises_a_company_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_authorises_a_company_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}

#[actix_web::test]
async fn chromium_authorises_a_company_that_installs_by_a_scan_on_a_phone_in_chinese() {
    Box::pin(goes_through_installed(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_authorises_a_company_that_installs_by_a_scan_on_a_desk_in_english() {
    Box::pin(goes_through_installed(ON_A_DESK)).await;
}

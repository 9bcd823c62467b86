//! The customer's document 003 (联合账号企业微信服务升级) in its own numbering, in real Chromium with script: a company is connected, its scope changes and is
//! seen after a scan, its members are imported and renamed, and one who was not asks to come in; in both languages, on a phone and on a desk. Names appear in
//! frames of WeCom's alone.

use std::time::Duration;

use serde_json::json;
use simulator::sample;
use thirtyfour::prelude::*;

use super::{
    Chromium,
    person::{ON_A_DESK, ON_A_PHONE, Person, closed, opened, window},
    request_ways::{asks_for, link_of},
};
use crate::{
    access_requests,
    actors::{As, Portal, id, id_claims, text},
    console::{Colleague, shown},
    installations::tick,
    name_display::ELEMENT,
    notices::{mail_channel, smtp_sink::SmtpSink},
    suite_sign_in::{auth_source_of, told},
};

/// A name that WeCom shows.
const SHOWN: &str = "ww-open-data[data-state='shown']";

/// How long WeCom knows a browser.
const VIEWS: Duration = Duration::from_secs(600);

/// Who is imported, and who asks to be.
const CHOSEN: [&str; 2] = [sample::NORMAL, "zhaoliu"];
const ASKS: &str = "sunqi";

/// Names that no page holds.
const NAMES: [&str; 6] = ["李华", "研发中心", "张三", "赵六", "孙琪", "销售"];

impl Person<'_> {
    async fn holds_no_name(&self, what: &str) {
        let source = self.browser.driver.source().await.unwrap();
        for name in NAMES {
            assert!(!source.contains(name), "{what} holds {name}");
        }
    }

    /// Names are there, each in a frame, and none of them in the page itself.
    async fn sees_names(&self, path: &str) {
        self.browser.find(SHOWN).await;
        let all = self.browser.driver.query(By::Css("ww-open-data:not([data-state])"));
        let done = all.wait(Duration::from_secs(30), Duration::from_millis(100));
        assert!(done.not_exists().await.unwrap(), "{path}: some names do not come");
        let failed = self
            .browser
            .driver
            .find_all(By::Css("ww-open-data[data-state='error']"))
            .await;
        assert!(failed.unwrap().is_empty(), "{path}: WeCom refuses some");
        self.holds_no_name(path).await;
        let notes = self
            .browser
            .driver
            .find_all(By::Css("[data-names] p[hidden]"))
            .await
            .unwrap();
        assert_eq!(notes.len(), 2, "{path}: nothing went wrong");
    }
}

/// 1: 关联企业微信账号. Row ids of the installation and of the data source.
async fn connects(person: &mut Person<'_>) -> (String, String) {
    person.connects_in_browser().await;
    let views = VIEWS.as_secs();
    person
        .fixture
        .wecom
        .edit(|world| world.switches.suites.viewer_seconds = views);
    let one = person.fixture.admin().items("installations").await.remove(0);
    (id(&one).to_owned(), text(&one, "data_source_id").to_owned())
}

/// 2: 设置/修改企业微信授权范围, in WeCom's console; the company's page says where, and shows what came of it.
async fn changes_scope(person: &mut Person<'_>, installation: &str) {
    let page = format!("/console/installations/{installation}");
    person.opens(&page).await;
    person.reads("p.hint", ("可见范围", "Visible scope")).await;
    let employees = "ul.counts strong";
    let before: u32 = person.browser.text(employees).await.parse().unwrap();
    let manage = format!("{}/manage?corp={}", person.fixture.wecom.base_url(), sample::CORP);
    let save = format!("button[aria-label='save scope {}']", sample::SUITE);
    person
        .beside(&manage, async |admin| {
            admin.browser.click("details summary").await;
            for css in ["input[name='party-3']", &save] {
                let element = admin.browser.find(css).await;
                element.scroll_into_view().await.unwrap();
                element.click().await.unwrap();
            }
            admin.browser.find("#told li").await;
        })
        .await;
    for _ in 0..2 {
        tick(person.fixture).await;
    }
    person.opens(&page).await;
    let after: u32 = person.browser.text(employees).await.parse().unwrap();
    assert!(after > before, "{before} {after}");
}

/// 3: 查看企业微信授权范围, 需要扫码认证.
async fn scope(person: &mut Person<'_>, installation: &str) {
    person.opens(&format!("/console/installations/{installation}")).await;
    person.click("ul.counts a[href$='/scope']").await;
    person.browser.find("form[action$='/scan'] .button").await;
    let none = person
        .browser
        .driver
        .find_all(By::Css(".tree, ww-open-data"))
        .await
        .unwrap();
    assert!(none.is_empty(), "nothing is seen before the scan");
    person.look("names-scope-asks").await;
    person.click("form[action$='/scan'] .button").await;
    person.browser.confirm_on_the_phone(sample::NORMAL).await;
    person.browser.find(".tree ww-open-data[data-state='shown']").await;
    person.sees_names("the scope").await;
    person.look("names-scope").await;
}

/// 4 步骤1: 选择企业用户, whose names are shown after the scan.
async fn sees_whom_to_choose(person: &mut Person<'_>, source: &str) {
    person.opens("/console/people/members").await;
    person.sees_names("the members").await;
    person.look("names-members").await;
    person.opens(&format!("/console/names/{source}")).await;
    person.look("names-about").await;
    person.opens(&format!("/console/setup/{source}/people")).await;
    person.browser.find(&format!("label.choice {SHOWN}")).await;
    person.sees_names("the members to choose from").await;
    let first = person.browser.find(&format!("label.choice {SHOWN}")).await;
    first.scroll_into_view().await.unwrap();
    person.look("names-choose").await;
}

/// The place of somebody in a list, by what stands there.
async fn at(browser: &Chromium, xpath: &str) -> WebElement {
    let found = browser.driver.query(By::XPath(xpath));
    let found = found.wait(Duration::from_secs(30), Duration::from_millis(100));
    match found.first().await {
        Ok(element) => {
            element.scroll_into_view().await.unwrap();
            element
        }
        Err(error) => panic!("{xpath}: {error}; instead {}", browser.shown().await),
    }
}

/// 4 步骤2: 选择需要导入的成员, 默认将企业微信成员 ID 作为用户名称.
async fn imports(person: &mut Person<'_>) {
    for userid in CHOSEN {
        let userid = told(person.fixture, userid);
        let box_of = format!("//label[contains(@class,'choice')][.//bdi[text()='{userid}']]/input");
        at(person.browser, &box_of).await.click().await.unwrap();
    }
    person.click("form.choosing .actions .button:not(.plain)").await;
    person
        .click("#members ~ p a[href*='/console/people?data_source=']")
        .await;
    for userid in CHOSEN {
        let userid = told(person.fixture, userid);
        at(person.browser, &format!("//tbody/tr/td/bdi[text()='{userid}']")).await;
    }
    person.sees_names("the users").await;
    person.look("names-imported").await;
}

/// 4 步骤2: 可单击编辑, 将企业微信成员名称复制到用户名, 并单击保存.
async fn renames(person: &mut Person<'_>, source: &str) {
    let userid = told(person.fixture, sample::NORMAL);
    let line = format!("//tbody/tr[td/bdi[text()='{userid}']]/th/a");
    at(person.browser, &line).await.click().await.unwrap();
    person.browser.find(&format!("h1 {SHOWN}")).await;
    assert_eq!(person.browser.text("h1 bdi").await, userid, "named by the member ID");
    person.click("a[href$='/edit']").await;
    person.fill("input[name='username']", "li.hua").await;
    person.look("names-rename").await;
    person.click("form.fields .button").await;
    at(person.browser, "//h1/bdi[text()='li.hua']").await;
    person.look("names-renamed").await;
    // It stays so, whatever WeCom tells next.
    person.fixture.sync(source).await;
    let user = person.fixture.admin().user("li.hua").await;
    assert_eq!(user["members"][0]["userid"], userid.as_str(), "{user}");
}

/// 4: all of them, by the rules of the data source, seen before it is done.
async fn imports_all(person: &mut Person<'_>, source: &str) {
    let before = person.fixture.admin().items("users?limit=200").await.len();
    person.opens(&format!("/console/setup/{source}/people")).await;
    person.click("select[name='import'] option[value='all']").await;
    person.previews_and_syncs().await;
    person.browser.find("#run ~ p .state.succeeded").await;
    person.look("names-all").await;
    let users = person.fixture.admin().items("users?limit=200").await;
    assert!(users.len() > before + 5, "{before} {}", users.len());
    let kept = users.iter().find(|user| user["username"] == "li.hua");
    assert!(kept.is_some(), "whoever was renamed stays so");
}

/// 5 步骤1-3: 发起申请, 通知管理员, 管理员审核: by the member ID alone.
async fn asks_and_is_let_in(person: &mut Person<'_>, (source, portal): (&str, &Portal)) {
    let fixture = person.fixture;
    person.opens(&format!("/console/requests/settings/{source}")).await;
    person.click("button[name='act'][value='switch']").await;
    let sink = SmtpSink::listen();
    let channel = mail_channel(fixture, &sink).await;
    let topics = json!({
        "channel_id": channel, "address": "approver@corp.example", "topics": ["access_requested"], "language": person.lang,
    });
    fixture.admin().create("notice-subscriptions", topics).await;
    let Some(applicant) = window(person.lang, person.width).await else {
        return;
    };
    let userid = told(fixture, ASKS);
    asks_for(&applicant, (fixture, portal), (person.lang, ASKS)).await;
    let page = applicant.text("main").await;
    assert!(page.contains(&userid) && !page.contains("孙琪"), "{page}");
    access_requests::tick(fixture).await;
    let mail = sink.mails().remove(0);
    let words = mail.words();
    assert!(words.contains(&userid) && !words.contains("孙琪"), "{words}");
    person.browser.driver.goto(link_of(&mail, &fixture.base)).await.unwrap();
    person.holds_no_name("the link of the mail").await;
    let request = fixture.admin().items("access-requests?state=open").await.remove(0);
    let lasts = request["link_expires_at"].as_i64().unwrap() - request["created_at"].as_i64().unwrap();
    assert!(lasts >= 24 * 3600 * 1000, "{request}");
    person.opens(&format!("/console/requests/{}", id(&request))).await;
    person.sees_names("the request").await;
    person.look("names-request").await;
    person.click("form[action*='/approve'] button[type='submit']").await;
    person.browser.find("dd a[href^='/console/people/']").await;
    let tokens = portal.tokens(fixture, &fixture.browser(), ASKS).await;
    let user = fixture.admin().user(&userid).await;
    assert_eq!(id_claims(&tokens)["sub"], user["id"]);
    closed(applicant).await;
}

/// A trial that ends while somebody watches: whom WeCom may name is named there too.
async fn tries(person: &mut Person<'_>) {
    let fixture = person.fixture;
    person.opens("/console/portals/wiki/claims").await;
    person.click("form.try button").await;
    let address = person.browser.find(".once a[href*='/signin/trial/']").await;
    let address = address.attr("href").await.unwrap().unwrap();
    let (browser, address) = (fixture.browser(), address.replace("&#38;", "&"));
    let login = browser.open(&address).await;
    let who = As::Member(sample::NORMAL);
    fixture.phone().sign_in_from(&browser, &login, who).await;
    person.browser.find(&format!(".trial {SHOWN}")).await;
    person.look("names-trial").await;
}

/// Somebody else sees IDs, and so does whoever lost their sign-in at WeCom.
async fn sees_none_without(person: &Person<'_>) {
    let fixture = person.fixture;
    // Tickets that died before their time: the page is signed by others.
    fixture.wecom.expire_js_tickets();
    person.opens("/console/people/members").await;
    person.sees_names("the members, once both tickets are dead").await;
    let other = Colleague::hire(fixture, "admin").await.browser(fixture).await;
    let page = shown(fixture, &other, "/console/people/members").await;
    assert!(!page.body.contains(ELEMENT), "{}", page.body);
    fixture.advance(VIEWS);
    person.opens("/console/people/members").await;
    let again = person.browser.find("[data-names-again]:not([hidden]) a").await;
    again.scroll_into_view().await.unwrap();
    person.look("names-again").await;
}

async fn goes_through(place: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(place).await else {
        return;
    };
    let mut person = Box::pin(Person::at_console((&fixture, &browser), place)).await;
    let (installation, source) = Box::pin(connects(&mut person)).await;
    Box::pin(changes_scope(&mut person, &installation)).await;
    person.opens("/console/people/members").await;
    let link = person.browser.find(".shown-names a").await;
    link.scroll_into_view().await.unwrap();
    person.look("names-hidden").await;
    Box::pin(scope(&mut person, &installation)).await;
    Box::pin(sees_whom_to_choose(&mut person, &source)).await;
    Box::pin(imports(&mut person)).await;
    Box::pin(renames(&mut person, &source)).await;
    let way = auth_source_of(&fixture, &source).await;
    let portal = fixture.portal("wiki", json!({ "auth_sources": [way["id"]] })).await;
    Box::pin(asks_and_is_let_in(&mut person, (&source, &portal))).await;
    Box::pin(imports_all(&mut person, &source)).await;
    Box::pin(tries(&mut person)).await;
    Box::pin(sees_none_without(&person)).await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_imports_and_names_members_after_a_scan_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_imports_and_names_members_after_a_scan_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}

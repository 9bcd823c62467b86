//! The customer's document 003 (在 CAM 查看企业微信授权范围, 将企业微信成员导入为腾讯云子用户) in its own numbering, in real Chromium with script: names appear in
//! frames of WeCom's after a scan, in both languages, on a phone and on a desk.

use std::time::Duration;

use serde_json::json;
use simulator::sample;
use thirtyfour::prelude::*;

use super::setup::{Person, sign_in, window};
use crate::{
    actors::{As, text},
    backends::Backend,
    console::{Colleague, shown},
    fixture::Fixture,
    installations::{agree, back_with, invite, suite, tick},
    name_display::ELEMENT,
    suite_sign_in::{auth_source_of, told},
};

/// A name that WeCom shows.
const SHOWN: &str = "ww-open-data[data-state='shown']";

/// How long WeCom knows a browser.
const VIEWS: Duration = Duration::from_secs(600);

/// Connects the first sample corp, of whom nobody is imported yet; row ids of its installation and data source.
async fn connected(fixture: &Fixture) -> (String, String) {
    let suite = suite(fixture).await;
    fixture
        .wecom
        .edit(|world| world.switches.suites.viewer_seconds = VIEWS.as_secs());
    let invited = invite(
        &fixture.admin(),
        &suite,
        json!({ "way": "browser", "import": "chosen" }),
    )
    .await;
    let back = agree(fixture, text(&invited, "install_url"), sample::CORP).await;
    let invited = fixture.admin().create("installations/returned", back_with(&back)).await;
    tick(fixture).await;
    tick(fixture).await;
    let id = text(&invited, "installation_id").to_owned();
    let one = fixture.admin().get(&format!("installations/{id}")).await;
    (id, text(&one, "data_source_id").to_owned())
}

impl Person<'_> {
    async fn opens(&self, path: &str) {
        let address = format!("{}{path}", self.fixture.base);
        self.browser.driver.goto(&address).await.unwrap();
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
        for name in ["李华", "研发中心", "张三"] {
            let source = self.browser.driver.source().await.unwrap();
            assert!(!source.contains(name), "{path} holds {name}");
        }
        let notes = self
            .browser
            .driver
            .find_all(By::Css("[data-names] p[hidden]"))
            .await
            .unwrap();
        assert_eq!(notes.len(), 2, "{path}: nothing went wrong");
    }
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

/// 4 步骤1: 选择企业用户.
async fn chooses(person: &mut Person<'_>, source: &str) {
    person.opens(&format!("/console/setup/{source}/people")).await;
    person.browser.find(&format!("label.choice {SHOWN}")).await;
    person.sees_names("the members to choose from").await;
    let first = person.browser.find(&format!("label.choice {SHOWN}")).await;
    first.scroll_into_view().await.unwrap();
    person.look("names-choose").await;
    person.opens("/console/people/members").await;
    person.sees_names("the members").await;
    person.look("names-members").await;
    person.opens(&format!("/console/names/{source}")).await;
    person.look("names-about").await;
}

/// Imports a member.
async fn imports(fixture: &Fixture, source: &str, userid: &str) {
    let found = format!("members?data_source={source}&q={}", told(fixture, userid));
    let member = fixture.admin().items(&found).await.remove(0);
    let path = format!("members/{}/import", text(&member, "id"));
    fixture.admin().call("POST", &path, Some(json!({}))).await;
}

/// A trial that ends while somebody watches: whom WeCom may name is named there too.
async fn tries(person: &mut Person<'_>, source: &str) {
    let fixture = person.fixture;
    imports(fixture, source, sample::NORMAL).await;
    let way = auth_source_of(fixture, source).await;
    fixture.portal("wiki", json!({ "auth_sources": [way["id"]] })).await;
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

async fn goes_through(lang: &str, width: u32) {
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let owner = Colleague::hire(&fixture, "owner").await;
    let other = Colleague::hire(&fixture, "admin").await.browser(&fixture).await;
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
    let (installation, source) = connected(&fixture).await;
    person.opens("/console/people/members").await;
    let link = person.browser.find(".shown-names a").await;
    link.scroll_into_view().await.unwrap();
    person.look("names-hidden").await;
    scope(&mut person, &installation).await;
    chooses(&mut person, &source).await;
    tries(&mut person, &source).await;
    // Tickets that died before their time: the page is signed by others.
    fixture.wecom.expire_js_tickets();
    person.opens("/console/people/members").await;
    person.sees_names("the members, once both tickets are dead").await;
    // Somebody else sees IDs, and so does whoever lost their sign-in at WeCom.
    let page = shown(&fixture, &other, "/console/people/members").await;
    assert!(!page.body.contains(ELEMENT), "{}", page.body);
    fixture.advance(VIEWS);
    person.opens("/console/people/members").await;
    let again = person.browser.find("[data-names-again]:not([hidden]) a").await;
    again.scroll_into_view().await.unwrap();
    person.look("names-again").await;
    tokio::time::timeout(Duration::from_secs(20), browser.stop()).await.ok();
}

#[actix_web::test]
async fn chromium_shows_names_after_a_scan_on_a_phone_in_chinese() {
    goes_through("zh-CN", 390).await;
}

#[actix_web::test]
async fn chromium_shows_names_after_a_scan_on_a_desk_in_english() {
    goes_through("en", 1280).await;
}

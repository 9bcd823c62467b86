//! The same flow by the link of a mail, in both languages, by the console, and where nobody decides in time: in real Chromium, each of those who take part
//! in a browser of their own.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;
use thirtyfour::{Cookie, prelude::*};

use super::Chromium;
use crate::{
    access_requests::{asking, imported, name_approver, tick},
    actors::{Portal, id, id_claims, text},
    backends::Backend,
    console::at_work,
    fixture::Fixture,
    notices::{
        mail_channel,
        smtp_sink::{Mail, SmtpSink},
    },
};

/// What the pages and messages say in one language.
pub(super) struct Words {
    pub(super) lang: &'static str,
    pub(super) waits: &'static str,
    decided_nothing: &'static str,
    approved: &'static str,
    refused: &'static str,
    expired: &'static str,
    pub(super) you_can_sign_in: &'static str,
    /// On a card that waits, and on one that is settled.
    pub(super) card_approve: &'static str,
    pub(super) card_approved: &'static str,
}

pub(super) const WORDS: &[Words] = &[
    Words {
        lang: "en",
        waits: "waiting for a decision",
        decided_nothing: "has decided nothing",
        approved: "Approved by",
        refused: "Your request was refused",
        expired: "Nobody decided in time",
        you_can_sign_in: "You can sign in now",
        card_approve: "Approve",
        card_approved: "Approved",
    },
    Words {
        lang: "zh-CN",
        waits: "正在等待处理",
        decided_nothing: "不会作出任何决定",
        approved: "批准",
        refused: "您的申请未获批准",
        expired: "申请在期限内未获处理",
        you_can_sign_in: "您现在可以登录了",
        card_approve: "批准",
        card_approved: "已批准",
    },
];

impl Chromium {
    /// Goes to the portal, scans as 李华, is refused, and asks; the address of their page.
    async fn asks(&self, fixture: &Fixture, portal: &Portal, words: &Words) -> String {
        self.reads(fixture, words.lang).await;
        let own = self.is_refused_in(portal, words.lang).await;
        self.click("form.fields button").await;
        let waits = self.text("[role='status']").await;
        assert!(waits.contains(words.waits), "{waits}");
        own
    }

    /// Chooses a language, which the browser keeps.
    pub(super) async fn reads(&self, fixture: &Fixture, lang: &str) {
        let start = format!("{}/?ui_locales={lang}&keep=1", fixture.base);
        self.driver.goto(&start).await.unwrap();
    }

    /// Goes to the portal, scans as 李华, is refused, and opens the page of their request; its address.
    pub(super) async fn is_refused_in(&self, portal: &Portal, lang: &str) -> String {
        self.is_refused_as(portal, (lang, sample::NORMAL)).await
    }

    /// The same as this member.
    async fn is_refused_as(&self, portal: &Portal, (lang, userid): (&str, &str)) -> String {
        let start = portal.authorize_url(&[("ui_locales", lang)]);
        self.driver.goto(start).await.unwrap();
        self.leaves_for_wecom().await;
        self.confirm_on_the_phone(userid).await;
        self.find("[role='alert']").await;
        let refused = self.text("main").await;
        assert!(refused.contains("GT-110"), "{refused}");
        self.click("a[href*='/access-request/']").await;
        self.find("h1").await;
        self.driver.current_url().await.unwrap().into()
    }

    /// Chooses the company, where there is a choice.
    pub(super) async fn leaves_for_wecom(&self) {
        let go = self.driver.query(By::Css("a.button[href*='/go/']")).nowait();
        if go.exists().await.unwrap() {
            self.click("a.button[href*='/go/']").await;
        }
    }

    /// What somebody's phone shows of their messages.
    pub(super) async fn messages_of(&self, fixture: &Fixture, userid: &str) -> String {
        let inbox = format!(
            "{}/messages?corp={}&userid={userid}",
            fixture.wecom.base_url(),
            sample::CORP
        );
        self.driver.goto(&inbox).await.unwrap();
        self.text("body").await
    }
}

/// A member asks to come in, in this language.
pub(super) async fn asks_for(browser: &Chromium, (fixture, portal): (&Fixture, &Portal), (lang, userid): (&str, &str)) {
    let words = WORDS.iter().find(|words| words.lang == lang).unwrap();
    browser.reads(fixture, lang).await;
    browser.is_refused_as(portal, (lang, userid)).await;
    browser.click("form.fields button").await;
    let waits = browser.text("[role='status']").await;
    assert!(waits.contains(words.waits), "{waits}");
}

/// The link that a mail leads to.
pub(super) fn link_of(mail: &Mail, base: &str) -> String {
    let words = mail.words();
    let start = words.find(&format!("{base}/access-requests/"));
    let start = start.unwrap_or_else(|| panic!("no link: {}", mail.text));
    let of_link = |letter: &char| letter.is_ascii_graphic() && !"\"<>&#".contains(*letter);
    words[start..].chars().take_while(of_link).collect()
}

/// 李华 comes in, and the portal is told whom it has before it.
async fn comes_in(fixture: &Fixture, portal: &Portal, username: &str) {
    let tokens = portal.tokens(fixture, &fixture.browser(), sample::NORMAL).await;
    let user = fixture.admin().user(username).await;
    assert_eq!(id_claims(&tokens)["sub"], user["id"]);
    let info = portal.userinfo(text(&tokens, "access_token")).await.body;
    assert_eq!(
        (&info["sub"], &info["preferred_username"], &info["name"]),
        (&user["id"], &json!(username), &json!("李华")),
        "{info}"
    );
}

async fn request_of(fixture: &Fixture) -> Value {
    fixture.admin().items("access-requests").await.remove(0)
}

async fn by_mail(words: &Words) {
    let lang = format!("--lang={}", words.lang);
    let Some(person) = Chromium::start_with(&lang).await else {
        return;
    };
    let Some(approver) = Chromium::start_with(&lang).await else {
        return;
    };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
    let (source, portal) = asking(&fixture).await;
    let user = imported(&fixture, sample::ADMIN).await;
    name_approver(&fixture, &source, &user).await;
    let sink = SmtpSink::listen();
    let channel = mail_channel(&fixture, &sink).await;
    let told = json!({
        "channel_id": channel, "address": "approver@corp.example", "topics": ["access_requested"], "language": words.lang,
    });
    fixture.admin().create("notice-subscriptions", told).await;
    person.asks(&fixture, &portal, words).await;
    tick(&fixture).await;
    let address = link_of(&sink.mails()[0], &fixture.base);

    approver.reads(&fixture, words.lang).await;
    approver.driver.goto(&address).await.unwrap();
    let page = approver.text("main").await;
    assert!(page.contains(words.decided_nothing) && !page.contains("李华"), "{page}");
    approver.picture(&format!("request-mail-link-{}", words.lang)).await;
    approver.click("a.button[href*='/enter']").await;
    approver.leaves_for_wecom().await;
    approver.confirm_on_the_phone(sample::ADMIN).await;
    approver.find("#username").await;
    approver.picture(&format!("request-mail-open-{}", words.lang)).await;
    approver.click("form[action*='/approve'] button").await;
    let decided = approver.text("[role='status']").await;
    assert!(decided.contains(words.approved), "{decided}");
    tick(&fixture).await;
    let phone = person.messages_of(&fixture, sample::NORMAL).await;
    assert!(phone.contains(words.you_can_sign_in), "{phone}");
    comes_in(&fixture, &portal, sample::NORMAL).await;
    person.stop().await;
    approver.stop().await;
}

#[actix_web::test]
async fn chromium_is_approved_by_the_link_of_a_mail() {
    by_mail(&WORDS[0]).await;
}

#[actix_web::test]
async fn chromium_is_approved_by_the_link_of_a_mail_in_chinese() {
    by_mail(&WORDS[1]).await;
}

/// An operator's browser, in which they are signed in at the console, at this page.
async fn at_console(fixture: &Fixture, operator: &Chromium, path: &str) {
    let session = at_work(fixture, "operator").await.cookie("menjin_session").unwrap();
    let health = format!("{}/healthz", fixture.base);
    operator.driver.goto(&health).await.unwrap();
    let mut cookie = Cookie::new("menjin_session", session);
    cookie.set_path("/");
    operator.driver.add_cookie(cookie).await.unwrap();
    let page = format!("{}{path}", fixture.base);
    operator.driver.goto(&page).await.unwrap();
}

async fn by_console(words: &Words) {
    let lang = format!("--lang={}", words.lang);
    let Some(person) = Chromium::start_with(&lang).await else {
        return;
    };
    let Some(operator) = Chromium::start_with(&lang).await else {
        return;
    };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
    let (_, portal) = asking(&fixture).await;
    let own = person.asks(&fixture, &portal, words).await;
    let first = request_of(&fixture).await;
    let page = format!("/console/requests/{}?ui_locales={}&keep=1", id(&first), words.lang);
    at_console(&fixture, &operator, &page).await;
    operator.picture(&format!("request-console-{}", words.lang)).await;
    operator.click("form[action*='/refuse'] button[type='submit']").await;
    operator.find(".answer").await;
    tick(&fixture).await;
    person.driver.goto(&own).await.unwrap();
    let refused = person.text("main").await;
    assert!(refused.contains(words.refused), "{refused}");
    person.click("form.fields button").await;
    let waits = person.text("[role='status']").await;
    assert!(waits.contains(words.waits), "{waits}");

    let second = fixture.admin().items("access-requests?state=open").await.remove(0);
    let page = format!("{}/console/requests/{}", fixture.base, id(&second));
    operator.driver.goto(&page).await.unwrap();
    let field = operator.find("#f-username").await;
    field.clear().await.unwrap();
    field.send_keys("li.hua").await.unwrap();
    operator.click("form[action*='/approve'] button[type='submit']").await;
    operator.find("a[href^='/console/people/']").await;
    tick(&fixture).await;
    let phone = person.messages_of(&fixture, sample::NORMAL).await;
    assert!(phone.contains(words.you_can_sign_in), "{phone}");
    comes_in(&fixture, &portal, "li.hua").await;
    person.stop().await;
    operator.stop().await;
}

#[actix_web::test]
async fn chromium_is_refused_and_approved_in_the_console() {
    by_console(&WORDS[0]).await;
}

#[actix_web::test]
async fn chromium_is_refused_and_approved_in_the_console_in_chinese() {
    by_console(&WORDS[1]).await;
}

async fn in_vain(words: &Words) {
    let Some(person) = Chromium::start_with(&format!("--lang={}", words.lang)).await else {
        return;
    };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    fixture.trust_domain();
    let (_, portal) = asking(&fixture).await;
    person.asks(&fixture, &portal, words).await;
    fixture.advance(Duration::from_secs(7 * 24 * 3600));
    tick(&fixture).await;
    assert_eq!(request_of(&fixture).await["state"], "expired");
    person.is_refused_in(&portal, words.lang).await;
    let page = person.text("main").await;
    assert!(page.contains(words.expired), "{page}");
    person.picture(&format!("request-expired-{}", words.lang)).await;
    // They can ask again.
    person.click("form.fields button").await;
    let waits = person.text("[role='status']").await;
    assert!(waits.contains(words.waits), "{waits}");
    person.stop().await;
}

#[actix_web::test]
async fn chromium_waits_in_vain_and_asks_again() {
    in_vain(&WORDS[0]).await;
}

#[actix_web::test]
async fn chromium_waits_in_vain_and_asks_again_in_chinese() {
    in_vain(&WORDS[1]).await;
}

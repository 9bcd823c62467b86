//! A forgotten password and an address that is verified, by the links of mails, in real Chromium without script, in both languages.

use serde_json::json;

use super::Chromium;
use crate::{
    backends::Backend,
    fixture::Fixture,
    notices::{mail_channel, smtp_sink::SmtpSink},
    password::{GOOD, OTHER, give_password, local_user},
};

/// The link of the last mail, whose path begins so.
async fn mailed(fixture: &Fixture, sink: &SmtpSink, place: &str) -> String {
    fixture.wait_for_background_work().await;
    fixture.app.tick().await.unwrap();
    let text = sink.mails().last().expect("a mail").readable();
    let at = text.find(&format!("{}{place}", fixture.base)).unwrap();
    let link = text[at..].chars().take_while(|c| !c.is_whitespace() && *c != '"');
    link.collect()
}

#[actix_web::test]
async fn chromium_replaces_a_forgotten_password_and_verifies_an_address() {
    let Some(browser) = Chromium::start().await else { return };
    let Some(fixture) = Fixture::open(Backend::SqliteMemory).await else {
        return;
    };
    let sink = SmtpSink::listen();
    mail_channel(&fixture, &sink).await;
    let user = local_user(&fixture, "anna").await;
    let own = json!({ "email": "anna@corp.example", "locale": "en" });
    fixture.admin().change(&format!("users/{user}"), own).await;
    give_password(&fixture, &user, GOOD).await;
    let portal = fixture.portal("wiki", json!({})).await;
    let goto = async |url: String| browser.driver.goto(&url).await.unwrap();
    for (lang, password) in [("zh-CN", GOOD), ("en", OTHER)] {
        fixture.advance(std::time::Duration::from_secs(3600));
        goto(portal.authorize_url(&[("ui_locales", lang)])).await;
        browser.picture(&format!("forgotten-login-{lang}")).await;
        browser.click("a[href*='/forgotten']").await;
        browser.types("#who", "anna").await;
        browser.picture(&format!("forgotten-ask-{lang}")).await;
        browser.click("form.fields button").await;
        browser.find("[role='status']").await;
        browser.picture(&format!("forgotten-sent-{lang}")).await;
        let link = mailed(&fixture, &sink, "/password/").await;
        goto(format!("{link}?ui_locales={lang}")).await;
        browser.types("#password", password).await;
        browser.types("#again", password).await;
        browser.click("form.fields button").await;
        browser.find(".ways a").await;
        browser.picture(&format!("forgotten-done-{lang}")).await;
    }
    goto(portal.authorize_url(&[("ui_locales", "en")])).await;
    browser.types("#username", "anna").await;
    browser.types("#password", OTHER).await;
    browser.click("form.fields button").await;
    for _ in 0..5_000 {
        if !fixture.admin().items("sessions?active=true").await.is_empty() {
            break;
        }
        tokio::task::yield_now().await;
    }
    goto(format!("{}/account?ui_locales=en", fixture.base)).await;
    browser.picture("email-account").await;
    browser.click("a[href*='/account/email']").await;
    browser.picture("email-own").await;
    browser.click("form button").await;
    browser.find("[role='status']").await;
    let link = mailed(&fixture, &sink, "/email/").await;
    goto(format!("{link}?ui_locales=zh-CN")).await;
    browser.picture("email-verify-zh-CN").await;
    goto(format!("{link}?ui_locales=en")).await;
    browser.picture("email-verify-en").await;
    browser.click("form button").await;
    browser.find(".ways a").await;
    browser.picture("email-done").await;
    let shown = fixture.admin().get(&format!("users/{user}")).await;
    assert_eq!(shown["email_verified"], true, "{shown}");
    browser.stop().await;
}

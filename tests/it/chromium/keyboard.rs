//! Keys of the console in real Chromium.

use serde_json::Value;
use thirtyfour::prelude::*;

use super::Chromium;
use crate::{actors::text, backends::Backend, console::Colleague, fixture::Fixture, password::GOOD};

/// The key ids in this state.
fn of_state<'a>(keys: &'a [Value], state: &str) -> Vec<&'a str> {
    let found = keys.iter().filter(|key| text(key, "state") == state);
    found.map(|key| text(key, "kid")).collect()
}

#[actix_web::test]
async fn chromium_sends_by_ctrl_and_enter_what_the_form_s_button_would_send() {
    let Some(browser) = Chromium::start_with("--lang=en").await else {
        return;
    };
    let Some(fixture) = Fixture::at_localhost(Backend::SqliteMemory).await else {
        return;
    };
    let owner = Colleague::hire(&fixture, "owner").await;
    let rotate = "/console/settings/keys/rotate?ui_locales=en";
    browser.driver.goto(format!("{}{rotate}", fixture.base)).await.unwrap();
    for (field, value) in [("#username", owner.username.as_str()), ("#password", GOOD)] {
        browser.find(field).await.send_keys(value).await.unwrap();
    }
    browser.click("form[action*='/password'] button").await;
    let code = owner.app.shows(&fixture, 0);
    browser.find("#code").await.send_keys(&code).await.unwrap();
    browser.click("form[action*='/signin/code/'] button").await;

    let before = fixture.admin().items("keys").await;
    let signing = of_state(&before, "active");
    assert!(!signing.is_empty(), "{before:?}");
    let sure = browser.find("input[name='sure']").await;
    sure.click().await.unwrap();
    sure.send_keys(Key::Control + Key::Enter).await.unwrap();
    browser.find("h1").await;
    let list = browser.driver.query(By::Css("ul.tabs a[aria-current='page']"));
    list.first().await.expect("the list of keys comes next");
    let after = fixture.admin().items("keys").await;
    let still = of_state(&after, "active");
    assert!(
        signing.iter().all(|kid| !still.contains(kid)),
        "what leaked signs on: {after:?}"
    );
    browser.stop().await;
}

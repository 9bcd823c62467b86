//! Passkeys: setting one up, signing in by it, and everything that must not work.

mod first;
mod hosts;
mod login;
mod others;
mod own;
mod races;
mod reset;
mod told;
mod wrong;

use serde_json::Value;

use crate::{
    actors::{Browser, Page, Passkey},
    console::Colleague,
    fixture::Fixture,
};

/// As `scenario!`, at the name `localhost`: at an address without a name browsers have no passkeys.
#[macro_export]
macro_rules! passkey_scenario {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            #[actix_web::test]
            async fn on_sqlite_and_memory() {
                if let Some(fixture) =
                    $crate::fixture::Fixture::at_localhost($crate::backends::Backend::SqliteMemory).await
                {
                    let scene = $body;
                    scene(fixture).await;
                }
            }

            #[actix_web::test]
            async fn on_postgres_and_redis() {
                if let Some(fixture) =
                    $crate::fixture::Fixture::at_localhost($crate::backends::Backend::PostgresRedis).await
                {
                    let scene = $body;
                    scene(fixture).await;
                }
            }
        }
    };
}

/// The sentence for everything that is wrong with a sign-in.
pub const WRONG: &str = "SI-220";

/// Asks for the options to set a passkey up, on the page of whoever is signed in in this browser; with its confirmation token.
pub async fn asked(fixture: &Fixture, browser: &Browser) -> (Value, String) {
    let page = browser.get(&format!("{}/account/passkeys", fixture.base)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let confirm = page.field("confirm");
    let begun = browser
        .post(
            &format!("{}/account/passkeys/begin", fixture.base),
            &[("confirm", &confirm)],
        )
        .await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    (serde_json::from_str(&begun.body).unwrap(), confirm)
}

/// Adds a passkey by what the browser made of the options.
pub async fn send_made(fixture: &Fixture, browser: &Browser, confirm: &str, (name, made): (&str, &str)) -> Page {
    let form = [("confirm", confirm), ("name", name), ("credential", made)];
    browser
        .submit(&format!("{}/account/passkeys", fixture.base), &form)
        .await
}

/// Sets up a passkey for whoever is signed in, and lately proved it, in this browser.
pub async fn set_up(fixture: &Fixture, browser: &Browser, name: &str) -> Passkey {
    let (options, confirm) = asked(fixture, browser).await;
    let mut passkey = Passkey::new(&fixture.base);
    let made = passkey.made(&options);
    let page = send_made(fixture, browser, &confirm, (name, &made)).await;
    assert!(page.status == 200 && page.body.contains(name), "{}", page.body);
    passkey
}

/// An operator with this role and a passkey.
pub async fn operator(fixture: &Fixture, role: &str) -> (Colleague, Passkey) {
    let colleague = Colleague::hire(fixture, role).await;
    let browser = colleague.browser(fixture).await;
    let passkey = set_up(fixture, &browser, "Laptop").await;
    // The code that they signed in by is used up.
    fixture.advance(std::time::Duration::from_secs(60));
    (colleague, passkey)
}

/// The options that the login page shown asks for.
pub async fn challenged(browser: &Browser, login: &Page) -> Value {
    let begin = login
        .link("/passkey/finish")
        .replace("/passkey/finish", "/passkey/begin");
    let begun = browser.post(&begin, &[("form", &login.field("form"))]).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    serde_json::from_str(&begun.body).unwrap()
}

/// Sends an answer from the login page shown.
pub async fn send_answer(browser: &Browser, login: &Page, answer: &str) -> Page {
    let form = [("form", login.field("form")), ("credential", answer.to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(&login.link("/passkey/finish"), &form).await
}

/// Signs in by passkey where this address leads to.
pub async fn sign_in(browser: &Browser, at: &str, passkey: &Passkey) -> Page {
    let login = browser.open(at).await;
    let options = challenged(browser, &login).await;
    send_answer(browser, &login, &passkey.answer(&options)).await
}

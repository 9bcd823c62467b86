//! The console: who gets in and by which way, that it has no powers of its own, and its pages.

mod acts;
mod audit;
mod chinese;
mod choosing;
mod doctor;
mod effects;
mod entrance;
mod groups;
mod leaving;
mod lists;
mod notices;
mod once;
mod overview;
mod own_sessions;
mod pages;
mod people;
mod portals;
mod refusals;
mod requests;
mod roles;
mod search;
mod seen;
mod settings;
mod setup;
mod stale_forms;
mod sync;
mod told;
mod trials;
mod typed;
mod wecom;
mod welcome;
mod without_script;
mod words;

use menjin::crypto::digest::sha256_base64url;
use serde_json::json;

use crate::{
    actors::{Browser, Page, id},
    fixture::Fixture,
    password::{GOOD, give_password, totp, type_in},
};

/// Somebody with a console role, who has a password and an authenticator app.
pub struct Colleague {
    /// User id.
    pub id: String,
    /// Username.
    pub username: String,
    /// Their authenticator app.
    pub app: totp::Authenticator,
}

/// A page in both languages, for whoever is signed in in this browser. It must be there, and no key of a text may be left in it.
pub async fn in_both_languages(fixture: &Fixture, browser: &Browser, path: &str) -> [Page; 2] {
    let sign = if path.contains('?') { '&' } else { '?' };
    let at = |lang: &str| format!("{}{path}{sign}ui_locales={lang}", fixture.base);
    let pages = [browser.open(&at("en")).await, browser.open(&at("zh-CN")).await];
    for page in &pages {
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        let (_, text) = page.body.split_once("<main").unwrap();
        // Names of keys stand in no text, and in no attribute that somebody reads.
        assert!(
            !text.contains(">console-") && !text.contains("\"console-"),
            "{path}: {text}"
        );
    }
    pages
}

/// Sends a form of the console with the confirmation token of this browser's session, whether or not a page offers the form: what is not
/// offered must be refused all the same.
pub async fn send(fixture: &Fixture, browser: &Browser, action: &str, fields: &[(&str, &str)]) -> Page {
    let cookie = browser.cookie("menjin_session").unwrap();
    let confirm = sha256_base64url(format!("confirm console:{cookie}").as_bytes());
    let mut form = vec![("confirm", confirm.as_str())];
    form.extend_from_slice(fields);
    browser.submit(&format!("{}{action}", fixture.base), &form).await
}

impl Colleague {
    /// With this role; the username is the role's name.
    pub async fn hire(fixture: &Fixture, role: &str) -> Self {
        let user = json!({ "username": format!("the-{role}"), "console_role": role });
        let user = fixture.admin().create("users", user).await;
        let id = id(&user).to_owned();
        give_password(fixture, &id, GOOD).await;
        let (app, _) = totp::set_up(fixture, &id).await;
        // The code that was used to set it up is used up.
        fixture.advance(std::time::Duration::from_secs(60));
        Self {
            id,
            username: format!("the-{role}"),
            app,
        }
    }

    /// Signs in where a page of the console led to, and comes back to that page.
    pub async fn sign_in(&self, fixture: &Fixture, browser: &Browser, path: &str) -> Page {
        let login = browser.open(&format!("{}{path}", fixture.base)).await;
        let code = type_in(browser, &login, &self.username, GOOD).await;
        let shown = self.app.shows(fixture, 0);
        browser.submit(&code.url, &[("code", &shown)]).await
    }

    /// A browser in which they are signed in at the console.
    pub async fn browser(&self, fixture: &Fixture) -> Browser {
        let browser = fixture.browser();
        let page = self.sign_in(fixture, &browser, "/console").await;
        assert_eq!(page.status, 200, "{}", page.body);
        browser
    }
}

/// A browser in which somebody with this role is signed in.
pub async fn at_work(fixture: &Fixture, role: &str) -> Browser {
    Colleague::hire(fixture, role).await.browser(fixture).await
}

/// Opens a page of the console, which must be there.
pub async fn shown(fixture: &Fixture, browser: &Browser, path: &str) -> Page {
    let page = browser.get(&format!("{}{path}", fixture.base)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

/// Sends a form of a page of the console, confirmed as the page's own forms are.
pub async fn sent(fixture: &Fixture, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let confirm = shown(fixture, browser, "/console/settings/branding")
        .await
        .field("confirm");
    let mut form = vec![("confirm", confirm.as_str())];
    form.extend_from_slice(fields);
    browser.submit(&format!("{}{path}", fixture.base), &form).await
}

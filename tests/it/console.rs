//! The console: who gets in and by which way, that it has no powers of its own, and its pages.

mod entrance;
mod portals;
mod wecom;
mod welcome;

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

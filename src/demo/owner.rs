//! The owner of the demo's console. Password and authenticator app are the demo's own: it sets them up and signs in through the doors that everybody
//! uses, and hands the session to whoever opens the console from the first page. Outside the demo there is no such owner, and no such door.

use std::sync::{Mutex, PoisonError};

use data_encoding::BASE32_NOPAD;
use serde_json::json;

use super::{
    setup::{Admin, text},
    visitor::{Page, Visitor, between},
};
use crate::{
    crypto::totp,
    kernel::{clock::Clock, entropy::Entropy},
};

/// Username of the owner.
const USERNAME: &str = "demo-owner";

/// The owner, with what it takes to sign in.
pub struct Owner {
    admin: Admin,
    clock: Clock,
    password: String,
    /// The authenticator app's secret.
    key: Vec<u8>,
    /// The last session.
    session: Mutex<Option<String>>,
}

impl Owner {
    /// Makes the owner, over the API, and sets password and authenticator app up by their links.
    pub async fn hire(admin: &Admin, clock: &Clock, entropy: &Entropy) -> Result<Self, String> {
        let user = json!({ "username": USERNAME, "display_name": "演示所有者 · demo owner", "console_role": "owner" });
        let user = admin.post("users", &user).await?;
        let user = text(&user, "id");
        let password = entropy.token().expose().clone();
        let visitor = Visitor::new(&admin.http);
        let link = admin.post(&format!("users/{user}/password-link"), &json!({})).await?;
        let chosen = [("password", password.as_str()), ("again", password.as_str())];
        visitor.submit(text(&link, "url"), &chosen).await?;
        let link = admin.post(&format!("users/{user}/totp-link"), &json!({})).await?;
        let shown = visitor.open(text(&link, "url")).await?;
        let secret = between(&shown.text, "<code>", "</code>").ok_or("no secret of an authenticator app was shown")?;
        let letters: String = secret.chars().filter(|letter| !letter.is_whitespace()).collect();
        let key = BASE32_NOPAD.decode(letters.as_bytes());
        let key = key.map_err(|_| "the secret of the authenticator app is not base 32".to_owned())?;
        let code = totp::code(&key, totp::step_of(clock.now()));
        visitor.submit(text(&link, "url"), &[("code", &code)]).await?;
        Ok(Self {
            admin: admin.clone(),
            clock: clock.clone(),
            password,
            key,
            session: Mutex::default(),
        })
    }

    /// A session of the owner at the console: the last one while it works, else a new one.
    pub async fn session(&self) -> Result<String, String> {
        let kept = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept {
            let visitor = Visitor::with_session(&self.admin.http, &kept);
            let page = visitor.open(&format!("{}/console", self.admin.base)).await?;
            if is_console(&page) {
                return Ok(kept);
            }
        }
        let session = self.sign_in().await?;
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Some(session.clone());
        Ok(session)
    }

    /// By password and code. A code works once: the one of the next half minute is accepted already.
    async fn sign_in(&self) -> Result<String, String> {
        let visitor = Visitor::new(&self.admin.http);
        let login = visitor.open(&format!("{}/console", self.admin.base)).await?;
        let form = between(&login.text, "name=\"form\" value=\"", "\"").ok_or("the login page has no form")?;
        let door = login.address.split('?').next().unwrap_or_default();
        let typed = [("form", form), ("username", USERNAME), ("password", &self.password)];
        let asked = visitor.submit(&format!("{door}/password"), &typed).await?;
        let code = totp::code(&self.key, totp::step_of(self.clock.now()).saturating_add(1));
        let page = visitor.submit(&asked.address, &[("code", &code)]).await?;
        match (is_console(&page), visitor.session()) {
            (true, Some(session)) => Ok(session),
            _ => Err(format!("the owner could not sign in: {}", page.address)),
        }
    }
}

/// Whether it is a page of the console, not of signing in.
fn is_console(page: &Page) -> bool {
    let path = page.address.split('?').next().unwrap_or_default();
    path.contains("/console") && page.text.contains("<main")
}

//! Somebody's phone with WeCom: scans the QR page the browser shows.

use super::{Browser, Page};

/// As whom the phone acts.
#[derive(Clone, Copy, Debug)]
pub enum As<'a> {
    /// A member confirms.
    Member(&'a str),
    /// A member of this corp confirms, where people of several may.
    Of(&'a str, &'a str),
    /// Nobody of this corp.
    Outsider,
    /// A member of a linked corp.
    Linked,
}

/// A phone.
pub struct Phone {
    http: reqwest::Client,
    wecom: String,
}

impl Phone {
    /// A phone that reaches this WeCom.
    pub fn new(http: &reqwest::Client, wecom: &str) -> Self {
        Self {
            http: http.clone(),
            wecom: wecom.to_owned(),
        }
    }

    /// From a login page on: picks the first auth source, scans as `who`, comes back. The last page.
    pub async fn sign_in_from(&self, browser: &Browser, login: &Page, who: As<'_>) -> Page {
        let shown = browser.open(&login.link("/go/")).await;
        let callback = self.scan(browser, &shown, who).await;
        browser.open(&callback).await
    }

    /// Acts on the QR page `shown`; answers the callback address the browser is then sent to.
    pub async fn scan(&self, browser: &Browser, shown: &Page, who: As<'_>) -> String {
        let phone_page = shown.link("/phone/");
        let ticket = phone_page
            .rsplit('/')
            .next()
            .unwrap()
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        let form: Vec<(&str, &str)> = match who {
            As::Member(userid) => vec![("as", "member"), ("userid", userid)],
            As::Of(corp, userid) => vec![("as", "member"), ("corp", corp), ("userid", userid)],
            As::Outsider => vec![("as", "outsider")],
            As::Linked => vec![("as", "linked")],
        };
        let answer = self
            .http
            .post(format!("{}/phone/{ticket}", self.wecom))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "phone: {}", answer.text().await.unwrap());
        let wait = browser
            .get(&format!("{}/wwlogin/sso/wait?ticket={ticket}", self.wecom))
            .await;
        wait.location
            .clone()
            .unwrap_or_else(|| panic!("WeCom did not send the browser back: {}", wait.body))
    }
}

//! Names of members of companies that are connected by an app of a service provider: shown by WeCom's display component, to whoever proved by a scan with
//! WeCom of that company that they may see them, in that session (product.md §3 S3.2, S3.3; reference 9.10, 11).

mod ending;
mod pages;
mod proving;
mod refused;
mod signing;

use simulator::sample;

use crate::{
    actors::{Browser, Page},
    console::send,
    fixture::Fixture,
    installations::{Scanner, console::leads_to, scan_at},
};

/// What the simulated WeCom shows names by.
pub const ELEMENT: &str = "<ww-open-data";

/// A page of the console as a browser got it: status, policy and text.
pub struct Got {
    /// Status.
    pub status: u16,
    /// `Content-Security-Policy`.
    pub policy: String,
    /// Body.
    pub body: String,
}

/// Opens a page of the console with the session of this browser.
pub async fn got(fixture: &Fixture, browser: &Browser, path: &str) -> Got {
    let cookie = browser.cookie("menjin_session").unwrap();
    let request = fixture.http.get(format!("{}{path}", fixture.base));
    let reply = request
        .header("accept-language", "en")
        .header("cookie", format!("menjin_session={cookie}"))
        .send()
        .await
        .unwrap();
    Got {
        status: reply.status().as_u16(),
        policy: reply.headers()["content-security-policy"].to_str().unwrap().to_owned(),
        body: reply.text().await.unwrap(),
    }
}

/// Begins a scan; the address of WeCom's login page.
pub async fn begun(fixture: &Fixture, browser: &Browser, source: &str, back: &str) -> String {
    let form = [("back", back)];
    let left = send(fixture, browser, &format!("/console/names/{source}/scan"), &form).await;
    leads_to(&left.body)
}

/// Begins a scan and scans; the address at which WeCom sends the browser back.
pub async fn scanned(fixture: &Fixture, browser: &Browser, source: &str, who: Scanner<'_>) -> String {
    let login = begun(fixture, browser, source, "/console/people").await;
    let back = scan_at(fixture, browser, &login, who).await;
    assert!(
        back.starts_with(&format!("{}/console/names/return?", fixture.base)),
        "{back}"
    );
    back
}

/// Proves that names of the first sample corp may be shown in this browser's session; the page that follows.
pub async fn proved(fixture: &Fixture, browser: &Browser, source: &str) -> Page {
    let back = scanned(fixture, browser, source, Scanner::Member(sample::CORP, sample::NORMAL)).await;
    let page = browser.open(&back).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// Whether names are shown to this browser.
pub async fn sees_names(fixture: &Fixture, browser: &Browser) -> bool {
    let page = got(fixture, browser, "/console/people/members").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let (shown, loads) = (page.body.contains(ELEMENT), page.body.contains("/open-data.js"));
    assert_eq!(shown, loads, "{}", page.body);
    assert_eq!(loads, page.policy.contains("frame-src"), "{}", page.policy);
    assert!(!page.body.contains("<!--name"), "{}", page.body);
    shown
}

//! Companies that install an app of the service provider: connecting one in the browser and by phone, what late, doubled and lost pushes come to, and
//! disconnecting one (product.md §3 S5, reference 9.2 to 9.6).

mod browser;
mod changes;
pub mod console;
mod ending;
mod in_time;
mod phone;
mod pushes;
mod races;

use serde_json::{Value, json};
use simulator::{Delivery, Push, SuiteCallback, sample, world::Scope};

use crate::{
    actors::{Admin, Browser, id, text},
    fixture::Fixture,
    suites,
};

/// Whoever agrees on WeCom's page.
const BY: &str = sample::ADMIN;

/// What is chosen there unless a test says otherwise: 研发中心 with all below, and one member.
fn chosen() -> Scope {
    Scope {
        users: vec![sample::BY_PICK.to_owned()],
        parties: vec![2],
        tags: Vec::new(),
    }
}

/// Makes an invitation.
pub async fn invite(admin: &Admin, suite: &Value, body: Value) -> Value {
    admin.create(&format!("suites/{}/invitations", id(suite)), body).await
}

/// An invitation as it stands now.
async fn invitation(fixture: &Fixture, invited: &Value) -> Value {
    let path = format!("suites/{}/invitations/{}", text(invited, "suite_id"), id(invited));
    fixture.admin().get(&path).await
}

/// A parameter of an address.
pub fn parameter(url: &str, name: &str) -> String {
    let url = reqwest::Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name} in {url}")).1.into_owned()
}

/// Agrees on WeCom's install page; the address that the browser is sent back to.
pub async fn agree(fixture: &Fixture, install_url: &str, corp: &str) -> String {
    let browser = fixture.browser();
    let page = browser.get(install_url).await;
    assert!(page.body.contains("同意以上授权并添加"), "{}", page.body);
    let (suite, code) = (
        parameter(install_url, "suite_id"),
        parameter(install_url, "pre_auth_code"),
    );
    let (back, state) = (parameter(install_url, "redirect_uri"), parameter(install_url, "state"));
    let (by, picked) = match corp {
        sample::CORP => (BY, format!("user-{}", sample::BY_PICK)),
        _ => ("baishi", "user-moyan".to_owned()),
    };
    let form = [
        ("suite_id", suite.as_str()),
        ("pre_auth_code", &code),
        ("redirect_uri", &back),
        ("state", &state),
        ("corp", corp),
        ("by", by),
        ("party-2", "on"),
        (&picked, "on"),
        ("answer", "agree"),
    ];
    let agreed = browser
        .post(&format!("{}/3rdapp/install", fixture.wecom.base_url()), &form)
        .await;
    agreed.location.unwrap_or_else(|| panic!("{}", agreed.body))
}

/// What the install page came back with, for the API.
pub fn back_with(address: &str) -> Value {
    json!({ "state": parameter(address, "state"), "auth_code": parameter(address, "auth_code") })
}

/// Installs in the browser, as far as the API's last step; the invitation and what it is to be redeemed with.
async fn agreed(fixture: &Fixture, suite: &Value) -> (Value, Value) {
    let invited = invite(&fixture.admin(), suite, json!({ "way": "browser", "import": "all" })).await;
    let back = agree(fixture, text(&invited, "install_url"), sample::CORP).await;
    assert!(
        back.starts_with(&format!("{}/console/installations/return?", fixture.base)),
        "{back}"
    );
    (invited, back_with(&back))
}

/// Connects the first sample corp in the browser; its installation, whose people have been read.
pub async fn connected(fixture: &Fixture, suite: &Value) -> Value {
    let (_, back) = agreed(fixture, suite).await;
    let invited = fixture.admin().create("installations/returned", back).await;
    assert_eq!(invited["stage"], "connected", "{invited}");
    tick(fixture).await;
    tick(fixture).await;
    read(fixture, text(&invited, "installation_id")).await
}

/// An installation as it stands now.
async fn read(fixture: &Fixture, id: &str) -> Value {
    fixture.admin().get(&format!("installations/{id}")).await
}

/// The installations there are.
async fn all(fixture: &Fixture) -> Vec<Value> {
    fixture.admin().items("installations").await
}

/// The one installation there is.
async fn only(fixture: &Fixture) -> Value {
    let mut found = all(fixture).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Runs what is due, and waits for what that began.
pub async fn tick(fixture: &Fixture) {
    fixture.app.tick().await.unwrap();
    fixture.wait_for_background_work().await;
}

/// Installs on the phone, and lets what WeCom pushes be acted on.
async fn install_by_phone(fixture: &Fixture) {
    let code = fixture
        .wecom
        .install(sample::CORP, sample::SUITE, (BY, chosen()), Delivery::default())
        .await;
    assert!(code.is_some());
    tick(fixture).await;
}

/// Somebody who scans.
pub enum Scanner<'a> {
    /// Of a company, by userid.
    Member(&'a str, &'a str),
    /// A member of the company whose app they sign in at.
    Own(&'a str),
    /// Of no company.
    Outsider,
    /// Of a company that is linked with the first sample corp.
    Linked,
}

/// Scans at WeCom's login page; the address that the browser is sent back to.
pub async fn scan_at(fixture: &Fixture, browser: &Browser, login_url: &str, who: Scanner<'_>) -> String {
    let shown = browser.open(login_url).await;
    let phone = shown.link("/phone/");
    let ticket = phone.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let form = match who {
        Scanner::Member(corp, userid) => vec![("corp", corp), ("userid", userid)],
        Scanner::Own(userid) => vec![("as", "member"), ("userid", userid)],
        Scanner::Outsider => vec![("corp", sample::CORP), ("as", "outsider")],
        Scanner::Linked => vec![("corp", sample::CORP), ("as", "linked")],
    };
    let wecom = fixture.wecom.base_url();
    let done = browser.post(&format!("{wecom}/phone/{ticket}"), &form).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let wait = browser.get(&format!("{wecom}/wwlogin/sso/wait?ticket={ticket}")).await;
    wait.location.unwrap_or_else(|| panic!("not sent back: {}", wait.body))
}

/// *I have installed it*, and the scan; what it is to be bound with.
async fn scanned(fixture: &Fixture, admin: &Admin, invited: &Value, who: Scanner<'_>) -> Value {
    let path = format!("suites/{}/invitations/{}/scan", text(invited, "suite_id"), id(invited));
    let begun = admin.create(&path, json!({})).await;
    let back = scan_at(fixture, &fixture.browser(), text(&begun, "login_url"), who).await;
    assert!(
        back.starts_with(&format!("{}/console/installations/scanned?", fixture.base)),
        "{back}"
    );
    json!({ "state": parameter(&back, "state"), "code": parameter(&back, "code") })
}

/// The suite, entered and with a ticket.
pub async fn suite(fixture: &Fixture) -> Value {
    let suite = suites::connected(fixture).await;
    suites::ticket(fixture).await;
    suite
}

/// A second suite, likewise.
async fn another_suite(fixture: &Fixture, entered: Value) -> Value {
    let suite = fixture.admin().create("suites", entered).await;
    suites::save(fixture, &suite, SuiteCallback::Command).await.unwrap();
    let ticket = fixture
        .wecom
        .push(text(&suite, "suite_id"), &Push::SuiteTicket, Delivery::default())
        .await;
    assert!(ticket.taken, "{ticket:?}");
    suite
}

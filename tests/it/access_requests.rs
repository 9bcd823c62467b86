//! Access requests: a member who is not imported asks by the proof of the scan just made, an approver answers, and both are told (docs/access-requests.md).

mod bounds;
mod bounds_of_approvers;
pub mod cards;
mod closing;
mod deciding;
mod durability;
mod ending;
mod groups;
mod hostile;
mod kills;
pub mod link;
mod one_of_many;
mod person;
mod pressed;
mod privacy;
mod waiting_presses;
mod ways;
mod whose;

use std::collections::BTreeMap;

use entity::notice;
use menjin::{
    app::App,
    crypto::seal::Sealer,
    kernel::{entropy::Entropy, secret::Secret},
};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, Page, Portal, Reply, id, text},
    fixture::Fixture,
};

/// The first sample corp, whose members are chosen and may ask, and the portal `wiki`.
pub async fn asking(fixture: &Fixture) -> (Value, Portal) {
    let takes = json!({ "import": "chosen", "access_requests": true });
    let source = fixture.connect_with(takes).await;
    let portal = fixture.portal("wiki", json!({ "name": "维基 Wiki" })).await;
    (source, portal)
}

/// Somebody scans and is refused, because nobody imported them: the page.
pub async fn refused(fixture: &Fixture, portal: &Portal, browser: &Browser, userid: &str) -> Page {
    let page = portal.sign_in(fixture, browser, As::Member(userid)).await;
    assert!(page.status == 403 && page.body.contains("GT-110"), "{}", page.body);
    page
}

/// The page where somebody who was refused applies.
pub async fn own_page(fixture: &Fixture, portal: &Portal, browser: &Browser, userid: &str) -> Page {
    let refused = refused(fixture, portal, browser, userid).await;
    let page = browser.open(&refused.link("/access-request/")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// Sends the form of that page; the page that follows.
pub async fn send(browser: &Browser, form: &Page, reason: &str) -> Page {
    let confirm = form.field("confirm");
    browser
        .submit(&form.url, &[("confirm", &confirm), ("reason", reason)])
        .await
}

/// Somebody scans, is refused, and applies: the page that says where it stands.
pub async fn apply(fixture: &Fixture, portal: &Portal, browser: &Browser, userid: &str, reason: &str) -> Page {
    let form = own_page(fixture, portal, browser, userid).await;
    let page = send(browser, &form, reason).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// 李华 applies in a browser of their own; the request as the API shows it.
pub async fn applied(fixture: &Fixture, portal: &Portal) -> (Browser, Value) {
    let browser = fixture.browser();
    apply(fixture, portal, &browser, sample::NORMAL, "").await;
    let open = fixture.admin().items("access-requests?state=open").await;
    assert_eq!(open.len(), 1, "{open:?}");
    (browser, fixture.admin().get(&path(&open[0], "")).await)
}

/// The path of a request in the API, and of what can be done about it.
pub fn path(request: &Value, act: &str) -> String {
    format!("access-requests/{}{act}", id(request))
}

/// Decides a request over the API.
pub async fn decide(fixture: &Fixture, request: &Value, act: &str, body: Value) -> Reply {
    let act = format!("/{act}");
    fixture.admin().call("POST", &path(request, &act), Some(body)).await
}

/// A request as it stands.
pub async fn standing(fixture: &Fixture, request: &Value) -> Value {
    fixture.admin().get(&path(request, "")).await
}

/// Runs the jobs that are due.
pub async fn tick(fixture: &Fixture) {
    fixture.app.tick().await.unwrap();
}

/// A notice of the outbox, opened.
#[derive(Debug)]
pub struct Notice {
    /// The matter.
    pub subject: String,
    /// What it says.
    pub facts: BTreeMap<String, String>,
    /// Where it leads.
    pub path: Option<String>,
    /// Task id of its card.
    pub card: Option<String>,
}

/// The notices of the outbox about this, the oldest first.
pub async fn notices(fixture: &Fixture, topic: &str) -> Vec<Notice> {
    notices_of(&fixture.app, topic).await
}

async fn notices_of(app: &App, topic: &str) -> Vec<Notice> {
    // The key that the fixture's storage is sealed under.
    let hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let key: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    let sealer = Sealer::new(&Secret::new(key), Entropy::system()).unwrap();
    let rows = notice::Entity::find()
        .order_by_asc(notice::Column::Id)
        .all(app.database().reader())
        .await
        .unwrap();
    let rows = rows.into_iter().filter(|row| row.topic == topic);
    let opened = rows.map(|row| {
        let content = sealer.open("notice.content", &row.content).unwrap();
        let content: Value = serde_json::from_slice(content.expose()).unwrap();
        Notice {
            subject: row.subject,
            facts: serde_json::from_value(content["facts"].clone()).unwrap(),
            path: content["path"].as_str().map(str::to_owned),
            card: row.card,
        }
    });
    opened.collect()
}

/// The link that approvers were sent last.
pub async fn link(fixture: &Fixture) -> String {
    let told = notices(fixture, "access_requested").await.pop().unwrap();
    format!("{}{}", fixture.base, told.path.unwrap())
}

/// A user who is a member of the first corp: imported, so that they can sign in by a scan.
pub async fn imported(fixture: &Fixture, userid: &str) -> Value {
    let members = fixture.admin().items(&format!("members?q={userid}")).await;
    let member = members.iter().find(|member| member["userid"] == userid).unwrap();
    let imported = fixture
        .admin()
        .create(&format!("members/{}/import", id(member)), json!({}))
        .await;
    fixture
        .admin()
        .get(&format!("users/{}", text(&imported, "user_id")))
        .await
}

/// Names this user an approver of the data source.
pub async fn name_approver(fixture: &Fixture, source: &Value, user: &Value) {
    let path = format!("data-sources/{}", id(source));
    let named = fixture.admin().change(&path, json!({ "approvers": [id(user)] })).await;
    assert_eq!(named["approvers"], json!([id(user)]));
}

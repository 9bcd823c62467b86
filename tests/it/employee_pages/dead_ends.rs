//! Whatever is repeated, stale, reloaded, opened twice or elsewhere: each page has a sentence, and a next step that works.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use super::{absolute, ways};
use crate::{
    actors::{As, Browser, Page, Portal},
    fixture::Fixture,
    scenario,
    signin::in_app_callback,
};

/// A page that cannot go on by itself, and how it came about.
struct Stuck {
    how: &'static str,
    browser: Browser,
    page: Page,
}

fn stuck(how: &'static str, browser: Browser, page: Page) -> Stuck {
    Stuck { how, browser, page }
}

/// The page says what happened, and its best way on works: at the portal, or here without an error.
async fn leads_on(stuck: &Stuck) {
    let Stuck { how, browser, page } = stuck;
    assert!(
        page.status >= 400,
        "{how}: not a failure: {} {}",
        page.status,
        page.body
    );
    assert!(
        page.body.contains("role=\"alert\""),
        "{how}: no sentence: {}",
        page.body
    );
    let ways = ways(page);
    assert!(!ways.is_empty(), "{how}: a dead end: {}", page.body);
    for (label, way) in &ways {
        if way.starts_with("https://wiki.portal.example/") {
            continue;
        }
        let next = browser.open(&absolute(page, way)).await;
        let arrived = next.status < 400 && next.url != page.url;
        assert!(arrived, "{how}: {label} ({way}) leads to {} {}", next.status, next.url);
    }
}

async fn all_lead_on(pages: Vec<Stuck>) {
    for page in &pages {
        leads_on(page).await;
    }
}

/// Addresses that are simply old, unknown or wrong.
async fn addresses(fixture: &Fixture, portal: &Portal) -> Vec<Stuck> {
    let mut all = Vec::new();
    for (how, path) in [
        ("an old bookmark of a login page", "/login"),
        ("a bookmark of the callback", "/wecom/callback"),
        (
            "a bookmark of the callback with its query",
            "/wecom/callback?code=x&state=0123456789abcdef0123456789abcdef",
        ),
        ("a callback twice in one", "/wecom/callback?state=a&state=b"),
        ("an unknown journey", "/signin/nobody-began-this"),
        (
            "an unknown confirmation",
            "/signin/confirm/00000000000000000000000000000000",
        ),
        ("an unknown notice", "/signin/notice/00000000000000000000000000000000"),
        ("an unknown code page", "/signin/code/00000000000000000000000000000000"),
        ("an unknown enrolment", "/signin/enrol/00000000000000000000000000000000"),
        (
            "a used one-time link",
            "/password/0123456789012345678901234567890123456789012",
        ),
        ("another", "/totp/0123456789012345678901234567890123456789012"),
        ("an old consent", "/oauth2/consent/00000000000000000000000000000000"),
        ("an old request", "/oauth2/authorize/resume?request=gone"),
        ("an authorize link of nobody", "/oauth2/authorize?client_id=nobody"),
        ("a form's address", "/account/sessions/end-all"),
    ] {
        for travelled in [false, true] {
            let browser = fixture.browser();
            if travelled {
                browser.open(&portal.authorize_url(&[])).await;
            }
            let page = browser.get(&format!("{}{path}", fixture.base)).await;
            all.push(stuck(how, browser, page));
        }
    }
    let browser = fixture.browser();
    let page = browser
        .open(&portal.authorize_url(&[("redirect_uri", "https://elsewhere.example/")]))
        .await;
    all.push(stuck("a wrong return address", browser, page));
    all
}

/// Steps of a sign-in that come too late.
async fn stale(fixture: &Fixture, portal: &Portal) -> Vec<Stuck> {
    let mut all = Vec::new();
    let late = fixture.browser();
    let login = late.open(&portal.authorize_url(&[])).await;
    let scanned = portal
        .to_callback(fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    fixture.advance(Duration::from_secs(16 * 60));
    let page = late.get(&login.url).await;
    let go = late.get(&login.link("/go/")).await;
    all.push(stuck("a login page left open too long", late, page));
    all.push(stuck("its link", fixture.browser(), go));
    let browser = fixture.browser();
    let page = browser.open(&scanned).await;
    all.push(stuck("a scan after the state died", browser, page));
    all
}

/// What was done already, once more.
async fn repeated(fixture: &Fixture, portal: &Portal) -> Vec<Stuck> {
    let mut all = Vec::new();
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    fixture.advance(Duration::from_secs(5));
    let shown = browser.open(&login.link("/go/")).await;
    let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
    let first = browser.get(&callback).await;
    let resumed = browser.get(first.location.as_ref().unwrap()).await;
    assert!(resumed.returned("code").is_some(), "{}", resumed.body);
    // The browser's Back leads to the login page of a sign-in that is over: it says so, and where it goes on.
    let back = browser.get(&login.url).await;
    assert!(back.body.contains("You are signed in by now"), "{}", back.body);
    let page = browser.open(&back.link("/oauth2/authorize/resume")).await;
    assert_eq!(ways(&page)[0].1, "https://wiki.portal.example/", "{}", page.body);
    assert!(ways(&page)[0].0.contains("You are signed in"), "{}", page.body);
    fixture.advance(Duration::from_secs(61));
    let page_again = browser.get(&callback).await;
    all.push(stuck("the way on from Back after signing in", browser, page));
    all.push(stuck("a callback sent again later", fixture.browser(), page_again));

    let browser = fixture.browser();
    let page = portal
        .sign_in(fixture, &browser, As::Member(sample::OUT_OF_SCOPE))
        .await;
    let reloaded = browser.get(&page.url).await;
    assert_eq!(page.reference(), reloaded.reference(), "the same occurrence");
    fixture.advance(Duration::from_secs(61));
    let later = browser.get(&page.url).await;
    all.push(stuck("a reloaded refusal", browser, reloaded));
    all.push(stuck("one reloaded later", fixture.browser(), later));
    all
}

/// What was begun in another browser.
async fn elsewhere(fixture: &Fixture, portal: &Portal) -> Vec<Stuck> {
    let mut all = Vec::new();
    let callback = portal
        .to_callback(fixture, &fixture.browser(), As::Member(sample::NORMAL))
        .await;
    let other = fixture.browser();
    let page = other.open(&callback).await;
    assert_eq!(ways(&page)[0].1, "https://wiki.portal.example/", "{}", page.body);
    all.push(stuck("a state of another browser", other, page));

    let callback = in_app_callback(fixture, portal).await;
    let asked = fixture.browser();
    let question = asked.open(&callback).await;
    let action = question.url.clone();
    let thief = fixture.browser();
    let page = thief.submit(&action, &[]).await;
    all.push(stuck("a confirmation of another browser", thief, page));
    assert!(asked.submit(&action, &[]).await.returned("code").is_some());
    let page = asked.submit(&action, &[]).await;
    assert!(ways(&page)[0].0.contains("You are signed in"), "{}", page.body);
    all.push(stuck("a confirmation given twice", asked, page));
    all
}

/// Addresses and forms of a living journey that are cut, or were put together by hand: back to its login page.
async fn broken(fixture: &Fixture, portal: &Portal) -> Vec<Stuck> {
    let mut all = Vec::new();
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    for (how, path) in [
        ("a login page with a slash behind it", "/"),
        ("an auth source that is no id", "/go/first"),
        ("half of an address", "/go/"),
    ] {
        let page = browser.get(&format!("{}{path}", login.url)).await;
        all.push(stuck(how, fixture.browser(), page));
    }
    let page = browser
        .post(&format!("{}/password", login.url), &[("username", "x")])
        .await;
    all.push(stuck("a form without half of its fields", browser, page));
    for stuck in &all {
        let first = absolute(&stuck.page, &ways(&stuck.page)[0].1);
        assert_eq!(first, login.url, "{}", stuck.how);
    }
    let browser = fixture.browser();
    let page = browser.post(&format!("{}/device", fixture.base), &[("x", "y")]).await;
    assert_eq!(ways(&page)[0].1, "/device", "{}", page.body);
    all
}

scenario!(no_page_of_a_sign_in_is_a_dead_end, |fixture: Fixture| async move {
    fixture.connect().await;
    let portal = fixture.portal("wiki", json!({})).await;
    // One after the other: what is looked at later is older.
    all_lead_on(addresses(&fixture, &portal).await).await;
    all_lead_on(broken(&fixture, &portal).await).await;
    all_lead_on(repeated(&fixture, &portal).await).await;
    all_lead_on(elsewhere(&fixture, &portal).await).await;
    all_lead_on(stale(&fixture, &portal).await).await;
});

scenario!(
    a_portal_that_has_sign_ins_begun_is_gone_back_to_there,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let metadata = json!({ "initiate_login_uri": "https://wiki.portal.example/start" });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let browser = fixture.browser();
        let callback = portal
            .to_callback(&fixture, &fixture.browser(), As::Member(sample::NORMAL))
            .await;
        let page = browser.open(&callback).await;
        let (label, way) = ways(&page).remove(0);
        assert!(label.contains("Start again at"), "{label}");
        let way = reqwest::Url::parse(&way).unwrap();
        assert_eq!(way.path(), "/start");
        let issuer = way.query_pairs().find(|(name, _)| name == "iss").unwrap().1;
        assert_eq!(issuer, fixture.base, "OpenID Connect Core 4");
    }
);

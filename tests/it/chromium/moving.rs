//! The notice of the customer's document 002 (注意), in real Chromium with script, in both languages, on a phone and on a desk: a company that is connected by an
//! app of the service provider goes over to its own, and back. What was imported is overwritten, nobody can sign in at the service provider's app any more, and
//! what portals know of people stays.

use serde_json::json;
use simulator::sample;

use super::{
    Chromium,
    person::{CONNECTING, ON_A_DESK, ON_A_PHONE, Person, closed, opened, window},
};
use crate::{
    actors::{Portal, id_claims, text},
    moving::Company,
    suite_sign_in::{auth_source_of, told},
};

/// Clicks from the company's page to the change.
const CLICKS: usize = 6;

/// Fills a field of the form.
async fn fills(person: &Person<'_>, name: &str, value: &str) {
    person.browser.types(&format!("input[name='{name}']"), value).await;
}

/// The company, connected in the browser, all of whose members are imported.
async fn connects(person: &mut Person<'_>) -> Company {
    person.connects_in_browser().await;
    let admin = person.fixture.admin();
    let source = admin.items("data-sources").await.remove(0);
    let source = text(&source, "id").to_owned();
    // The suite sees far fewer than the company's own app.
    let all =
        json!({ "import": "all", "removal_threshold_percent": 100, "guard": { "departures": { "count": 1000 } } });
    admin.change(&format!("data-sources/{source}"), all).await;
    person.fixture.sync(&source).await;
    let way = auth_source_of(person.fixture, &source).await;
    Company {
        auth_source: text(&way, "id").to_owned(),
        source,
    }
}

/// 已导入的通讯录数据会在完成自建应用接入后被覆盖: what the list of members shows of 李华.
async fn members_show(person: &Person<'_>, company: &Company, (shown, gone): (&[&str], &[&str])) {
    let found = async |word: &str| {
        let list = format!("/console/people/members?data_source={}&q={word}", company.source);
        person.opens(&list).await;
        person.browser.text("main").await
    };
    let members = found(shown[0]).await;
    for word in shown {
        assert!(members.contains(word), "{word}: {members}");
    }
    for word in gone {
        let members = found(word).await;
        assert!(!members.contains(word), "{word}: {members}");
    }
}

/// Waits until the rehearsal has ended, and looks again.
async fn rehearsal_ends(person: &mut Person<'_>, company: &Company) {
    // The page names the run.
    person.browser.find("a[href*='/console/sync/']").await;
    let moves = format!("data-sources/{}/moves", company.source);
    let one = person.fixture.admin().items(&moves).await.remove(0);
    let run = text(&one["rehearsal"], "run_id").to_owned();
    person.fixture.admin().watch(&run).await;
    person.opens(&format!("/console/moves/{}", company.source)).await;
}

async fn moves(person: &mut Person<'_>, company: &Company) {
    person.opens(&format!("/console/wecom/{}", company.source)).await;
    person.click("a.button[href*='/console/moves/']").await;
    let notice = [
        ("被新应用返回的数据覆盖", "overwritten by those that the new app shows"),
        (
            "无法再通过服务商应用登录",
            "nobody can sign in through the service provider's app any more",
        ),
    ];
    for said in notice {
        person.reads(".problem.warning", said).await;
    }
    person.look("move-notice").await;
    fills(person, "corp_id", sample::CORP).await;
    fills(person, "agent_id", &sample::AGENT_ID.to_string()).await;
    fills(person, "app_secret", sample::APP_SECRET).await;
    person.click("form.fields .button").await;
    person.click("form[action$='/pair'] .button").await;
    person.browser.find("ul.counts strong").await;
    person.look("move-pairs").await;
    person.click("form[action$='/rehearse'] .button").await;
    rehearsal_ends(person, company).await;
    person.browser.find(".state.rehearsed").await;
    person.look("move-rehearsed").await;
    person.click("a.button[href$='/change']").await;
    for said in notice {
        person.reads(".problem.warning", said).await;
    }
    person.look("move-change").await;
    person.click("form.fields .button").await;
    person.browser.find("a.button[href$='/undo']").await;
    person.look("move-done").await;
    company.settled(person.fixture).await;
}

async fn takes_it_back(person: &mut Person<'_>, company: &Company) {
    person.opens(&format!("/console/moves/{}", company.source)).await;
    person.click("a.button[href$='/undo']").await;
    person.look("move-undo").await;
    person.click("form.fields .button").await;
    person.browser.find("input[name='app_secret']").await;
    person.look("move-undone").await;
    company.settled(person.fixture).await;
}

/// Somebody stands at the service provider's app, and has not scanned yet.
async fn stands_at_the_suite(employee: &Chromium, (portal, lang): (&Portal, &str)) {
    let start = portal.authorize_url(&[("ui_locales", lang)]);
    employee.driver.goto(start).await.unwrap();
    employee.leaves_for_wecom().await;
    employee.find("a[href*='/phone/']").await;
}

async fn goes_through(at: (&'static str, u32)) {
    let Some((fixture, browser)) = opened(at).await else {
        return;
    };
    let Some(employee) = window(at.0, at.1).await else {
        return;
    };
    let mut person = Box::pin(Person::at_console((&fixture, &browser), at)).await;
    let company = Box::pin(connects(&mut person)).await;
    assert_eq!(person.clicks, CONNECTING, "clicks of connecting");
    let way = json!({ "auth_sources": [company.auth_source] });
    let portal = fixture.portal("wiki", way).await;
    let before = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    let (old, own) = (told(&fixture, sample::NORMAL), [sample::NORMAL, "李华"]);
    Box::pin(members_show(&person, &company, (&[&old], &own))).await;
    stands_at_the_suite(&employee, (&portal, at.0)).await;
    let so_far = person.clicks;
    Box::pin(moves(&mut person, &company)).await;
    assert_eq!(person.clicks - so_far, CLICKS, "clicks of moving");
    Box::pin(members_show(&person, &company, (&own, &[&old]))).await;
    // 无法再登录第三方应用.
    let sessions = fixture.admin().items("sessions?limit=200").await.len();
    employee.confirm_on_the_phone(sample::NORMAL).await;
    employee.find("[role='alert']").await;
    assert_eq!(fixture.admin().items("sessions?limit=200").await.len(), sessions);
    // 已产生的应用业务数据不受影响.
    let after = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
    assert_eq!(id_claims(&after)["sub"], id_claims(&before)["sub"]);
    let refreshed = portal.refresh(text(&before, "refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    Box::pin(takes_it_back(&mut person, &company)).await;
    closed(employee).await;
    closed(browser).await;
}

#[actix_web::test]
async fn chromium_moves_a_company_to_its_own_app_on_a_phone_in_chinese() {
    Box::pin(goes_through(ON_A_PHONE)).await;
}

#[actix_web::test]
async fn chromium_moves_a_company_to_its_own_app_on_a_desk_in_english() {
    Box::pin(goes_through(ON_A_DESK)).await;
}

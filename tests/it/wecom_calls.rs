//! What insiders and strangers can have WeCom asked: nobody uses up what WeCom allows the corp, and nobody is out for want of an answer.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::{
    sample,
    world::{Fault, FaultKind},
};

use crate::{
    actors::{As, Browser, Page, Portal, id},
    fixture::Fixture,
    scenario,
    signin::state_of,
};

/// What WeCom allows the corp in a minute, in these tests.
const ALLOWED: u32 = 40;
/// Looks at one member that sessions may cause in a minute.
const PER_MEMBER: usize = 30;
/// Codes one journey may try that WeCom does not know.
const UNKNOWN_CODES: usize = 5;

/// A portal that has memberships confirmed every ten minutes, and takes no older confirmation while WeCom does not answer.
async fn careful_portal(fixture: &Fixture) -> Portal {
    let bounds = json!({ "membership_max_age": 600, "membership_grace": 0 });
    fixture.portal("wiki", bounds).await
}

fn looks(fixture: &Fixture) -> usize {
    fixture.wecom.calls("user/get")
}

/// The error of a silent request, or `code`.
async fn silently(portal: &Portal, browser: &Browser) -> String {
    let page = portal.authorize_silently(browser).await;
    match page.returned("code") {
        Some(_) => "code".to_owned(),
        None => page.returned("error").unwrap(),
    }
}

/// So many silent requests at once: what they were answered, and how many looks they cost.
async fn storm(fixture: &Fixture, portal: &Portal, browser: &Browser, many: usize) -> (Vec<String>, usize) {
    let before = looks(fixture);
    let answers = join_all((0..many).map(|_| silently(portal, browser))).await;
    (answers, looks(fixture) - before)
}

async fn scans_in(fixture: &Fixture, portal: &Portal, userid: &str) {
    let page = portal.sign_in(fixture, &fixture.browser(), As::Member(userid)).await;
    assert!(page.returned("code").is_some(), "{userid}: {}", page.body);
}

/// From now on WeCom stops the corp after [`ALLOWED`] calls of one API in a minute; the minute is new.
fn limit(fixture: &Fixture) {
    fixture.advance(Duration::from_secs(120));
    fixture.wecom.edit(|world| world.limits.corp_per_minute = ALLOWED);
}

scenario!(
    somebody_wecom_no_longer_shows_does_not_stop_the_others,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL));
        fixture.advance(Duration::from_secs(600));
        limit(&fixture);
        let (answers, cost) = storm(&fixture, &portal, &browser, 200).await;
        assert!(cost <= PER_MEMBER, "{cost} looks");
        let known = ["access_denied", "login_required", "temporarily_unavailable"];
        assert!(
            answers.iter().all(|error| known.contains(&error.as_str())),
            "{answers:?}"
        );
        let (answers, cost) = storm(&fixture, &portal, &browser, 20).await;
        assert_eq!(cost, 0, "the session is over");
        assert!(answers.iter().all(|error| error == "login_required"), "{answers:?}");
        scans_in(&fixture, &portal, sample::ADMIN).await;
    }
);

// The cached scope does not cover them, so every visit asks WeCom.
scenario!(
    somebody_about_whom_wecom_must_be_asked_each_time_does_not_stop_the_others,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        fixture.edit_corp(|corp| {
            let app = corp.apps.get_mut(&sample::AGENT_ID).unwrap();
            app.scope.users.push(sample::OUT_OF_SCOPE.to_owned());
        });
        let browser = fixture.browser();
        let tokens = portal.tokens(&fixture, &browser, sample::OUT_OF_SCOPE).await;
        limit(&fixture);
        let (mut answers, cost) = storm(&fixture, &portal, &browser, 200).await;
        assert!(cost <= PER_MEMBER, "{cost} looks");
        for _ in 0..PER_MEMBER {
            answers.push(silently(&portal, &browser).await);
        }
        let known = ["code", "temporarily_unavailable"];
        assert!(
            answers.iter().all(|answer| known.contains(&answer.as_str())),
            "nobody is out for want of an answer: {answers:?}"
        );
        let token = tokens["refresh_token"].as_str().unwrap();
        let refused = portal.refresh(token).await;
        assert_eq!(refused.refusal(), (503, "temporarily_unavailable"), "{}", refused.body);
        scans_in(&fixture, &portal, sample::ADMIN).await;
        fixture.advance(Duration::from_secs(61));
        assert_eq!(silently(&portal, &browser).await, "code");
        let later = portal.refresh(token).await;
        assert_eq!(later.status, 200, "nothing was used up: {}", later.body);
    }
);

scenario!(
    the_sessions_of_a_corp_together_leave_room_for_scans,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        let base = fixture.restart_with(&[("WECOM__LOOKS_PER_MINUTE", "5")]).await;
        let portal = portal.at(&base);
        let mut browsers = Vec::new();
        for userid in [sample::NORMAL, sample::ADMIN, sample::BY_TAG, sample::BY_PICK] {
            let browser = fixture.browser();
            portal.tokens(&fixture, &browser, userid).await;
            browsers.push(browser);
            fixture.advance(Duration::from_secs(61));
        }
        fixture.advance(Duration::from_secs(601));
        // Refused so, a call is not repeated: each look is one.
        fixture.add_fault(Fault::new("/cgi-bin/user/get", FaultKind::Errcode(45009)));
        let before = looks(&fixture);
        for browser in &browsers {
            for _ in 0..5 {
                assert_eq!(silently(&portal, browser).await, "temporarily_unavailable");
            }
        }
        assert_eq!(looks(&fixture) - before, 5);
        fixture.mend_wecom();
        assert_eq!(silently(&portal, &browsers[0]).await, "temporarily_unavailable");
        scans_in(&fixture, &portal, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(61));
        for browser in &browsers {
            assert_eq!(silently(&portal, browser).await, "code");
        }
    }
);

// A large company refreshes in the morning. What counts while WeCom is down counts also while there is no room to ask it.
scenario!(
    whom_there_is_no_room_to_ask_about_goes_on_for_the_grace_and_then_no_more,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let bounds = json!({ "membership_max_age": 600, "membership_grace": 3600 });
        let portal = fixture.portal("wiki", bounds).await;
        let portal = portal.at(&fixture.restart_with(&[("WECOM__LOOKS_PER_MINUTE", "2")]).await);
        let mut browsers = Vec::new();
        for userid in [sample::ADMIN, sample::BY_TAG, sample::NORMAL, sample::BY_PICK] {
            let browser = fixture.browser();
            portal.tokens(&fixture, &browser, userid).await;
            browsers.push(browser);
            fixture.advance(Duration::from_secs(61));
        }
        fixture.advance(Duration::from_secs(601));
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let before = looks(&fixture);
        for browser in &browsers {
            assert_eq!(silently(&portal, browser).await, "code");
        }
        assert_eq!(looks(&fixture) - before, 2);
        // Their turn comes in the next minute.
        fixture.advance(Duration::from_secs(61));
        assert_ne!(silently(&portal, &browsers[2]).await, "code");
        assert_eq!(silently(&portal, &browsers[3]).await, "code");
        fixture.advance(Duration::from_secs(4201));
        for (browser, answer) in [(0, "code"), (1, "code"), (3, "temporarily_unavailable")] {
            assert_eq!(silently(&portal, &browsers[browser]).await, answer);
        }
        let trace = fixture.admin().items("audit-events?kind=refused").await.remove(0);
        assert_eq!(
            (&trace["number"], &trace["detail"]["live"]),
            (&json!("GT-118"), &json!("OverBudget")),
            "{trace}"
        );
        fixture.advance(Duration::from_secs(61));
        assert_eq!(silently(&portal, &browsers[3]).await, "code");
    }
);

// Each repetition after a broken reply is a call that WeCom counts.
scenario!(
    what_is_repeated_while_wecom_is_broken_stays_within_the_bound_as_well,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        let base = fixture.restart_with(&[("WECOM__LOOKS_PER_MINUTE", "4")]).await;
        let portal = portal.at(&base);
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        fixture.advance(Duration::from_secs(601));
        fixture.break_wecom("/cgi-bin/user/get");
        let before = looks(&fixture);
        for _ in 0..10 {
            assert_eq!(silently(&portal, &browser).await, "temporarily_unavailable");
        }
        assert_eq!(looks(&fixture) - before, 4);
        fixture.mend_wecom();
        scans_in(&fixture, &portal, sample::NORMAL).await;
    }
);

scenario!(
    whom_wecom_did_not_show_once_is_out_without_further_looks_until_they_scan,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let person = fixture.edit_corp(|corp| corp.remove_member(sample::NORMAL).unwrap());
        fixture.advance(Duration::from_secs(601));
        assert_eq!(silently(&portal, &browser).await, "access_denied");
        fixture.edit_corp(|corp| corp.add_member(person));
        let before = looks(&fixture);
        assert_eq!(silently(&portal, &browser).await, "login_required");
        assert_eq!(looks(&fixture), before, "asked again");
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        assert_eq!(silently(&portal, &browser).await, "code");
    }
);

scenario!(
    nobody_is_asked_about_where_the_answer_would_not_matter,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = careful_portal(&fixture).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let auth_source = fixture.auth_source(sample::CORP).await;
        let auth_source = format!("auth-sources/{}", id(&auth_source));
        fixture.admin().change(&auth_source, json!({ "enabled": false })).await;
        fixture.advance(Duration::from_secs(601));
        let (answers, cost) = storm(&fixture, &portal, &browser, 10).await;
        assert_eq!(cost, 0);
        assert!(
            answers.iter().all(|error| error == "interaction_required"),
            "{answers:?}"
        );
    }
);

/// Leaves for WeCom from this login page and comes back with a code of its own making.
async fn comes_back_with(fixture: &Fixture, browser: &Browser, login: &Page, code: &str) -> Page {
    let left = browser.get(&login.link("/go/")).await;
    let state = state_of(&left.location.unwrap());
    let callback = format!("{}/wecom/callback?state={state}&code={code}", fixture.base);
    browser.get(&callback).await
}

scenario!(
    made_up_codes_cost_a_journey_few_calls_and_valid_ones_are_not_counted,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let login = browser.open(&portal.authorize_url(&[])).await;
        for _ in 0..=UNKNOWN_CODES {
            let shown = browser.open(&login.link("/go/")).await;
            let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
            let page = browser.get(&callback).await;
            assert_eq!(page.status, 303, "{}", page.body);
        }
        let before = fixture.wecom.calls("auth/getuserinfo");
        for number in 0..20 {
            let page = comes_back_with(&fixture, &browser, &login, &format!("made-up-{number}")).await;
            let expected = if number < UNKNOWN_CODES { "WC-160" } else { "SI-140" };
            assert!(page.body.contains(expected), "{number}: {}", page.body);
        }
        assert_eq!(fixture.wecom.calls("auth/getuserinfo") - before, UNKNOWN_CODES);
        scans_in(&fixture, &portal, sample::NORMAL).await;
    }
);

scenario!(
    a_new_cookie_for_each_made_up_code_costs_an_address_few_calls_and_stops_nobody_who_signed_in_before,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let known = fixture.browser();
        portal.tokens(&fixture, &known, sample::NORMAL).await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        let before = fixture.wecom.calls("auth/getuserinfo");
        for number in 0..110 {
            let page = comes_back_with(&fixture, &fixture.browser(), &login, &format!("made-up-{number}")).await;
            let expected = if number < 100 { "WC-160" } else { "SI-140" };
            assert!(page.body.contains(expected), "{number}: {}", page.body);
        }
        assert_eq!(fixture.wecom.calls("auth/getuserinfo") - before, 100);
        // Somebody at the same address who was signed in, and somebody elsewhere.
        let again = portal.authorize_url(&[("prompt", "login")]);
        let page = portal
            .sign_in_at(&fixture, &known, As::Member(sample::NORMAL), &again)
            .await;
        assert!(page.returned("code").is_some(), "{}", page.body);
        let elsewhere = fixture.browser().at_address("198.51.100.7");
        let page = portal.sign_in(&fixture, &elsewhere, As::Member(sample::NORMAL)).await;
        assert!(page.returned("code").is_some(), "{}", page.body);
    }
);

scenario!(
    without_a_state_of_ours_and_the_browser_that_left_with_it_wecom_is_not_asked,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let left = fixture.browser();
        let shown = portal.to_qr_page(&left).await;
        let state = state_of(&shown.url);
        let calls = fixture.wecom.call_log().len();
        let long = "x".repeat(513);
        let other = fixture.browser();
        portal.to_qr_page(&other).await;
        for (browser, query) in [
            (&left, "code=x".to_owned()),
            (&left, format!("code=x&state={}", "0".repeat(32))),
            (&fixture.browser(), format!("code=x&state={state}")),
            (&other, format!("code=x&state={state}")),
            (&left, format!("code={long}&state={state}")),
        ] {
            let page = browser.get(&format!("{}/wecom/callback?{query}", fixture.base)).await;
            assert!((400..500).contains(&page.status), "{query}: {}", page.status);
        }
        assert_eq!(fixture.wecom.call_log().len(), calls);
    }
);

//! Consent: who is asked, what a yes and a no do, and that only the person who was asked can answer.

mod account;
mod named;
mod race;
mod sessions;
mod sweep;

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, Page, Portal, id},
    fixture::{Fixture, lay_over},
    scenario,
};

const ALL: [&str; 5] = ["openid", "profile", "email", "phone", "offline_access"];

/// A portal that asks people.
async fn asking(fixture: &Fixture, client_id: &str, extra: Value) -> Portal {
    let mut metadata = json!({ "consent": "ask" });
    lay_over(&mut metadata, extra);
    fixture
        .portal(
            client_id,
            json!({ "name": "报销系统", "scopes": ALL, "metadata": metadata }),
        )
        .await
}

fn is_question(page: &Page) -> bool {
    page.status == 200 && page.url.contains("/oauth2/consent/")
}

/// Presses a button of the consent page.
pub async fn answer(browser: &Browser, question: &Page, decision: &str) -> Page {
    assert!(is_question(question), "{} {}", question.url, question.body);
    let confirm = question.field("confirm");
    let form = [("confirm", confirm.as_str()), ("decision", decision)];
    browser.submit(&question.url, &form).await
}

/// The sample corp, the portal `expenses` that asks, and a browser with its question: 李华 has just signed in.
pub async fn questioned(fixture: &Fixture) -> (Portal, Browser, Page) {
    fixture.connect().await;
    let portal = asking(fixture, "expenses", json!({})).await;
    let browser = fixture.browser();
    let question = portal.sign_in(fixture, &browser, As::Member(sample::NORMAL)).await;
    (portal, browser, question)
}

/// Says yes and redeems.
pub async fn allowed(portal: &Portal, browser: &Browser, question: &Page) -> Value {
    let back = answer(browser, question, "allow").await;
    portal.tokens_from(&back).await
}

/// Signs in as this person, says yes, and redeems.
async fn consented(fixture: &Fixture, portal: &Portal, browser: &Browser, userid: &str) -> Value {
    let question = portal.sign_in(fixture, browser, As::Member(userid)).await;
    allowed(portal, browser, &question).await
}

// OpenID Connect Core 3.1.2.4: the person sees who asks, for what, as whom; in both languages.
scenario!(
    a_portal_that_asks_shows_who_asks_and_what_goes_over,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let extra = json!({
            "logo_uri": "https://assets.portal.example/logo.png",
            "policy_uri": "https://portal.example/privacy",
            "tos_uri": "https://portal.example/terms",
        });
        let portal = asking(&fixture, "expenses", extra).await;
        let browser = fixture.browser();
        let question = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        assert!(is_question(&question), "{} {}", question.url, question.body);
        for part in [
            "报销系统",
            "https://portal.example/privacy",
            "https://portal.example/terms",
            "Your e-mail address",
            "Your phone number",
            "expenses.portal.example",
            "Allow",
            "Decline",
        ] {
            assert!(question.body.contains(part), "{part} is missing: {}", question.body);
        }
        assert!(!question.body.contains("while you are away"), "was not asked for");
        let chinese = browser.get(&format!("{}?ui_locales=zh-CN", question.url)).await;
        assert!(chinese.body.contains("您的手机号码"), "{}", chinese.body);
        let headers = fixture.http.get(&question.url).send().await.unwrap();
        assert_eq!(headers.headers()["x-frame-options"], "DENY");
        let back = answer(&browser, &question, "allow").await;
        assert_eq!(back.returned("state").unwrap(), "af0ifjsldkj-._~");
        portal.tokens_from(&back).await;
    }
);

scenario!(consent_is_kept_until_the_scope_grows, |fixture: Fixture| async move {
    let (portal, browser, first) = questioned(&fixture).await;
    let ask = async |scope: &str| browser.open(&portal.authorize_url(&[("scope", scope)])).await;
    answer(&browser, &first, "allow").await;
    assert!(ask("openid email").await.returned("code").is_some(), "less than agreed");
    let grown = ask("openid email offline_access").await;
    assert!(is_question(&grown), "more than agreed: {}", grown.url);
    answer(&browser, &grown, "allow").await;
    for scope in ["openid offline_access", "openid profile email phone"] {
        assert!(
            ask(scope).await.returned("code").is_some(),
            "agreements add up: {scope}"
        );
    }
    let other = fixture.browser();
    let asked = portal.sign_in(&fixture, &other, As::Member(sample::BY_PICK)).await;
    assert!(is_question(&asked), "one person's yes is not another's: {}", asked.url);
});

// Checklist, Basic: prompt=consent.
scenario!(
    prompt_consent_asks_always_also_where_the_company_decided,
    |fixture: Fixture| async move {
        let (wiki, browser, _) = fixture.signed_in().await;
        for _ in 0..2 {
            let question = browser.open(&wiki.authorize_url(&[("prompt", "consent")])).await;
            allowed(&wiki, &browser, &question).await;
        }
        let quiet = browser.get(&wiki.authorize_url(&[])).await;
        assert!(quiet.returned("code").is_some(), "{}", quiet.body);
        let both = browser.get(&wiki.authorize_url(&[("prompt", "none consent")])).await;
        assert_eq!(both.returned("error").unwrap(), "invalid_request");
    }
);

scenario!(
    prompt_login_consent_signs_in_again_and_then_asks,
    |fixture: Fixture| async move {
        let (wiki, browser, _) = fixture.signed_in().await;
        fixture.advance(Duration::from_secs(5));
        let again = wiki.authorize_url(&[("prompt", "login consent")]);
        let who = As::Member(sample::NORMAL);
        let question = wiki.sign_in_at(&fixture, &browser, who, &again).await;
        allowed(&wiki, &browser, &question).await;
    }
);

// OpenID Connect Core 3.1.2.6.
scenario!(
    prompt_none_without_consent_is_consent_required,
    |fixture: Fixture| async move {
        let (portal, browser, question) = questioned(&fixture).await;
        let silent = async || portal.authorize_silently(&browser).await;
        let refused = silent().await;
        assert_eq!(refused.returned("error").unwrap(), "consent_required");
        assert_eq!(refused.returned("state").unwrap(), "af0ifjsldkj-._~");
        assert_eq!(refused.returned("iss").unwrap(), fixture.base);
        answer(&browser, &question, "allow").await;
        assert!(silent().await.returned("code").is_some());
    }
);

scenario!(a_no_is_access_denied_and_asks_again, |fixture: Fixture| async move {
    let (portal, browser, question) = questioned(&fixture).await;
    let back = answer(&browser, &question, "decline").await;
    assert_eq!(back.returned("error").unwrap(), "access_denied");
    assert_eq!(back.returned("state").unwrap(), "af0ifjsldkj-._~");
    assert_eq!(back.returned("iss").unwrap(), fixture.base);
    assert!(back.returned("code").is_none());
    let form = [("confirm", "x"), ("decision", "allow")];
    let late = browser.submit(&question.url, &form).await;
    assert_eq!(late.status, 400, "a no is final: {}", late.body);
    let again = browser.open(&portal.authorize_url(&[])).await;
    assert!(is_question(&again), "a no is not remembered: {}", again.url);
    let person = fixture.admin().user_id(sample::NORMAL).await;
    let consents = fixture.admin().get(&format!("users/{person}/consents")).await;
    assert_eq!(consents["items"], json!([]));
});

// The question belongs to the session it was put to, and its form to the cookie.
scenario!(
    nobody_else_can_answer_and_no_foreign_form_either,
    |fixture: Fixture| async move {
        let (portal, victim, question) = questioned(&fixture).await;
        let confirm = question.field("confirm");
        let other = fixture.browser();
        let others = portal.sign_in(&fixture, &other, As::Member(sample::BY_PICK)).await;
        let others = others.field("confirm");
        let post = async |browser: &Browser, confirm: &str| {
            let form = [("confirm", confirm), ("decision", "allow")];
            browser.post(&question.url, &form).await
        };
        // Another signed-in person, with either value; a browser without a session; a form of another site in the victim's browser.
        for (browser, confirm) in [(&other, &confirm), (&other, &others), (&fixture.browser(), &confirm)] {
            let refused = post(browser, confirm).await;
            assert_eq!((refused.status, refused.location), (403, None), "{}", refused.body);
            assert!(refused.body.contains("OP-320"));
            assert_eq!(browser.get(&question.url).await.status, 403);
        }
        for guess in ["", "guess", others.as_str()] {
            assert_eq!(post(&victim, guess).await.status, 403, "{guess}");
        }
        for path in ["x", "0123456789abcdef0123456789abcdef", "../../etc", "%00"] {
            let page = victim.get(&format!("{}/oauth2/consent/{path}", fixture.base)).await;
            assert!((400..500).contains(&page.status), "{path}: {}", page.status);
        }
        for decision in ["", "maybe"] {
            let form = [("confirm", confirm.as_str()), ("decision", decision)];
            assert_eq!(victim.post(&question.url, &form).await.status, 400);
        }
        // Nothing of that used the question up.
        let back = post(&victim, &confirm).await;
        assert!(back.returned("code").is_some(), "{}", back.body);
    }
);

scenario!(
    of_100_parallel_answers_exactly_one_brings_a_code_and_a_replay_none,
    |fixture: Fixture| async move {
        let (_, browser, question) = questioned(&fixture).await;
        let confirm = question.field("confirm");
        let form = [("confirm", confirm.as_str()), ("decision", "allow")];
        let answers = join_all((0..100).map(|_| browser.post(&question.url, &form))).await;
        let codes = answers.iter().filter(|page| page.returned("code").is_some()).count();
        assert_eq!(codes, 1);
        for lost in answers.iter().filter(|page| page.returned("code").is_none()) {
            assert_eq!(lost.status, 400, "{}", lost.body);
        }
        let replay = browser.post(&question.url, &form).await;
        assert_eq!((replay.status, replay.location), (400, None));
    }
);

scenario!(
    a_question_dies_with_its_session_and_with_its_time,
    |fixture: Fixture| async move {
        let (portal, browser, question) = questioned(&fixture).await;
        let confirm = question.field("confirm");
        let form = [("confirm", confirm.as_str()), ("decision", "allow")];
        let session = fixture.admin().items("sessions?active=true").await.remove(0);
        let path = format!("sessions/{}", id(&session));
        assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
        assert_eq!(browser.post(&question.url, &form).await.status, 403);
        let browser = fixture.browser();
        let question = portal.sign_in(&fixture, &browser, As::Member(sample::NORMAL)).await;
        let confirm = question.field("confirm");
        fixture.advance(Duration::from_secs(31 * 60));
        let form = [("confirm", confirm.as_str()), ("decision", "allow")];
        let late = browser.post(&question.url, &form).await;
        assert_eq!((late.status, late.location), (400, None), "{}", late.body);
    }
);

// OpenID Connect Core, section 11: the rule of src/oidc/offline.rs. Some portals stumble over an empty refresh token.
scenario!(
    where_people_are_asked_refresh_tokens_need_offline_access,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let browser = fixture.browser();
        let portal = asking(&fixture, "expenses", json!({})).await;
        let plain = consented(&fixture, &portal, &browser, sample::NORMAL).await;
        assert!(plain.get("refresh_token").is_none(), "not even an empty one: {plain}");
        let question = browser
            .open(&portal.authorize_url(&[("scope", "openid offline_access")]))
            .await;
        assert!(question.body.contains("while you are away"), "{}", question.body);
        let offline = allowed(&portal, &browser, &question).await;
        let renewed = portal.refresh(offline["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        let wiki = fixture.portal("wiki", json!({})).await;
        let policy = wiki.tokens_silently(&browser, &[]).await;
        assert!(policy["refresh_token"].as_str().is_some_and(|token| !token.is_empty()));
        let never = fixture.portal("never", json!({ "refresh_token_lifetime": 0 })).await;
        let none = never.tokens_silently(&browser, &[]).await;
        assert!(none.get("refresh_token").is_none(), "{none}");
    }
);

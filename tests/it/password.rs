//! Signing in with a password: the form, one answer for all that is wrong, bounds, lockout, and the gate behind it.

mod acr;
mod forgotten;
mod gate;
mod limits;
mod links;
mod mailbox;
mod mailed_links;
mod races;
mod told;
pub mod totp;
mod trusted_browser;
mod unicode;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Page, Portal, id_claims},
    fixture::Fixture,
    scenario,
};

/// A password nobody else has.
pub const GOOD: &str = "a long walk to the sea";
/// Another one.
pub const OTHER: &str = "another walk to the hills";
/// The password of nobody.
pub const BAD: &str = "not the right password";
/// The sentence for everything that is wrong.
pub const WRONG: &str = "SI-201";

/// Somebody made here, without a password.
pub async fn local_user(fixture: &Fixture, username: &str) -> String {
    let user = fixture.admin().create("users", json!({ "username": username })).await;
    user["id"].as_str().unwrap().to_owned()
}

/// A link to choose a password.
pub async fn link(fixture: &Fixture, user: &str) -> Value {
    let path = format!("users/{user}/password-link");
    fixture.admin().create(&path, json!({})).await
}

/// Chooses a password behind a link.
pub async fn choose(fixture: &Fixture, link: &Value, password: &str) -> Page {
    let form = [("password", password), ("again", password)];
    fixture.browser().post(link["url"].as_str().unwrap(), &form).await
}

/// Gives a user a password; they choose it behind a link, there is no other way.
pub async fn give_password(fixture: &Fixture, user: &str, password: &str) {
    let page = choose(fixture, &link(fixture, user).await, password).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

/// A user of our own with the password [`GOOD`].
pub async fn anna(fixture: &Fixture) -> String {
    let user = local_user(fixture, "anna").await;
    give_password(fixture, &user, GOOD).await;
    user
}

/// [`anna`] and a portal `wiki`.
pub async fn anna_and_portal(fixture: &Fixture) -> (String, Portal) {
    (anna(fixture).await, fixture.portal("wiki", json!({})).await)
}

/// The sample corp with passwords allowed, and 李华 with the password [`GOOD`]: the data source, and the user's id.
pub async fn connect_with_password(fixture: &Fixture) -> (Value, String) {
    let both = json!({ "login_methods": ["wecom_qr", "password"] });
    let source = fixture.connect_with(both).await;
    let user = fixture.admin().user_id(sample::NORMAL).await;
    give_password(fixture, &user, GOOD).await;
    (source, user)
}

/// The same, and a portal `wiki`.
pub async fn company(fixture: &Fixture) -> (Value, String, Portal) {
    let (source, user) = connect_with_password(fixture).await;
    (source, user, fixture.portal("wiki", json!({})).await)
}

/// Types username and password into the login page shown.
pub async fn type_in(browser: &Browser, login: &Page, username: &str, password: &str) -> Page {
    let token = login.field("form");
    let form = [("form", token.as_str()), ("username", username), ("password", password)];
    browser.submit(&login.link("/password"), &form).await
}

/// Goes to a portal and signs in by password; where that ends.
pub async fn sign_in(portal: &Portal, browser: &Browser, username: &str, password: &str) -> Page {
    let login = browser.open(&portal.authorize_url(&[])).await;
    assert_eq!(login.status, 200, "{} {}", login.url, login.body);
    type_in(browser, &login, username, password).await
}

/// Types this in a new browser, which must be let in.
pub async fn lets_in(fixture: &Fixture, portal: &Portal, username: &str, password: &str) {
    let page = sign_in(portal, &fixture.browser(), username, password).await;
    assert!(page.returned("code").is_some(), "{username}: {}", page.body);
}

/// Types this in a new browser, which must be answered as everything wrong is.
pub async fn is_wrong(fixture: &Fixture, portal: &Portal, username: &str, password: &str) {
    let page = sign_in(portal, &fixture.browser(), username, password).await;
    assert!(
        page.body.contains(WRONG) && page.location.is_none(),
        "{username}: {} {}",
        page.url,
        page.body
    );
}

/// The ID token's claims of a sign-in that succeeded.
pub async fn id_token(portal: &Portal, page: &Page) -> Value {
    id_claims(&portal.tokens_from(page).await)
}

scenario!(
    somebody_made_here_signs_in_with_a_password,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        for username in ["anna", "ANNA", " Anna "] {
            let browser = fixture.browser();
            let id = id_token(&portal, &sign_in(&portal, &browser, username, GOOD).await).await;
            assert_eq!(id["sub"], user.as_str());
            assert_eq!(id["amr"], json!(["pwd"]));
            assert_eq!(id["acr"], "urn:menjin:acr:pwd");
            let again = portal.authorize_silently(&browser).await;
            assert!(again.returned("code").is_some(), "single sign-on: {:?}", again.location);
        }
        let shown = fixture.admin().get(&format!("users/{user}")).await;
        assert_eq!(shown["password_set"], true);
        assert!(!shown.to_string().contains("argon2"), "{shown}");
    }
);

scenario!(the_session_of_a_password_renews_tokens, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    let page = sign_in(&portal, &fixture.browser(), "anna", GOOD).await;
    let tokens = portal.redeem(&page.returned("code").unwrap()).await.body;
    let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let userinfo = portal.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.body["preferred_username"], "anna");
});

scenario!(
    the_form_is_shown_where_a_password_can_lead_in_and_nowhere_else,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert!(!login.body.contains("name=\"password\""), "nobody has one");
        anna(&fixture).await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert!(
            login.body.contains("name=\"password\"") && login.body.contains("/go/"),
            "{}",
            login.body
        );
        let strict = fixture.scan_only_portal("strict", sample::CORP).await;
        let browser = fixture.browser();
        let narrow = browser.open(&strict.authorize_url(&[])).await;
        assert!(
            !narrow.body.contains("name=\"password\""),
            "the portal names its auth sources"
        );
        // Whoever writes the form themselves is told that there is no such way; the token is the wide portal's.
        let login = browser.open(&portal.authorize_url(&[])).await;
        let forged = narrow.url.split('?').next().unwrap().to_owned() + "/password";
        let form = [
            ("form", login.field("form")),
            ("username", "anna".into()),
            ("password", GOOD.into()),
        ];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = browser.post(&forged, &form).await;
        assert_eq!(page.status, 403, "{}", page.body);
        // A session of a password does not open a portal that wants a scan: the person is shown its auth sources.
        type_in(&browser, &login, "anna", GOOD).await;
        let page = browser.open(&strict.authorize_url(&[])).await;
        assert!(page.status == 200 && page.body.contains("/go/"), "{}", page.body);
        let silent = browser.open(&strict.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(silent.returned("error").unwrap(), "interaction_required");
    }
);

scenario!(
    inside_wecom_the_silent_way_stays_silent,
    |fixture: Fixture| async move {
        let both = json!({ "login_methods": ["wecom_qr", "password"] });
        fixture.connect_with(both).await;
        let (_, portal) = anna_and_portal(&fixture).await;
        let browser = fixture.browser().in_wecom();
        let begun = browser.get(&portal.authorize_url(&[])).await;
        let next = browser.get(&begun.location.unwrap()).await;
        assert!(
            next.location.unwrap().contains("/connect/oauth2/authorize"),
            "no page was shown"
        );
    }
);

scenario!(one_answer_for_everything_that_is_wrong, |fixture: Fixture| async move {
    anna(&fixture).await;
    local_user(&fixture, "bernd").await;
    let portal = fixture.portal("wiki", json!({})).await;
    let long = "x".repeat(5000);
    let mut bodies = Vec::new();
    for (username, password) in [
        ("anna", "not her password"),
        ("nobody", GOOD),
        ("bernd", GOOD),
        ("anna", ""),
        ("", ""),
        ("a\0nna", GOOD),
        ("anna", long.as_str()),
        (long.as_str(), GOOD),
    ] {
        let before = fixture.app.password_hashes();
        let login = fixture.browser();
        let page = sign_in(&portal, &login, username, password).await;
        assert_eq!(page.status, 403);
        assert!(page.body.contains(WRONG) && page.location.is_none(), "{}", page.body);
        assert_eq!(
            fixture.app.password_hashes(),
            before + 1,
            "the same work for {username:.20}"
        );
        bodies.push(bare(&page, username));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
});

/// The page without the reference of the wrong attempt, and that reference.
fn without_reference(body: &str) -> (String, Option<String>) {
    let found = body.split_once(" <code>").and_then(|(before, rest)| {
        let (reference, after) = rest.split_once("</code>")?;
        Some((format!("{before}{after}"), reference.to_owned()))
    });
    match found {
        Some((rest, reference)) => (rest, Some(reference)),
        None => (body.to_owned(), None),
    }
}

scenario!(
    a_wrong_password_is_on_record_under_the_code_on_the_page,
    |fixture: Fixture| async move {
        let (user, portal) = anna_and_portal(&fixture).await;
        let mut shown = Vec::new();
        // A name that does not exist has a code of its own like one that does, or the codes would tell them apart.
        for (username, actor) in [
            ("anna", format!("user:{user}")),
            ("nobody", "unknown".to_owned()),
            ("nobody else", "unknown".to_owned()),
        ] {
            let first = sign_in(&portal, &fixture.browser(), username, BAD).await;
            let again = sign_in(&portal, &fixture.browser(), username, BAD).await;
            let reference = without_reference(&first.body).1.unwrap();
            assert_eq!(
                without_reference(&again.body).1.as_ref(),
                Some(&reference),
                "{username}"
            );
            let event = fixture.admin().trace(&reference).await;
            assert_eq!((&event["number"], &event["actor"]), (&json!(WRONG), &json!(actor)));
            assert_eq!(event["detail"]["client_id"], "wiki", "{event}");
            assert!(!event.to_string().contains("nobody"), "{event}");
            shown.push(reference);
        }
        shown.sort_unstable();
        shown.dedup();
        assert_eq!(shown.len(), 3);
    }
);

/// The page without what differs by chance or was typed.
pub fn bare(page: &Page, username: &str) -> String {
    let journey = page
        .url
        .split("/signin/")
        .nth(1)
        .unwrap()
        .split(['/', '?'])
        .next()
        .unwrap()
        .to_owned();
    let typed = format!("name=\"username\" value=\"{}\"", page.field("username"));
    assert!(username.len() > 64 || username.contains('\0') || page.field("username") == username);
    without_reference(&page.body)
        .0
        .replace(&page.field("form"), "")
        .replace(&journey, "")
        .replace(&typed, "")
}

scenario!(
    a_form_from_another_page_or_browser_signs_nobody_in,
    |fixture: Fixture| async move {
        let (_, portal) = anna_and_portal(&fixture).await;
        let (mallory, victim) = (fixture.browser(), fixture.browser());
        let hers = mallory.open(&portal.authorize_url(&[])).await;
        let form = |token: &str| {
            vec![
                ("form", token.to_owned()),
                ("username", "anna".into()),
                ("password", GOOD.into()),
            ]
        };
        let own = victim.open(&portal.authorize_url(&[])).await;
        let other = victim.open(&portal.authorize_url(&[])).await;
        let strange = fixture.browser();
        for (browser, action, token, why) in [
            (&strange, &hers, hers.field("form"), "no cookie at all"),
            (
                &victim,
                &hers,
                hers.field("form"),
                "mallory's journey and form in the victim's browser",
            ),
            (
                &victim,
                &hers,
                own.field("form"),
                "mallory's journey with the victim's form",
            ),
            (&victim, &own, other.field("form"), "the form of another journey"),
            (&victim, &own, String::new(), "no token"),
        ] {
            let form = form(&token);
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let page = browser.post(&action.link("/password"), &form).await;
            assert_eq!(page.status, 403, "{why}");
            assert!(page.body.contains("SI-103"), "{why}: {}", page.body);
            assert!(browser.cookie("menjin_session").is_none(), "{why}");
        }
        assert_eq!(fixture.app.password_hashes(), 1, "only the hash of choosing it");
        let page = type_in(&victim, &own, "anna", GOOD).await;
        assert!(page.returned("code").is_some());
    }
);

scenario!(rubbish_at_the_forms_is_a_4xx, |fixture: Fixture| async move {
    let (_, portal) = anna_and_portal(&fixture).await;
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    let token = login.field("form");
    for form in [
        vec![],
        vec![("form", token.as_str())],
        vec![("username", "anna"), ("password", GOOD)],
    ] {
        let page = browser.post(&login.link("/password"), &form).await;
        assert!((400..500).contains(&page.status), "{form:?}: {}", page.status);
    }
    for path in [
        "/signin/00000000000000000000000000000000/password",
        "/signin/x/password",
        "/signin/code/00000000000000000000000000000000",
        "/signin/code/%00",
        "/signin/enrol/x",
        "/password/x",
        "/totp/%F0%9F",
    ] {
        let form = [
            ("form", "x"),
            ("username", "x"),
            ("password", "x"),
            ("again", "x"),
            ("code", "1"),
        ];
        let url = format!("{}{path}", fixture.base);
        let posted = browser.post(&url, &form).await;
        assert!(
            (400..500).contains(&posted.status),
            "POST {path}: {} {}",
            posted.status,
            posted.body
        );
        // Opening a form's address leads back to the page it was on, which is gone just the same.
        let got = browser.open(&url).await;
        assert!(
            (400..500).contains(&got.status),
            "GET {path}: {} {}",
            got.status,
            got.body
        );
    }
});

//! The device flow (RFC 8628): a device that shows a code, a person who types it elsewhere.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, LogoutReceiver, Page, Portal, Redemption, claims, id_claims, text},
    back_channel_logout::sign_out,
    fixture::Fixture,
    scenario,
};

pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A portal whose devices may sign in; `extra` is laid over its registration, and may name other grants.
pub async fn portal(fixture: &Fixture, client_id: &str, mut extra: Value) -> Portal {
    let grants = &mut extra["metadata"]["grant_types"];
    if grants.is_null() {
        *grants = json!(["authorization_code", "refresh_token", GRANT]);
    }
    fixture.portal(client_id, extra).await
}

/// The device asks for its codes.
pub async fn ask(fixture: &Fixture, portal: &Portal, form: &[(&str, &str)]) -> Redemption {
    let request = fixture
        .http
        .post(format!("{}/oauth2/device_authorization", fixture.base))
        .form(form);
    let request = match portal.secret.as_str() {
        "" => request,
        secret => request.basic_auth(&portal.client_id, Some(secret)),
    };
    Redemption::of(request).await
}

pub async fn asked(fixture: &Fixture, portal: &Portal) -> Value {
    let answer = ask(
        fixture,
        portal,
        &[
            ("scope", "openid profile offline_access"),
            ("client_id", &portal.client_id),
        ],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

pub async fn poll(portal: &Portal, issued: &Value) -> Redemption {
    let code = issued["device_code"].as_str().unwrap();
    portal.token(&[("grant_type", GRANT), ("device_code", code)]).await
}

pub async fn error_of_poll(portal: &Portal, issued: &Value) -> String {
    let answer = poll(portal, issued).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    answer.body["error"].as_str().unwrap().to_owned()
}

/// What the device's page answers to this browser.
pub async fn opened(browser: &Browser, issued: &Value) -> Page {
    browser.open(text(issued, "verification_uri_complete")).await
}

/// The question's page, for a browser that is signed in.
pub async fn question(browser: &Browser, issued: &Value) -> Page {
    let page = opened(browser, issued).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// Presses a button of the question's page, with what confirms it.
async fn press(fixture: &Fixture, browser: &Browser, issued: &Value, confirm: &str, decision: &str) -> Page {
    let form = [
        ("user_code", text(issued, "user_code")),
        ("confirm", confirm),
        ("decision", decision),
    ];
    browser.post(&format!("{}/device", fixture.base), &form).await
}

/// Opens the question's page and presses a button of it.
pub async fn answer(fixture: &Fixture, browser: &Browser, issued: &Value, decision: &str) -> Page {
    let page = question(browser, issued).await;
    press(fixture, browser, issued, &page.field("confirm"), decision).await
}

pub async fn signed_in(fixture: &Fixture, portal: &Portal) -> (Browser, Value) {
    let browser = fixture.browser();
    let tokens = portal.tokens(fixture, &browser, sample::NORMAL).await;
    (browser, id_claims(&tokens))
}

// Checklist, Device flow: verification_uri_complete; easy to type on a phone. RFC 8628 §3.2.
scenario!(
    a_device_is_let_in_by_a_person_elsewhere,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = portal(&fixture, "tv", json!({ "name": "大屏" })).await;
        let issued = asked(&fixture, &portal).await;
        let user_code = issued["user_code"].as_str().unwrap();
        let shape = user_code.split('-').map(str::len).collect::<Vec<_>>();
        assert_eq!(shape, [4, 4], "{user_code}");
        assert_eq!((&issued["expires_in"], &issued["interval"]), (&json!(600), &json!(5)));
        assert_eq!(issued["verification_uri"], format!("{}/device", fixture.base));
        assert_eq!(error_of_poll(&portal, &issued).await, "authorization_pending");
        // A browser nobody is signed in with: typed by hand, carelessly; the gate's way in comes first, then the question.
        let browser = fixture.browser();
        let typing = browser.open(&format!("{}/device", fixture.base)).await;
        assert!(
            typing.status == 200 && typing.body.contains("name=\"user_code\""),
            "{}",
            typing.body
        );
        let careless = user_code.to_lowercase().replace('-', "%20");
        let login = browser
            .open(&format!("{}/device?user_code={careless}", fixture.base))
            .await;
        let scan = As::Member(sample::NORMAL);
        let page = fixture.phone().sign_in_from(&browser, &login, scan).await;
        assert!(
            page.body.contains(user_code) && page.body.contains("大屏"),
            "{}",
            page.body
        );
        assert!(page.body.contains("127.0.0.1"), "where it was asked from");
        assert_eq!(
            error_of_poll(&portal, &issued).await,
            "slow_down",
            "opening the page agrees to nothing"
        );
        let done = answer(&fixture, &browser, &issued, "allow").await;
        assert!(
            done.status == 200 && done.body.contains("The device is signed in"),
            "{}",
            done.body
        );
        fixture.advance(Duration::from_secs(10));
        let tokens = poll(&portal, &issued).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let (id, access) = (id_claims(&tokens.body), tokens.body["access_token"].as_str().unwrap());
        assert_eq!((&id["aud"], &id["nonce"]), (&json!("tv"), &Value::Null));
        assert_eq!(portal.userinfo(access).await.body["sub"], id["sub"]);
        // The same session as the browser's: same sid, same moment of proof, same way.
        let own = id_claims(&portal.tokens_silently(&browser, &[]).await);
        for claim in ["sub", "sid", "auth_time", "amr"] {
            assert_eq!(id[claim], own[claim], "{claim}");
        }
        let renewed = portal.refresh(tokens.body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        let again = opened(&browser, &issued).await;
        assert_eq!(again.status, 400, "a user code is used once");
    }
);

// Checklist: authorization_pending, slow_down, expired_token, access_denied as 400. RFC 8628 §3.5.
scenario!(
    a_device_that_polls_hears_what_is_the_matter,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = portal(&fixture, "tv", json!({})).await;
        let (browser, _) = signed_in(&fixture, &portal).await;
        let issued = asked(&fixture, &portal).await;
        for (pause, said) in [
            (0, "authorization_pending"),
            (1, "slow_down"),
            (9, "authorization_pending"),
            (10, "authorization_pending"),
            (5, "slow_down"),
            (10, "slow_down"),
            (20, "authorization_pending"),
        ] {
            fixture.advance(Duration::from_secs(pause));
            assert_eq!(error_of_poll(&portal, &issued).await, said, "after {pause} s");
        }
        let page = question(&browser, &issued).await;
        fixture.advance(Duration::from_secs(600));
        assert_eq!(error_of_poll(&portal, &issued).await, "expired_token");
        let late = answer_again(&fixture, &browser, &issued, &page.field("confirm")).await;
        assert_eq!(late.status, 400, "{}", late.body);
        assert_eq!(error_of_poll(&portal, &issued).await, "expired_token");

        for decision in ["decline", "", "Allow"] {
            let issued = asked(&fixture, &portal).await;
            let page = answer(&fixture, &browser, &issued, decision).await;
            assert!(page.body.contains("Declined"), "{}", page.body);
            assert_eq!(error_of_poll(&portal, &issued).await, "access_denied", "{decision}");
            let confirm = confirm_of(&browser, &fixture, &portal).await;
            let allowed = answer_again(&fixture, &browser, &issued, &confirm).await;
            assert!((400..500).contains(&allowed.status), "{}", allowed.status);
        }
    }
);

/// A value that confirms another device's code.
pub async fn confirm_of(browser: &Browser, fixture: &Fixture, portal: &Portal) -> String {
    question(browser, &asked(fixture, portal).await).await.field("confirm")
}

/// Says yes with this value, without opening the page.
pub async fn answer_again(fixture: &Fixture, browser: &Browser, issued: &Value, confirm: &str) -> Page {
    press(fixture, browser, issued, confirm, "allow").await
}

scenario!(
    the_gate_decides_at_the_answer_and_again_at_the_tokens,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let somebody = fixture.admin().user(sample::BY_TAG).await;
        let closed = portal(&fixture, "closed", json!({ "allowed_users": [somebody["id"]] })).await;
        let issued = asked(&fixture, &closed).await;
        let page = opened(&browser, &issued).await;
        assert_eq!(page.status, 403, "{}", page.body);
        assert_eq!(error_of_poll(&closed, &issued).await, "authorization_pending");

        let tv = portal(&fixture, "tv", json!({})).await;
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "allow").await;
        fixture.admin().disable(sample::NORMAL).await;
        assert_eq!(error_of_poll(&tv, &issued).await, "invalid_grant");
    }
);

scenario!(
    a_public_client_asks_without_a_secret_but_not_without_end,
    |fixture: Fixture| async move {
        let (_, browser, _) = fixture.signed_in().await;
        let portal = portal(&fixture, "tv", json!({ "auth_method": "none" })).await;
        let issued = asked(&fixture, &portal).await;
        answer(&fixture, &browser, &issued, "allow").await;
        let form = [
            ("grant_type", GRANT),
            ("client_id", "tv"),
            ("device_code", issued["device_code"].as_str().unwrap()),
        ];
        let request = fixture.http.post(format!("{}/oauth2/token", fixture.base)).form(&form);
        assert_eq!(request.send().await.unwrap().status(), 200);
        let form = [("scope", "openid"), ("client_id", "tv")];
        let answers = join_all((0..40).map(|_| ask(&fixture, &portal, &form))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 29);
        assert!(
            answers
                .iter()
                .filter(|answer| answer.status != 200)
                .all(|answer| answer.status == 429)
        );
        fixture.advance(Duration::from_secs(600));
        assert_eq!(ask(&fixture, &portal, &form).await.status, 200);
    }
);

scenario!(
    a_device_is_signed_out_with_the_session_that_let_it_in,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let metadata = json!({ "grant_types": [GRANT, "refresh_token"], "backchannel_logout_uri": receiver.address() });
        let tv = portal(&fixture, "tv", json!({ "metadata": metadata })).await;
        let wiki = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let session = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "allow").await;
        let tokens = poll(&tv, &issued).await.body;
        sign_out(&fixture, &browser, &session).await;
        receiver.wait_for(1).await;
        assert_eq!(claims(&receiver.tokens()[0])["sid"], id_claims(&session)["sid"]);
        assert_eq!(tv.refresh(tokens["refresh_token"].as_str().unwrap()).await.status, 400);
        // Approved before the logout, fetched after it: too late.
        let browser = fixture.browser();
        let session = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "allow").await;
        sign_out(&fixture, &browser, &session).await;
        assert_eq!(error_of_poll(&tv, &issued).await, "invalid_grant");
    }
);

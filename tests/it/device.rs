//! The device flow (RFC 8628): a device that shows a code, a person who types it elsewhere.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{As, Browser, Ear, Page, Portal, Redemption, claims},
    scenario,
    stage::Stage,
};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A portal whose devices may sign in; `extra` is laid over its registration.
async fn portal(stage: &Stage, client_id: &str, extra: Value) -> Portal {
    let mut body = json!({ "metadata": { "grant_types": ["authorization_code", "refresh_token", GRANT] } });
    crate::stage::lay_over(&mut body, extra);
    stage.portal(client_id, body).await
}

/// The device asks for its codes.
async fn ask(stage: &Stage, portal: &Portal, form: &[(&str, &str)]) -> Redemption {
    let request = stage
        .http
        .post(format!("{}/oauth2/device_authorization", stage.base))
        .form(form);
    let request = match portal.secret.as_str() {
        "" => request,
        secret => request.basic_auth(&portal.client_id, Some(secret)),
    };
    let answer = request.send().await.unwrap();
    Redemption {
        status: answer.status().as_u16(),
        body: answer.json().await.unwrap(),
    }
}

async fn asked(stage: &Stage, portal: &Portal) -> Value {
    let answer = ask(
        stage,
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

async fn poll(portal: &Portal, issued: &Value) -> Redemption {
    let code = issued["device_code"].as_str().unwrap();
    portal.token(&[("grant_type", GRANT), ("device_code", code)]).await
}

async fn error_of_poll(portal: &Portal, issued: &Value) -> String {
    let answer = poll(portal, issued).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    answer.body["error"].as_str().unwrap().to_owned()
}

/// The question's page, for a browser that is signed in.
async fn question(browser: &Browser, issued: &Value) -> Page {
    let page = browser
        .open(issued["verification_uri_complete"].as_str().unwrap())
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

fn confirm(page: &Page) -> String {
    let rest = page.body.split("name=\"confirm\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn answer(stage: &Stage, browser: &Browser, issued: &Value, decision: &str) -> Page {
    let page = question(browser, issued).await;
    let form = [
        ("user_code", issued["user_code"].as_str().unwrap()),
        ("confirm", &confirm(&page)),
        ("decision", decision),
    ];
    browser.post(&format!("{}/device", stage.base), &form).await
}

async fn signed_in(stage: &Stage, portal: &Portal) -> (Browser, Value) {
    let browser = stage.browser();
    let tokens = portal.tokens(stage, &browser, sample::NORMAL).await;
    (browser, claims(tokens["id_token"].as_str().unwrap()))
}

// Checklist, Device flow: verification_uri_complete; easy to type on a phone. RFC 8628 §3.2.
scenario!(a_device_is_let_in_by_a_person_elsewhere, |stage: Stage| async move {
    stage.connect().await;
    let portal = portal(&stage, "tv", json!({ "name": "大屏" })).await;
    let issued = asked(&stage, &portal).await;
    let user_code = issued["user_code"].as_str().unwrap();
    let shape = user_code.split('-').map(str::len).collect::<Vec<_>>();
    assert_eq!(shape, [4, 4], "{user_code}");
    assert_eq!((&issued["expires_in"], &issued["interval"]), (&json!(600), &json!(5)));
    assert_eq!(issued["verification_uri"], format!("{}/device", stage.base));
    assert_eq!(error_of_poll(&portal, &issued).await, "authorization_pending");
    // A browser nobody is signed in with: typed by hand, carelessly; the gate's way in comes first, then the question.
    let browser = stage.browser();
    let typing = browser.open(&format!("{}/device", stage.base)).await;
    assert!(
        typing.status == 200 && typing.body.contains("name=\"user_code\""),
        "{}",
        typing.body
    );
    let careless = user_code.to_lowercase().replace('-', "%20");
    let login = browser
        .open(&format!("{}/device?user_code={careless}", stage.base))
        .await;
    let qr = browser.open(&login.link("/go/")).await;
    let back = stage.phone().scan(&browser, &qr, As::Member(sample::NORMAL)).await;
    let page = browser.open(&back).await;
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
    let done = answer(&stage, &browser, &issued, "allow").await;
    assert!(
        done.status == 200 && done.body.contains("The device is signed in"),
        "{}",
        done.body
    );
    stage.advance(Duration::from_secs(10));
    let tokens = poll(&portal, &issued).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let (id, access) = (
        claims(tokens.body["id_token"].as_str().unwrap()),
        tokens.body["access_token"].as_str().unwrap(),
    );
    assert_eq!((&id["aud"], &id["nonce"]), (&json!("tv"), &Value::Null));
    assert_eq!(portal.userinfo(access).await.body["sub"], id["sub"]);
    // The same session as the browser's: same sid, same moment of proof, same way.
    let code = browser.get(&portal.authorize_url(&[])).await.returned("code").unwrap();
    let own = claims(portal.redeem(&code).await.body["id_token"].as_str().unwrap());
    for claim in ["sub", "sid", "auth_time", "amr"] {
        assert_eq!(id[claim], own[claim], "{claim}");
    }
    let renewed = portal.refresh(tokens.body["refresh_token"].as_str().unwrap()).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let again = browser
        .open(issued["verification_uri_complete"].as_str().unwrap())
        .await;
    assert_eq!(again.status, 400, "a user code is used once");
});

// Checklist: authorization_pending, slow_down, expired_token, access_denied as 400. RFC 8628 §3.5.
scenario!(
    a_device_that_polls_hears_what_is_the_matter,
    |stage: Stage| async move {
        stage.connect().await;
        let portal = portal(&stage, "tv", json!({})).await;
        let (browser, _) = signed_in(&stage, &portal).await;
        let issued = asked(&stage, &portal).await;
        for (pause, said) in [
            (0, "authorization_pending"),
            (1, "slow_down"),
            (9, "authorization_pending"),
            (10, "authorization_pending"),
            (5, "slow_down"),
            (10, "slow_down"),
            (20, "authorization_pending"),
        ] {
            stage.advance(Duration::from_secs(pause));
            assert_eq!(error_of_poll(&portal, &issued).await, said, "after {pause} s");
        }
        let page = question(&browser, &issued).await;
        stage.advance(Duration::from_secs(600));
        assert_eq!(error_of_poll(&portal, &issued).await, "expired_token");
        let form = [
            ("user_code", issued["user_code"].as_str().unwrap()),
            ("confirm", &confirm(&page)),
            ("decision", "allow"),
        ];
        let late = browser.post(&format!("{}/device", stage.base), &form).await;
        assert_eq!(late.status, 400, "{}", late.body);
        assert_eq!(error_of_poll(&portal, &issued).await, "expired_token");

        for decision in ["decline", "", "Allow"] {
            let issued = asked(&stage, &portal).await;
            let page = answer(&stage, &browser, &issued, decision).await;
            assert!(page.body.contains("Declined"), "{}", page.body);
            assert_eq!(error_of_poll(&portal, &issued).await, "access_denied", "{decision}");
            let allowed = answer_again(&stage, &browser, &issued, &confirm_of(&browser, &stage, &portal).await).await;
            assert!((400..500).contains(&allowed.status), "{}", allowed.status);
        }
    }
);

/// A value that confirms another device's code.
async fn confirm_of(browser: &Browser, stage: &Stage, portal: &Portal) -> String {
    confirm(&question(browser, &asked(stage, portal).await).await)
}

async fn answer_again(stage: &Stage, browser: &Browser, issued: &Value, confirm: &str) -> Page {
    let form = [
        ("user_code", issued["user_code"].as_str().unwrap()),
        ("confirm", confirm),
        ("decision", "allow"),
    ];
    browser.post(&format!("{}/device", stage.base), &form).await
}

scenario!(
    of_100_parallel_answers_and_polls_one_counts,
    |stage: Stage| async move {
        stage.connect().await;
        let portal = portal(&stage, "tv", json!({})).await;
        let (browser, _) = signed_in(&stage, &portal).await;
        let issued = asked(&stage, &portal).await;
        let page = question(&browser, &issued).await;
        let confirm = confirm(&page);
        let answers = join_all((0..100).map(|_| answer_again(&stage, &browser, &issued, &confirm))).await;
        let won = answers.iter().filter(|page| page.status == 200).count();
        assert_eq!(
            won,
            1,
            "{:?}",
            answers.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        let polls = join_all((0..100).map(|_| poll(&portal, &issued))).await;
        let won: Vec<_> = polls.iter().filter(|poll| poll.status == 200).collect();
        assert_eq!(won.len(), 1);
        for lost in polls.iter().filter(|poll| poll.status != 200) {
            let error = lost.body["error"].as_str().unwrap();
            assert!(
                lost.status == 400 && matches!(error, "slow_down" | "invalid_grant"),
                "{}",
                lost.body
            );
        }
        // A device code used twice ends what came of it.
        assert_eq!(error_of_poll(&portal, &issued).await, "invalid_grant");
        let tokens = &won[0].body;
        assert_eq!(
            portal.userinfo(tokens["access_token"].as_str().unwrap()).await.status,
            401
        );
        assert_eq!(
            portal.refresh(tokens["refresh_token"].as_str().unwrap()).await.status,
            400
        );
    }
);

scenario!(a_device_code_is_worth_nothing_to_others, |stage: Stage| async move {
    stage.connect().await;
    let tv = portal(&stage, "tv", json!({})).await;
    let other = portal(&stage, "other", json!({})).await;
    let (browser, _) = signed_in(&stage, &tv).await;
    let issued = asked(&stage, &tv).await;
    answer(&stage, &browser, &issued, "allow").await;
    assert_eq!(error_of_poll(&other, &issued).await, "invalid_grant");
    let unknown = json!({ "device_code": "A".repeat(43) });
    assert_eq!(error_of_poll(&tv, &unknown).await, "invalid_grant");
    assert_eq!(
        error_of_poll(&tv, &json!({ "device_code": issued["user_code"] })).await,
        "invalid_grant"
    );
    let missing = tv.token(&[("grant_type", GRANT)]).await;
    assert_eq!(missing.body["error"], "invalid_request");
    assert_eq!(poll(&tv, &issued).await.status, 200, "failed tries used the code up");
    // What another client presents proves nothing about the family.
    assert_eq!(error_of_poll(&other, &issued).await, "invalid_grant");
});

scenario!(
    a_device_asks_as_strictly_as_a_client_at_the_token_endpoint,
    |stage: Stage| async move {
        stage.connect().await;
        let tv = portal(&stage, "tv", json!({})).await;
        let plain = stage.portal("plain", json!({})).await;
        let scope = ("scope", "openid");
        let not_allowed = ask(&stage, &plain, &[scope]).await;
        assert_eq!(
            (not_allowed.status, &not_allowed.body["error"]),
            (400, &json!("unauthorized_client"))
        );
        let grant = plain.token(&[("grant_type", GRANT), ("device_code", "x")]).await;
        assert_eq!(
            (grant.status, &grant.body["error"]),
            (400, &json!("unauthorized_client"))
        );
        for form in [vec![], vec![("scope", "profile")], vec![("scope", "openidx")]] {
            let reply = ask(&stage, &tv, &form).await;
            assert_eq!(
                (reply.status, &reply.body["error"]),
                (400, &json!("invalid_scope")),
                "{form:?}"
            );
        }
        let twice = ask(&stage, &tv, &[scope, scope]).await;
        assert_eq!((twice.status, &twice.body["error"]), (400, &json!("invalid_request")));
        let mut wrong = tv.clone();
        wrong.secret = "wrong".to_owned();
        let refused = ask(&stage, &wrong, &[scope]).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (401, &json!("invalid_client"))
        );
        wrong.secret = String::new();
        let refused = ask(&stage, &wrong, &[scope, ("client_id", "tv")]).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (401, &json!("invalid_client"))
        );
        let url = format!("{}/oauth2/device_authorization", stage.base);
        assert_eq!(stage.http.get(&url).send().await.unwrap().status(), 405);
        let discovery = stage
            .http
            .get(format!("{}/.well-known/openid-configuration", stage.base));
        let discovery: Value = discovery.send().await.unwrap().json().await.unwrap();
        assert_eq!(discovery["device_authorization_endpoint"], url);
        assert!(
            discovery["grant_types_supported"]
                .as_array()
                .unwrap()
                .contains(&json!(GRANT))
        );
    }
);

scenario!(
    only_the_page_shown_to_this_session_can_answer,
    |stage: Stage| async move {
        stage.connect().await;
        let portal = portal(&stage, "tv", json!({})).await;
        let (browser, _) = signed_in(&stage, &portal).await;
        let other = stage.browser();
        portal.tokens(&stage, &other, sample::BY_TAG).await;
        let issued = asked(&stage, &portal).await;
        let mine = confirm(&question(&browser, &issued).await);
        let theirs = confirm(&question(&other, &issued).await);
        assert_ne!(mine, theirs);
        let another_code = confirm_of(&browser, &stage, &portal).await;
        for (who, confirm) in [
            (&browser, theirs.as_str()),
            (&browser, another_code.as_str()),
            (&browser, ""),
            (&stage.browser(), mine.as_str()),
        ] {
            let page = answer_again(&stage, who, &issued, confirm).await;
            assert_eq!(page.status, 403, "{}", page.body);
        }
        assert_eq!(error_of_poll(&portal, &issued).await, "authorization_pending");
        assert_eq!(answer_again(&stage, &browser, &issued, &mine).await.status, 200);
    }
);

// Checklist: the user code is rate-limited.
scenario!(user_codes_cannot_be_guessed_at_leisure, |stage: Stage| async move {
    stage.connect().await;
    let portal = portal(&stage, "tv", json!({})).await;
    let (browser, _) = signed_in(&stage, &portal).await;
    let issued = asked(&stage, &portal).await;
    for wrong in ["BCDF-GHJK", "rubbish", "%00%FF", "BCDF-GHJ%E5%AF%86", &"B".repeat(3000)] {
        let page = browser.get(&format!("{}/device?user_code={wrong}", stage.base)).await;
        assert!(
            page.status == 400 && page.body.contains("OP-280"),
            "{wrong}: {}",
            page.status
        );
        assert!(page.body.contains("name=\"user_code\""), "the form is there again");
    }
    let guess = format!("{}/device?user_code=BCDF-GHJK", stage.base);
    let pages = join_all((0..100).map(|_| browser.get(&guess))).await;
    assert_eq!(pages.iter().filter(|page| page.status == 400).count(), 25);
    assert_eq!(pages.iter().filter(|page| page.status == 429).count(), 75);
    let right = browser.get(issued["verification_uri_complete"].as_str().unwrap()).await;
    assert_eq!(right.status, 429, "no more tries, right or wrong");
    stage.advance(Duration::from_secs(600));
    let issued = asked(&stage, &portal).await;
    // Right ones do not count.
    for _ in 0..40 {
        question(&browser, &issued).await;
    }
});

scenario!(
    the_gate_decides_at_the_answer_and_again_at_the_tokens,
    |stage: Stage| async move {
        stage.connect().await;
        let wiki = stage.portal("wiki", json!({})).await;
        let (browser, id) = signed_in(&stage, &wiki).await;
        let user = id["sub"].as_str().unwrap();
        let somebody = stage.admin().user(sample::BY_TAG).await;
        let closed = portal(&stage, "closed", json!({ "allowed_users": [somebody["id"]] })).await;
        let issued = asked(&stage, &closed).await;
        let page = browser
            .open(issued["verification_uri_complete"].as_str().unwrap())
            .await;
        assert_eq!(page.status, 403, "{}", page.body);
        assert_eq!(error_of_poll(&closed, &issued).await, "authorization_pending");

        let tv = portal(&stage, "tv", json!({})).await;
        let issued = asked(&stage, &tv).await;
        answer(&stage, &browser, &issued, "allow").await;
        stage
            .admin()
            .change(&format!("users/{user}"), json!({ "status": "disabled" }))
            .await;
        assert_eq!(error_of_poll(&tv, &issued).await, "invalid_grant");
    }
);

scenario!(
    a_public_client_asks_without_a_secret_but_not_without_end,
    |stage: Stage| async move {
        stage.connect().await;
        let portal = portal(&stage, "tv", json!({ "auth_method": "none" })).await;
        let browser = stage.browser();
        portal_session(&stage, &browser).await;
        let issued = asked(&stage, &portal).await;
        answer(&stage, &browser, &issued, "allow").await;
        let form = [
            ("grant_type", GRANT),
            ("client_id", "tv"),
            ("device_code", issued["device_code"].as_str().unwrap()),
        ];
        let request = stage.http.post(format!("{}/oauth2/token", stage.base)).form(&form);
        assert_eq!(request.send().await.unwrap().status(), 200);
        let form = [("scope", "openid"), ("client_id", "tv")];
        let answers = join_all((0..40).map(|_| ask(&stage, &portal, &form))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 29);
        assert!(
            answers
                .iter()
                .filter(|answer| answer.status != 200)
                .all(|answer| answer.status == 429)
        );
        stage.advance(Duration::from_secs(600));
        assert_eq!(ask(&stage, &portal, &form).await.status, 200);
    }
);

/// Signs the browser in at some other portal.
async fn portal_session(stage: &Stage, browser: &Browser) {
    let wiki = stage.portal("wiki", json!({})).await;
    wiki.tokens(stage, browser, sample::NORMAL).await;
}

scenario!(
    a_device_is_signed_out_with_the_session_that_let_it_in,
    |stage: Stage| async move {
        stage.connect().await;
        let ear = Ear::listen();
        let metadata = json!({ "grant_types": [GRANT, "refresh_token"], "backchannel_logout_uri": ear.address() });
        let tv = portal(&stage, "tv", json!({ "metadata": metadata })).await;
        let wiki = stage.portal("wiki", json!({})).await;
        let browser = stage.browser();
        let session = wiki.tokens(&stage, &browser, sample::NORMAL).await;
        let issued = asked(&stage, &tv).await;
        answer(&stage, &browser, &issued, "allow").await;
        let tokens = poll(&tv, &issued).await.body;
        let hint = session["id_token"].as_str().unwrap();
        browser
            .get(&format!("{}/oauth2/logout?id_token_hint={hint}", stage.base))
            .await;
        ear.wait_for(1).await;
        assert_eq!(claims(&ear.tokens()[0])["sid"], claims(hint)["sid"]);
        assert_eq!(tv.refresh(tokens["refresh_token"].as_str().unwrap()).await.status, 400);
        // Approved before the logout, fetched after it: too late.
        let browser = stage.browser();
        let session = wiki.tokens(&stage, &browser, sample::NORMAL).await;
        let issued = asked(&stage, &tv).await;
        answer(&stage, &browser, &issued, "allow").await;
        let hint = session["id_token"].as_str().unwrap();
        browser
            .get(&format!("{}/oauth2/logout?id_token_hint={hint}", stage.base))
            .await;
        assert_eq!(error_of_poll(&tv, &issued).await, "invalid_grant");
    }
);

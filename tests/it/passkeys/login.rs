//! Signing in by passkey.

use futures_util::future::join_all;
use serde_json::json;

use super::{WRONG, challenged, operator, send_answer, set_up, sign_in};
use crate::{
    actors::{id_claims, text},
    fixture::Fixture,
    passkey_scenario,
    password::{GOOD, anna, totp, type_in},
};

passkey_scenario!(a_passkey_alone_opens_the_console, |fixture: Fixture| async move {
    let (owner, passkey) = operator(&fixture, "owner").await;
    let browser = fixture.browser();
    let page = sign_in(&browser, &format!("{}/console/people", fixture.base), &passkey).await;
    assert_eq!(
        (page.status, page.url.contains("/console/people")),
        (200, true),
        "{} {}",
        page.url,
        page.body
    );
    let account = browser.open(&format!("{}/account", fixture.base)).await;
    assert!(account.body.contains("<strong>Passkey</strong>"), "{}", account.body);
    assert!(account.body.contains("A passkey was added"), "{}", account.body);

    let listed = fixture.admin().get(&format!("users/{}/passkeys", owner.id)).await;
    let one = &listed["items"][0];
    assert_eq!(
        (text(one, "name"), listed["next_cursor"].is_null()),
        ("Laptop", true),
        "{listed}"
    );
    assert!(one["last_used_at"].is_i64() && one.get("credential").is_none(), "{one}");
    let events = fixture.admin().get("audit-events?limit=100").await.to_string();
    assert!(events.contains("passkey added"), "{events}");
});

// Acts that are hard to take back ask for a new proof, which a passkey is.
passkey_scenario!(a_passkey_proves_again_who_it_is, |fixture: Fixture| async move {
    let (_, passkey) = operator(&fixture, "owner").await;
    let browser = fixture.browser();
    sign_in(&browser, &format!("{}/console", fixture.base), &passkey).await;
    fixture.advance(std::time::Duration::from_secs(16 * 60));
    let at = format!("{}/console/settings/keys/rotate", fixture.base);
    let login = browser.open(&at).await;
    assert!(login.url.contains("/signin/"), "{}", login.url);
    let options = challenged(&browser, &login).await;
    let page = send_answer(&browser, &login, &passkey.answer(&options)).await;
    assert!(
        page.status == 200 && page.url.ends_with("/settings/keys/rotate"),
        "{}",
        page.url
    );
});

passkey_scenario!(a_portal_is_told_of_the_passkey, |fixture: Fixture| async move {
    let user = anna(&fixture).await;
    let (app, _) = totp::set_up(&fixture, &user).await;
    fixture.advance(std::time::Duration::from_secs(60));
    let portal = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    let login = browser.open(&portal.authorize_url(&[])).await;
    assert!(!login.body.contains("data-passkey"), "nobody has one: {}", login.body);
    let code = type_in(&browser, &login, "anna", GOOD).await;
    totp::enter(&browser, &code, &app.shows(&fixture, 0)).await;
    let passkey = set_up(&fixture, &browser, "手机").await;

    let asked = [("acr_values", "urn:menjin:acr:passkey")];
    let browser = fixture.browser();
    let page = sign_in(&browser, &portal.authorize_url(&asked), &passkey).await;
    let id = id_claims(&portal.tokens_from(&page).await);
    assert_eq!(id["sub"], user.as_str());
    assert_eq!(id["amr"], json!(["pop", "user", "mfa"]));
    assert_eq!(id["acr"], "urn:menjin:acr:passkey");
    assert!(portal.authorize_silently(&browser).await.returned("code").is_some());

    // It is no password and code, and asking for those offers no passkey.
    let other = [(
        "claims",
        r#"{"id_token":{"acr":{"essential":true,"value":"urn:menjin:acr:pwd-otp"}}}"#,
    )];
    let login = browser.open(&portal.authorize_url(&other)).await;
    assert!(
        login.url.contains("/signin/") && !login.body.contains("data-passkey"),
        "{}",
        login.body
    );
    let discovery = fixture
        .fetch("/.well-known/openid-configuration")
        .await
        .text()
        .await
        .unwrap();
    assert!(discovery.contains("urn:menjin:acr:passkey"), "{discovery}");
});

passkey_scenario!(
    a_hundred_answers_to_one_challenge_open_one_session,
    |fixture: Fixture| async move {
        let (_, passkey) = operator(&fixture, "auditor").await;
        let browser = fixture.browser();
        let login = browser.open(&format!("{}/console", fixture.base)).await;
        let answer = passkey.answer(&challenged(&browser, &login).await);
        let form = [("form", login.field("form")), ("credential", answer)];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let to = login.link("/passkey/finish");
        let pages = join_all((0..100).map(|_| browser.post(&to, &form))).await;
        let in_by_it = pages.iter().filter(|page| page.status == 303).count();
        let refused = pages
            .iter()
            .filter(|page| page.status == 403 && page.body.contains(WRONG))
            .count();
        assert_eq!((in_by_it, refused), (1, 99));
    }
);

passkey_scenario!(
    people_of_our_own_are_kept_out_where_their_passwords_are_and_operators_are_not,
    |fixture: Fixture| async move {
        let (_, passkey) = operator(&fixture, "owner").await;
        anna(&fixture).await;
        let portal = fixture.portal("wiki", json!({})).await;
        let login = fixture.browser().open(&portal.authorize_url(&[])).await;
        assert!(login.body.contains("data-passkey"), "{}", login.body);
        let served = fixture
            .serve_with(|config| {
                config.password.local_users = false;
                config.public_url.clone_from(&fixture.base);
            })
            .await;
        let there = portal.authorize_url(&[]).replace(&fixture.base, &served.base);
        let closed = fixture.browser().open(&there).await;
        assert!(!closed.body.contains("data-passkey"), "{}", closed.body);
        let page = sign_in(&fixture.browser(), &format!("{}/console", served.base), &passkey).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(
    whoever_is_disabled_reads_the_gate_s_reason,
    |fixture: Fixture| async move {
        let (colleague, passkey) = operator(&fixture, "admin").await;
        let path = format!("users/{}", colleague.id);
        fixture.admin().change(&path, json!({ "status": "disabled" })).await;
        let refused = sign_in(&fixture.browser(), &format!("{}/console", fixture.base), &passkey).await;
        assert!(
            refused.status == 403 && refused.body.contains("GT-111"),
            "{}",
            refused.body
        );
        fixture.admin().change(&path, json!({ "status": "active" })).await;
        let page = sign_in(&fixture.browser(), &format!("{}/console", fixture.base), &passkey).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
);

passkey_scenario!(a_passkey_that_was_removed_is_no_way_in, |fixture: Fixture| async move {
    let (colleague, passkey) = operator(&fixture, "operator").await;
    let browser = fixture.browser();
    let login = browser.open(&format!("{}/console", fixture.base)).await;
    let answer = passkey.answer(&challenged(&browser, &login).await);
    let path = format!("users/{}/passkeys", colleague.id);
    let listed = fixture.admin().get(&path).await;
    fixture
        .admin()
        .call("DELETE", &format!("{path}/{}", text(&listed["items"][0], "id")), None)
        .await;
    let refused = send_answer(&browser, &login, &answer).await;
    assert!(refused.body.contains(WRONG), "{}", refused.body);
    assert!(browser.cookie("menjin_session").is_none());
    let again = fixture
        .admin()
        .call("DELETE", &format!("{path}/{}", text(&listed["items"][0], "id")), None)
        .await;
    assert_eq!(again.status, 404, "{}", again.body);
    assert_eq!(again.body["number"], "SI-227");
});

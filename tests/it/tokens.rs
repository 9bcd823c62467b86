//! The token endpoint and the end of sessions: codes, refresh, client authentication, logout.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{Redemption, VERIFIER, id_claims, post, text},
    fixture::Fixture,
    oidc::json_of,
    scenario,
    signing_out::{BYE, logout_url},
};

scenario!(a_public_client_must_use_pkce, |fixture: Fixture| async move {
    fixture.connect().await;
    let portal = fixture.portal("spa", json!({ "auth_method": "none" })).await;
    let page = fixture
        .browser()
        .get(&portal.authorize_url(&[("code_challenge", ""), ("code_challenge_method", "")]))
        .await;
    assert_eq!(page.returned("error").unwrap(), "invalid_request");
    let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
    let form = [&portal.redemption(&code)[..], &[("client_id", "spa")]].concat();
    let answer = post(&fixture.http, &format!("{}/oauth2/token", fixture.base), &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
});

// product.md §6: redirect URI not compared at the token endpoint.
scenario!(
    a_code_is_bound_to_client_redirect_uri_and_pkce,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture
            .portal(
                "wiki",
                json!({ "redirect_uris": ["https://wiki.portal.example/callback", "https://wiki.portal.example/two"] }),
            )
            .await;
        let other = fixture
            .portal(
                "other",
                json!({ "redirect_uris": ["https://wiki.portal.example/callback"] }),
            )
            .await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let fresh = async || browser.get(&portal.authorize_url(&[])).await.returned("code").unwrap();
        let good = portal.redirect_uri.as_str();
        for (by, redirect_uri, verifier) in [
            (&other, good, VERIFIER),
            (&portal, "https://wiki.portal.example/two", VERIFIER),
            (&portal, "", VERIFIER),
            (&portal, good, "wrong-verifier-wrong-verifier-wrong-verifier-wrong"),
            (&portal, good, ""),
        ] {
            let code = fresh().await;
            let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
            form.extend(
                [("redirect_uri", redirect_uri), ("code_verifier", verifier)]
                    .iter()
                    .filter(|(_, v)| !v.is_empty()),
            );
            let answer = by.token(&form).await;
            assert_eq!(
                answer.status, 400,
                "{} {redirect_uri} {verifier}: {}",
                by.client_id, answer.body
            );
            assert!(
                matches!(answer.body["error"].as_str(), Some("invalid_grant" | "invalid_request")),
                "{}",
                answer.body
            );
        }
        assert_eq!(portal.redeem(&fresh().await).await.status, 200);
    }
);

scenario!(
    a_code_used_twice_ends_the_tokens_that_came_of_it_also_later,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let first = portal.redeem(&code).await.body;
        fixture.advance(Duration::from_secs(30));
        let second = portal.redeem(&code).await;
        assert_eq!(second.refusal(), (400, "invalid_grant"));
        portal.assert_ended(&first).await;
    }
);

scenario!(
    who_only_saw_the_used_code_of_a_public_client_ends_nothing,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("spa", json!({ "auth_method": "none" })).await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let redeem = async |verifier: &str| {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", "spa"),
                ("code", code.as_str()),
                ("redirect_uri", portal.redirect_uri.as_str()),
                ("code_verifier", verifier),
            ];
            post(&fixture.http, &format!("{}/oauth2/token", fixture.base), &form).await
        };
        let first = redeem(VERIFIER).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let access = first.body["access_token"].as_str().unwrap();
        for verifier in ["", "another-verifier-that-is-long-enough-to-be-one-000"] {
            assert_eq!(redeem(verifier).await.body["error"], "invalid_grant");
            assert_eq!(portal.userinfo(access).await.status, 200, "{verifier}");
        }
        assert_eq!(redeem(VERIFIER).await.body["error"], "invalid_grant");
        assert_eq!(portal.userinfo(access).await.status, 401, "its own second use");
    }
);

scenario!(
    a_scope_taken_from_the_client_is_gone_at_userinfo_and_the_next_refresh,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let user = format!("users/{}", fixture.admin().user_id(sample::NORMAL).await);
        let phone = json!({ "phone_number": "+8613800000000" });
        fixture.admin().change(&user, phone).await;
        let first = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let access = first["access_token"].as_str().unwrap();
        let told = portal.userinfo(access).await;
        assert!(told.body["phone_number"].is_string(), "{}", told.body);
        let left = json!({ "scopes": ["openid", "profile", "email", "offline_access"] });
        fixture.admin().change(&format!("clients/{}", portal.id), left).await;
        let told = portal.userinfo(access).await;
        assert!(
            told.body["phone_number"].is_null() && told.body["name"].is_string(),
            "{}",
            told.body
        );
        let second = portal.refresh(first["refresh_token"].as_str().unwrap()).await;
        assert_eq!(second.body["scope"], "openid profile email", "{}", second.body);
        let told = portal.userinfo(second.body["access_token"].as_str().unwrap()).await;
        assert!(told.body["phone_number"].is_null(), "{}", told.body);
    }
);

scenario!(a_code_dies_after_its_lifetime, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
    fixture.advance(Duration::from_secs(61));
    assert_eq!(portal.redeem(&code).await.body["error"], "invalid_grant");
});

scenario!(refresh_rotates_and_keeps_who_and_when, |fixture: Fixture| async move {
    let (portal, _, first) = fixture.signed_in().await;
    fixture.advance(Duration::from_secs(5));
    let second = portal.refresh(first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_ne!(first["refresh_token"], second.body["refresh_token"]);
    let (before, after) = (id_claims(&first), id_claims(&second.body));
    for same in ["sub", "aud", "auth_time", "sid"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64());
    let userinfo = portal.userinfo(text(&second.body, "access_token")).await;
    assert_eq!(userinfo.status, 200);
    let other = fixture.portal("other", json!({})).await;
    let foreign = other.refresh(second.body["refresh_token"].as_str().unwrap()).await;
    assert_eq!(foreign.refusal(), (400, "invalid_grant"));
});

// No token without a permit, also at refresh.
scenario!(refresh_asks_the_gate_again, |fixture: Fixture| async move {
    let (portal, _, tokens) = fixture.signed_in().await;
    fixture.admin().disable(sample::NORMAL).await;
    let refused = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(refused.refusal(), (400, "invalid_grant"));
    assert_eq!(
        portal.userinfo(tokens["access_token"].as_str().unwrap()).await.status,
        401,
        "the access token still works"
    );
});

scenario!(
    refresh_looks_live_once_the_membership_is_older_than_the_portal_allows,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({ "membership_max_age": 600 })).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let young = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(young.status, 200, "within the stated bound: {}", young.body);
        fixture.advance(Duration::from_secs(601));
        let old = portal.refresh(young.body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(old.body["error"], "invalid_grant", "{}", old.body);
    }
);

scenario!(
    while_wecom_is_down_a_refresh_waits_and_its_token_is_not_used_up,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture
            .portal("wiki", json!({ "membership_max_age": 600, "membership_grace": 0 }))
            .await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = tokens["refresh_token"].as_str().unwrap();
        fixture.advance(Duration::from_secs(601));
        fixture.break_wecom("/cgi-bin/user/get");
        let during = portal.refresh(token).await;
        assert_eq!(during.status, 503, "{}", during.body);
        fixture.mend_wecom();
        let after = portal.refresh(token).await;
        assert_eq!(after.status, 200, "{}", after.body);
    }
);

scenario!(
    a_strict_client_authenticates_as_registered_and_no_other_way,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let strict = json!({ "metadata": { "strict_client_authentication": true } });
        let portal = fixture.portal("wiki", strict).await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let form = |extra: &[(&'static str, String)]| -> Vec<(&'static str, String)> {
            let mut form = vec![
                ("grant_type", "authorization_code".to_owned()),
                ("code", code.clone()),
                ("redirect_uri", portal.redirect_uri.clone()),
                ("code_verifier", VERIFIER.to_owned()),
            ];
            form.extend_from_slice(extra);
            form
        };
        let url = format!("{}/oauth2/token", fixture.base);
        let wrong = fixture
            .http
            .post(&url)
            .basic_auth("wiki", Some("wrong"))
            .form(&form(&[]))
            .send()
            .await
            .unwrap();
        assert_eq!(wrong.status(), 401);
        assert!(wrong.headers().contains_key("www-authenticate"));
        let by_fields = form(&[("client_id", "wiki".into()), ("client_secret", portal.secret.clone())]);
        let other_method = fixture.http.post(&url).form(&by_fields).send().await.unwrap();
        assert_eq!(other_method.status(), 401, "only the registered method counts");
        let none = fixture.http.post(&url).form(&form(&[])).send().await.unwrap();
        assert!(matches!(none.status().as_u16(), 400 | 401));
        let right = portal.redeem(&code).await;
        assert_eq!(right.status, 200, "failed tries used the code up: {}", right.body);
    }
);

scenario!(
    logout_ends_the_session_and_goes_only_where_registered,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let hint = tokens["id_token"].as_str().unwrap();
        let logout = |hint: &str, to: &str| {
            let parameters = [
                ("id_token_hint", hint),
                ("post_logout_redirect_uri", to),
                ("state", "s1"),
            ];
            logout_url(&fixture, &parameters)
        };
        let elsewhere = browser.get(&logout(hint, "https://evil.example/")).await;
        assert!(
            elsewhere.location.is_none_or(|to| !to.contains("evil")),
            "redirected elsewhere"
        );
        let again = fixture.browser();
        let tokens = portal.tokens(&fixture, &again, sample::NORMAL).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let page = again.get(&logout(hint, BYE)).await;
        assert_eq!(page.location.as_deref(), Some(format!("{BYE}?state=s1").as_str()));
        portal.assert_signed_out(&again).await;
        assert_eq!(
            portal.refresh(tokens["refresh_token"].as_str().unwrap()).await.status,
            400,
            "grants end with the session"
        );
    }
);

scenario!(logout_without_a_valid_hint_asks_first, |fixture: Fixture| async move {
    let (portal, browser, _) = fixture.signed_in().await;
    let page = browser.get(&format!("{}/oauth2/logout", fixture.base)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let still = portal.authorize_silently(&browser).await;
    assert!(still.returned("code").is_some(), "signed out by a mere link");
});

scenario!(an_idle_session_ends, |fixture: Fixture| async move {
    let (portal, browser, _) = fixture.signed_in().await;
    fixture.advance(Duration::from_secs(8 * 3600 + 1));
    portal.assert_signed_out(&browser).await;
});

scenario!(signing_keys_survive_a_restart_sealed, |fixture: Fixture| async move {
    let before = json_of(&fixture, "/oauth2/jwks").await;
    let again = fixture.restart().await;
    let after = Redemption::of(fixture.http.get(format!("{again}/oauth2/jwks"))).await;
    assert_eq!(before, after.body);
});

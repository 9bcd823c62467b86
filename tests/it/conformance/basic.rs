//! The profile "Basic": the code flow.

use std::time::Duration;

use serde_json::json;
use simulator::sample;

use crate::{
    actors::{Portal, id_claims, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    a_missing_response_type_is_answered_by_redirect,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let page = fixture
            .browser()
            .get(&portal.authorize_url(&[("response_type", "")]))
            .await;
        let error = page.returned("error").unwrap();
        assert!(
            ["invalid_request", "unsupported_response_type"].contains(&error.as_str()),
            "{error}"
        );
    }
);

scenario!(
    parameter_order_and_unknown_parameters_do_not_matter,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let asked = portal.authorize_url(&[]);
        let (address, query) = asked.split_once('?').unwrap();
        let backwards: Vec<&str> = query.split('&').rev().collect();
        let page = browser
            .get(&format!(
                "{address}?extra=foobar&{}&weird[]=%3C%3E",
                backwards.join("&")
            ))
            .await;
        assert!(page.returned("code").is_some(), "{:?} {}", page.location, page.body);
    }
);

scenario!(
    display_locales_acr_values_and_unknown_login_hints_never_err,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        for (name, value) in [
            ("display", "page"),
            ("display", "popup"),
            ("display", "nonsense"),
            ("ui_locales", "se"),
            ("ui_locales", "zh-CN en"),
            ("claims_locales", "se"),
            ("acr_values", "1 2"),
            ("login_hint", "nobody@nowhere.example"),
        ] {
            let page = browser.get(&portal.authorize_url(&[(name, value)])).await;
            assert!(page.returned("error").is_none(), "{name}={value}: {:?}", page.location);
            assert!(page.status < 400, "{name}={value}: {}", page.body);
        }
    }
);

scenario!(
    prompt_login_shows_a_page_again_and_auth_time_is_strictly_later,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let first = id_claims(&tokens);
        fixture.advance(Duration::from_secs(2));
        let again = [("prompt", "login")];
        let second = id_claims(&portal.tokens_with(&fixture, &browser, sample::NORMAL, &again).await);
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
        assert_eq!(second["sub"], first["sub"]);
    }
);

scenario!(
    prompt_none_and_a_large_max_age_keep_auth_time_and_show_no_page,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let first = id_claims(&tokens);
        fixture.advance(Duration::from_secs(5));
        for extra in [[("prompt", "none")], [("max_age", "10000")], [("max_age", "15000")]] {
            let again = id_claims(&portal.tokens_silently(&browser, &extra).await);
            assert_eq!(
                (&again["sub"], &again["auth_time"]),
                (&first["sub"], &first["auth_time"]),
                "{extra:?}"
            );
        }
    }
);

scenario!(
    max_age_1_two_seconds_later_is_a_new_wecom_round_trip_with_a_later_auth_time,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let first = id_claims(&tokens);
        fixture.advance(Duration::from_secs(2));
        let page = browser
            .get(&portal.authorize_url(&[("max_age", "1"), ("prompt", "none")]))
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
        let again = [("max_age", "1")];
        let second = id_claims(&portal.tokens_with(&fixture, &browser, sample::NORMAL, &again).await);
        assert!(second["auth_time"].as_i64() > first["auth_time"].as_i64());
    }
);

scenario!(
    an_id_token_hint_of_the_same_person_is_silent_of_another_login_required,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let (browser, other) = (fixture.browser(), fixture.browser());
        let own = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let foreign = portal.tokens(&fixture, &other, sample::BY_TAG).await;
        let own = own["id_token"].as_str().unwrap();
        let hinted = [("prompt", "none"), ("id_token_hint", own)];
        portal.tokens_silently(&browser, &hinted).await;
        // Expired is fine.
        fixture.advance(Duration::from_secs(3600));
        portal.tokens_silently(&browser, &hinted).await;
        let foreign = foreign["id_token"].as_str().unwrap();
        let page = browser
            .get(&portal.authorize_url(&[("prompt", "none"), ("id_token_hint", foreign)]))
            .await;
        assert_eq!(page.returned("error").as_deref(), Some("login_required"));
    }
);

scenario!(
    prompt_none_combined_with_others_is_invalid_request,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for others in [
            "none login",
            "none consent",
            "select_account none",
            "login none consent",
        ] {
            let page = fixture
                .browser()
                .get(&portal.authorize_url(&[("prompt", others)]))
                .await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{others}");
        }
        for several in ["login consent", "consent select_account", "select_account"] {
            let page = fixture
                .browser()
                .open(&portal.authorize_url(&[("prompt", several)]))
                .await;
            assert_eq!(
                (page.status, page.location),
                (200, None),
                "{several}: a page to sign in"
            );
        }
    }
);

scenario!(
    an_unregistered_redirect_uri_is_a_page_also_with_a_longer_path_or_an_added_query,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let own = portal.redirect_uri.clone();
        for wrong in [
            format!("{own}/more"),
            format!("{own}?x=1"),
            format!("{own}#x"),
            own.replace("https", "http"),
            own.to_uppercase(),
            format!("{own}%2e"),
            "https://evil.example/".to_owned(),
        ] {
            let page = browser.get(&portal.authorize_url(&[("redirect_uri", &wrong)])).await;
            assert_eq!((page.status, page.location), (400, None), "{wrong}");
            assert!(page.body.contains("<html"), "{wrong}: a page");
        }
    }
);

scenario!(
    an_authorization_request_by_form_post_works,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let asked = portal.authorize_url(&[]);
        let url = reqwest::Url::parse(&asked).unwrap();
        let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let page = browser.post(asked.split('?').next().unwrap(), &form).await;
        assert!(page.returned("code").is_some(), "{:?} {}", page.location, page.body);
    }
);

scenario!(
    client_secret_basic_and_client_secret_post_both_work_and_are_listed,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let document = crate::oidc::json_of(&fixture, "/.well-known/openid-configuration").await;
        let listed = document["token_endpoint_auth_methods_supported"].as_array().unwrap();
        for method in ["client_secret_basic", "client_secret_post"] {
            assert!(listed.contains(&json!(method)));
            let portal = fixture
                .portal(&method.replace('_', "-"), json!({ "auth_method": method }))
                .await;
            let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
            let mut form = portal.redemption(&code).to_vec();
            let mut request = fixture.http.post(format!("{}/oauth2/token", fixture.base));
            if method == "client_secret_basic" {
                request = request.basic_auth(&portal.client_id, Some(&portal.secret));
            } else {
                form.extend([
                    ("client_id", portal.client_id.as_str()),
                    ("client_secret", portal.secret.as_str()),
                ]);
            }
            assert_eq!(request.form(&form).send().await.unwrap().status(), 200, "{method}");
        }
    }
);

scenario!(
    a_refresh_gives_a_new_access_token_and_an_id_token_with_new_iat_same_auth_time_sub_and_aud,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let other = fixture.portal("other", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let first = id_claims(&tokens);
        fixture.advance(Duration::from_secs(3));
        let foreign = other.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(foreign.refusal(), (400, "invalid_grant"), "another client's");
        let renewed = portal.refresh(tokens["refresh_token"].as_str().unwrap()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        let second = id_claims(&renewed.body);
        assert!(second["iat"].as_i64() > first["iat"].as_i64());
        for same in ["iss", "sub", "aud", "auth_time", "sid"] {
            assert_eq!(second[same], first[same], "{same}");
        }
        assert_ne!(renewed.body["access_token"], tokens["access_token"]);
        let userinfo = portal.userinfo(text(&renewed.body, "access_token")).await;
        assert_eq!(userinfo.status, 200);
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", renewed.body["refresh_token"].as_str().unwrap()),
            ("scope", "openid email"),
        ];
        let narrowed = portal.token(&form).await;
        assert_eq!(narrowed.body["scope"], "openid email", "scope may narrow");
    }
);

scenario!(
    a_confidential_client_may_go_without_pkce_unless_its_registration_demands_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let bare = [("code_challenge", ""), ("code_challenge_method", "")];
        let free = fixture.portal("free", json!({})).await;
        let strict = fixture.portal("strict", json!({ "require_pkce": true })).await;
        let browser = fixture.browser();
        free.code(&fixture, &browser, sample::NORMAL).await;
        assert!(browser.get(&free.authorize_url(&bare)).await.returned("code").is_some());
        let refused = browser.get(&strict.authorize_url(&bare)).await;
        assert_eq!(refused.returned("error").as_deref(), Some("invalid_request"));
        let plain = browser
            .get(&free.authorize_url(&[("code_challenge_method", "plain")]))
            .await;
        assert_eq!(plain.returned("error").as_deref(), Some("invalid_request"));
    }
);

scenario!(
    revocation_ends_the_family_and_unknown_tokens_are_no_error,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let other = fixture.portal("other", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let revoke = async |by: &Portal, token: &str| by.post("revoke", &[("token", token)]).await.status;
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        for unknown in ["nothing", "e30.e30.x"] {
            assert_eq!(revoke(&portal, unknown).await, 200, "{unknown}");
        }
        assert_eq!(revoke(&other, refresh).await, 200, "another client's changes nothing");
        assert_eq!(portal.userinfo(access).await.status, 200);
        assert_eq!(revoke(&portal, refresh).await, 200);
        assert_eq!(portal.userinfo(access).await.status, 401, "the whole family");
        assert_eq!(portal.refresh(refresh).await.status, 400);
    }
);

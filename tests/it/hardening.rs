//! Where somebody tries what no honest browser or portal does.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;
use simulator::sample;

use crate::{
    actors::{As, Portal, text},
    fixture::Fixture,
    scenario,
};

/// A silent authorization request with exactly this Cookie header.
async fn silently(fixture: &Fixture, portal: &Portal, cookie: &[u8]) -> String {
    let mut headers = HeaderMap::new();
    headers.insert("cookie", HeaderValue::from_bytes(cookie).unwrap());
    let request = fixture
        .http
        .get(portal.authorize_url(&[("prompt", "none")]))
        .headers(headers);
    let answer = request.send().await.unwrap();
    answer.headers()["location"].to_str().unwrap().to_owned()
}

scenario!(
    a_form_with_a_raw_control_byte_is_refused_on_its_way_and_reaches_no_header,
    |fixture: Fixture| async move {
        for path in ["authorize", "logout"] {
            let request = fixture.http.post(format!("{}/oauth2/{path}", fixture.base));
            let request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("accept", "text/html");
            let answer = request.body("a=\n").send().await.unwrap();
            assert_eq!(answer.status().as_u16(), 303, "{path}");
            let location = answer.headers()["location"].to_str().unwrap();
            assert!(
                location.starts_with(&format!("/oauth2/{path}/posted?form=")),
                "{location}"
            );
            let page = fixture.browser().get(&format!("{}{location}", fixture.base)).await;
            assert_eq!((page.status, page.location.as_deref()), (400, None), "{path}");
            assert!(page.body.contains("OP-129") || path == "authorize", "{}", page.body);
        }
    }
);

scenario!(
    a_portal_that_is_switched_off_is_no_address_to_redirect_to,
    |fixture: Fixture| async move {
        let portal = fixture.portal("wiki", json!({})).await;
        let path = format!("clients/{}", portal.id);
        fixture.admin().change(&path, json!({ "enabled": false })).await;
        let bye = format!(
            "{}/oauth2/logout?client_id=wiki&post_logout_redirect_uri=https://wiki.portal.example/bye",
            fixture.base
        );
        for address in [
            portal.authorize_url(&[("prompt", "none")]),
            portal.authorize_url(&[("request", "eyJ")]),
            bye,
        ] {
            let page = fixture.browser().get(&address).await;
            assert_eq!((page.status, &page.location), (400, &None), "{address}");
        }
    }
);

scenario!(
    a_cookie_planted_under_another_spelling_of_its_name_is_not_ours,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let cookie = browser.cookie("menjin_session").unwrap();
        let honest = format!("menjin_session={cookie}");
        assert!(silently(&fixture, &portal, honest.as_bytes()).await.contains("code="));
        for spelling in [
            "menjin%5Fsession",
            "%6Denjin_session",
            "Menjin_session",
            "menjin_session%20",
        ] {
            let planted = format!("{spelling}={cookie}");
            let location = silently(&fixture, &portal, planted.as_bytes()).await;
            assert!(location.contains("error=login_required"), "{spelling}: {location}");
        }
    }
);

scenario!(
    a_neighbour_cookie_that_is_not_utf_8_does_not_hide_ours,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let cookie = browser.cookie("menjin_session").unwrap();
        let mut header = b"tracker=\xff\xfe; lonely; =; menjin_session=".to_vec();
        header.extend_from_slice(cookie.as_bytes());
        assert!(silently(&fixture, &portal, &header).await.contains("code="));
    }
);

/// Posts an authorization request as a portal's page does, without any cookie of ours; answers where the browser is sent.
async fn posted(fixture: &Fixture, address: &str, query: &str) -> String {
    let request = fixture.http.post(address);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(query.to_owned()).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let next = answer.headers()["location"].to_str().unwrap();
    assert!(
        next.starts_with("/oauth2/authorize/posted?form=") && next.len() < 100,
        "{next}"
    );
    format!("{}{next}", fixture.base)
}

scenario!(
    an_authorization_request_posted_from_elsewhere_goes_on_at_a_short_address_that_works_once,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let asked = portal.authorize_url(&[]);
        let (address, query) = asked.split_once('?').unwrap();
        // The longest form that is read; parameters that nobody knows are ignored.
        let long = format!("{query}&more={}", "m".repeat(60 * 1024));
        for query in [query, &long] {
            // A cross-site POST carries no cookie (SameSite=Lax); the GET it is answered with does.
            let next = posted(&fixture, address, query).await;
            let page = browser.get(&next).await;
            assert!(page.returned("code").is_some(), "{:?} {}", page.location, page.body);
            let again = browser.get(&next).await;
            assert_eq!((again.status, again.location.as_deref()), (400, None));
            assert!(again.body.contains("OP-104"), "{}", again.body);
            // Whoever is not signed in signs in, and comes back with what was posted.
            let next = posted(&fixture, address, query).await;
            let stranger = fixture.browser();
            let page = portal
                .sign_in_at(&fixture, &stranger, As::Member(sample::BY_PICK), &next)
                .await;
            assert!(page.returned("code").is_some(), "{:?} {}", page.location, page.body);
            assert_eq!(page.returned("state").as_deref(), Some("af0ifjsldkj-._~"));
        }
        // Nobody comes: what was kept is gone after a minute.
        let next = posted(&fixture, address, query).await;
        fixture.advance(Duration::from_secs(61));
        assert!(browser.get(&next).await.body.contains("OP-104"));
    }
);

scenario!(
    of_100_parallel_arrivals_with_one_posted_form_exactly_one_gets_a_code,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let asked = portal.authorize_url(&[]);
        let (address, query) = asked.split_once('?').unwrap();
        let next = posted(&fixture, address, query).await;
        let pages = join_all((0..100).map(|_| browser.get(&next))).await;
        let (won, lost): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.returned("code").is_some());
        assert_eq!((won.len(), lost.len()), (1, 99));
        assert!(
            lost.iter()
                .all(|page| page.status == 400 && page.body.contains("OP-104"))
        );
    }
);

scenario!(
    a_form_posted_with_our_cookie_is_answered_directly,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let long = "m".repeat(60 * 1024);
        let mut form = portal.parameters(&[]);
        form.push(("more", &long));
        let page = browser.post(&portal.url(&[]), &form).await;
        assert!(page.returned("code").is_some(), "{:?} {}", page.location, page.body);
        let form = [("id_token_hint", text(&tokens, "id_token")), ("more", &long)];
        let page = browser.post(&format!("{}/oauth2/logout", fixture.base), &form).await;
        assert_eq!((page.status, page.location.as_deref()), (200, None), "{}", page.body);
        portal.assert_signed_out(&browser).await;
    }
);

scenario!(
    what_is_kept_for_anonymous_clients_is_bounded_in_length,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        for (name, most) in [("ui_locales", 256), ("nonce", 512)] {
            let (fits, long) = ("x".repeat(most), "x".repeat(most + 1));
            let page = browser.get(&portal.authorize_url(&[(name, &fits)])).await;
            assert!(page.returned("error").is_none(), "{name}: {:?}", page.location);
            let page = browser.get(&portal.authorize_url(&[(name, &long)])).await;
            assert_eq!(page.returned("error").as_deref(), Some("invalid_request"), "{name}");
            assert!(page.returned("error_description").unwrap().contains("OP-123"), "{name}");
        }
    }
);

scenario!(
    the_secret_of_a_portal_that_was_switched_off_proves_nothing,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let client = format!("clients/{}", portal.id);
        fixture.admin().change(&client, json!({ "enabled": false })).await;
        let token = tokens["access_token"].as_str().unwrap();
        for path in ["token", "introspect", "revoke"] {
            let form = [("token", token), ("grant_type", "authorization_code"), ("code", "x")];
            let answer = portal.post(path, &form).await;
            assert_eq!(answer.refusal(), (401, "invalid_client"), "{path}");
        }
        assert_eq!(portal.userinfo(token).await.status, 401);
    }
);

scenario!(
    a_code_is_refused_again_half_a_minute_later_and_its_tokens_are_dead,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let tokens = portal.redeem(&code).await.body;
        fixture.advance(Duration::from_secs(31));
        let again = portal.redeem(&code).await;
        assert_eq!(again.refusal(), (400, "invalid_grant"));
        portal.assert_ended(&tokens).await;
    }
);

scenario!(
    by_https_browsers_are_told_to_stay_there_and_a_portals_window_is_not_cut_off,
    |fixture: Fixture| async move {
        let https = [("SERVER__PUBLIC_URL", "https://sso.corp.example")];
        let base = fixture.restart_with(&https).await;
        let portals_window = [
            "/oauth2/authorize?client_id=nobody",
            "/oauth2/logout",
            "/signin/nothing",
            "/wecom/callback?state=x&code=y",
            "/password/nothing",
        ];
        for path in ["/account", "/device", "/nowhere", "/api/v1/users", "/healthz"]
            .into_iter()
            .chain(portals_window)
        {
            let answer = fixture.http.get(format!("{base}{path}")).send().await.unwrap();
            let header = |name: &str| {
                answer
                    .headers()
                    .get(name)
                    .map(|value| value.to_str().unwrap().to_owned())
            };
            assert_eq!(
                header("strict-transport-security").as_deref(),
                Some("max-age=31536000"),
                "{path}"
            );
            assert!(header("permissions-policy").unwrap().contains("camera=()"), "{path}");
            let opener = header("cross-origin-opener-policy");
            let expected = (!portals_window.contains(&path)).then(|| "same-origin".to_owned());
            assert_eq!(opener, expected, "{path}");
        }
        let plain = fixture.fetch("/account").await;
        for name in [
            "strict-transport-security",
            "permissions-policy",
            "cross-origin-opener-policy",
        ] {
            assert!(!plain.headers().contains_key(name), "{name} by plain http");
        }
    }
);

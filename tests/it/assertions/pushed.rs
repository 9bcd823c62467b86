//! Pushed authorization requests (RFC 9126).

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use crate::{
    actors::{As, Keyholder, Page, Prover, claims, post},
    fixture::Fixture,
    scenario,
};

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

async fn keyholder(fixture: &Fixture) -> Keyholder {
    fixture.connect().await;
    Keyholder::register(fixture, "wiki", "ES256", json!({})).await
}

/// The page must say that there is no such pushed request, and lead nowhere.
fn is_gone(page: &Page, what: &str) {
    assert_eq!((page.status, &page.location), (400, &None), "{what}");
    assert!(page.body.contains("OP-220"), "{what}: {}", page.body);
}

scenario!(
    a_pushed_request_leads_to_tokens_and_then_is_gone,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let pushed = client.post("/oauth2/par", &client.portal.parameters(&[])).await;
        assert_eq!((pushed.status, &pushed.body["expires_in"]), (201, &json!(60)));
        let request_uri = pushed.body["request_uri"].as_str().unwrap();
        assert!(request_uri.starts_with(PREFIX) && request_uri.len() >= PREFIX.len() + 43);
        let browser = fixture.browser();
        let address = client.pushed_url(request_uri);
        let page = client.sign_in_at(&fixture, &browser, &address).await;
        assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~");
        assert_eq!(page.returned("iss").unwrap(), fixture.base);
        let tokens = client.redeem(&page.returned("code").unwrap()).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let again = browser.get(&address).await;
        is_gone(&again, "single use after the login");
    }
);

scenario!(
    a_reload_before_the_login_breaks_nothing_and_a_slow_person_gets_in,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let browser = fixture.browser();
        let address = client.pushed_url(&client.push(&[]).await);
        for _ in 0..3 {
            let login = browser.open(&address).await;
            assert_eq!(login.status, 200, "{}", login.body);
        }
        let shown = browser.open(&browser.open(&address).await.link("/go/")).await;
        // Longer than the request itself is kept.
        fixture.advance(Duration::from_secs(300));
        let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let page = browser.open(&callback).await;
        let code = page.returned("code").unwrap_or_else(|| panic!("{}", page.body));
        assert_eq!(client.redeem(&code).await.status, 200);
    }
);

scenario!(
    of_two_logins_begun_with_one_request_uri_one_gets_a_code,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let address = client.pushed_url(&client.push(&[]).await);
        let (here, there) = (fixture.browser(), fixture.browser());
        let shown_there = there.open(&there.open(&address).await.link("/go/")).await;
        let first = client.sign_in_at(&fixture, &here, &address).await;
        assert!(first.returned("code").is_some());
        fixture.advance(Duration::from_secs(120));
        let who = As::Member(sample::NORMAL);
        let callback = fixture.phone().scan(&there, &shown_there, who).await;
        let second = there.open(&callback).await;
        is_gone(&second, "used by the first");
    }
);

scenario!(
    of_100_parallel_arrivals_with_one_request_uri_exactly_one_gets_a_code,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let browser = fixture.browser();
        client.portal.code(&fixture, &browser, sample::NORMAL).await;
        let address = client.pushed_url(&client.push(&[]).await);
        let pages = join_all((0..100).map(|_| browser.get(&address))).await;
        let won = pages.iter().filter(|page| page.returned("code").is_some()).count();
        assert_eq!(won, 1);
        for lost in pages.iter().filter(|page| page.returned("code").is_none()) {
            assert_eq!((lost.status, &lost.location), (400, &None));
        }
    }
);

scenario!(
    a_request_uri_is_its_clients_and_lives_a_minute,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let other = Keyholder::register(&fixture, "git", "ES256", json!({})).await;
        let request_uri = client.push(&[]).await;
        let refused = async |address: String, what: &str| {
            is_gone(&fixture.browser().get(&address).await, what);
        };
        refused(other.pushed_url(&request_uri), "of another client").await;
        refused(client.pushed_url(&format!("{PREFIX}{}", "A".repeat(43))), "made up").await;
        refused(client.pushed_url(PREFIX), "empty").await;
        refused(client.pushed_url(&format!("{PREFIX}{}", "A".repeat(4000))), "long").await;
        fixture.advance(Duration::from_secs(59));
        assert_eq!(
            fixture.browser().open(&client.pushed_url(&request_uri)).await.status,
            200
        );
        fixture.advance(Duration::from_secs(2));
        refused(client.pushed_url(&request_uri), "expired").await;
        // With a registered redirect URI besides, the portal hears of it.
        let address = client.portal.authorize_url(&[("request_uri", &request_uri)]);
        let page = fixture.browser().get(&address).await;
        assert_eq!(page.returned("error").unwrap(), "invalid_request_uri");
        // Not one of ours at all.
        let address = client
            .portal
            .authorize_url(&[("request_uri", "https://portal.example/r")]);
        let page = fixture.browser().get(&address).await;
        assert_eq!(page.returned("error").unwrap(), "request_uri_not_supported");
    }
);

scenario!(
    what_stands_beside_a_request_uri_is_not_looked_at,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let request_uri = client.push(&[("state", "pushed")]).await;
        let address = client.portal.url(&[
            ("client_id", "wiki"),
            ("request_uri", &request_uri),
            ("state", "added"),
            ("redirect_uri", "https://evil.example/"),
            ("response_type", "token"),
        ]);
        let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
        assert_eq!(page.returned("state").unwrap(), "pushed");
        assert!(page.location.unwrap().starts_with(&client.portal.redirect_uri));
    }
);

scenario!(
    what_the_authorization_endpoint_refuses_cannot_be_pushed,
    |fixture: Fixture| async move {
        let client = keyholder(&fixture).await;
        let long = "x".repeat(20_000);
        for (change, number, error, status) in [
            (
                ("redirect_uri", "https://evil.example/"),
                "OP-103",
                "invalid_request",
                400,
            ),
            (("redirect_uri", ""), "OP-102", "invalid_request", 400),
            (("response_type", "token"), "OP-112", "unsupported_response_type", 400),
            (("scope", "unknown"), "OP-116", "invalid_scope", 400),
            (("code_challenge_method", "plain"), "OP-118", "invalid_request", 400),
            (("prompt", "none login"), "OP-120", "invalid_request", 400),
            (("id_token_hint", "x"), "OP-122", "invalid_request", 400),
            (("request_uri", "https://x.example"), "OP-221", "invalid_request", 400),
            (("client_id", "nobody"), "OP-142", "invalid_client", 401),
            (("foo", long.as_str()), "OP-223", "invalid_request", 413),
        ] {
            let answer = client.post("/oauth2/par", &client.portal.parameters(&[change])).await;
            assert_eq!(answer.refusal(), (status, error), "{number}");
            let description = answer.body["error_description"].as_str().unwrap();
            assert!(description.starts_with(number), "{number}: {description}");
        }
        let url = format!("{}/oauth2/par", fixture.base);
        let nobody = post(&fixture.http, &url, &client.portal.parameters(&[])).await;
        assert_eq!(nobody.status, 401, "without proof");
        let answer = fixture.http.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 405);
    }
);

scenario!(
    clients_with_a_secret_and_public_ones_push_too,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let url = format!("{}/oauth2/par", fixture.base);
        let secretive = fixture.portal("wiki", json!({})).await;
        let mut form = secretive.parameters(&[]);
        form.retain(|(name, _)| *name != "client_id");
        let answer = fixture
            .http
            .post(&url)
            .basic_auth("wiki", Some(&secretive.secret))
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let public = fixture.portal("spa", json!({ "auth_method": "none" })).await;
        let pushed = post(&fixture.http, &url, &public.parameters(&[])).await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let address = public.url(&[
            ("client_id", "spa"),
            ("request_uri", pushed.body["request_uri"].as_str().unwrap()),
        ]);
        let page = public
            .sign_in_at(&fixture, &fixture.browser(), As::Member(sample::NORMAL), &address)
            .await;
        assert!(page.returned("code").is_some());
    }
);

scenario!(
    a_client_that_must_push_is_refused_otherwise_by_redirect,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let must = json!({ "require_pushed_authorization_requests": true });
        let client = Keyholder::register(&fixture, "wiki", "ES256", must).await;
        let page = fixture.browser().get(&client.portal.authorize_url(&[])).await;
        assert_eq!(page.returned("error").unwrap(), "invalid_request");
        assert!(page.returned("error_description").unwrap().starts_with("OP-225"));
        let object = client.request_object(json!({}));
        let address = client.portal.url(&[("client_id", "wiki"), ("request", &object)]);
        let page = fixture.browser().get(&address).await;
        assert_eq!(
            page.returned("error").unwrap(),
            "invalid_request",
            "signed is not pushed"
        );
        let address = client.pushed_url(&client.push(&[]).await);
        assert_eq!(fixture.browser().open(&address).await.status, 200);
        // A registration that was changed meanwhile counts.
        let off = json!({ "redirect_uris": ["https://wiki.portal.example/elsewhere"] });
        fixture.admin().change("clients/wiki", off).await;
        let page = fixture.browser().get(&address).await;
        assert!(page.location.is_none() && page.body.contains("OP-103"), "{}", page.body);
    }
);

// RFC 6749 section 3.3; FAPI 2.0 for plain OAuth.
scenario!(
    a_pushed_request_of_plain_oauth_works_where_the_scopes_of_the_client_allow_it,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let api = "https://api.example";
        for (client_id, profile) in [("plain", "standard"), ("strict", "fapi2")] {
            let metadata = json!({ "security_profile": profile, "resources": [api] });
            let client = Keyholder::register(&fixture, client_id, "ES256", metadata).await;
            let path = format!("clients/{}", client.portal.id);
            fixture
                .admin()
                .change(&path, json!({ "scopes": ["profile", "email"] }))
                .await;
            let prover = Prover::new("ES256");
            let proven = async |path: &str, form: &[(&str, &str)]| {
                let proof = prover.sign(&prover.header(), &prover.claims(&fixture, "POST", path));
                client.post_proven(path, form, &proof).await
            };
            for (scope, granted) in [("profile", "profile"), ("email phone unknown", "email")] {
                let parameters = client
                    .portal
                    .parameters(&[("scope", scope), ("resource", api), ("nonce", "")]);
                let pushed = proven("/oauth2/par", &parameters).await;
                assert_eq!(pushed.status, 201, "{scope}: {}", pushed.body);
                let address = client.pushed_url(pushed.body["request_uri"].as_str().unwrap());
                let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
                let code = page
                    .returned("code")
                    .unwrap_or_else(|| panic!("{:?} {}", page.location, page.body));
                let mut tokens = proven("/oauth2/token", &client.portal.redemption(&code)).await;
                for refreshed in [false, true] {
                    assert_eq!(tokens.status, 200, "{scope} {refreshed}: {}", tokens.body);
                    assert_eq!(tokens.body["scope"], granted);
                    assert!(tokens.body.get("id_token").is_none(), "nobody asked who it is");
                    let access = tokens.body["access_token"].as_str().unwrap();
                    assert_eq!(claims(access)["aud"], api);
                    if let Some(refresh) = tokens.body["refresh_token"].as_str().map(str::to_owned) {
                        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
                        tokens = proven("/oauth2/token", &form).await;
                    }
                }
            }
            for scope in ["", "phone", "offline_access", "unknown"] {
                let parameters = client.portal.parameters(&[("scope", scope)]);
                let refused = proven("/oauth2/par", &parameters).await;
                assert_eq!(refused.refusal(), (400, "invalid_scope"), "{scope}: {}", refused.body);
            }
            if profile == "standard" {
                // By the browser such a request is a portal that forgot the scope.
                let url = client.portal.authorize_url(&[("scope", "profile")]);
                let page = fixture.browser().get(&url).await;
                assert_eq!(page.returned("error").unwrap(), "invalid_scope");
            }
        }
    }
);

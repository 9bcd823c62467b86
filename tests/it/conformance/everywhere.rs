//! Lines that hold at every endpoint.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use simulator::sample;

use crate::{actors::Page, fixture::Fixture, scenario};

/// RFC 6749 section 4.1.2.1: printable ASCII without quote and backslash.
fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|letter| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\'))
}

fn answered(page: &Page) -> Vec<(String, String)> {
    let to = reqwest::Url::parse(page.location.as_deref().unwrap()).unwrap();
    to.query_pairs().into_owned().collect()
}

scenario!(
    authorization_errors_echo_state_and_hold_nothing_but_registered_members,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let state: String = "Az09-._~".repeat(16);
        assert_eq!(state.len(), 128);
        let faulty = [
            ("response_type", "token"),
            ("prompt", "none"),
            ("scope", "profile"),
            ("max_age", "x"),
            ("prompt", "none login"),
            ("code_challenge_method", "plain"),
        ];
        for (name, value) in faulty {
            let page = fixture
                .browser()
                .get(&portal.authorize_url(&[("state", &state), (name, value)]))
                .await;
            let fields = answered(&page);
            let names: BTreeSet<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            assert!(
                names.contains("error") && !names.contains("code"),
                "{name}={value}: {names:?}"
            );
            assert!(
                names
                    .iter()
                    .all(|name| ["error", "error_description", "error_uri", "state", "iss"].contains(name)),
                "{names:?}"
            );
            assert!(
                fields.contains(&("state".to_owned(), state.clone())),
                "{name}={value}: {fields:?}"
            );
            assert!(
                fields.contains(&("iss".to_owned(), fixture.base.clone())),
                "RFC 9207: {fields:?}"
            );
            for (_, text) in fields.iter().filter(|(name, _)| name == "error_description") {
                assert!(is_plain(text), "{text}");
            }
        }
    }
);

scenario!(
    no_error_description_holds_quotes_backslashes_or_anything_beyond_ascii,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        for rubbish in ["\"", "\\", "门", "\u{7f}", "a\r\nb: c", "<script>"] {
            let page = fixture
                .browser()
                .get(&portal.authorize_url(&[("prompt", rubbish)]))
                .await;
            assert!(is_plain(&page.returned("error_description").unwrap()), "{rubbish}");
            for form in [
                [("grant_type", rubbish), ("code", "x")],
                [("grant_type", "refresh_token"), ("refresh_token", rubbish)],
            ] {
                let answer = portal.token(&form).await;
                assert_eq!(answer.status, 400);
                assert!(
                    is_plain(answer.body["error_description"].as_str().unwrap()),
                    "{}",
                    answer.body
                );
            }
        }
    }
);

scenario!(
    token_answers_have_expires_in_and_token_type_and_are_never_stored,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let form = portal.redemption(&code);
        for expected in [200, 400] {
            let request = fixture.http.post(format!("{}/oauth2/token", fixture.base)).form(&form);
            let answer = request
                .basic_auth(&portal.client_id, Some(&portal.secret))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), expected);
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let body: Value = answer.json().await.unwrap();
            if expected == 200 {
                assert!(body["expires_in"].is_u64() && body["token_type"] == "Bearer", "{body}");
            }
        }
    }
);

scenario!(
    the_bearer_scheme_is_compared_without_regard_to_case,
    |fixture: Fixture| async move {
        let (_, _, tokens) = fixture.signed_in().await;
        let token = tokens["access_token"].as_str().unwrap();
        for scheme in ["bearer", "BEARER", "bEaReR"] {
            let request = fixture.http.get(format!("{}/oauth2/userinfo", fixture.base));
            let answer = request
                .header("authorization", format!("{scheme} {token}"))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), 200, "{scheme}");
        }
    }
);

scenario!(
    basic_credentials_are_form_url_decoded_on_both_sides_of_the_colon,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let secret = "a-secret+with%signs:and=more&than-thirty-two-characters";
        let portal = fixture.portal("wiki.1~x", json!({ "client_secret": secret, "redirect_uris": ["https://wiki.portal.example/callback"], "post_logout_redirect_uris": [] })).await;
        let encode = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let header = STANDARD.encode(format!("{}:{}", encode(&portal.client_id), encode(secret)));
        let request = fixture
            .http
            .post(format!("{}/oauth2/token", fixture.base))
            .header("authorization", format!("Basic {header}"));
        let answer = request
            .form(&[("grant_type", "refresh_token"), ("refresh_token", "none")])
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"], "invalid_grant", "authenticated, but: {body}");
    }
);

scenario!(
    codes_and_tokens_carry_far_more_than_96_bits,
    |fixture: Fixture| async move {
        let (portal, browser, _) = fixture.signed_in().await;
        let mut seen = BTreeSet::new();
        for _ in 0..20 {
            let page = browser.get(&portal.authorize_url(&[])).await;
            let code = page.returned("code").unwrap();
            let tokens = portal.redeem(&code).await.body;
            let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
            // 43 characters of base64url: 256 bits.
            for secret in [code, refresh] {
                assert_eq!(secret.len(), 43, "{secret}");
                assert!(seen.insert(secret), "came twice");
            }
            let access = tokens["access_token"].as_str().unwrap().to_owned();
            assert!(seen.insert(access), "came twice");
        }
    }
);

scenario!(
    the_endpoints_answer_directly_never_by_redirecting_to_themselves,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for path in [
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
            "/oauth2/jwks",
            "/oauth2/userinfo",
        ] {
            let answer = fixture.fetch(path).await;
            assert!(!answer.status().is_redirection(), "{path}: {}", answer.status());
        }
        for path in [
            "/oauth2/token",
            "/oauth2/introspect",
            "/oauth2/revoke",
            "/oauth2/par",
            "/oauth2/device_authorization",
            "/oauth2/register",
        ] {
            let answer = fixture
                .http
                .post(format!("{}{path}", fixture.base))
                .form(&[("a", "b")])
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
        }
    }
);

//! OpenID Connect as a stock client meets it: discovery, keys, authorize, ID token, userinfo.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Redemption, claims, header, id_claims, post},
    fixture::Fixture,
    scenario,
};

/// What a GET of this path is answered, which must succeed.
pub async fn json_of(fixture: &Fixture, path: &str) -> Value {
    let answer = fixture.fetch(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

scenario!(discovery_tells_what_works, |fixture: Fixture| async move {
    let document = json_of(&fixture, "/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], fixture.base.as_str());
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ] {
        assert!(
            document[endpoint].as_str().unwrap().starts_with(&fixture.base),
            "{endpoint}"
        );
    }
    let lists = |key: &str, value: &str| document[key].as_array().unwrap().contains(&json!(value));
    assert!(lists("id_token_signing_alg_values_supported", "RS256"));
    assert!(lists("code_challenge_methods_supported", "S256"));
    assert!(!lists("code_challenge_methods_supported", "plain"));
    assert!(lists("grant_types_supported", "refresh_token"));
    assert!(lists("response_types_supported", "code"));
    assert_eq!(
        document,
        json_of(&fixture, "/.well-known/oauth-authorization-server").await,
        "RFC 8414"
    );
});

scenario!(
    jwks_has_unique_kids_and_no_private_material,
    |fixture: Fixture| async move {
        let keys = json_of(&fixture, "/oauth2/jwks").await;
        let keys = keys["keys"].as_array().unwrap();
        let mut kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        kids.sort_unstable();
        kids.dedup();
        assert_eq!(kids.len(), keys.len());
        for key in keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.get(private).is_none(), "{private} is published");
            }
        }
    }
);

scenario!(
    the_id_token_has_what_it_must_and_nothing_personal,
    |fixture: Fixture| async move {
        let (_, _, tokens) = fixture.signed_in().await;
        let id_token = tokens["id_token"].as_str().unwrap();
        assert_eq!(header(id_token)["alg"], "RS256");
        let id = claims(id_token);
        assert_eq!(id["iss"], fixture.base.as_str());
        assert_eq!(id["aud"], "wiki");
        for claim in ["exp", "iat", "auth_time"] {
            assert!(id[claim].is_i64(), "{claim} is an integer");
        }
        for claim in ["name", "email", "preferred_username", "phone_number"] {
            assert!(id.get(claim).is_none(), "{claim} was not asked for");
        }
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(header(access)["typ"], "at+jwt", "RFC 9068 section 2.1");
        assert_eq!(tokens["token_type"], "Bearer");
        assert!(tokens["expires_in"].as_i64().unwrap() > 0);
    }
);

scenario!(
    userinfo_by_get_by_post_and_by_form_field,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let access = tokens["access_token"].as_str().unwrap();
        let url = format!("{}/oauth2/userinfo", fixture.base);
        let get = portal.userinfo(access).await.body;
        let by_header = Redemption::of(fixture.http.post(&url).bearer_auth(access)).await;
        let by_field = post(&fixture.http, &url, &[("access_token", access)]).await;
        assert_eq!(get, by_header.body);
        assert_eq!(get, by_field.body);
        assert_eq!(get["sub"], id_claims(&tokens)["sub"]);
    }
);

scenario!(
    prompt_none_without_a_session_is_login_required,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let page = fixture
            .browser()
            .open(&portal.authorize_url(&[("prompt", "none")]))
            .await;
        assert_eq!(page.returned("error").unwrap(), "login_required");
        assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~");
        assert_eq!(page.returned("iss").unwrap(), fixture.base);
        assert!(page.returned("code").is_none());
    }
);

scenario!(prompt_none_with_a_session_is_silent, |fixture: Fixture| async move {
    let (portal, browser, first) = fixture.signed_in().await;
    fixture.advance(Duration::from_secs(30));
    let second = portal.tokens_silently(&browser, &[("prompt", "none")]).await;
    let (first, second) = (id_claims(&first), id_claims(&second));
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(first["auth_time"], second["auth_time"]);
});

scenario!(
    prompt_login_and_a_short_max_age_demand_a_new_scan,
    |fixture: Fixture| async move {
        let (portal, browser, first) = fixture.signed_in().await;
        let mut last = id_claims(&first)["auth_time"].as_i64().unwrap();
        for parameter in [("prompt", "login"), ("max_age", "1")] {
            fixture.advance(Duration::from_secs(2));
            let tokens = portal
                .tokens_with(&fixture, &browser, sample::NORMAL, &[parameter])
                .await;
            let auth_time = id_claims(&tokens)["auth_time"].as_i64().unwrap();
            assert!(auth_time > last, "{parameter:?}: auth_time is not later");
            last = auth_time;
        }
        let tokens = portal.tokens_silently(&browser, &[("max_age", "10000")]).await;
        assert_eq!(id_claims(&tokens)["auth_time"], last, "a large max_age is silent");
    }
);

scenario!(
    errors_before_the_redirect_uri_is_known_are_pages,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let longer = format!("{}/more", portal.redirect_uri);
        let query = format!("{}?x=1", portal.redirect_uri);
        for parameter in [
            ("client_id", "nobody"),
            ("client_id", ""),
            ("redirect_uri", "https://evil.example/"),
            ("redirect_uri", longer.as_str()),
            ("redirect_uri", query.as_str()),
            ("redirect_uri", ""),
        ] {
            let page = fixture.browser().get(&portal.authorize_url(&[parameter])).await;
            assert_eq!(page.status, 400, "{parameter:?}");
            assert!(
                page.location.is_none(),
                "{parameter:?} redirected to {:?}",
                page.location
            );
            assert!(page.body.contains("OP-"), "{parameter:?}: {}", page.body);
        }
    }
);

scenario!(errors_after_it_go_to_the_portal, |fixture: Fixture| async move {
    let portal = fixture.connected_portal().await;
    for (parameter, error) in [
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("request", "eyJ"), "invalid_request_object"),
        (("request_uri", "https://x.example/r"), "request_uri_not_supported"),
    ] {
        let page = fixture.browser().get(&portal.authorize_url(&[parameter])).await;
        assert_eq!(
            page.returned("error").as_deref(),
            Some(error),
            "{parameter:?}: {:?}",
            page.location
        );
        assert_eq!(page.returned("state").unwrap(), "af0ifjsldkj-._~");
        let description = page.returned("error_description").unwrap();
        assert!(description.starts_with("OP-"), "{description}");
        assert!(
            description
                .chars()
                .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'),
            "{description}"
        );
        assert!(page.returned("code").is_none());
    }
});

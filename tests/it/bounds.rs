//! Bounds of what may be sent, and what is issued: one bound for one thing, at every endpoint it comes by.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Browser, Portal, id_claims, text},
    fixture::Fixture,
    scenario,
    signing_out::logout_url,
};

/// Longest `state`, bytes.
const STATE: usize = 4096;
/// Most resources and most API scopes a client may register, and how long they may be.
const RESOURCES: (usize, usize) = (20, 500);
const SCOPES: (usize, usize) = (50, 100);

/// A portal with everything that makes tokens long, each at its bound. The first resource is this provider itself.
async fn wide_portal(fixture: &Fixture) -> (Portal, Vec<String>) {
    let mut resources = vec![fixture.base.clone()];
    resources.extend((1..RESOURCES.0).map(|number| {
        let start = format!("https://api{number}.example/");
        format!("{start}{}", "r".repeat(RESOURCES.1 - start.len()))
    }));
    let scopes: Vec<String> = (0..SCOPES.0)
        .map(|number| format!("{number:03}{}", "s".repeat(SCOPES.1 - 3)))
        .collect();
    let map: Vec<Value> = (0..50)
        .map(|number| json!({ "claim": format!("claim{number}"), "value": "v".repeat(300), "where": "both" }))
        .collect();
    let metadata = json!({
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "resources": resources, "api_scopes": scopes, "claims": { "map": map },
    });
    (fixture.portal("wiki", json!({ "metadata": metadata })).await, resources)
}

/// Every endpoint that takes one of these tokens takes it; revoked, it is over everywhere.
async fn accepted_everywhere(fixture: &Fixture, portal: &Portal, tokens: &Value, ours: bool) {
    let access = text(tokens, "access_token");
    let length = access.len();
    assert_eq!(portal.introspect(access).await["active"], true, "{length} bytes");
    let userinfo = portal.userinfo(access).await.status;
    assert_eq!(userinfo, if ours { 200 } else { 401 }, "{length} bytes");
    if let Some(hint) = tokens["id_token"].as_str() {
        let bye = "https://wiki.portal.example/bye";
        let parameters = [("id_token_hint", hint), ("post_logout_redirect_uri", bye)];
        let page = fixture.browser().get(&logout_url(fixture, &parameters)).await;
        assert_eq!(
            page.location.as_deref(),
            Some(bye),
            "{} bytes: {}",
            hint.len(),
            page.body
        );
        let silent = portal.authorize_url(&[("prompt", "none"), ("id_token_hint", hint)]);
        let page = fixture.browser().get(&silent).await;
        assert_eq!(
            page.returned("error").as_deref(),
            Some("login_required"),
            "{:?}",
            page.location
        );
    }
    let revoked = fixture.http.post(format!("{}/oauth2/revoke", fixture.base));
    let revoked = revoked.basic_auth(&portal.client_id, Some(&portal.secret));
    let revoked = revoked.form(&[("token", access)]).send().await.unwrap();
    assert_eq!(revoked.status(), 200);
    assert_eq!(portal.introspect(access).await["active"], false, "{length} bytes");
}

fn with_resources(portal: &Portal, named: &[String], state: &str, nonce: &str) -> String {
    let resources: Vec<(&str, &str)> = named.iter().map(|resource| ("resource", resource.as_str())).collect();
    let parameters = portal.parameters(&[("state", state), ("nonce", nonce), ("prompt", "none")]);
    portal.url(&[parameters, resources].concat())
}

scenario!(
    what_is_issued_for_the_longest_requests_is_accepted_everywhere,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let (portal, resources) = wide_portal(&fixture).await;
        let browser = fixture.browser();
        portal.tokens(&fixture, &browser, sample::NORMAL).await;
        let (state, nonce) = ("x".repeat(STATE), "密".repeat(512));
        let (mut issued, mut refused) = (0, 0);
        for count in 0..=resources.len() {
            let address = with_resources(&portal, &resources[..count], &state, &nonce);
            let page = browser.get(&address).await;
            let code = page
                .returned("code")
                .unwrap_or_else(|| panic!("{count}: {:?}", page.location));
            let answer = portal.redeem(&code).await;
            if answer.status == 200 {
                issued += 1;
                accepted_everywhere(&fixture, &portal, &answer.body, true).await;
                continue;
            }
            refused += 1;
            assert_eq!(answer.refusal(), (400, "invalid_target"), "{count}: {}", answer.body);
            // The code is not used up: named one by one, each has its token (RFC 8707 section 2.2).
            let one = [("resource", resources[count - 1].as_str())];
            let answer = portal.token(&[&portal.redemption(&code)[..], &one].concat()).await;
            assert_eq!(answer.status, 200, "{count}: {}", answer.body);
            accepted_everywhere(&fixture, &portal, &answer.body, false).await;
        }
        assert!(issued > 8 && refused > 0, "{issued} issued, {refused} refused");
    }
);

scenario!(
    also_a_clients_own_token_is_accepted_wherever_it_is_issued,
    |fixture: Fixture| async move {
        let (portal, resources) = wide_portal(&fixture).await;
        let (mut issued, mut refused) = (0, 0);
        for count in 0..=resources.len() {
            let mut form = vec![("grant_type", "client_credentials")];
            form.extend(
                resources[..count]
                    .iter()
                    .map(|resource| ("resource", resource.as_str())),
            );
            let answer = portal.token(&form).await;
            if answer.status != 200 {
                refused += 1;
                assert_eq!(answer.refusal(), (400, "invalid_target"), "{count}: {}", answer.body);
                continue;
            }
            issued += 1;
            let access = text(&answer.body, "access_token");
            assert_eq!(portal.introspect(access).await["active"], true, "{count}");
        }
        assert!(issued > 0 && refused > 0, "{issued} issued, {refused} refused");
    }
);

scenario!(
    an_id_token_too_long_to_come_back_goes_without_personal_claims,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let map: Vec<Value> = (0..50)
            .map(|number| json!({ "claim": format!("claim{number}"), "value": "v".repeat(700), "where": "both" }))
            .collect();
        let portal = fixture
            .portal("wiki", json!({ "metadata": { "claims": { "map": map } } }))
            .await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        assert!(id_claims(&tokens).get("claim0").is_none());
        let userinfo = portal.userinfo(text(&tokens, "access_token")).await;
        assert!(userinfo.body["claim49"].is_string(), "{}", userinfo.body);
        accepted_everywhere(&fixture, &portal, &tokens, true).await;
    }
);

async fn error_of(browser: &Browser, portal: &Portal, state: &str) -> (Option<String>, Option<String>) {
    let page = browser
        .get(&portal.authorize_url(&[("state", state), ("scope", "email"), ("response_type", "token")]))
        .await;
    (page.returned("error"), page.returned("state"))
}

scenario!(
    a_state_comes_back_whole_or_the_request_is_refused_everywhere,
    |fixture: Fixture| async move {
        let (portal, browser, tokens) = fixture.signed_in().await;
        let (fits, long) = ("x".repeat(STATE), "x".repeat(STATE + 1));
        let page = browser.get(&portal.authorize_url(&[("state", &fits)])).await;
        assert!(page.returned("code").is_some());
        assert_eq!(page.returned("state").as_deref(), Some(fits.as_str()));
        let (error, state) = error_of(&browser, &portal, &fits).await;
        assert!(error.is_some());
        assert_eq!(state.as_deref(), Some(fits.as_str()), "also in a refusal");
        for scope in ["openid", "email"] {
            let page = browser
                .get(&portal.authorize_url(&[("state", &long), ("scope", scope)]))
                .await;
            assert_eq!((page.status, page.location.as_deref()), (400, None), "{scope}");
            assert!(
                page.body.contains("OP-123") && !page.body.contains(&long),
                "{}",
                page.body
            );
        }
        let pushed = |state: &str| {
            portal
                .parameters(&[("state", state)])
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<Vec<_>>()
        };
        for (state, status) in [(&fits, 201), (&long, 400)] {
            let form = pushed(state);
            let form: Vec<(&str, &str)> = form
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let answer = portal.post("par", &form).await;
            assert_eq!(answer.status, status, "{}", answer.body);
        }
        let bye = |state: &str| {
            let parameters = [
                ("id_token_hint", text(&tokens, "id_token")),
                ("post_logout_redirect_uri", "https://wiki.portal.example/bye"),
                ("state", state),
            ];
            logout_url(&fixture, &parameters)
        };
        let refused = fixture.browser().get(&bye(&long)).await;
        assert_eq!((refused.status, refused.location), (400, None));
        assert!(refused.body.contains("OP-123"), "{}", refused.body);
        let back = fixture.browser().get(&bye(&fits)).await;
        assert!(
            back.returned("state").as_deref() == Some(fits.as_str()),
            "{:?}",
            back.location
        );
    }
);

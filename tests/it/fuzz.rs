//! Mutated requests at every endpoint: never a 5xx, never a redirect to an unregistered place, never a token.
//!
//! Who sends them is signed in in one half of the cases, knows client ids, redirect URIs and the shape of everything, but no secret.
//! Seeded, so that a failing request can be sent again.

mod bodies;

use futures_util::{StreamExt, stream};
use rand::{Rng, RngExt, SeedableRng, rngs::StdRng};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use simulator::sample;

use crate::{fixture::Fixture, oidc::json_of, scenario};

/// Requests per storage pairing.
const REQUESTS: u64 = 3000;
const SEED: u64 = 20_261_121;

/// Addresses besides those discovery publishes.
const OTHERS: &[&str] = &[
    "/oauth2/authorize/resume",
    "/oauth2/authorize/posted",
    "/oauth2/logout/posted",
    "/signin/x",
    "/signin/x/go/00000000-0000-7000-8000-000000000000",
    "/signin/x/password",
    "/signin/confirm/x",
    "/wecom/callback",
    "/wecom/events/x",
    "/wecom/suites/x/command",
    "/wecom/suites/x/data/wwx",
    "/device",
    "/account",
    "/oauth2/consent/x",
    "/oauth2/register/x",
    "/healthz",
    "/readyz",
    "/api/v1/clients",
    "/api/v1/users",
    "/api/v1/sessions",
    "/api/v1/keys",
    "/api/v1/data-sources",
    "/api/v1/audit-events",
    "/oauth2/../api",
    "/.well-known/openid-configuration",
    "/assets/menjin.css",
    "/nothing",
];

/// Parameters with values that are right as to their shape.
const PARAMETERS: &[(&str, &str)] = &[
    ("response_type", "code"),
    ("response_mode", "form_post"),
    ("scope", "openid profile email offline_access groups"),
    ("state", "state"),
    ("nonce", "nonce"),
    ("prompt", "none"),
    ("prompt", "consent"),
    ("max_age", "10"),
    ("ui_locales", "zh-CN"),
    ("acr_values", "a b"),
    ("login_hint", "x"),
    ("claims", "{\"userinfo\":{\"name\":{\"essential\":true}}}"),
    ("id_token_hint", "e30.e30.x"),
    ("request", "e30.e30.x"),
    ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "S256"),
    ("dpop_jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ("resource", "https://api.example"),
    ("grant_type", "authorization_code"),
    ("grant_type", "refresh_token"),
    ("grant_type", "client_credentials"),
    ("grant_type", "password"),
    ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
    ("code", "0123456789012345678901234567890123456789012"),
    ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ("refresh_token", "0123456789012345678901234567890123456789012"),
    ("device_code", "0123456789012345678901234567890123456789012"),
    ("user_code", "BCDF-GHJK"),
    ("token", "e30.e30.x"),
    ("token_type_hint", "access_token"),
    ("client_secret", "0123456789012345678901234567890123456789012"),
    (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ),
    ("client_assertion", "e30.e30.x"),
    ("post_logout_redirect_uri", "https://wiki.portal.example/bye"),
    ("logout_hint", "x"),
    ("confirm", "x"),
    ("answer", "allow"),
    ("decision", "allow"),
    ("username", "zhangsan"),
    ("password", "password1234"),
    ("otp", "123456"),
    ("appid", "ww5ample0000000001"),
    ("registration", "{}"),
    ("access_token", "e30.e30.x"),
    ("limit", "5"),
    ("cursor", "x"),
];

/// What a value is replaced with.
const NASTY: &[&str] = &[
    "",
    " ",
    "\0",
    "\u{feff}",
    "门禁",
    "'; DROP TABLE client;--",
    "%00",
    "%ff%fe",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "\r\nSet-Cookie: a=b",
    "https://evil.example/",
    "//evil.example",
    "https://wiki.portal.example/callback@evil.example",
    "https://wiki.portal.example/callback/..",
    "javascript:alert(1)",
    "-1",
    "99999999999999999999",
    "NaN",
    "null",
    "true",
    "{",
    "[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":[]}}}",
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA",
    "urn:ietf:params:oauth:request_uri:",
    "a.b.c.d.e",
    "=",
    "&",
    "+++",
    "openid openid openid",
];

struct Shot {
    method: Method,
    url: String,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

fn pick<'a, T>(rng: &mut StdRng, list: &'a [T]) -> &'a T {
    &list[rng.random_range(0..list.len())]
}

fn value(rng: &mut StdRng, good: &str) -> Vec<u8> {
    match rng.random_range(0..10) {
        0..6 => good.as_bytes().to_vec(),
        6 | 7 => pick(rng, NASTY).as_bytes().to_vec(),
        8 => good.repeat(rng.random_range(0..200)).into_bytes(),
        _ => {
            let mut bytes = good.as_bytes().to_vec();
            if !bytes.is_empty() {
                let at = rng.random_range(0..bytes.len());
                bytes[at] = (rng.next_u32() & 0xff) as u8;
            }
            bytes
        }
    }
}

fn form(rng: &mut StdRng, clients: &[&str]) -> String {
    let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
    if rng.random_range(0..10) > 0 {
        let client = *pick(rng, clients);
        pairs.push(("client_id".to_owned(), value(rng, client)));
        pairs.push((
            "redirect_uri".to_owned(),
            value(rng, &format!("https://{client}.portal.example/callback")),
        ));
        pairs.push(("response_type".to_owned(), b"code".to_vec()));
    }
    for _ in 0..rng.random_range(0..12) {
        let (name, good) = *pick(rng, PARAMETERS);
        let name = if rng.random_range(0..20) == 0 {
            pick(rng, NASTY).to_string()
        } else {
            name.to_owned()
        };
        pairs.push((name, value(rng, good)));
    }
    let encode = |bytes: &[u8]| -> String { url::form_urlencoded::byte_serialize(bytes).collect() };
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name.as_bytes()), encode(value)))
        .collect();
    pairs.join("&")
}

fn shot(number: u64, endpoints: &[String], base: &str, cookie: &str) -> Shot {
    let mut rng = StdRng::seed_from_u64(SEED.wrapping_add(number));
    let rng = &mut rng;
    let mut url = pick(rng, endpoints).clone();
    let method = pick(
        rng,
        &[
            Method::GET,
            Method::GET,
            Method::POST,
            Method::POST,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
        ],
    )
    .clone();
    let sent = form(rng, &["wiki", "spa", "nobody"]);
    let mut headers = vec![("accept", "text/html".to_owned())];
    if rng.random_range(0..2) == 0 {
        headers.push(("cookie", format!("menjin_session={cookie}; menjin_journey={cookie}")));
    }
    match rng.random_range(0..6) {
        0 => headers.push(("authorization", "Basic d2lraTp3cm9uZw==".to_owned())),
        1 => headers.push((
            "authorization",
            format!(
                "Bearer {}",
                pick(rng, &["x", "e30.e30.x", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30."])
            ),
        )),
        2 => headers.push((
            "authorization",
            format!("DPoP {}", "x".repeat(rng.random_range(0..3000))),
        )),
        _ => {}
    }
    if rng.random_range(0..5) == 0 {
        headers.push((
            "dpop",
            pick(
                rng,
                &["x", "e30.e30.x", "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2In0.e30.AAAA"],
            )
            .to_string(),
        ));
    }
    let mut body = Vec::new();
    if method == Method::GET {
        url = format!("{url}?{sent}");
    } else {
        let kind = pick(
            rng,
            &[
                "application/x-www-form-urlencoded",
                "application/x-www-form-urlencoded",
                "application/json",
                "text/xml",
                "",
            ],
        );
        headers.push(("content-type", (*kind).to_owned()));
        body = match *kind {
            "application/json" => json!({ "redirect_uris": [pick(rng, NASTY)], "client_name": pick(rng, NASTY), "grant_types": pick(rng, NASTY), "jwks": { "keys": [pick(rng, NASTY)] } }).to_string().into_bytes(),
            _ => sent.into_bytes(),
        };
        if rng.random_range(0..8) == 0 && !body.is_empty() {
            let cut = rng.random_range(0..body.len());
            body.truncate(cut);
        }
    }
    assert!(url.starts_with(base));
    Shot {
        method,
        url,
        body,
        headers,
    }
}

/// Where an answer may lead: our own pages, the simulated WeCom behind an auth source, or what is registered.
fn is_allowed(fixture: &Fixture, asked: &str, location: &str) -> bool {
    let Ok(to) = Url::parse(asked).unwrap().join(location) else {
        return false;
    };
    let text = to.as_str();
    let registered = [
        "https://wiki.portal.example/callback",
        "https://spa.portal.example/callback",
        "https://wiki.portal.example/bye",
        "https://spa.portal.example/bye",
    ];
    text.starts_with(&format!("{}/", fixture.base))
        || text.starts_with(&fixture.wecom.base_url())
        || registered
            .iter()
            .any(|uri| text == *uri || text.starts_with(&format!("{uri}?")))
}

scenario!(
    mutated_requests_never_5xx_never_redirect_to_an_unregistered_place_never_yield_a_token,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        fixture.portal("spa", json!({ "auth_method": "none" })).await;
        let browser = fixture.browser();
        portal.code(&fixture, &browser, sample::NORMAL).await;
        let cookie = browser.cookie("menjin_session").unwrap();
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        let published = document
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
        let mut endpoints: Vec<String> = published.map(|(_, url)| url.as_str().unwrap().to_owned()).collect();
        // The authorization endpoint has the most to lose.
        endpoints.extend(std::iter::repeat_n(
            document["authorization_endpoint"].as_str().unwrap().to_owned(),
            8,
        ));
        endpoints.extend(OTHERS.iter().map(|path| format!("{}{path}", fixture.base)));
        let statuses: Vec<u16> = stream::iter(0..REQUESTS)
            .map(|number| {
                let shot = shot(number, &endpoints, &fixture.base, &cookie);
                let fixture = &fixture;
                async move { fire(fixture, number, shot).await }
            })
            .buffer_unordered(16)
            .collect()
            .await;
        // The shots are not all turned away at the first gate: some reach pages and redirects.
        for (kind, range) in [("pages", 200..300), ("redirects", 300..400), ("refusals", 400..500)] {
            assert!(
                statuses.iter().filter(|status| range.contains(*status)).count() > 50,
                "too few {kind}"
            );
        }
        // And nothing is broken afterwards.
        let page = portal.authorize_silently(&browser).await;
        let ended = page.returned("error").is_some();
        let tokens = if ended {
            portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await
        } else {
            portal.redeem(&page.returned("code").unwrap()).await.body
        };
        assert!(tokens["access_token"].is_string(), "{tokens}");
    }
);

async fn fire(fixture: &Fixture, number: u64, shot: Shot) -> u16 {
    let told = format!(
        "shot {number}: {} {} {}",
        shot.method,
        shot.url,
        String::from_utf8_lossy(&shot.body)
    );
    let mut request = fixture.http.request(shot.method, &shot.url).body(shot.body);
    for (name, value) in shot.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap_or_else(|error| panic!("{told}: {error}"));
    let status = answer.status().as_u16();
    assert!(status < 500, "{told}: {status}");
    if let Some(location) = answer.headers().get("location") {
        let location = location
            .to_str()
            .unwrap_or_else(|_| panic!("{told}: a location that is no text"));
        assert!(is_allowed(fixture, &shot.url, location), "{told}: leads to {location}");
        // A POST without a cookie goes on as the same request by GET, with whatever it carried; everything else is an answer of ours.
        let own = location.starts_with("/oauth2/");
        assert!(own || !location.contains("token="), "{told}: a token in {location}");
    }
    assert!(
        answer
            .headers()
            .get("set-cookie")
            .is_none_or(|cookie| !cookie.to_str().unwrap().starts_with("a=")),
        "{told}"
    );
    let body = answer.text().await.unwrap();
    let told_tokens: Option<Value> = serde_json::from_str(&body).ok();
    for name in [
        "access_token",
        "id_token",
        "refresh_token",
        "registration_access_token",
        "client_secret",
    ] {
        assert!(
            told_tokens.as_ref().is_none_or(|body| body.get(name).is_none()),
            "{told}: {body}"
        );
    }
    status
}

//! Rubbish at every endpoint: a 4xx with a reference number, nothing changed, nothing panicked.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    fixture::{ADMIN_TOKEN, Fixture},
    scenario,
};

async fn raw(fixture: &Fixture, method: &str, path: &str, token: &str, (kind, body): (&str, Vec<u8>)) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = fixture
        .http
        .request(method, format!("{}{path}", fixture.base))
        .header("content-type", kind)
        .body(body);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

scenario!(
    rubbish_at_the_admin_api_is_a_4xx_with_a_number_and_changes_nothing,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let before = fixture.admin().get("data-sources").await;
        let one = format!("/api/v1/data-sources/{}", source["id"].as_str().unwrap());
        let json_kind = "application/json";
        let good = json!({ "name": "x", "corp_id": "ww1", "duplicate_rule": "skip", "login_methods": [] });
        let with = |key: &str, value: Value| {
            let mut body = good.clone();
            body[key] = value;
            body.to_string().into_bytes()
        };
        let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(2 * 1024 * 1024)).into_bytes();
        let collection = "/api/v1/data-sources";
        let cases: Vec<(&str, &str, &str, &str, Vec<u8>)> = vec![
            ("POST", collection, ADMIN_TOKEN, json_kind, b"{".to_vec()),
            ("POST", collection, ADMIN_TOKEN, json_kind, b"[]".to_vec()),
            ("POST", collection, ADMIN_TOKEN, json_kind, b"\xff\xfe".to_vec()),
            ("POST", collection, ADMIN_TOKEN, "text/plain", b"{}".to_vec()),
            ("POST", collection, ADMIN_TOKEN, json_kind, with("name", json!(7))),
            ("POST", collection, ADMIN_TOKEN, json_kind, with("name", json!(""))),
            (
                "POST",
                collection,
                ADMIN_TOKEN,
                json_kind,
                with("corp_id", json!(sample::CORP)),
            ),
            (
                "POST",
                collection,
                ADMIN_TOKEN,
                json_kind,
                with("auto_sync_hours", json!(5)),
            ),
            (
                "POST",
                collection,
                ADMIN_TOKEN,
                json_kind,
                with("duplicate_rule", json!("merge")),
            ),
            (
                "POST",
                collection,
                ADMIN_TOKEN,
                json_kind,
                with("unknown_field", json!(1)),
            ),
            ("POST", collection, ADMIN_TOKEN, json_kind, huge),
            (
                "POST",
                collection,
                "wrong-token",
                json_kind,
                good.to_string().into_bytes(),
            ),
            ("POST", collection, "", json_kind, good.to_string().into_bytes()),
            (
                "PATCH",
                &one,
                ADMIN_TOKEN,
                json_kind,
                b"{\"auto_sync_hours\": \"often\"}".to_vec(),
            ),
            (
                "PATCH",
                &one,
                ADMIN_TOKEN,
                json_kind,
                b"{\"removal_threshold_percent\": 101}".to_vec(),
            ),
            ("GET", "/api/v1/data-sources/not-an-id", ADMIN_TOKEN, json_kind, vec![]),
            (
                "GET",
                "/api/v1/data-sources/00000000-0000-7000-8000-000000000000",
                ADMIN_TOKEN,
                json_kind,
                vec![],
            ),
            (
                "GET",
                "/api/v1/data-sources?cursor=%27%3B--",
                ADMIN_TOKEN,
                json_kind,
                vec![],
            ),
            (
                "GET",
                "/api/v1/data-sources?limit=100000",
                ADMIN_TOKEN,
                json_kind,
                vec![],
            ),
            ("GET", "/api/v1/nothing", ADMIN_TOKEN, json_kind, vec![]),
            ("PUT", collection, ADMIN_TOKEN, json_kind, vec![]),
        ];
        for (method, path, token, kind, body) in cases {
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            let (status, problem) = raw(&fixture, method, path, token, (kind, body)).await;
            assert!(
                (400..500).contains(&status),
                "{method} {path} {shown}: {status} {problem}"
            );
            let number = problem["number"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} {shown}: no number in {problem}"));
            assert!(
                number.len() == 6 && problem["reference"].is_string() && problem["title"].is_string(),
                "{problem}"
            );
        }
        assert_eq!(fixture.admin().get("data-sources").await, before, "something changed");
    }
);

scenario!(
    rubbish_at_the_token_endpoint_is_an_oauth_error_with_a_number,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let form = "application/x-www-form-urlencoded";
        let cases: Vec<(&str, Vec<u8>)> = vec![
            (form, b"".to_vec()),
            (form, b"grant_type=".to_vec()),
            (form, b"grant_type=password&username=a&password=b".to_vec()),
            (form, b"grant_type=authorization_code".to_vec()),
            (
                form,
                b"grant_type=authorization_code&grant_type=refresh_token&code=x".to_vec(),
            ),
            (form, b"grant_type=refresh_token&refresh_token=%00%ff".to_vec()),
            (form, b"%%%===&&&".to_vec()),
            (form, vec![b'a'; 200_000]),
            ("application/json", b"{\"grant_type\":\"refresh_token\"}".to_vec()),
        ];
        for (kind, body) in cases {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let request = fixture
                .http
                .post(format!("{}/oauth2/token", fixture.base))
                .header("content-type", kind)
                .body(body);
            let answer = request
                .basic_auth(&portal.client_id, Some(&portal.secret))
                .send()
                .await
                .unwrap();
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            assert!((400..500).contains(&status), "{shown}: {status} {text}");
            let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{shown}: not JSON: {text}"));
            let described = body["error_description"]
                .as_str()
                .or(body["number"].as_str())
                .unwrap_or_default();
            assert!(
                described.contains("OP-") || described.contains("WB-"),
                "{shown}: no number in {body}"
            );
        }
    }
);

scenario!(
    rubbish_at_the_pages_and_wrong_tokens_are_refused,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        for path in [
            "/signin/unknown",
            "/signin/unknown/go/not-a-uuid",
            "/signin/unknown/go/00000000-0000-7000-8000-000000000000",
            "/signin/confirm/unknown",
            "/oauth2/authorize",
            "/oauth2/authorize/resume",
            "/oauth2/authorize/resume?request=unknown",
            "/oauth2/authorize/posted",
            "/oauth2/authorize/posted?form=unknown",
            "/wecom/callback?state=%f0%28",
            "/wecom/callback?code=a&code=b",
            "/nothing/here",
            "/oauth2/logout?id_token_hint=rubbish&post_logout_redirect_uri=https://evil.example/",
        ] {
            let page = browser.get(&format!("{}{path}", fixture.base)).await;
            let asked = path.starts_with("/oauth2/logout") && page.status == 200;
            assert!(
                (400..500).contains(&page.status) || asked,
                "{path}: {} {}",
                page.status,
                page.body
            );
            assert!(page.location.is_none(), "{path} redirected to {:?}", page.location);
            assert!(
                asked || page.body.contains("<code>"),
                "{path} is no page with a number: {}",
                page.body
            );
        }
        for token in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
            let answer = portal.userinfo(token).await;
            assert_eq!(answer.status, 401, "{token}: {}", answer.body);
        }
        let id_token = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await["id_token"].clone();
        assert_eq!(
            portal.userinfo(id_token.as_str().unwrap()).await.status,
            401,
            "an ID token is no access token"
        );
    }
);

scenario!(
    a_method_that_an_address_does_not_take_is_told_with_a_number_and_what_it_takes,
    |fixture: Fixture| async move {
        for (method, path, allowed) in [
            ("DELETE", "/signin/x", "GET"),
            ("POST", "/signin/x/go/01a1febc-682c-717e-a258-a6e73d26fbbf", "GET"),
            ("PUT", "/signin/x/password", "GET, POST"),
            ("PUT", "/signin/code/x", "GET, POST"),
            ("PUT", "/signin/enrol/x", "GET, POST"),
            ("PATCH", "/signin/confirm/x", "GET, POST"),
            ("PUT", "/password/x", "GET, POST"),
            ("DELETE", "/totp/x", "GET, POST"),
            ("POST", "/wecom/callback", "GET"),
            ("PUT", "/wecom/events/x", "GET, POST"),
            ("PUT", "/wecom/suites/x/command", "GET, POST"),
            ("DELETE", "/wecom/suites/x/data/wwx", "GET, POST"),
            ("GET", "/oauth2/token", "POST, OPTIONS"),
            ("PUT", "/oauth2/userinfo", "GET, POST, OPTIONS"),
            ("GET", "/oauth2/introspect", "POST"),
            ("PATCH", "/oauth2/register/x", "GET, PUT, DELETE"),
            ("POST", "/oauth2/jwks", "GET, HEAD, OPTIONS"),
            ("PUT", "/oauth2/logout", "GET, POST"),
            ("POST", "/account", "GET"),
            ("GET", "/account/sessions/end-others", "POST"),
            ("POST", "/healthz", "GET, HEAD"),
            ("POST", "/readyz", "GET, HEAD"),
            ("OPTIONS", "/assets/menjin.css", "GET, HEAD"),
        ] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = fixture.http.request(method.clone(), format!("{}{path}", fixture.base));
            let answer = request.send().await.unwrap();
            let allow = answer
                .headers()
                .get("allow")
                .map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(
                (answer.status().as_u16(), allow.as_deref()),
                (405, Some(allowed)),
                "{method} {path}"
            );
            let body = answer.text().await.unwrap();
            assert!(body.contains("WB-104"), "{method} {path}: {body}");
        }
    }
);

scenario!(
    what_load_balancers_and_clients_only_look_for_answers_head,
    |fixture: Fixture| async move {
        for path in [
            "/healthz",
            "/readyz",
            "/assets/menjin.css",
            "/oauth2/jwks",
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        ] {
            let answer = fixture
                .http
                .head(format!("{}{path}", fixture.base))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), 200, "{path}");
            assert!(answer.bytes().await.unwrap().is_empty(), "{path}");
        }
    }
);

scenario!(
    opening_the_address_again_at_which_a_password_was_refused_leads_back_to_the_form,
    |fixture: Fixture| async move {
        let address = format!("{}/signin/abc/password", fixture.base);
        let answer = fixture
            .http
            .get(address)
            .header("accept-language", "en")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 303);
        assert_eq!(answer.headers()["location"], "/signin/abc?ui_locales=en");
    }
);

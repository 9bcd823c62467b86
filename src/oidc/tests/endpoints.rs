//! Tests of the endpoints over HTTP: shapes, headers, and bad input.

use actix_web::{
    App,
    body::to_bytes,
    dev::ServiceResponse,
    http::{Method, StatusCode},
    test::{TestRequest, call_service, init_service},
    web::Data,
};
use serde_json::Value;

use super::{
    fixture::{COOKIE, Fixture, fixture},
    flow::{code, redemption, request},
};
use crate::{
    oidc::{http::routes, params::encode},
    web::client_address::Proxies,
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn send(fixture: &Fixture, sent: TestRequest) -> ServiceResponse {
    let app = App::new()
        .app_data(Data::new(fixture.provider.clone()))
        .app_data(Data::new(Proxies::new(Vec::new())));
    let app = init_service(app.configure(routes)).await;
    call_service(&app, sent.to_request()).await
}

async fn text(response: ServiceResponse) -> String {
    String::from_utf8(to_bytes(response.into_body()).await.unwrap().to_vec()).unwrap()
}

fn header<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn discovery_and_keys_are_public_and_open_to_other_origins() {
    let fixture = fixture().await;
    let mut documents = Vec::new();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ] {
        let response = send(&fixture, TestRequest::get().uri(path)).await;
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
        documents.push(text(response).await);
    }
    assert_eq!(documents[0], documents[1]);
    let jwks: Value =
        serde_json::from_str(&text(send(&fixture, TestRequest::get().uri("/oauth2/jwks")).await).await).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 4);
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    let asked = send(&fixture, TestRequest::with_uri("/oauth2/token").method(Method::OPTIONS)).await;
    assert_eq!(asked.status(), StatusCode::NO_CONTENT);
}

#[actix_web::test]
async fn a_redirect_and_a_form_post_carry_the_same_answer() {
    let fixture = fixture().await;
    let cookie = actix_web::cookie::Cookie::new("menjin_session", COOKIE);
    let uri = format!("/oauth2/authorize?{}", encode(request("portal")));
    let response = send(&fixture, TestRequest::get().uri(&uri).cookie(cookie.clone())).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert!(header(&response, "location").starts_with("https://portal.example.com/cb?code="));
    let body = encode(request("portal").into_iter().chain([("response_mode", "form_post")]));
    let sent = TestRequest::post()
        .uri("/oauth2/authorize")
        .insert_header(FORM)
        .cookie(cookie)
        .set_payload(body);
    let response = send(&fixture, sent).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(header(&response, "content-security-policy").contains("script-src 'sha256-"));
    let page = text(response).await;
    for part in [
        "name=\"code\"",
        "name=\"state\"",
        "name=\"iss\"",
        "action=\"https://portal.example.com/cb\"",
        "<script>document.forms[0].submit()</script>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[actix_web::test]
async fn until_client_and_redirect_uri_match_a_fault_is_a_page() {
    let fixture = fixture().await;
    let good = encode(request("portal"));
    let cases = [
        good.replace("client_id=portal", "client_id=nobody"),
        good.replace("client_id=portal", "client_id=%00%FF"),
        good.replace("client_id=portal", ""),
        good.replace("%2Fcb", "%2Fcb%2Fmore"),
        good.replace("%2Fcb", "%2Fcb%3Fx%3D1"),
        good.replace("redirect_uri", "other"),
        format!("{good}&client_id=portal"),
    ];
    for query in cases {
        let response = send(&fixture, TestRequest::get().uri(&format!("/oauth2/authorize?{query}"))).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        assert!(response.headers().get("location").is_none(), "{query}");
        assert!(text(response).await.contains("OP-1"), "{query}");
    }
}

#[actix_web::test]
async fn bad_input_at_the_token_endpoint_is_a_4xx_with_a_reference() {
    let fixture = fixture().await;
    let bodies = [
        "",
        "&&&===",
        "grant_type=",
        "%",
        "grant_type=x&grant_type=x",
        "client_id=portal&client_secret=wrong",
        "grant_type=authorization_code&client_id=spa",
        "grant_type=password&client_id=spa",
        "client_id=%00",
        "grant_type=refresh_token&client_id=spa&refresh_token=%00%FF",
        "grant_type=authorization_code&client_id=spa&code=x",
    ];
    for body in bodies {
        for path in ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"] {
            let sent = TestRequest::post().uri(path).insert_header(FORM).set_payload(body);
            let response = send(&fixture, sent).await;
            assert!(
                response.status().is_client_error(),
                "{path} {body}: {}",
                response.status()
            );
            assert_eq!(header(&response, "cache-control"), "no-store");
            let error: Value = serde_json::from_str(&text(response).await).unwrap();
            assert!(
                error["error_description"].as_str().unwrap().starts_with("OP-1"),
                "{body}"
            );
            assert_eq!(error["reference"].as_str().unwrap().len(), 9, "{body}");
        }
    }
    let large = TestRequest::post()
        .uri("/oauth2/token")
        .insert_header(FORM)
        .set_payload("a".repeat(70_000));
    assert_eq!(send(&fixture, large).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let json = TestRequest::post().uri("/oauth2/token").set_json(serde_json::json!({}));
    assert_eq!(send(&fixture, json).await.status(), StatusCode::BAD_REQUEST);
    let basic = TestRequest::post()
        .uri("/oauth2/token")
        .insert_header(FORM)
        .insert_header(("authorization", "Basic !!"));
    let response = send(&fixture, basic.set_payload("grant_type=x")).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(header(&response, "www-authenticate").starts_with("Basic"));
    assert_eq!(
        send(&fixture, TestRequest::get().uri("/oauth2/token")).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[actix_web::test]
async fn userinfo_takes_the_token_three_ways_and_challenges_without() {
    let fixture = fixture().await;
    let code = code(&fixture, "spa").await;
    let form = encode(redemption(&code).into_iter().chain([("client_id", "spa")]));
    let sent = TestRequest::post()
        .uri("/oauth2/token")
        .insert_header(FORM)
        .set_payload(form);
    let tokens: Value = serde_json::from_str(&text(send(&fixture, sent).await).await).unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let bearer = ("authorization", format!("bearer {token}"));
    let uri = "/oauth2/userinfo";
    let ways = [
        TestRequest::get().uri(uri).insert_header(bearer.clone()),
        TestRequest::post().uri(uri).insert_header(bearer),
        TestRequest::post()
            .uri(uri)
            .insert_header(FORM)
            .set_payload(encode([("access_token", token)])),
    ];
    for way in ways {
        let response = send(&fixture, way).await;
        assert_eq!(response.status(), StatusCode::OK);
        let claims: Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(claims["preferred_username"], "zhangsan");
    }
    let nothing = send(&fixture, TestRequest::get().uri(uri)).await;
    assert_eq!(nothing.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&nothing, "www-authenticate"), "Bearer realm=\"menjin\"");
    let wrong = send(
        &fixture,
        TestRequest::get()
            .uri(uri)
            .insert_header(("authorization", "Bearer a.b.c")),
    )
    .await;
    assert!(header(&wrong, "www-authenticate").contains("error=\"invalid_token\""));
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn the_sign_out_pages_render_in_both_languages() {
    let fixture = fixture().await;
    let cookie = actix_web::cookie::Cookie::new("menjin_session", COOKIE);
    for (lang, word) in [("en", "Sign out?"), ("zh-CN", "退出登录")] {
        let uri = format!("/oauth2/logout?ui_locales={lang}");
        let page = text(send(&fixture, TestRequest::get().uri(&uri).cookie(cookie.clone())).await).await;
        assert!(page.contains(word) && page.contains("name=\"confirm\""), "{page}");
    }
    let nobody = TestRequest::get().uri("/oauth2/logout?ui_locales=en");
    let response = send(&fixture, nobody.insert_header(("accept", "text/html"))).await;
    assert!(header(&response, "set-cookie").contains("Max-Age=0"));
    assert!(text(response).await.contains("You are signed out"));
}

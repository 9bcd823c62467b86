//! Tests of the authorization code flow, from the authorization request to userinfo and refresh, and of what must be refused on the way.

use std::time::Duration;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

use super::fixture::{CALLBACK, COOKIE, Fixture, ISSUER, PERSON, SECRET, SESSION, START, fixture};
use crate::oidc::{
    authorize::outcome::Outcome,
    failure::Fault,
    params::{Params, encode},
    provider::Provider,
    token::client_request::ClientRequest,
    userinfo::Userinfo,
};
use crate::signin::Visitor;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub type Fields<'a> = Vec<(&'a str, &'a str)>;

pub fn request(client_id: &str) -> Fields<'_> {
    vec![
        ("client_id", client_id),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email offline_access"),
        ("state", "st-._~"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// Sends an authorization request; returns the fields of the answer to the portal.
pub async fn authorize(provider: &Provider, fields: Fields<'_>, cookie: Option<&str>) -> Vec<(String, String)> {
    let params = Params::parse(encode(fields).as_bytes());
    let visitor = Visitor {
        session: cookie,
        ..Visitor::default()
    };
    match provider.authorize(&params, visitor).await.unwrap() {
        Outcome::Answer(answer) => answer
            .fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        Outcome::SignIn(path) => vec![("sign_in".to_owned(), path)],
        Outcome::Ask(path) => vec![("ask".to_owned(), path)],
        Outcome::Refused { refusal, .. } => vec![("refused".to_owned(), format!("{:?}", refusal.reason))],
    }
}

pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub async fn code(fixture: &Fixture, client_id: &str) -> String {
    let answer = authorize(&fixture.provider, request(client_id), Some(COOKIE)).await;
    field(&answer, "code")
        .unwrap_or_else(|| panic!("{answer:?}"))
        .to_owned()
}

pub async fn token(provider: &Provider, client_id: &str, fields: Fields<'_>) -> Result<Value, Fault> {
    let basic = format!("Basic {}", STANDARD.encode(format!("{client_id}:{SECRET}")));
    let form = encode(fields);
    let call = ClientRequest {
        authorization: Some(&basic),
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    provider
        .token(call)
        .await
        .map(|tokens| serde_json::to_value(&tokens).unwrap())
}

pub fn redemption(code: &str) -> Fields<'_> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub fn refreshing(token: &str) -> Fields<'_> {
    vec![("grant_type", "refresh_token"), ("refresh_token", token)]
}

pub fn claims(jwt: &Value) -> Value {
    let payload = jwt.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn number(outcome: Result<Value, Fault>) -> &'static str {
    outcome.unwrap_err().failure.entry.number
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_becomes_tokens_and_claims() {
    let fixture = fixture().await;
    let answer = authorize(&fixture.provider, request("portal"), Some(COOKIE)).await;
    assert_eq!(field(&answer, "state"), Some("st-._~"));
    assert_eq!(field(&answer, "iss"), Some(ISSUER));
    let tokens = token(&fixture.provider, "portal", redemption(field(&answer, "code").unwrap()))
        .await
        .unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 300);
    assert_eq!(tokens["scope"], "openid profile email offline_access");
    let id = claims(&tokens["id_token"]);
    assert_eq!(id["iss"], ISSUER);
    assert_eq!(id["aud"], "portal");
    assert_eq!(id["sub"], PERSON.to_string());
    assert_eq!(id["sid"], SESSION.to_string());
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["iat"], START.secs());
    assert_eq!(id["exp"], START.secs() + 300);
    assert_eq!(id["auth_time"], START.secs() - 60);
    assert!(id.get("name").is_none() && id.get("email").is_none());
    let answer = fixture
        .provider
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .unwrap();
    let Userinfo::Plain(info) = answer else {
        panic!("nobody asked for a signature")
    };
    assert_eq!(info["sub"], id["sub"]);
    assert_eq!(info["name"], "张三");
    assert_eq!(info["email_verified"], true);
    fixture.clock.advance(Duration::from_secs(300));
    let late = fixture
        .provider
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .unwrap_err();
    assert_eq!(late.error, "invalid_token");
    let id_token = tokens["id_token"].as_str().unwrap();
    assert!(
        fixture.provider.userinfo(id_token).await.is_err(),
        "an ID token is no access token"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_rotates_and_keeps_who_and_when() {
    let fixture = fixture().await;
    let first = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    fixture.clock.advance(Duration::from_secs(5));
    let old = first["refresh_token"].as_str().unwrap();
    assert_eq!(
        number(
            token(&fixture.provider, "portal", {
                let mut f = refreshing(old);
                f.push(("scope", "openid phone"));
                f
            })
            .await
        ),
        "OP-154"
    );
    let second = token(&fixture.provider, "portal", refreshing(old)).await.unwrap();
    let (before, after) = (claims(&first["id_token"]), claims(&second["id_token"]));
    assert_eq!(after["iat"], START.secs() + 5);
    for same in ["auth_time", "sub", "aud", "sid", "iss"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after.get("nonce").is_none());
    assert!(
        fixture
            .provider
            .userinfo(second["access_token"].as_str().unwrap())
            .await
            .is_ok()
    );
    fixture.clock.advance(Duration::from_secs(30));
    assert_eq!(
        number(token(&fixture.provider, "portal", refreshing(old)).await),
        "OP-151"
    );
    let newest = second["refresh_token"].as_str().unwrap();
    assert_eq!(
        number(token(&fixture.provider, "portal", refreshing(newest)).await),
        "OP-153"
    );
    assert!(
        fixture
            .provider
            .userinfo(second["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_redemption_burns_nothing_and_a_second_ends_the_family() {
    let fixture = fixture().await;
    let code = code(&fixture, "portal").await;
    let with = |name: &'static str, value: &'static str| -> Fields<'_> {
        let fields = redemption(&code).into_iter().filter(|(key, _)| *key != name);
        fields
            .chain(Some((name, value)).filter(|_| !value.is_empty()))
            .collect()
    };
    let provider = &fixture.provider;
    assert_eq!(
        number(
            token(
                provider,
                "portal",
                with("redirect_uri", "https://portal.example.com/cb/")
            )
            .await
        ),
        "OP-147"
    );
    assert_eq!(
        number(token(provider, "portal", with("redirect_uri", "")).await),
        "OP-147"
    );
    assert_eq!(
        number(token(provider, "portal", with("code_verifier", CHALLENGE)).await),
        "OP-148"
    );
    assert_eq!(
        number(token(provider, "portal", with("code_verifier", "")).await),
        "OP-148"
    );
    assert_eq!(number(token(provider, "portal", with("code", "wrong")).await), "OP-144");
    assert_eq!(number(token(provider, "spa", redemption(&code)).await), "OP-142");
    let tokens = token(provider, "portal", redemption(&code)).await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    assert!(provider.userinfo(access).await.is_ok());
    fixture.clock.advance(Duration::from_secs(90));
    assert_eq!(number(token(provider, "portal", redemption(&code)).await), "OP-145");
    assert!(provider.userinfo(access).await.is_err());
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(number(token(provider, "portal", refreshing(refresh)).await), "OP-153");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_dies_after_its_lifetime_and_belongs_to_its_client() {
    let fixture = fixture().await;
    let code = code(&fixture, "spa").await;
    assert_eq!(
        number(token(&fixture.provider, "portal", redemption(&code)).await),
        "OP-146"
    );
    let form = encode(redemption(&code).into_iter().chain([("client_id", "spa")]));
    let call = || ClientRequest {
        authorization: None,
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    fixture.clock.advance(Duration::from_secs(59));
    assert!(fixture.provider.token(call()).await.is_ok());
    let late = super::flow::code(&fixture, "portal").await;
    fixture.clock.advance(Duration::from_secs(60));
    assert_eq!(
        number(token(&fixture.provider, "portal", redemption(&late)).await),
        "OP-144"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_without_a_permit_also_at_refresh() {
    let fixture = fixture().await;
    let waiting = code(&fixture, "portal").await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    fixture.disable_person().await;
    assert!(
        fixture
            .provider
            .userinfo(tokens["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
    assert_eq!(
        number(token(&fixture.provider, "portal", redemption(&waiting)).await),
        "OP-155"
    );
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(
        number(token(&fixture.provider, "portal", refreshing(refresh)).await),
        "OP-155"
    );
    assert_eq!(
        number(token(&fixture.provider, "portal", refreshing(refresh)).await),
        "OP-153"
    );
    let answer = authorize(&fixture.provider, request("portal"), Some(COOKIE)).await;
    assert_eq!(field(&answer, "refused"), Some("UserDisabled"));
    let silent = request("portal").into_iter().chain([("prompt", "none")]).collect();
    let answer = authorize(&fixture.provider, silent, Some(COOKIE)).await;
    assert_eq!(field(&answer, "error"), Some("access_denied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_is_silent_and_a_hint_names_the_person() {
    let fixture = fixture().await;
    let with = |name: &'static str, value: &str| {
        let mut fields: Vec<(String, String)> = request("portal")
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect();
        fields.push(("prompt".to_owned(), "none".to_owned()));
        fields.push((name.to_owned(), value.to_owned()));
        fields
    };
    let ask = async |fields: Vec<(String, String)>, cookie: Option<&str>| {
        let fields = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        authorize(&fixture.provider, fields, cookie).await
    };
    let answer = ask(with("x", "y"), None).await;
    assert_eq!(field(&answer, "error"), Some("login_required"));
    assert!(field(&answer, "code").is_none());
    assert!(field(&answer, "error_description").unwrap().starts_with("OP-124: "));
    assert!(field(&ask(with("x", "y"), Some(COOKIE)).await, "code").is_some());
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let hint = tokens["id_token"].as_str().unwrap();
    fixture.clock.advance(Duration::from_secs(1000));
    assert!(field(&ask(with("id_token_hint", hint), Some(COOKIE)).await, "code").is_some());
    let forged = ask(with("id_token_hint", &format!("{hint}x")), Some(COOKIE)).await;
    assert_eq!(field(&forged, "error"), Some("invalid_request"));
    let old = ask(with("max_age", "10"), Some(COOKIE)).await;
    assert_eq!(field(&old, "error"), Some("login_required"));
}

//! Tests of RP-initiated logout.

use super::{
    fixture::{COOKIE, Fixture, GOODBYE, fixture},
    flow::{authorize, code, field, redemption, request, token},
};
use crate::oidc::{
    logout::rp_initiated::{SignOut, SignedOut},
    params::{Params, encode},
};

async fn sign_out(fixture: &Fixture, fields: &[(&str, &str)], cookie: Option<&str>) -> Result<SignOut, &'static str> {
    let params = Params::parse(encode(fields.iter().copied()).as_bytes());
    let answer = fixture.provider.sign_out(&params, cookie).await;
    answer.map_err(|failure| failure.entry.number)
}

async fn alive(fixture: &Fixture) -> bool {
    let silent = request("portal").into_iter().chain([("prompt", "none")]).collect();
    field(&authorize(&fixture.provider, silent, Some(COOKIE)).await, "code").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_hint_ends_the_session_and_leads_back_with_state() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let hint = tokens["id_token"].as_str().unwrap();
    fixture.clock.advance(std::time::Duration::from_secs(1000));
    let fields = [
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "x"),
    ];
    let done = sign_out(&fixture, &fields, Some(COOKIE)).await;
    assert!(matches!(done, Ok(SignOut::Done(bye)) if bye.back == Some(format!("{GOODBYE}?state=x"))));
    assert!(!alive(&fixture).await);
    assert!(
        fixture
            .provider
            .userinfo(tokens["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_without_the_cookie_of_its_session_ends_nothing() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let fields = [("id_token_hint", tokens["id_token"].as_str().unwrap())];
    for cookie in [None, Some("of-nobody")] {
        assert!(matches!(
            sign_out(&fixture, &fields, cookie).await,
            Ok(SignOut::Done(SignedOut { back: None, .. }))
        ));
    }
    assert!(alive(&fixture).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_hint_nothing_ends_unasked() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.";
    for hint in [none, access, "x"] {
        assert!(matches!(
            sign_out(&fixture, &[("id_token_hint", hint)], Some(COOKIE)).await,
            Err("OP-170")
        ));
    }
    let elsewhere = [
        ("client_id", "portal"),
        ("post_logout_redirect_uri", "https://evil.example.com/"),
    ];
    assert!(matches!(
        sign_out(&fixture, &elsewhere, Some(COOKIE)).await,
        Err("OP-171")
    ));
    assert!(matches!(
        sign_out(&fixture, &[("post_logout_redirect_uri", GOODBYE)], Some(COOKIE)).await,
        Err("OP-240")
    ));
    assert!(matches!(
        sign_out(&fixture, &[("confirm", "guess")], Some(COOKIE)).await,
        Err("OP-172")
    ));
    assert!(alive(&fixture).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_persons_own_yes_ends_it() {
    let fixture = fixture().await;
    let asked = [("client_id", "portal"), ("post_logout_redirect_uri", GOODBYE)];
    let Ok(SignOut::Ask(fields)) = sign_out(&fixture, &asked, Some(COOKIE)).await else {
        panic!("not asked")
    };
    assert!(alive(&fixture).await);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = sign_out(&fixture, &fields, Some(COOKIE)).await;
    assert!(matches!(done, Ok(SignOut::Done(bye)) if bye.back.as_deref() == Some(GOODBYE)));
    assert!(!alive(&fixture).await);
}

//! Sign-out by a portal.

use super::{
    fixture::{COOKIE, GOODBYE, House, house},
    flow::{authorize, code, field, redemption, request, token},
};
use crate::oidc::{
    logout::rp_initiated::{SignOut, SignedOut},
    params::{Params, encode},
};

async fn sign_out(house: &House, fields: &[(&str, &str)], cookie: Option<&str>) -> Result<SignOut, &'static str> {
    let params = Params::parse(encode(fields.iter().copied()).as_bytes());
    let answer = house.provider.sign_out(&params, cookie).await;
    answer.map_err(|failure| failure.entry.number)
}

async fn alive(house: &House) -> bool {
    let silent = request("portal").into_iter().chain([("prompt", "none")]).collect();
    field(&authorize(&house.provider, silent, Some(COOKIE)).await, "code").is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_hint_ends_the_session_and_leads_back_with_state() {
    let house = house().await;
    let tokens = token(&house.provider, "portal", redemption(&code(&house, "portal").await))
        .await
        .unwrap();
    let hint = tokens["id_token"].as_str().unwrap();
    house.clock.advance(std::time::Duration::from_secs(1000));
    let fields = [
        ("id_token_hint", hint),
        ("post_logout_redirect_uri", GOODBYE),
        ("state", "x"),
    ];
    let done = sign_out(&house, &fields, Some(COOKIE)).await;
    assert!(matches!(done, Ok(SignOut::Done(bye)) if bye.back == Some(format!("{GOODBYE}?state=x"))));
    assert!(!alive(&house).await);
    assert!(
        house
            .provider
            .userinfo(tokens["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_without_the_cookie_of_its_session_ends_nothing() {
    let house = house().await;
    let tokens = token(&house.provider, "portal", redemption(&code(&house, "portal").await))
        .await
        .unwrap();
    let fields = [("id_token_hint", tokens["id_token"].as_str().unwrap())];
    for cookie in [None, Some("of-nobody")] {
        assert!(matches!(
            sign_out(&house, &fields, cookie).await,
            Ok(SignOut::Done(SignedOut { back: None, .. }))
        ));
    }
    assert!(alive(&house).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_hint_nothing_ends_unasked() {
    let house = house().await;
    let tokens = token(&house.provider, "portal", redemption(&code(&house, "portal").await))
        .await
        .unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.";
    for hint in [none, access, "x"] {
        assert!(matches!(
            sign_out(&house, &[("id_token_hint", hint)], Some(COOKIE)).await,
            Err("OP-170")
        ));
    }
    let elsewhere = [
        ("client_id", "portal"),
        ("post_logout_redirect_uri", "https://evil.example.com/"),
    ];
    assert!(matches!(
        sign_out(&house, &elsewhere, Some(COOKIE)).await,
        Err("OP-171")
    ));
    assert!(matches!(
        sign_out(&house, &[("post_logout_redirect_uri", GOODBYE)], Some(COOKIE)).await,
        Err("OP-171")
    ));
    assert!(matches!(
        sign_out(&house, &[("confirm", "guess")], Some(COOKIE)).await,
        Err("OP-172")
    ));
    assert!(alive(&house).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_persons_own_yes_ends_it() {
    let house = house().await;
    let asked = [("client_id", "portal"), ("post_logout_redirect_uri", GOODBYE)];
    let Ok(SignOut::Ask(fields)) = sign_out(&house, &asked, Some(COOKIE)).await else {
        panic!("not asked")
    };
    assert!(alive(&house).await);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = sign_out(&house, &fields, Some(COOKIE)).await;
    assert!(matches!(done, Ok(SignOut::Done(bye)) if bye.back.as_deref() == Some(GOODBYE)));
    assert!(!alive(&house).await);
}

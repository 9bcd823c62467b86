//! Introspection and revocation.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    fixture::{House, SECRET, house},
    flow::{code, redemption, refreshing, token},
};
use crate::oidc::{params::encode, token::call::Call};

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("portal:{SECRET}")))
}

async fn introspect(house: &House, token: &str) -> Value {
    let form = encode([("token", token), ("token_type_hint", "whatever")]);
    let call = Call {
        authorization: Some(&basic()),
        form: form.as_bytes(),
        dpop: None,
    };
    serde_json::to_value(house.provider.introspect(call).await.unwrap()).unwrap()
}

/// As the public client, or as the confidential one.
async fn revoke(house: &House, as_public: bool, token: &str) {
    let mut fields = vec![("token", token)];
    let header = basic();
    let authorization = if as_public {
        fields.push(("client_id", "spa"));
        None
    } else {
        Some(header.as_str())
    };
    let form = encode(fields);
    let call = Call {
        authorization,
        form: form.as_bytes(),
        dpop: None,
    };
    house.provider.revoke(call).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_token_is_described_an_inactive_one_is_not() {
    let house = house().await;
    let tokens = token(&house.provider, "portal", redemption(&code(&house, "portal").await))
        .await
        .unwrap();
    let access = introspect(&house, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(access["active"], true);
    assert_eq!(access["client_id"], "portal");
    assert_eq!(
        introspect(&house, tokens["refresh_token"].as_str().unwrap()).await["active"],
        true
    );
    let inactive = json!({ "active": false });
    assert_eq!(introspect(&house, "a.b.c").await, inactive);
    assert_eq!(introspect(&house, tokens["id_token"].as_str().unwrap()).await, inactive);
    house.disable_person().await;
    assert_eq!(
        introspect(&house, tokens["access_token"].as_str().unwrap()).await,
        inactive
    );
    assert_eq!(
        introspect(&house, tokens["refresh_token"].as_str().unwrap()).await,
        inactive
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_cannot_introspect() {
    let house = house().await;
    let call = Call {
        authorization: None,
        form: b"client_id=spa&token=x",
        dpop: None,
    };
    assert_eq!(
        house.provider.introspect(call).await.unwrap_err().error,
        "invalid_client"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_either_token_ends_the_grant_but_only_for_its_client() {
    for which in ["access_token", "refresh_token"] {
        let house = house().await;
        let tokens = token(&house.provider, "portal", redemption(&code(&house, "portal").await))
            .await
            .unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        revoke(&house, true, tokens[which].as_str().unwrap()).await;
        revoke(&house, false, "unknown").await;
        assert!(
            house.provider.userinfo(access).await.is_ok(),
            "{which}: revoked by another client"
        );
        revoke(&house, false, tokens[which].as_str().unwrap()).await;
        assert!(house.provider.userinfo(access).await.is_err(), "{which}");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert!(
            token(&house.provider, "portal", refreshing(refresh)).await.is_err(),
            "{which}"
        );
    }
}

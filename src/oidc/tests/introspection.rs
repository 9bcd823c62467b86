//! Tests of introspection and revocation.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    fixture::{Fixture, SECRET, fixture},
    flow::{code, redemption, refreshing, token},
};
use crate::oidc::{params::encode, token::client_request::ClientRequest};

fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("portal:{SECRET}")))
}

async fn introspect(fixture: &Fixture, token: &str) -> Value {
    let form = encode([("token", token), ("token_type_hint", "whatever")]);
    let call = ClientRequest {
        authorization: Some(&basic()),
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    serde_json::to_value(fixture.provider.introspect(call).await.unwrap()).unwrap()
}

/// Revokes a token as the public client, or as the confidential one.
async fn revoke(fixture: &Fixture, as_public: bool, token: &str) {
    let mut fields = vec![("token", token)];
    let header = basic();
    let authorization = if as_public {
        fields.push(("client_id", "spa"));
        None
    } else {
        Some(header.as_str())
    };
    let form = encode(fields);
    let call = ClientRequest {
        authorization,
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    fixture.provider.revoke(call).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_token_is_described_an_inactive_one_is_not() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let access = introspect(&fixture, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(access["active"], true);
    assert_eq!(access["client_id"], "portal");
    assert_eq!(
        introspect(&fixture, tokens["refresh_token"].as_str().unwrap()).await["active"],
        true
    );
    let inactive = json!({ "active": false });
    assert_eq!(introspect(&fixture, "a.b.c").await, inactive);
    assert_eq!(
        introspect(&fixture, tokens["id_token"].as_str().unwrap()).await,
        inactive
    );
    fixture.disable_person().await;
    assert_eq!(
        introspect(&fixture, tokens["access_token"].as_str().unwrap()).await,
        inactive
    );
    assert_eq!(
        introspect(&fixture, tokens["refresh_token"].as_str().unwrap()).await,
        inactive
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_cannot_introspect() {
    let fixture = fixture().await;
    let call = ClientRequest {
        authorization: None,
        form: b"client_id=spa&token=x",
        dpop: None,
        from: None,
    };
    assert_eq!(
        fixture.provider.introspect(call).await.unwrap_err().error,
        "invalid_client"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_either_token_ends_the_grant_but_only_for_its_client() {
    for which in ["access_token", "refresh_token"] {
        let fixture = fixture().await;
        let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
            .await
            .unwrap();
        let access = tokens["access_token"].as_str().unwrap();
        revoke(&fixture, true, tokens[which].as_str().unwrap()).await;
        revoke(&fixture, false, "unknown").await;
        assert!(
            fixture.provider.userinfo(access).await.is_ok(),
            "{which}: revoked by another client"
        );
        revoke(&fixture, false, tokens[which].as_str().unwrap()).await;
        assert!(fixture.provider.userinfo(access).await.is_err(), "{which}");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        assert!(
            token(&fixture.provider, "portal", refreshing(refresh)).await.is_err(),
            "{which}"
        );
    }
}

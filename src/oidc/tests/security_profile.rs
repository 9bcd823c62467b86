//! Test of a client row whose authentication method its security profile forbids: registration refuses it, and so does the provider.

use entity::client;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use uuid::Uuid;

use super::fixture::{SECRET, fixture};
use crate::oidc::token::client_request::ClientRequest;

#[tokio::test(flavor = "multi_thread")]
async fn a_fapi_client_with_a_secret_is_refused_wherever_it_shows_it() {
    let fixture = fixture().await;
    let form = format!("client_id=portal&client_secret={SECRET}&token=x");
    let call = || ClientRequest {
        authorization: None,
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    let row = client::ActiveModel {
        id: Set(Uuid::from_u128(20)),
        auth_method: Set("client_secret_post".into()),
        metadata: Set(serde_json::json!({ "security_profile": "fapi2" })),
        ..Default::default()
    };
    row.update(fixture.database.writer()).await.unwrap();
    let fault = fixture.provider.revoke(call()).await.unwrap_err();
    assert_eq!((fault.failure.entry.number, fault.error), ("OP-210", "invalid_client"));
    let row = client::ActiveModel {
        id: Set(Uuid::from_u128(20)),
        metadata: Set(serde_json::json!({})),
        ..Default::default()
    };
    row.update(fixture.database.writer()).await.unwrap();
    fixture.provider.revoke(call()).await.unwrap();
}

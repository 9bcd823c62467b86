//! Tests of pushed authorization requests (PAR) with a DPoP proof, and of `client_credentials` refused to a public client.

use super::{
    dpop_client,
    fixture::{ISSUER, START, fixture},
    flow::Fields,
    samples,
};
use crate::oidc::{
    dpop::{key::Thumbprint, proof_target::ProofTarget},
    params::encode,
    token::client_request::ClientRequest,
};

const PUSHED: ProofTarget<'static> = ProofTarget::post("/oauth2/par");

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_names_the_key_of_a_pushed_request_and_may_not_contradict_it() {
    let fixture = fixture().await;
    let pair = dpop_client::pair();
    let proof = |jti: &str| dpop_client::proof(&pair, &format!("{ISSUER}/oauth2/par"), jti, START.secs());
    let client = samples::client("https://p/cb");
    let provider = &fixture.provider;
    let key = async |sent: Option<&str>, named: Option<&str>| provider.pushed_key(&client, sent, PUSHED, named).await;
    assert_eq!(key(None, Some("x")).await.unwrap(), None);
    let proven = key(Some(&proof("1")), None).await.unwrap().unwrap();
    assert!(Thumbprint::of(proven.as_str()).is_some());
    let same = key(Some(&proof("2")), Some(proven.as_str())).await.unwrap();
    assert_eq!(same, Some(proven));
    let other = key(Some(&proof("3")), Some(&"A".repeat(43))).await.unwrap_err();
    assert_eq!(
        (other.error, other.failure.entry.number),
        ("invalid_dpop_proof", "OP-264")
    );
    let again = key(Some(&proof("2")), None).await.unwrap_err();
    assert_eq!(again.failure.entry.number, "OP-257");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_never_acts_for_itself() {
    let fixture = fixture().await;
    fixture
        .metadata(
            "spa",
            serde_json::json!({ "grant_types": ["client_credentials"], "api_scopes": ["read"] }),
        )
        .await;
    let fields: Fields<'_> = vec![("grant_type", "client_credentials"), ("client_id", "spa")];
    let form = encode(fields);
    let call = ClientRequest {
        authorization: None,
        form: form.as_bytes(),
        dpop: None,
        from: None,
    };
    let fault = fixture.provider.token(call).await.err().unwrap();
    assert_eq!(
        (fault.error, fault.failure.entry.number),
        ("unauthorized_client", "OP-273")
    );
}

// What stands between two steps may fail: the holder of the kept request comes again, anybody else is too late.
#[tokio::test]
async fn a_pushed_request_is_consumed_by_one_holder_who_may_come_again() {
    let fixture = fixture().await;
    let provider = &fixture.provider;
    provider.consume_pushed_request("ticket", "first").await.unwrap();
    provider.consume_pushed_request("ticket", "first").await.unwrap();
    let refused = provider.consume_pushed_request("ticket", "second").await.unwrap_err();
    assert_eq!(refused.failure.entry.number, "OP-220");
    provider.consume_pushed_request("other", "second").await.unwrap();
}

//! What a pushed request with a proof is bound to, and what a public client may not do.

use super::{
    flow::Fields,
    house::{ISSUER, START, house},
    prover,
};
use crate::oidc::{
    dpop::{Place, Thumbprint},
    params::encode,
    terms::Terms,
    token::Call,
};

const PUSHED: Place<'static> = Place::post("/oauth2/par");

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_binds_a_pushed_request_and_may_not_contradict_it() {
    let house = house().await;
    let pair = prover::pair();
    let proof = |jti: &str| prover::proof(&pair, &format!("{ISSUER}/oauth2/par"), jti, START.secs());
    let mut terms = Terms::default();
    house.provider.bind_to_proof(None, PUSHED, &mut terms).await.unwrap();
    assert_eq!(terms.dpop_jkt, None);
    let bind =
        async |jti: &str, terms: &mut Terms| house.provider.bind_to_proof(Some(&proof(jti)), PUSHED, terms).await;
    bind("1", &mut terms).await.unwrap();
    assert!(Thumbprint::of(terms.dpop_jkt.as_deref().unwrap()).is_some());
    bind("2", &mut terms).await.unwrap();
    assert_eq!(bind("2", &mut terms).await.unwrap_err().failure.entry.number, "OP-257");
    terms.dpop_jkt = Some("A".repeat(43));
    assert_eq!(bind("3", &mut terms).await.unwrap_err().error, "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_never_acts_for_itself() {
    let house = house().await;
    house
        .metadata(
            "spa",
            serde_json::json!({ "grant_types": ["client_credentials"], "api_scopes": ["read"] }),
        )
        .await;
    let fields: Fields<'_> = vec![("grant_type", "client_credentials"), ("client_id", "spa")];
    let form = encode(fields);
    let call = Call {
        authorization: None,
        form: form.as_bytes(),
        dpop: None,
    };
    let fault = house.provider.token(call).await.err().unwrap();
    assert_eq!(
        (fault.error, fault.failure.entry.number),
        ("unauthorized_client", "OP-273")
    );
}

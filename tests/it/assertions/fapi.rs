//! FAPI 2.0 Security Profile as a switch of a client.

use serde_json::{Value, json};

use crate::{
    actors::{Keyholder, Prover},
    fixture::Fixture,
    scenario,
};

async fn fapi(fixture: &Fixture, client_id: &str, alg: &'static str) -> Keyholder {
    Keyholder::register(fixture, client_id, alg, json!({ "security_profile": "fapi2" })).await
}

scenario!(
    a_fapi_client_signs_with_ps256_es256_or_eddsa_for_the_issuer_as_a_string,
    |fixture: Fixture| async move {
        for alg in ["PS256", "ES256", "EdDSA"] {
            let client = fapi(&fixture, &format!("wiki-{alg}"), alg).await;
            let answer = client.revoke().await;
            assert_eq!(answer.status, 200, "{alg}: {}", answer.body);
            for aud in [json!([fixture.base]), json!(format!("{}/oauth2/token", fixture.base))] {
                let answer = client.revoke_with(&client.assertion(json!({ "aud": aud }))).await;
                assert_eq!(answer.body["error"], "invalid_client", "{aud}");
                assert!(answer.body["error_description"].as_str().unwrap().starts_with("OP-205"));
            }
        }
        let client = fapi(&fixture, "wiki", "PS256").await;
        let claims = client.assertion_claims(json!({}));
        let answer = client
            .revoke_with(&client.key.sign(json!({ "alg": "RS256" }), &claims))
            .await;
        assert_eq!(answer.refusal(), (401, "invalid_client"), "RS256");
        assert!(answer.body["error_description"].as_str().unwrap().starts_with("OP-202"));
    }
);

scenario!(
    a_fapi_client_must_push_with_pkce_and_a_registered_redirect_uri,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let client = fapi(&fixture, "wiki", "PS256").await;
        let plain = fixture.browser().get(&client.portal.authorize_url(&[])).await;
        assert_eq!(plain.returned("error").unwrap(), "invalid_request");
        assert!(plain.returned("error_description").unwrap().starts_with("OP-225"));
        for (change, number) in [
            (&[("code_challenge", ""), ("code_challenge_method", "")][..], "OP-117"),
            (&[("code_challenge_method", "plain")][..], "OP-118"),
            (&[("redirect_uri", "")][..], "OP-102"),
            (&[("response_type", "code id_token")][..], "OP-112"),
        ] {
            let answer = client.post("/oauth2/par", &client.portal.parameters(change)).await;
            assert_eq!(answer.status, 400, "{number}");
            assert!(
                answer.body["error_description"].as_str().unwrap().starts_with(number),
                "{}",
                answer.body
            );
        }
        let address = client.pushed_url(&client.push(&[]).await);
        let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
        assert!(page.returned("code").is_some());
        assert_eq!(page.returned("iss").unwrap(), fixture.base, "RFC 9207");
    }
);

scenario!(
    a_fapi_request_object_begins_and_ends_within_an_hour,
    |fixture: Fixture| async move {
        let client = fapi(&fixture, "wiki", "ES256").await;
        let now = fixture.clock.now().secs();
        for (change, status) in [
            (json!({}), 201),
            (json!({ "nbf": now - 3600, "exp": now }), 201),
            (json!({ "exp": null }), 400),
            (json!({ "nbf": null }), 400),
            (json!({ "nbf": now, "exp": now + 3601 }), 400),
            (json!({ "nbf": now - 3601, "exp": now - 1 }), 400),
        ] {
            let object = client.request_object(change.clone());
            let answer = client.post("/oauth2/par", &[("request", &object)]).await;
            assert_eq!(answer.status, status, "{change}: {}", answer.body);
        }
    }
);

scenario!(
    the_whole_way_of_a_fapi_client_binds_the_code_and_the_tokens_to_its_key,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let client = fapi(&fixture, "wiki", "ES256").await;
        let (prover, thief) = (Prover::new("ES256"), Prover::new("ES256"));
        let proof = |of: &Prover, path: &str| of.sign(&of.header(), &of.claims(&fixture, "POST", path));
        let parameters = client.portal.parameters(&[]);
        let pushed = client
            .post_proven("/oauth2/par", &parameters, &proof(&prover, "/oauth2/par"))
            .await;
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let address = client.pushed_url(pushed.body["request_uri"].as_str().unwrap());
        let page = client.sign_in_at(&fixture, &fixture.browser(), &address).await;
        let code = page.returned("code").unwrap();
        let bearer = client.redeem(&code).await;
        assert_eq!(bearer.status, 400, "without a proof: {}", bearer.body);
        let form = client.portal.redemption(&code);
        let foreign = proof(&thief, "/oauth2/token");
        let foreign = client.post_proven("/oauth2/token", &form, &foreign).await;
        assert_eq!(foreign.status, 400, "another key: {}", foreign.body);
        let tokens = proof(&prover, "/oauth2/token");
        let tokens = client.post_proven("/oauth2/token", &form, &tokens).await;
        assert_eq!(
            (tokens.status, &tokens.body["token_type"]),
            (200, &json!("DPoP")),
            "{}",
            tokens.body
        );
        // Refresh tokens stay as they are (FAPI 2.0 Security Profile §5.3.2.1).
        let refresh = tokens.body["refresh_token"].as_str().unwrap();
        for _ in 0..2 {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
            let again = proof(&prover, "/oauth2/token");
            let again = client.post_proven("/oauth2/token", &form, &again).await;
            assert_eq!(again.status, 200, "{}", again.body);
            assert!(again.body["refresh_token"].is_null(), "{}", again.body);
        }
        // Another key than `dpop_jkt` names cannot push.
        let other = thief.thumbprint();
        let named = client.portal.parameters(&[("dpop_jkt", &other)]);
        let differ = client
            .post_proven("/oauth2/par", &named, &proof(&prover, "/oauth2/par"))
            .await;
        assert_eq!(differ.refusal(), (400, "invalid_dpop_proof"));
        assert_ne!(differ.body["reference"], Value::Null);
    }
);

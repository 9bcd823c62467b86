//! Which algorithms a client may sign with: every place where its signature is verified, every algorithm, every profile; and keys that
//! contradict the header.

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Keyholder, Prover, Redemption, Signer, claims},
    fixture::{Fixture, lay_over},
    scenario,
};

const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];
const TOKEN: &str = "/oauth2/token";
const PAR: &str = "/oauth2/par";

/// A client with a key for assertions that every profile allows, and which may also act for itself.
async fn keyholder(fixture: &Fixture, client_id: &str, profile: &str) -> Keyholder {
    let metadata = json!({ "security_profile": profile, "grant_types": ["authorization_code", "client_credentials"], "api_scopes": ["read"] });
    Keyholder::register(fixture, client_id, "ES256", metadata).await
}

fn number(answer: &Redemption) -> &str {
    let text = answer.body["error_description"].as_str().unwrap_or_default();
    text.split(':').next().unwrap_or_default()
}

/// Refused with this number, or not refused for the algorithm.
fn assert_allowed(answer: &Redemption, allowed: bool, refusal: &str, what: &str) {
    match allowed {
        true => assert!((200..300).contains(&answer.status), "{what}: {}", answer.body),
        false => assert_eq!(
            (answer.status / 100, number(answer)),
            (4, refusal),
            "{what}: {}",
            answer.body
        ),
    }
}

async fn machine_token(fixture: &Fixture, client: &Keyholder, prover: &Prover, header: &Value) -> Redemption {
    let proof = prover.sign(header, &prover.claims(fixture, "POST", TOKEN));
    client
        .post_proven(TOKEN, &[("grant_type", "client_credentials")], &proof)
        .await
}

scenario!(
    every_signature_of_a_client_is_held_to_the_algorithms_of_its_profile,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for (profile, refused) in [("standard", &[][..]), ("fapi2", &["RS256"])] {
            let client = keyholder(&fixture, &format!("wiki-{profile}"), profile).await;
            for alg in ALGORITHMS {
                let allowed = !refused.contains(&alg);
                let what = |place: &str| format!("{place}, {alg}, {profile}");
                let metadata = json!({ "security_profile": profile });
                let signing =
                    Keyholder::register(&fixture, &format!("{profile}-{alg}").to_lowercase(), alg, metadata).await;
                assert_allowed(&signing.revoke().await, allowed, "OP-202", &what("client assertion"));
                // The same key signs the request object; the assertion beside it is another client's business.
                if allowed {
                    let pushed = signing
                        .post(PAR, &[("request", &signing.request_object(json!({})))])
                        .await;
                    assert_allowed(&pushed, true, "", &what("request object"));
                }
                let prover = Prover::new(alg);
                let proof = prover.sign(&prover.header(), &prover.claims(&fixture, "POST", PAR));
                let pushed = client.post_proven(PAR, &client.portal.parameters(&[]), &proof).await;
                assert_allowed(&pushed, allowed, "OP-252", &what("proof at PAR"));
                let token = machine_token(&fixture, &client, &prover, &prover.header()).await;
                assert_allowed(&token, allowed, "OP-252", &what("proof at token"));
            }
        }
    }
);

scenario!(
    a_request_object_under_fapi_is_not_signed_with_rs256,
    |fixture: Fixture| async move {
        let (own, extra) = (Signer::new("ES256"), Signer::new("RS256"));
        let keys = json!({ "keys": [own.jwk(), extra.jwk()] });
        for (profile, allowed) in [("standard", true), ("fapi2", false)] {
            let metadata = json!({ "security_profile": profile, "jwks": keys });
            let mut client = Keyholder::register(&fixture, profile, "ES256", metadata).await;
            client.key = Signer::new("RS256");
            let wanted = client.request_object(json!({}));
            let claims = claims(&wanted);
            let object = extra.sign(json!({ "typ": "oauth-authz-req+jwt" }), &claims);
            let assertion = own.sign(json!({}), &client.assertion_claims(json!({})));
            let pushed = client.post_with(PAR, &[("request", &object)], &assertion).await;
            assert_allowed(&pushed, allowed, "OP-231", profile);
        }
    }
);

// A token that was bound before the client came under the profile.
scenario!(
    userinfo_holds_a_proof_to_the_profile_of_the_tokens_client,
    |fixture: Fixture| async move {
        fixture.connect().await;
        for alg in ALGORITHMS {
            let client = keyholder(&fixture, &format!("wiki-{alg}").to_lowercase(), "standard").await;
            let prover = Prover::new(alg);
            let code = client.portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
            let tokens = client
                .post_proven(TOKEN, &client.portal.redemption(&code), &prover.for_token(&fixture))
                .await;
            assert_eq!(tokens.status, 200, "{alg}: {}", tokens.body);
            let token = tokens.body["access_token"].as_str().unwrap();
            let userinfo = async || {
                let request = fixture.http.get(format!("{}/oauth2/userinfo", fixture.base));
                let proof = prover.for_userinfo(&fixture, token, json!({}));
                let request = request
                    .header("authorization", format!("DPoP {token}"))
                    .header("dpop", proof);
                Redemption::of(request).await
            };
            assert_eq!(userinfo().await.status, 200, "{alg}");
            let path = format!("clients/{}", client.portal.id);
            let strict = json!({ "metadata": { "security_profile": "fapi2" } });
            fixture.admin().change(&path, strict).await;
            assert_allowed(&userinfo().await, alg != "RS256", "OP-252", alg);
        }
    }
);

// RFC 7517 §4.2 to §4.4.
scenario!(
    a_key_that_says_it_is_for_something_else_verifies_nothing,
    |fixture: Fixture| async move {
        for profile in ["standard", "fapi2"] {
            let client = keyholder(&fixture, profile, profile).await;
            for (alg, another) in [("PS256", "RS256"), ("ES256", "ES384"), ("EdDSA", "ES256")] {
                let prover = Prover::new(alg);
                for contradiction in [
                    json!({ "alg": another }),
                    json!({ "alg": 256 }),
                    json!({ "use": "enc" }),
                    json!({ "use": null }),
                    json!({ "key_ops": ["sign"] }),
                    json!({ "key_ops": [] }),
                    json!({ "key_ops": "verify" }),
                ] {
                    let mut jwk = prover.jwk.clone();
                    lay_over(&mut jwk, contradiction.clone());
                    let mut header = prover.header();
                    header["jwk"] = jwk;
                    let token = machine_token(&fixture, &client, &prover, &header).await;
                    assert_allowed(&token, false, "OP-253", &format!("{alg} {contradiction}"));
                }
                let mut header = prover.header();
                lay_over(
                    &mut header["jwk"],
                    json!({ "alg": alg, "use": "sig", "key_ops": ["verify"] }),
                );
                let token = machine_token(&fixture, &client, &prover, &header).await;
                assert_allowed(&token, true, "", alg);
            }
            for contradiction in [
                json!({ "alg": "RS256" }),
                json!({ "use": "enc" }),
                json!({ "key_ops": ["sign"] }),
            ] {
                let mut client = keyholder(&fixture, "other", profile).await;
                client.key = Signer::new("PS256");
                let mut jwk = client.key.jwk();
                lay_over(&mut jwk, contradiction.clone());
                let path = format!("clients/{}", client.portal.id);
                let keys = json!({ "metadata": { "jwks": { "keys": [jwk] } } });
                fixture.admin().change(&path, keys).await;
                let answer = client.revoke().await;
                assert_eq!(answer.refusal(), (401, "invalid_client"), "{contradiction}");
                fixture.admin().call("DELETE", &path, None).await;
            }
        }
    }
);

//! What a key binds: access tokens, codes, refresh tokens; and what a thief has of them.

use serde_json::{Value, json};

use super::{
    Answer, alone, authorize, bound_tokens, code, machine, redeem, refresh, signed_in, token, unbound_tokens, userinfo,
};
use crate::{
    actors::{Prover, claims},
    fixture::Fixture,
    scenario,
};

// RFC 9449 section 5 to 7, with every algorithm that discovery names.
scenario!(
    a_proven_key_binds_the_access_token_and_userinfo_wants_it_again,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({})).await;
        for alg in ["ES256", "PS256", "RS256", "EdDSA"] {
            let prover = Prover::new(alg);
            let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
            assert_eq!(tokens.status, 200, "{alg}: {}", tokens.body);
            assert_eq!(tokens.text("token_type"), "DPoP");
            let access = tokens.text("access_token");
            assert_eq!(claims(access)["cnf"], json!({ "jkt": prover.thumbprint() }), "{alg}");
            let proof = prover.for_userinfo(&fixture, access, json!({}));
            let answer = userinfo(&fixture, "dpop", access, &[&proof]).await;
            assert_eq!(answer.status, 200, "{alg}: {}", answer.body);
            assert!(answer.body["sub"].is_string());
            for answer in [&tokens, &answer] {
                assert!(!answer.header("dpop-nonce").is_empty());
                assert!(answer.header("access-control-expose-headers").contains("dpop-nonce"));
            }
            let known = portal.introspect(access).await;
            assert_eq!(
                (&known["token_type"], &known["cnf"]),
                (&json!("DPoP"), &claims(access)["cnf"])
            );
        }
    }
);

scenario!(
    without_a_proof_tokens_are_bearer_tokens,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({})).await;
        let tokens = unbound_tokens(&fixture, &portal, &browser, "").await;
        assert_eq!(tokens.text("token_type"), "Bearer");
        assert_eq!(tokens.header("dpop-nonce"), "");
        let access = tokens.text("access_token");
        assert_eq!(portal.introspect(access).await["cnf"], Value::Null);
        let proof = Prover::new("ES256").for_userinfo(&fixture, access, json!({}));
        let answer = userinfo(&fixture, "DPoP", access, &[&proof]).await;
        assert_eq!(answer.refusal(), (401, "invalid_token"), "a bearer token sent as bound");
    }
);

scenario!(a_stolen_bound_token_is_worth_nothing, |fixture: Fixture| async move {
    let (portal, browser) = signed_in(&fixture, json!({})).await;
    let (prover, thief) = (Prover::new("ES256"), Prover::new("ES256"));
    let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
    let access = tokens.text("access_token");
    let bearer = userinfo(&fixture, "Bearer", access, &[]).await;
    assert_eq!(bearer.refusal(), (401, "invalid_token"));
    let challenge = bearer.header("www-authenticate");
    assert!(
        challenge.starts_with("DPoP ") && challenge.contains("error=\"invalid_token\""),
        "{challenge}"
    );
    assert!(challenge.contains("algs=\"ES256 PS256 RS256 EdDSA\""), "{challenge}");
    // With the right proof beside it, it is still no bearer token.
    let proof = prover.for_userinfo(&fixture, access, json!({}));
    assert_eq!(
        userinfo(&fixture, "Bearer", access, &[&proof]).await.refusal(),
        (401, "invalid_token")
    );
    let form = [("access_token", access)];
    let posted = fixture
        .http
        .post(format!("{}/oauth2/userinfo", fixture.base))
        .form(&form);
    assert_eq!(Answer::of(posted).await.refusal(), (401, "invalid_token"));
    let proof = thief.for_userinfo(&fixture, access, json!({}));
    let other_key = userinfo(&fixture, "DPoP", access, &[&proof]).await;
    assert_eq!(other_key.refusal(), (401, "invalid_token"));
    assert!(other_key.header("www-authenticate").starts_with("DPoP "));
});

scenario!(
    a_proof_for_userinfo_is_of_this_request_and_this_token,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({})).await;
        let prover = Prover::new("ES256");
        let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
        let access = tokens.text("access_token");
        let good = || prover.for_userinfo(&fixture, access, json!({}));
        let with = |extra: Value| prover.for_userinfo(&fixture, access, extra);
        let now = fixture.clock.now().secs();
        let (one, two) = (good(), good());
        for (flaw, proofs) in [
            ("none", vec![]),
            ("two", vec![one.as_str(), two.as_str()]),
            ("empty", vec![""]),
            ("no ath", vec![&*with(json!({ "ath": null })).leak()]),
            (
                "other ath",
                vec![&*prover.for_userinfo(&fixture, "other", json!({})).leak()],
            ),
            ("htm", vec![&*with(json!({ "htm": "POST" })).leak()]),
            (
                "htu",
                vec![&*with(json!({ "htu": format!("{}/oauth2/token", fixture.base) })).leak()],
            ),
            ("old", vec![&*with(json!({ "iat": now - 61 })).leak()]),
            ("early", vec![&*with(json!({ "iat": now + 61 })).leak()]),
        ] {
            let answer = userinfo(&fixture, "DPoP", access, &proofs).await;
            assert_eq!(answer.refusal(), (401, "invalid_dpop_proof"), "{flaw}");
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.contains("error=\"invalid_dpop_proof\""),
                "{flaw}: {challenge}"
            );
        }
        let proof = good();
        assert_eq!(userinfo(&fixture, "DPoP", access, &[&proof]).await.status, 200);
        let replayed = userinfo(&fixture, "DPoP", access, &[&proof]).await;
        assert_eq!(replayed.refusal(), (401, "invalid_dpop_proof"));
    }
);

// RFC 9449 section 5: refresh tokens of public clients.
scenario!(
    a_public_clients_refresh_token_needs_its_key,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({ "auth_method": "none" })).await;
        let (prover, thief) = (Prover::new("ES256"), Prover::new("EdDSA"));
        let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
        let stolen = refresh(&fixture, &portal, &tokens, &[], &[&thief.for_token(&fixture)]).await;
        assert_eq!(stolen.refusal(), (400, "invalid_grant"));
        let bare = refresh(&fixture, &portal, &tokens, &[], &[]).await;
        assert_eq!(bare.refusal(), (400, "invalid_dpop_proof"));
        let second = refresh(&fixture, &portal, &tokens, &[], &[&prover.for_token(&fixture)]).await;
        assert_eq!(second.status, 200, "a thief's try used the token up: {}", second.body);
        assert_eq!(second.text("token_type"), "DPoP");
        let stolen = refresh(&fixture, &portal, &second, &[], &[&thief.for_token(&fixture)]).await;
        assert_eq!(
            stolen.refusal(),
            (400, "invalid_grant"),
            "the successor is bound as well"
        );
    }
);

scenario!(
    a_public_client_that_proves_its_key_may_ask_for_a_lost_answer_again,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({ "auth_method": "none" })).await;
        let (prover, thief) = (Prover::new("ES256"), Prover::new("ES256"));
        let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
        let lost = refresh(&fixture, &portal, &tokens, &[], &[&prover.for_token(&fixture)]).await;
        assert_eq!(lost.status, 200, "{}", lost.body);
        let stolen = refresh(&fixture, &portal, &tokens, &[], &[&thief.for_token(&fixture)]).await;
        assert_eq!(stolen.refusal(), (400, "invalid_grant"));
        let again = refresh(&fixture, &portal, &tokens, &[], &[&prover.for_token(&fixture)]).await;
        assert_eq!(again.text("refresh_token"), lost.text("refresh_token"));
    }
);

scenario!(
    a_public_client_without_a_key_is_bound_to_none,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({ "auth_method": "none" })).await;
        let tokens = unbound_tokens(&fixture, &portal, &browser, "").await;
        assert_eq!(
            refresh(&fixture, &portal, &tokens, &[], &[]).await.text("token_type"),
            "Bearer"
        );
    }
);

scenario!(
    a_confidential_client_may_change_its_key_unless_its_code_was_bound,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({})).await;
        let (first, second) = (Prover::new("ES256"), Prover::new("ES256"));
        let tokens = bound_tokens(&fixture, &portal, &browser, &first).await;
        let tokens = refresh(&fixture, &portal, &tokens, &[], &[&second.for_token(&fixture)]).await;
        let jkt = &claims(tokens.text("access_token"))["cnf"]["jkt"];
        assert_eq!(jkt, &json!(second.thumbprint()));
        let bound = format!("&dpop_jkt={}", first.thumbprint());
        let fresh = code(&portal, &browser, &bound).await;
        let tokens = redeem(&fixture, &portal, &fresh, &[], &[&first.for_token(&fixture)]).await;
        let other = refresh(&fixture, &portal, &tokens, &[], &[&second.for_token(&fixture)]).await;
        assert_eq!(other.refusal(), (400, "invalid_grant"));
        let same = refresh(&fixture, &portal, &tokens, &[], &[&first.for_token(&fixture)]).await;
        assert_eq!(same.status, 200, "{}", same.body);
    }
);

// RFC 9449 section 10.
scenario!(dpop_jkt_binds_the_code, |fixture: Fixture| async move {
    let (portal, browser) = signed_in(&fixture, json!({})).await;
    let (prover, thief) = (Prover::new("ES256"), Prover::new("ES256"));
    let bound = format!("&dpop_jkt={}", prover.thumbprint());
    let fresh = code(&portal, &browser, &bound).await;
    let stolen = redeem(&fixture, &portal, &fresh, &[], &[&thief.for_token(&fixture)]).await;
    assert_eq!(stolen.refusal(), (400, "invalid_grant"));
    let bare = redeem(&fixture, &portal, &fresh, &[], &[]).await;
    assert_eq!(bare.refusal(), (400, "invalid_dpop_proof"));
    let right = redeem(&fixture, &portal, &fresh, &[], &[&prover.for_token(&fixture)]).await;
    assert_eq!(right.status, 200, "failed tries used the code up: {}", right.body);
    for malformed in ["x", &"A".repeat(44), &"%2B".repeat(43)] {
        let page = authorize(&portal, &browser, &format!("&dpop_jkt={malformed}")).await;
        assert_eq!(
            page.returned("error").as_deref(),
            Some("invalid_request"),
            "{malformed}"
        );
    }
});

// RFC 9449 section 5.2.
scenario!(
    a_client_registered_for_bound_tokens_gets_nothing_without_a_proof,
    |fixture: Fixture| async move {
        let grants = ["authorization_code", "refresh_token", "client_credentials"];
        let metadata = json!({ "grant_types": grants, "dpop_bound_access_tokens": true });
        let (portal, browser) = signed_in(&fixture, json!({ "metadata": metadata })).await;
        let prover = Prover::new("ES256");
        let fresh = code(&portal, &browser, "").await;
        let refused = redeem(&fixture, &portal, &fresh, &[], &[]).await;
        assert_eq!(refused.refusal(), (400, "invalid_dpop_proof"));
        let tokens = redeem(&fixture, &portal, &fresh, &[], &[&prover.for_token(&fixture)]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let refused = refresh(&fixture, &portal, &tokens, &[], &[]).await;
        assert_eq!(refused.refusal(), (400, "invalid_dpop_proof"));
        let refused = alone(&fixture, &portal, &[], &[]).await;
        assert_eq!(refused.refusal(), (400, "invalid_dpop_proof"));
        let own = alone(&fixture, &portal, &[], &[&prover.for_token(&fixture)]).await;
        assert_eq!(own.text("token_type"), "DPoP");
    }
);

scenario!(a_clients_own_token_is_bound_too, |fixture: Fixture| async move {
    let machine = machine(&fixture, json!({})).await;
    let prover = Prover::new("ES256");
    let form = [("grant_type", "client_credentials")];
    let tokens = token(&fixture, &machine, &form, &[&prover.for_token(&fixture)]).await;
    let known = machine.introspect(tokens.text("access_token")).await;
    assert_eq!(known["cnf"]["jkt"], prover.thumbprint());
    assert_eq!(known["token_type"], "DPoP");
});

//! Proofs at the token endpoint: each flaw, each once, nonces, and what browsers may send.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Answer, alone, bound_tokens, machine, signed_in, userinfo};
use crate::{
    actors::Prover,
    fixture::{Fixture, lay_over},
    oidc::json_of,
    scenario,
};

fn with(mut under: Value, over: Value) -> Value {
    lay_over(&mut under, over);
    under.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    under
}

// RFC 9449 section 4.3, check by check.
scenario!(a_proof_with_any_flaw_is_refused, |fixture: Fixture| async move {
    let machine = machine(&fixture, json!({})).await;
    let (prover, rsa, other) = (Prover::new("ES256"), Prover::new("RS256"), Prover::new("ES256"));
    let claims = || prover.claims(&fixture, "POST", "/oauth2/token");
    let header = |over: Value| prover.sign(&with(prover.header(), over), &claims());
    let claimed = |over: Value| prover.sign(&prover.header(), &with(claims(), over));
    let now = fixture.clock.now().secs();
    let good = prover.for_token(&fixture);
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    let mut private = prover.jwk.clone();
    private["d"] = prover.jwk["x"].clone();
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0" });
    for (flaw, proof) in [
        ("empty", String::new()),
        ("rubbish", "a.b.c".to_owned()),
        ("no signature", unsigned),
        ("typ", header(json!({ "typ": "JWT" }))),
        ("no typ", header(json!({ "typ": null }))),
        ("crit", header(json!({ "crit": ["exp"] }))),
        ("alg none", header(json!({ "alg": "none" }))),
        ("alg HS256", header(json!({ "alg": "HS256", "jwk": symmetric }))),
        ("alg of another key", header(json!({ "alg": "RS256" }))),
        ("no key", header(json!({ "jwk": null }))),
        ("private key", header(json!({ "jwk": private }))),
        ("foreign key", header(json!({ "jwk": other.jwk }))),
        (
            "PS256 with RS256 padding",
            rsa.sign(&with(rsa.header(), json!({ "alg": "PS256" })), &claims()),
        ),
        ("no jti", claimed(json!({ "jti": null }))),
        ("long jti", claimed(json!({ "jti": "j".repeat(257) }))),
        ("jti is a number", claimed(json!({ "jti": 1 }))),
        ("no htm", claimed(json!({ "htm": null }))),
        ("htm", claimed(json!({ "htm": "GET" }))),
        ("no htu", claimed(json!({ "htu": null }))),
        (
            "htu of userinfo",
            claimed(json!({ "htu": format!("{}/oauth2/userinfo", fixture.base) })),
        ),
        (
            "htu of another host",
            claimed(json!({ "htu": "https://evil.example/oauth2/token" })),
        ),
        ("no iat", claimed(json!({ "iat": null }))),
        ("old", claimed(json!({ "iat": now - 61 }))),
        ("early", claimed(json!({ "iat": now + 61 }))),
        ("too long", claimed(json!({ "x": "x".repeat(4096) }))),
    ] {
        let answer = alone(&fixture, &machine, &[], &[&proof]).await;
        assert_eq!(answer.refusal(), (400, "invalid_dpop_proof"), "{flaw}: {}", answer.body);
    }
    let two = alone(&fixture, &machine, &[], &[&good, &prover.for_token(&fixture)]).await;
    assert_eq!(two.refusal(), (400, "invalid_dpop_proof"), "two headers");
    let right = alone(&fixture, &machine, &[], &[&good]).await;
    assert_eq!(right.status, 200, "refused for something else: {}", right.body);
    let query = claimed(json!({ "htu": format!("{}/oauth2/token?x=1#y", fixture.base), "iat": now - 60 }));
    assert_eq!(alone(&fixture, &machine, &[], &[&query]).await.status, 200);
});

scenario!(
    of_100_parallel_requests_with_one_proof_exactly_one_is_answered,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let proof = Prover::new("ES256").for_token(&fixture);
        let sent = [proof.as_str()];
        let answers = join_all((0..100).map(|_| alone(&fixture, &machine, &[], &sent))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(lost.refusal(), (400, "invalid_dpop_proof"));
        }
    }
);

scenario!(
    a_proof_is_kept_for_as_long_as_it_could_be_accepted,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let prover = Prover::new("ES256");
        // Made by a clock that is a minute ahead: it stays fresh for two minutes.
        let mut claims = prover.claims(&fixture, "POST", "/oauth2/token");
        claims["iat"] = (fixture.clock.now().secs() + 60).into();
        let proof = prover.sign(&prover.header(), &claims);
        assert_eq!(alone(&fixture, &machine, &[], &[&proof]).await.status, 200);
        fixture.advance(Duration::from_secs(120));
        let replayed = alone(&fixture, &machine, &[], &[&proof]).await;
        assert!(
            replayed.text("error_description").starts_with("OP-257"),
            "{}",
            replayed.body
        );
        // The same jti under another key is another proof.
        let other = Prover::new("ES256");
        claims["iat"] = fixture.clock.now().secs().into();
        let proof = other.sign(&other.header(), &claims);
        assert_eq!(alone(&fixture, &machine, &[], &[&proof]).await.status, 200);
    }
);

// RFC 9449 section 8.
scenario!(
    a_nonce_is_offered_taken_for_five_minutes_and_refused_afterwards,
    |fixture: Fixture| async move {
        let machine = machine(&fixture, json!({})).await;
        let prover = Prover::new("ES256");
        let proof = |nonce: &str| {
            let claims = with(
                prover.claims(&fixture, "POST", "/oauth2/token"),
                json!({ "nonce": nonce }),
            );
            prover.sign(&prover.header(), &claims)
        };
        let wrong = alone(&fixture, &machine, &[], &[&proof("made-up")]).await;
        assert_eq!(wrong.refusal(), (400, "use_dpop_nonce"));
        let nonce = wrong.header("dpop-nonce").to_owned();
        assert!(!nonce.is_empty());
        assert_eq!(alone(&fixture, &machine, &[], &[&proof(&nonce)]).await.status, 200);
        fixture.advance(Duration::from_secs(300));
        let late = alone(&fixture, &machine, &[], &[&proof(&nonce)]).await;
        assert_eq!(late.status, 200, "{}", late.body);
        let next = late.header("dpop-nonce").to_owned();
        fixture.advance(Duration::from_secs(1));
        let stale = alone(&fixture, &machine, &[], &[&proof(&nonce)]).await;
        assert_eq!(stale.refusal(), (400, "use_dpop_nonce"));
        assert_eq!(alone(&fixture, &machine, &[], &[&proof(&next)]).await.status, 200);
    }
);

scenario!(
    userinfo_asks_for_a_current_nonce_with_401,
    |fixture: Fixture| async move {
        let (portal, browser) = signed_in(&fixture, json!({})).await;
        let prover = Prover::new("ES256");
        let tokens = bound_tokens(&fixture, &portal, &browser, &prover).await;
        let access = tokens.text("access_token");
        let proof = prover.for_userinfo(&fixture, access, json!({ "nonce": "made-up" }));
        let wrong = userinfo(&fixture, "DPoP", access, &[&proof]).await;
        assert_eq!(wrong.refusal(), (401, "use_dpop_nonce"));
        assert!(wrong.header("www-authenticate").contains("error=\"use_dpop_nonce\""));
        let proof = prover.for_userinfo(&fixture, access, json!({ "nonce": wrong.header("dpop-nonce") }));
        assert_eq!(userinfo(&fixture, "DPoP", access, &[&proof]).await.status, 200);
    }
);

scenario!(
    discovery_names_algorithms_and_grant_and_browsers_may_send_proofs,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(
            document["dpop_signing_alg_values_supported"],
            json!(["ES256", "PS256", "RS256", "EdDSA"])
        );
        let grants = document["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!("client_credentials")));
        for path in ["token", "userinfo"] {
            let asked = fixture
                .http
                .request(reqwest::Method::OPTIONS, format!("{}/oauth2/{path}", fixture.base));
            let asked = Answer::of(asked).await;
            assert!(asked.header("access-control-allow-headers").contains("dpop"), "{path}");
        }
        let bare = fixture.fetch("/oauth2/userinfo").await;
        let challenges: Vec<_> = bare.headers().get_all("www-authenticate").iter().collect();
        assert_eq!(challenges.len(), 2, "Bearer and DPoP: {challenges:?}");
    }
);

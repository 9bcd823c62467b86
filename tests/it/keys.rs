//! Signing keys: four algorithms, rotation by schedule, by command and after a leak, on two replicas over one storage.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Portal, claims, header, text},
    fixture::{Fixture, Replica},
    oidc::json_of,
    scenario,
};

const ALGORITHMS: [&str; 4] = ["RS256", "ES256", "PS256", "EdDSA"];
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

async fn jwks(fixture: &Fixture, base: &str) -> JwkSet {
    let answer = fixture.http.get(format!("{base}/oauth2/jwks")).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
    answer.json().await.unwrap()
}

/// As any library does it: key by `kid`, algorithm of the key. `exp` is judged by the tests, whose clock is not the machine's.
fn verifies(token: &str, jwks: &JwkSet) -> bool {
    let head = decode_header(token).unwrap();
    let Some(jwk) = jwks.find(&head.kid.unwrap()) else {
        return false;
    };
    let algorithm: Algorithm = jwk.common.key_algorithm.unwrap().to_string().parse().unwrap();
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).is_ok()
}

scenario!(
    each_algorithm_signs_a_whole_sign_in_that_a_stock_verifier_accepts,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let published = jwks(&fixture, &fixture.base).await;
        assert_eq!(published.keys.len(), 4);
        for alg in ALGORITHMS {
            let name = alg.to_lowercase();
            let portal = fixture.portal(&name, json!({ "id_token_alg": alg })).await;
            let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
            let id_token = text(&tokens, "id_token");
            assert_eq!(header(id_token)["alg"], alg);
            assert_eq!(header(id_token)["typ"], "JWT");
            assert!(verifies(id_token, &published), "{alg}");
            assert!(verifies(text(&tokens, "access_token"), &published), "{alg}");
            let half = match alg {
                "EdDSA" => 43,
                _ => 22,
            };
            assert_eq!(claims(id_token)["at_hash"].as_str().unwrap().len(), half, "{alg}");
            let forged = format!("{}A", &id_token[..id_token.len() - 1]);
            let other = format!("{}Q", &id_token[..id_token.len() - 1]);
            assert!(
                !(verifies(&forged, &published) && verifies(&other, &published)),
                "the verifier can say no"
            );
        }
    }
);

scenario!(
    discovery_offers_all_four_and_no_unknown_algorithm_registers,
    |fixture: Fixture| async move {
        let document = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(ALGORITHMS));
        let body = json!({
            "client_id": "x", "name": "x", "redirect_uris": ["https://x.example/"], "id_token_alg": "none",
        });
        let refused = fixture.admin().call("POST", "clients", Some(body)).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
    }
);

/// A portal at two replicas, and every token it was ever given.
struct Watch<'a> {
    fixture: &'a Fixture,
    second: Replica,
    here: Portal,
    there: Portal,
    refresh: String,
    tokens: Vec<String>,
    kids: Vec<String>,
}

impl<'a> Watch<'a> {
    async fn begin(fixture: &'a Fixture, alg: &str) -> Self {
        Box::pin(fixture.connect()).await;
        let second = Box::pin(fixture.replica()).await;
        let here = fixture
            .portal(
                "wiki",
                json!({
                    "id_token_alg": alg, "access_token_lifetime": 86_400, "id_token_lifetime": 86_400,
                    "refresh_token_lifetime": 31_536_000,
                }),
            )
            .await;
        let there = here.at(&second.base);
        Self {
            fixture,
            second,
            here,
            there,
            refresh: String::new(),
            tokens: Vec::new(),
            kids: Vec::new(),
        }
    }

    /// Signs in anew, because no session lasts as long as a key.
    async fn sign_in(&mut self) {
        let tokens = self
            .here
            .tokens(self.fixture, &self.fixture.browser(), sample::NORMAL)
            .await;
        self.take(&tokens);
    }

    fn take(&mut self, tokens: &Value) {
        self.refresh = text(tokens, "refresh_token").to_owned();
        for name in ["id_token", "access_token"] {
            let token = text(tokens, name).to_owned();
            if name == "id_token" {
                let kid = header(&token)["kid"].as_str().unwrap().to_owned();
                if self.kids.last() != Some(&kid) {
                    self.kids.push(kid);
                }
            }
            self.tokens.push(token);
        }
    }

    /// Both replicas mint; both publish what verifies all that lives; each believes the other's tokens; and a client that fetched the
    /// keys five minutes ago, from either, knows those of the new tokens.
    async fn check(&mut self, what: &str) {
        let cached = [
            jwks(self.fixture, &self.fixture.base).await,
            jwks(self.fixture, &self.second.base).await,
        ];
        self.fixture.advance(5 * MINUTE);
        Box::pin(self.sign_in()).await;
        let mut fresh = self.tokens.split_off(self.tokens.len() - 2);
        let renewed = self.there.refresh(&self.refresh).await;
        assert_eq!(renewed.status, 200, "{what}: {}", renewed.body);
        let there = text(&renewed.body, "access_token").to_owned();
        assert_eq!(self.here.userinfo(&there).await.status, 200, "{what}");
        assert_eq!(self.there.userinfo(&fresh[1]).await.status, 200, "{what}");
        self.take(&renewed.body);
        fresh.extend(self.tokens.split_off(self.tokens.len() - 2));
        for token in &fresh {
            for old in &cached {
                assert!(
                    verifies(token, old),
                    "{what}: a client with keys of five minutes ago fails"
                );
            }
        }
        self.tokens.extend(fresh);
        let now = self.fixture.clock.now().secs();
        self.tokens.retain(|token| claims(token)["exp"].as_i64().unwrap() > now);
        for base in [&self.fixture.base, &self.second.base] {
            let published = jwks(self.fixture, base).await;
            for token in &self.tokens {
                assert!(verifies(token, &published), "{what}: a living token fails");
            }
        }
    }

    /// Both look at what is due, at the same time.
    async fn tick(&self) {
        let (first, second) = tokio::join!(Box::pin(self.fixture.app.tick()), Box::pin(self.second.app.tick()));
        first.unwrap();
        second.unwrap();
    }

    async fn states(&self, alg: &str) -> Vec<String> {
        let keys = self.fixture.admin().items("keys").await;
        let ours = keys.iter().filter(|key| key["alg"] == alg);
        ours.map(|key| text(key, "state").to_owned()).collect()
    }
}

scenario!(
    the_schedule_replaces_keys_and_no_token_fails_at_any_moment_at_either_replica,
    |fixture: Fixture| async move {
        let mut watch = Box::pin(Watch::begin(&fixture, "PS256")).await;
        Box::pin(watch.check("at the start")).await;
        fixture.advance(89 * DAY - 10 * MINUTE);
        Box::pin(watch.tick()).await;
        assert_eq!(watch.states("PS256").await, ["active"], "not due yet");
        fixture.advance(10 * MINUTE);
        Box::pin(watch.tick()).await;
        assert_eq!(
            watch.states("PS256").await,
            ["active", "next"],
            "one, though two looked"
        );
        Box::pin(watch.check("published")).await;
        fixture.advance(24 * HOUR - 20 * MINUTE);
        for minute in 0..5 {
            Box::pin(watch.check(&format!("around the change, {minute}"))).await;
        }
        assert_eq!(watch.states("PS256").await, ["retired", "active"]);
        assert_eq!(watch.kids.len(), 2, "it changed over once: {:?}", watch.kids);
        Box::pin(watch.tick()).await;
        fixture.advance(23 * HOUR);
        Box::pin(watch.check("the old tokens die")).await;
        Box::pin(watch.tick()).await;
        assert_eq!(watch.states("PS256").await, ["retired", "active"]);
        Box::pin(watch.check("still published")).await;
        fixture.advance(2 * HOUR);
        Box::pin(watch.tick()).await;
        assert_eq!(watch.states("PS256").await, ["active"]);
        Box::pin(watch.check("the old key is gone")).await;
        assert_eq!(jwks(&fixture, &fixture.base).await.keys.len(), 4);
        assert_eq!(jwks(&fixture, &watch.second.base).await.keys.len(), 4);
    }
);

scenario!(
    rotation_by_hand_takes_effect_once_everybody_can_know_the_key,
    |fixture: Fixture| async move {
        let mut watch = Box::pin(Watch::begin(&fixture, "EdDSA")).await;
        Box::pin(watch.check("before")).await;
        let asked = fixture.admin().create("keys/rotate", json!({ "alg": "EdDSA" })).await;
        let next = asked["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["state"] == "next");
        let next = next.unwrap();
        assert_eq!(
            next["activates_at"].as_i64().unwrap() - next["created_at"].as_i64().unwrap(),
            86_400_000
        );
        Box::pin(watch.check("asked")).await;
        assert_eq!(watch.states("RS256").await, ["active"], "the others were not asked for");
        fixture.advance(24 * HOUR - 12 * MINUTE);
        for minute in 0..4 {
            Box::pin(watch.check(&format!("around the change, {minute}"))).await;
        }
        assert_eq!(watch.kids.len(), 2);
        assert_eq!(watch.kids[1], next["kid"].as_str().unwrap());
    }
);

scenario!(
    replicas_asked_to_rotate_at_once_make_one_next_key_of_each,
    |fixture: Fixture| async move {
        let second = fixture.replica().await;
        let both = (0..20).map(|call| {
            let admin = if call % 2 == 0 {
                fixture.admin()
            } else {
                second.admin(&fixture)
            };
            async move { admin.call("POST", "keys/rotate", Some(json!({}))).await }
        });
        let replies = futures_util::future::join_all(both).await;
        let changed = replies.iter().filter(|reply| reply.body["changed"] == true);
        assert_eq!(changed.count(), 1, "the others are told that nothing changed");
        for reply in replies {
            assert_eq!(reply.status, 200, "{}", reply.body);
            let created = if reply.body["changed"] == true {
                json!(ALGORITHMS)
            } else {
                json!([])
            };
            assert_eq!(reply.body["created"], created);
            let keys = reply.body["items"].as_array().unwrap().clone();
            for alg in ALGORITHMS {
                let of = |state: &str| {
                    let ours = keys.iter().filter(|key| key["alg"] == alg);
                    ours.filter(|key| key["state"] == state).count()
                };
                assert_eq!((of("active"), of("next")), (1, 1), "{alg}");
            }
        }
        let events = fixture.admin().items("audit-events?kind=configured&limit=200").await;
        let rotations: Vec<_> = events
            .iter()
            .filter(|event| event["subject"] == "signing_keys" && event["actor"] != "system")
            .collect();
        assert_eq!(rotations.len(), 1, "{events:?}");
        assert_eq!(rotations[0]["detail"]["created"], json!(ALGORITHMS));
    }
);

scenario!(
    after_a_leak_the_new_key_signs_at_once_and_the_old_is_worth_nothing,
    |fixture: Fixture| async move {
        let mut watch = Box::pin(Watch::begin(&fixture, "RS256")).await;
        watch.sign_in().await;
        let old: Vec<String> = watch.tokens.drain(..).collect();
        fixture.admin().create("keys/rotate", json!({ "now": true })).await;
        fixture.advance(Duration::from_secs(10));
        for base in [&fixture.base, &watch.second.base] {
            let published = jwks(&fixture, base).await;
            assert_eq!(published.keys.len(), 4);
            assert!(old.iter().all(|token| !verifies(token, &published)));
        }
        assert_eq!(watch.here.userinfo(&old[1]).await.status, 401);
        assert_eq!(watch.there.userinfo(&old[1]).await.status, 401, "the other replica");
        // People stay signed in: their portals' refresh tokens are no signatures.
        let renewed = watch.there.refresh(&watch.refresh.clone()).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        watch.take(&renewed.body);
        Box::pin(watch.check("afterwards")).await;
        assert_eq!(watch.kids.len(), 2);
        assert_eq!(watch.states("RS256").await, ["active"]);
    }
);

scenario!(of_many_emergencies_at_once_one_happens, |fixture: Fixture| async move {
    let before = fixture.admin().items("keys").await;
    let calls = (0..20).map(|_| async {
        let body = json!({ "alg": "ES256", "now": true });
        fixture.admin().call("POST", "keys/rotate", Some(body)).await
    });
    let replies = futures_util::future::join_all(calls).await;
    assert!(replies.iter().any(|reply| reply.status == 200));
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!(reply.status, 409);
        assert!(reply.body.to_string().contains("KY-101"), "{}", reply.body);
    }
    let after = fixture.admin().items("keys").await;
    let of = |keys: &[Value], alg: &str| -> Vec<Value> {
        let ours = keys.iter().filter(|key| key["alg"] == alg);
        ours.map(|key| key["kid"].clone()).collect()
    };
    assert_eq!(of(&after, "ES256").len(), 1);
    assert_ne!(of(&after, "ES256"), of(&before, "ES256"));
    assert_eq!(of(&after, "RS256"), of(&before, "RS256"));
});

scenario!(
    rotation_needs_the_role_admin_and_a_known_algorithm,
    |fixture: Fixture| async move {
        let operator = fixture.admin_with_role("operator").await;
        assert_eq!(operator.call("GET", "keys", None).await.status, 200);
        assert_eq!(operator.call("POST", "keys/rotate", Some(json!({}))).await.status, 403);
        for body in [
            json!({ "alg": "HS256" }),
            json!({ "alg": 1 }),
            json!({ "now": "yes" }),
            json!({ "later": true }),
            json!([]),
        ] {
            let reply = fixture.admin().call("POST", "keys/rotate", Some(body.clone())).await;
            assert_eq!(reply.status, 400, "{body}: {}", reply.body);
        }
        assert_eq!(fixture.admin().items("keys").await.len(), 4);
        let secret = fixture.admin().get("keys").await.to_string();
        assert!(!secret.contains("sealed") && !secret.contains("\"d\""), "{secret}");
    }
);

scenario!(
    the_command_line_rotates_beside_a_running_server,
    |fixture: Fixture| async move {
        let listed = fixture.command(&["keys", "list"]);
        assert_eq!(listed.matches("active").count(), 4, "{listed}");
        // The command follows the clock of the machine, which is not that of the fixture.
        let rotated = fixture.command(&["keys", "rotate", "--alg", "ES256"]);
        assert_eq!(rotated.matches("ES256").count(), 2, "{rotated}");
        assert_eq!(rotated.matches("next").count(), 1, "{rotated}");
        fixture.advance(Duration::from_secs(10));
        assert_eq!(jwks(&fixture, &fixture.base).await.keys.len(), 5, "the server noticed");
        let again = fixture.command(&["keys", "rotate", "--alg", "ES256"]);
        assert_eq!(again.matches("ES256").count(), 2, "{again}");
        assert!(
            again.contains("Nothing changed") && !rotated.contains("Nothing changed"),
            "{again}"
        );
        let now = fixture.command(&["keys", "rotate", "--alg", "ES256", "--now"]);
        assert_eq!(now.matches("ES256").count(), 1, "{now}");
        let wrong = fixture.command(&["keys", "rotate", "--alg", "HS256"]);
        assert!(wrong.contains("must be one of"), "{wrong}");
    }
);

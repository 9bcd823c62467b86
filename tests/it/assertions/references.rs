//! Clients' keys at their own server (`jwks_uri`).

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::authentication::refused;
use crate::{
    actors::{KeyServer, Keyholder, Signer},
    fixture::Fixture,
    scenario,
};

scenario!(
    keys_by_reference_are_fetched_once_and_again_when_they_change,
    |fixture: Fixture| async move {
        let (old, new) = (Signer::new("ES256"), Signer::new("ES256"));
        let server = KeyServer::start(old.jwks());
        let extra = json!({ "auth_method": "private_key_jwt", "metadata": { "jwks_uri": server.address } });
        let portal = fixture.portal("wiki", extra).await;
        let before = Keyholder::of(&fixture, portal.clone(), old);
        let several = join_all((0..20).map(|_| before.revoke())).await;
        assert!(several.iter().all(|answer| answer.status == 200));
        assert_eq!(server.calls(), 1, "one flight, then remembered");

        *server.keys.lock().unwrap() = new.jwks();
        let after = Keyholder::of(&fixture, portal.clone(), new);
        let answers = join_all((0..20).map(|_| after.revoke())).await;
        assert!(
            answers.iter().all(|answer| answer.status == 200),
            "the new key, at once"
        );
        assert_eq!(server.calls(), 2);
        refused(&before.revoke().await, "OP-142", "the old key is gone");

        let other = Keyholder::of(&fixture, portal, Signer::new("ES256"));
        for _ in 0..5 {
            refused(&other.revoke().await, "OP-142", "another's key");
        }
        assert_eq!(server.calls(), 2, "others do not make us ask again");
        fixture.advance(Duration::from_secs(31));
        refused(&other.revoke().await, "OP-142", "another's key");
        assert_eq!(server.calls(), 3, "but every half minute");
    }
);

scenario!(
    a_key_server_that_fails_is_the_clients_fault_and_is_left_alone,
    |fixture: Fixture| async move {
        let key = Signer::new("ES256");
        let server = KeyServer::start(Value::Null);
        let extra = json!({ "auth_method": "private_key_jwt", "metadata": { "jwks_uri": server.address } });
        let client = Keyholder::of(&fixture, fixture.portal("wiki", extra).await, key);
        for _ in 0..3 {
            refused(&client.revoke().await, "OP-211", "down");
        }
        assert_eq!(server.calls(), 1);
        *server.keys.lock().unwrap() = json!({ "keys": "none" });
        fixture.advance(Duration::from_secs(11));
        refused(&client.revoke().await, "OP-142", "no keys");
        *server.keys.lock().unwrap() = client.key.jwks();
        let later = client.assertion(json!({ "exp": fixture.clock.now().secs() + 60 }));
        assert_eq!(client.revoke_with(&later).await.status, 200);
    }
);

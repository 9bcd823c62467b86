//! Race tests of single-use codes and refresh tokens: of one hundred parallel calls exactly one wins. Also of replicas that start together.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::EntityTrait;

use super::{
    fixture::{Fixture, fixture, provider},
    flow::{code, redemption, refreshing, token},
};
use crate::{crypto::digest::sha256_base64url, oidc::authorization_code::CodeState};

const MANY: usize = 100;

async fn race(fixture: &Fixture, fields: Vec<(&'static str, String)>) -> Vec<Result<serde_json::Value, &'static str>> {
    let tries = (0..MANY).map(|_| {
        let (provider, fields) = (fixture.provider.clone(), fields.clone());
        tokio::spawn(async move {
            let fields = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = token(&provider, "portal", fields).await;
            answer.map_err(|fault| fault.failure.entry.number)
        })
    });
    let mut answers = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        answers.push(attempt.await.unwrap());
    }
    answers
}

fn owned(fields: Vec<(&'static str, &str)>) -> Vec<(&'static str, String)> {
    fields
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

async fn events(fixture: &Fixture) -> usize {
    let all = entity::audit_event::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    all.iter().filter(|event| event.kind == "reuse_detected").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_redemptions_of_one_code_one_wins_and_its_family_dies() {
    let fixture = fixture().await;
    let code = code(&fixture, "portal").await;
    let fields = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code),
        ("redirect_uri", super::fixture::CALLBACK.to_owned()),
        ("code_verifier", super::flow::VERIFIER.to_owned()),
    ];
    let answers = race(&fixture, fields).await;
    let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    let lost = answers.iter().filter(|answer| matches!(answer, Err("OP-145"))).count();
    assert_eq!(lost, MANY - 1);
    let grants = entity::oauth_grant::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].revoke_reason.as_deref(), Some("code_reuse"));
    assert!(
        fixture
            .provider
            .userinfo(won[0]["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
    assert_eq!(events(&fixture).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_uses_of_one_refresh_token_one_consumes_it_and_later_use_ends_the_family() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let used = tokens["refresh_token"].as_str().unwrap();
    let answers = race(&fixture, owned_refresh(used)).await;
    let mut successors: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().unwrap()["refresh_token"].as_str().unwrap())
        .collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let rows = entity::refresh_token::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 2, "one successor");
    assert_eq!(events(&fixture).await, 0);
    // Kept sealed, and no longer than it may be asked for again.
    let key = format!("refresh-successor:{}", sha256_base64url(used.as_bytes()));
    let ephemeral = &fixture.provider.deps().ephemeral;
    let kept = ephemeral.get(&key).await.unwrap().unwrap();
    assert!(!String::from_utf8(kept).unwrap().contains(successors[0]));
    fixture.clock.advance(Duration::from_secs(30));
    assert!(ephemeral.get(&key).await.unwrap().is_none());
    assert!(token(&fixture.provider, "portal", refreshing(used)).await.is_err());
    assert_eq!(events(&fixture).await, 1);
    assert!(
        token(&fixture.provider, "portal", refreshing(successors[0]))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_who_find_the_keys_too_old_at_once_one_reads_them_and_made_up_ones_are_no_reason() {
    let fixture = fixture().await;
    let keyring = fixture.provider.keyring();
    let made_up = |number: usize| {
        let head = format!(r#"{{"alg":"ES256","kid":"made up {number}","typ":"at+jwt"}}"#);
        format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(head))
    };
    for (pause, reads) in [(2, 0), (60, 1), (0, 0), (6, 1)] {
        fixture.clock.advance(Duration::from_secs(pause));
        let before = keyring.reads_begun();
        let calls = (0..MANY).map(|number| {
            let (provider, token) = (fixture.provider.clone(), made_up(number));
            tokio::spawn(async move { provider.verify_access_token(&token).await.unwrap() })
        });
        for call in calls.collect::<Vec<_>>() {
            assert!(call.await.unwrap().is_none());
        }
        assert_eq!(keyring.reads_begun() - before, reads, "{pause} s later");
    }
}

fn owned_refresh(token: &str) -> Vec<(&'static str, String)> {
    owned(vec![("grant_type", "refresh_token"), ("refresh_token", token)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_agree_on_one_key_of_each_kind() {
    let fixture = fixture().await;
    entity::signing_key::Entity::delete_many()
        .exec(fixture.database.writer())
        .await
        .unwrap();
    let starts = (0..4).map(|_| {
        let replica = provider(&fixture.database, &fixture.clock);
        tokio::spawn(async move {
            replica.ensure_keys().await.unwrap();
            replica.keyring().keys().jwks()
        })
    });
    let mut published = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        published.push(start.await.unwrap());
    }
    let rows = entity::signing_key::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 4);
    assert!(
        rows.iter()
            .all(|row| !row.private_sealed.contains("BEGIN") && row.public_jwk.get("d").is_none())
    );
    let first: serde_json::Value = serde_json::from_slice(&published[0]).unwrap();
    assert_eq!(first["keys"].as_array().unwrap().len(), 4);
    assert!(
        published.iter().all(|jwks| jwks == &published[0]),
        "every replica publishes the same"
    );
}

/// The order that a test of parallel calls meets only by luck: the loser marks the grant for revocation before the winner has written it.
#[tokio::test(flavor = "multi_thread")]
async fn a_family_condemned_before_it_was_written_is_born_dead() {
    let fixture = fixture().await;
    let code = code(&fixture, "portal").await;
    let Some(CodeState::Live(kept)) = fixture.provider.codes().peek(&code).await.unwrap() else {
        panic!("no code")
    };
    fixture.provider.codes().mark_for_revocation(kept.grant).await.unwrap();
    let tokens = token(&fixture.provider, "portal", redemption(&code)).await.unwrap();
    assert!(
        fixture
            .provider
            .userinfo(tokens["access_token"].as_str().unwrap())
            .await
            .is_err()
    );
    assert!(
        token(
            &fixture.provider,
            "portal",
            refreshing(tokens["refresh_token"].as_str().unwrap())
        )
        .await
        .is_err()
    );
    assert_eq!(events(&fixture).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_start_together_agree_on_one_salt_and_keep_it() {
    let fixture = fixture().await;
    entity::setting::Entity::delete_many()
        .exec(fixture.database.writer())
        .await
        .unwrap();
    let starts = (0..16).map(|_| {
        let replica = provider(&fixture.database, &fixture.clock);
        tokio::spawn(async move { replica.read_salt().await.unwrap().expose().clone() })
    });
    let mut salts = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        salts.push(start.await.unwrap());
    }
    salts.dedup();
    assert_eq!(salts.len(), 1, "one salt");
    let rows = entity::setting::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].value.contains(&salts[0]), "sealed");
}

//! Race tests of single-use codes and refresh tokens: of one hundred parallel calls exactly one wins. Also of replicas that start together.

use sea_orm::EntityTrait;

use super::{
    fixture::{Fixture, fixture, provider},
    flow::{code, redemption, refreshing, token},
};
use crate::oidc::authorization_code::CodeState;

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
async fn of_100_uses_of_one_refresh_token_one_wins_and_its_family_dies() {
    let fixture = fixture().await;
    let tokens = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let answers = race(&fixture, owned_refresh(tokens["refresh_token"].as_str().unwrap())).await;
    let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    let lost = answers
        .iter()
        .filter(|answer| matches!(answer, Err("OP-151" | "OP-153" | "OP-155")))
        .count();
    assert_eq!(lost, MANY - 1);
    let rows = entity::refresh_token::Entity::find()
        .all(fixture.database.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 2, "one successor");
    assert_eq!(events(&fixture).await, 1);
    let newest = won[0]["refresh_token"].as_str().unwrap();
    assert!(token(&fixture.provider, "portal", refreshing(newest)).await.is_err());
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

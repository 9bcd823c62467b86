//! Tests of resuming an authorization request after a journey.

use std::time::Duration;

use entity::{client, json::Strings};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use uuid::Uuid;

use super::{
    fixture::{CALLBACK, COOKIE, Fixture, fixture},
    flow::{authorize, code, field, redemption, request, token},
    samples,
};
use crate::{
    oidc::authorize::{outcome::Outcome, request::Request},
    signin::Visitor,
};

/// A request of the portal `portal`, kept as if its person were signing in.
async fn keep(fixture: &Fixture) -> String {
    let request = Request {
        client: Uuid::from_u128(20),
        redirect_uri: CALLBACK.to_owned(),
        state: Some("s".to_owned()),
        ..samples::request(fixture.clock.now())
    };
    fixture.provider.keep_request(&request).await.unwrap()
}

fn visitor() -> Visitor<'static> {
    Visitor {
        session: Some(COOKIE),
        ..Visitor::default()
    }
}

async fn resume(fixture: &Fixture, id: &str) -> Result<Vec<(&'static str, String)>, &'static str> {
    match fixture.provider.resume(id, visitor()).await {
        Ok(Outcome::Answer(answer)) => Ok(answer.fields),
        Ok(_) => panic!("neither answered nor failed"),
        Err(failure) => Err(failure.entry.number),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_request_gives_one_code() {
    let fixture = fixture().await;
    let id = keep(&fixture).await;
    let fields = resume(&fixture, &id).await.unwrap();
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(resume(&fixture, &id).await.unwrap_err(), "OP-104");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_unknown_old_or_no_longer_registered_give_none() {
    let fixture = fixture().await;
    for id in ["", "unknown", "../../x", "0123456789abcdef0123456789abcdef"] {
        assert_eq!(resume(&fixture, id).await.unwrap_err(), "OP-104", "{id}");
    }
    let id = keep(&fixture).await;
    let moved = client::ActiveModel {
        id: Set(Uuid::from_u128(20)),
        redirect_uris: Set(Strings(vec!["https://portal.example.com/elsewhere".to_owned()])),
        ..Default::default()
    };
    moved.update(fixture.database.writer()).await.unwrap();
    assert_eq!(resume(&fixture, &id).await.unwrap_err(), "OP-103");
    let id = keep(&fixture).await;
    fixture.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(resume(&fixture, &id).await.unwrap_err(), "OP-104");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_enters_every_portal_with_the_same_sid() {
    let fixture = fixture().await;
    let first = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let answer = authorize(&fixture.provider, request("spa"), Some(COOKIE)).await;
    assert!(field(&answer, "code").is_some());
    let again = token(&fixture.provider, "portal", redemption(&code(&fixture, "portal").await))
        .await
        .unwrap();
    let sid = |tokens: &serde_json::Value| super::flow::claims(&tokens["id_token"])["sid"].clone();
    assert_eq!(sid(&first), sid(&again));
}

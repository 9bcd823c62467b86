//! A refresh whose answer was lost, or that two replicas of a portal send at once; and refresh tokens that do not rotate.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::{World, sample};

use crate::{
    actors::{Portal, Redemption, post, text},
    backends::Backend,
    fixture::Fixture,
    scenario,
};

const WINDOW: Duration = Duration::from_secs(30);

fn refresh_of(tokens: &Value) -> &str {
    text(tokens, "refresh_token")
}

async fn renewed(portal: &Portal, token: &str) -> Value {
    let answer = portal.refresh(token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn refused(portal: &Portal, token: &str) {
    let answer = portal.refresh(token).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant"), "{}", answer.body);
}

scenario!(
    a_lost_answer_can_be_had_again_until_the_new_token_is_used,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let used = refresh_of(&tokens);
        let lost = renewed(&portal, used).await;
        fixture.advance(WINDOW - Duration::from_secs(1));
        let again = renewed(&portal, used).await;
        assert_eq!(refresh_of(&again), refresh_of(&lost), "the same successor");
        for tokens in [&lost, &again] {
            assert_eq!(portal.userinfo(text(tokens, "access_token")).await.status, 200);
        }
        let other = fixture.portal("other", json!({})).await;
        refused(&other, used).await;
        let next = renewed(&portal, refresh_of(&again)).await;
        assert_ne!(refresh_of(&next), refresh_of(&again));
        // Within the window, but its successor was used: somebody else has the token too.
        refused(&portal, used).await;
        portal.assert_ended(&next).await;
    }
);

scenario!(
    after_the_window_a_used_token_is_reuse_and_ends_its_family,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let next = renewed(&portal, refresh_of(&tokens)).await;
        fixture.advance(WINDOW);
        refused(&portal, refresh_of(&tokens)).await;
        portal.assert_ended(&next).await;
        let events = fixture.admin().items("audit-events?kind=reuse_detected").await;
        assert_eq!(events.len(), 1, "{events:?}");
    }
);

scenario!(
    a_retry_is_judged_like_any_other_refresh,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let used = refresh_of(&tokens);
        renewed(&portal, used).await;
        let form = [("grant_type", "refresh_token"), ("refresh_token", used)];
        let narrow = portal.token(&[&form[..], &[("scope", "openid")]].concat()).await;
        assert_eq!(narrow.body["scope"], "openid", "{}", narrow.body);
        let wide = portal.token(&[&form[..], &[("scope", "openid groups")]].concat()).await;
        assert_eq!(wide.refusal(), (400, "invalid_scope"));
        fixture.admin().disable(sample::NORMAL).await;
        refused(&portal, used).await;
    }
);

/// Refreshes as a public client without a key.
/// Refreshes as a public client.
pub async fn publicly(fixture: &Fixture, client_id: &str, token: &str) -> Redemption {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", client_id),
    ];
    post(&fixture.http, &format!("{}/oauth2/token", fixture.base), &form).await
}

/// Tokens of a public client, `spa`, of which this makes everything.
pub async fn public_tokens(fixture: &Fixture) -> Value {
    fixture.connect().await;
    let portal = fixture.portal("spa", json!({ "auth_method": "none" })).await;
    let code = portal.code(fixture, &fixture.browser(), sample::NORMAL).await;
    let form = [&portal.redemption(&code)[..], &[("client_id", "spa")]].concat();
    let answer = post(&fixture.http, &format!("{}/oauth2/token", fixture.base), &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

// Whoever holds the token of such a client proves nothing else: a second use is a thief's, or a thief's victim's.
scenario!(
    a_public_client_without_a_key_has_no_second_try,
    |fixture: Fixture| async move {
        let tokens = public_tokens(&fixture).await;
        let next = publicly(&fixture, "spa", refresh_of(&tokens)).await;
        assert_eq!(next.status, 200, "{}", next.body);
        for token in [&tokens, &next.body] {
            let answer = publicly(&fixture, "spa", refresh_of(token)).await;
            assert_eq!(answer.refusal(), (400, "invalid_grant"));
        }
    }
);

scenario!(
    of_100_parallel_refreshes_of_a_public_client_exactly_one_wins_and_its_family_dies,
    |fixture: Fixture| async move {
        let tokens = public_tokens(&fixture).await;
        let tries = (0..100).map(|_| publicly(&fixture, "spa", refresh_of(&tokens)));
        let (won, lost): (Vec<_>, Vec<_>) = join_all(tries).await.into_iter().partition(|try_| try_.status == 200);
        assert_eq!(won.len(), 1, "{won:?}");
        for lost in lost {
            assert_eq!(lost.refusal(), (400, "invalid_grant"), "{}", lost.body);
        }
        let next = publicly(&fixture, "spa", refresh_of(&won[0].body)).await;
        assert_eq!(next.refusal(), (400, "invalid_grant"));
    }
);

#[actix_web::test]
async fn two_replicas_asked_with_one_token_at_once_give_one_successor() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let (portal, _, tokens) = fixture.signed_in().await;
    let second = Box::pin(fixture.replica()).await;
    let there = portal.at(&second.base);
    let tries = (0..100).map(|turn| if turn % 2 == 0 { &portal } else { &there });
    let answers = join_all(tries.map(|portal| portal.refresh(refresh_of(&tokens)))).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(refresh_of(&answer.body), refresh_of(&answers[0].body));
    }
    renewed(&there, refresh_of(&answers[0].body)).await;
}

async fn without_a_window(backend: Backend) {
    let off = [("MENJIN__TOKENS__REFRESH_RETRY".to_owned(), "0".to_owned())];
    let Some(fixture) = Fixture::open_set(backend, World::sample(), &off).await else {
        return;
    };
    let (portal, _, tokens) = fixture.signed_in().await;
    let next = renewed(&portal, refresh_of(&tokens)).await;
    refused(&portal, refresh_of(&tokens)).await;
    portal.assert_ended(&next).await;
}

#[actix_web::test]
async fn an_operator_may_allow_no_second_try() {
    without_a_window(Backend::SqliteMemory).await;
    without_a_window(Backend::PostgresRedis).await;
}

scenario!(
    without_rotation_a_refresh_token_stays_and_is_still_its_clients_alone,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let steady = json!({
            "metadata": { "refresh_token_rotation": false }, "refresh_token_lifetime": 7 * 86_400,
        });
        let portal = fixture.portal("wiki", steady).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = refresh_of(&tokens);
        for answer in join_all((0..20).map(|_| portal.refresh(token))).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body.get("refresh_token").is_none(), "{}", answer.body);
        }
        let other = fixture.portal("other", json!({})).await;
        refused(&other, token).await;
        fixture.advance(Duration::from_secs(6 * 86_400));
        renewed(&portal, token).await;
        // Its life is counted from the sign-in, however often it is used.
        fixture.advance(Duration::from_secs(86_400));
        refused(&portal, token).await;
    }
);

scenario!(
    only_a_client_that_authenticates_may_go_without_rotation,
    |fixture: Fixture| async move {
        let body = json!({
            "client_id": "spa", "name": "spa", "redirect_uris": ["https://spa.example/"], "auth_method": "none",
            "metadata": { "refresh_token_rotation": false },
        });
        let answer = fixture.admin().call("POST", "clients", Some(body)).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(
            answer.body.to_string().contains("metadata.refresh_token_rotation"),
            "{}",
            answer.body
        );
        // Switched back on, what was issued before rotates from then on.
        fixture.connect().await;
        let portal = fixture
            .portal("wiki", json!({ "metadata": { "refresh_token_rotation": false } }))
            .await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let on = json!({ "metadata": { "refresh_token_rotation": true } });
        fixture.admin().change(&format!("clients/{}", portal.id), on).await;
        let next = renewed(&portal, refresh_of(&tokens)).await;
        assert_ne!(refresh_of(&next), refresh_of(&tokens));
    }
);

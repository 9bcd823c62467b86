//! Sweeping: what is over goes, and every answer is what it was before.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Portal, id, text},
    back_channel_logout::sign_out,
    backends::Backend,
    fixture::Fixture,
    password::{link, local_user},
    replicas::psql,
    scenario,
    sync::runs_of,
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn refresh_of(tokens: &Value) -> &str {
    text(tokens, "refresh_token")
}

async fn count(fixture: &Fixture) -> usize {
    fixture.admin().items("sessions?limit=200").await.len()
}

async fn refused(portal: &Portal, token: &str) {
    let answer = portal.refresh(token).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant"), "{}", answer.body);
}

/// So much later, whatever is due has been looked at.
async fn later(fixture: &Fixture, by: Duration) {
    fixture.advance(by);
    fixture.app.tick().await.unwrap();
}

scenario!(
    a_session_goes_when_nothing_granted_in_it_is_left,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let wiki = fixture
            .portal("wiki", json!({ "refresh_token_lifetime": 10 * 24 * 3600 }))
            .await;
        let browser = fixture.browser();
        let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
        let cookie = browser.cookie("menjin_session").unwrap();
        for _ in 0..9 {
            later(&fixture, DAY).await;
        }
        assert_eq!(count(&fixture).await, 1, "its refresh token can still be used");
        let renewed = wiki.refresh(refresh_of(&tokens)).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        later(&fixture, 11 * DAY).await;
        assert_eq!(count(&fixture).await, 1, "over, but not for long");
        refused(&wiki, refresh_of(&renewed.body)).await;
        later(&fixture, 2 * DAY).await;
        assert_eq!(count(&fixture).await, 0);
        refused(&wiki, refresh_of(&renewed.body)).await;
        refused(&wiki, refresh_of(&tokens)).await;
        let access = renewed.body["access_token"].as_str().unwrap();
        assert_eq!(wiki.userinfo(access).await.status, 401);
        assert_eq!(browser.cookie("menjin_session").unwrap(), cookie);
        wiki.assert_signed_out(&browser).await;
        sign_out(&fixture, &browser, &tokens).await;
        assert!(
            wiki.code(&fixture, &browser, sample::NORMAL).await.len() > 20,
            "and one can sign in again"
        );
    }
);

// RFC 9700 section 4.14.2: the used tokens of a living family are kept, or a thief would go unnoticed.
scenario!(
    reuse_is_detected_in_a_living_family_long_after_the_used_token_would_have_run_out,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let wiki = fixture
            .portal("wiki", json!({ "refresh_token_lifetime": 2 * 24 * 3600 }))
            .await;
        let stolen = wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let mut newest = stolen.clone();
        for _ in 0..8 {
            fixture.advance(DAY);
            newest = wiki.refresh(refresh_of(&newest)).await.body;
            assert!(newest["refresh_token"].is_string(), "{newest}");
            fixture.app.tick().await.unwrap();
        }
        let access = newest["access_token"].as_str().unwrap();
        assert_eq!(wiki.userinfo(access).await.status, 200, "a valid token works as before");
        refused(&wiki, refresh_of(&stolen)).await;
        assert_eq!(wiki.userinfo(access).await.status, 401, "the family died of the reuse");
        refused(&wiki, refresh_of(&newest)).await;
    }
);

// A family that rotates for months does not grow for months: thirty days after their own end used tokens are forgotten.
scenario!(
    of_a_family_that_rotates_for_months_the_used_tokens_go_thirty_days_after_their_own_end,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let wiki = fixture
            .portal("wiki", json!({ "refresh_token_lifetime": 2 * 24 * 3600 }))
            .await;
        let mut family = vec![wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await];
        for _ in 0..40 {
            fixture.advance(DAY);
            let next = wiki.refresh(refresh_of(family.last().unwrap())).await.body;
            assert!(next["refresh_token"].is_string(), "{next}");
            family.push(next);
            fixture.app.tick().await.unwrap();
        }
        // Of day 0 to 7: their own end was at least thirty days and a moment ago.
        for forgotten in &family[..8] {
            refused(&wiki, refresh_of(forgotten)).await;
        }
        let access = family.last().unwrap()["access_token"].as_str().unwrap();
        assert_eq!(wiki.userinfo(access).await.status, 200, "what is unknown ends nothing");
        refused(&wiki, refresh_of(&family[8])).await;
        assert_eq!(
            wiki.userinfo(access).await.status,
            401,
            "what is known still betrays a thief"
        );
        refused(&wiki, refresh_of(family.last().unwrap())).await;
    }
);

scenario!(
    runs_of_syncs_can_be_looked_at_for_ninety_days,
    |fixture: Fixture| async move {
        let source = fixture.connect().await;
        let run = runs_of(&fixture, &source).await.remove(0);
        let path = format!("sync-runs/{}", id(&run));
        later(&fixture, 90 * DAY - Duration::from_secs(1)).await;
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 200);
        later(&fixture, Duration::from_secs(2)).await;
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 404);
    }
);

scenario!(a_revoked_family_goes_and_stays_dead, |fixture: Fixture| async move {
    let (wiki, _, tokens) = fixture.signed_in().await;
    fixture.advance(HOUR);
    let kept = wiki.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
    let session = fixture.admin().items("sessions").await.remove(1);
    let path = format!("sessions/{}", id(&session));
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    fixture.app.tick().await.unwrap();
    assert_eq!(
        fixture.admin().get(&path).await["end_reason"],
        "admin",
        "still to be seen"
    );
    later(&fixture, 3 * DAY).await;
    assert_eq!(fixture.admin().call("GET", &path, None).await.status, 404);
    refused(&wiki, refresh_of(&tokens)).await;
    let alive = wiki.refresh(refresh_of(&kept)).await;
    assert_eq!(alive.status, 200, "another person's family lives on: {}", alive.body);
});

// An access token lives at most a day, also without any refresh token beside it.
scenario!(
    an_access_token_works_to_its_end_although_its_session_ran_out,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let day = json!({ "access_token_lifetime": 24 * 3600, "refresh_token_lifetime": 0 });
        let wiki = fixture.portal("wiki", day).await;
        let tokens = wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let access = tokens["access_token"].as_str().unwrap();
        later(&fixture, 24 * HOUR - Duration::from_secs(1)).await;
        assert_eq!(wiki.userinfo(access).await.status, 200);
        later(&fixture, 3 * DAY).await;
        assert_eq!(count(&fixture).await, 0);
        assert_eq!(wiki.userinfo(access).await.status, 401);
    }
);

scenario!(
    audit_events_go_after_400_days_and_not_before,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let events = async || fixture.admin().items("audit-events?kind=signed_in").await.len();
        later(&fixture, 400 * DAY).await;
        assert_eq!(events().await, 1);
        later(&fixture, Duration::from_secs(1)).await;
        assert_eq!(events().await, 0);
    }
);

scenario!(
    two_replicas_sweep_side_by_side_without_harm,
    |fixture: Fixture| async move {
        let wiki = fixture.connected_portal().await;
        for _ in 0..3 {
            wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        }
        fixture.advance(60 * DAY);
        let (one, two, three) = tokio::join!(fixture.app.tick(), fixture.app.tick(), fixture.app.tick());
        one.and(two).and(three).unwrap();
        assert_eq!(count(&fixture).await, 0);
    }
);

// Nobody sees them from outside, so the database is asked.
#[actix_web::test]
async fn links_that_nobody_used_go_two_days_after_they_ran_out() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let left = || psql(fixture.database_url(), "SELECT count(*) FROM one_time_link");
    for username in ["one", "two"] {
        let user = local_user(&fixture, username).await;
        link(&fixture, &user).await;
        fixture.advance(HOUR);
    }
    later(&fixture, 3 * DAY - 2 * HOUR + Duration::from_secs(1)).await;
    assert_eq!(left(), "1", "the second has an hour left");
    later(&fixture, HOUR).await;
    assert_eq!(left(), "0");
}

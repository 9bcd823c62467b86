//! Sweeping: what is over goes, and every answer is what it was before.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::sample;

use crate::{actors::Portal, backends::Backend, fixture::Fixture, replicas::psql, scenario};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn refresh_of(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

async fn count(fixture: &Fixture) -> usize {
    let list = fixture.admin().get("sessions?limit=200").await;
    list["items"].as_array().unwrap().len()
}

async fn refused(portal: &Portal, token: &str) {
    let answer = portal.refresh(token).await;
    assert_eq!(
        (answer.status, answer.body["error"].as_str()),
        (400, Some("invalid_grant")),
        "{}",
        answer.body
    );
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
            fixture.advance(DAY);
            fixture.app.tick().await.unwrap();
        }
        assert_eq!(count(&fixture).await, 1, "its refresh token can still be used");
        let renewed = wiki.refresh(refresh_of(&tokens)).await;
        assert_eq!(renewed.status, 200, "{}", renewed.body);
        fixture.advance(11 * DAY);
        fixture.app.tick().await.unwrap();
        assert_eq!(count(&fixture).await, 1, "over, but not for long");
        refused(&wiki, refresh_of(&renewed.body)).await;
        fixture.advance(2 * DAY);
        fixture.app.tick().await.unwrap();
        assert_eq!(count(&fixture).await, 0);
        refused(&wiki, refresh_of(&renewed.body)).await;
        refused(&wiki, refresh_of(&tokens)).await;
        let access = renewed.body["access_token"].as_str().unwrap();
        assert_eq!(wiki.userinfo(access).await.status, 401);
        assert_eq!(browser.cookie("menjin_session").unwrap(), cookie);
        let silent = browser.get(&wiki.authorize_url(&[("prompt", "none")])).await;
        assert_eq!(silent.returned("error").unwrap(), "login_required");
        let hint = tokens["id_token"].as_str().unwrap();
        let out = browser
            .get(&format!("{}/oauth2/logout?id_token_hint={hint}", fixture.base))
            .await;
        assert_eq!(out.status, 200, "{}", out.body);
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
            let answer = wiki.refresh(refresh_of(forgotten)).await;
            assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_grant")));
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
        let runs = format!("sync-runs?data_source={}", source["id"].as_str().unwrap());
        let run = fixture.admin().get(&runs).await["items"][0]["id"].clone();
        let path = format!("sync-runs/{}", run.as_str().unwrap());
        fixture.advance(90 * DAY - Duration::from_secs(1));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 200);
        fixture.advance(Duration::from_secs(2));
        fixture.app.tick().await.unwrap();
        assert_eq!(fixture.admin().call("GET", &path, None).await.status, 404);
    }
);

scenario!(a_revoked_family_goes_and_stays_dead, |fixture: Fixture| async move {
    fixture.connect().await;
    let wiki = fixture.portal("wiki", json!({})).await;
    let browser = fixture.browser();
    let tokens = wiki.tokens(&fixture, &browser, sample::NORMAL).await;
    fixture.advance(HOUR);
    let kept = wiki.tokens(&fixture, &fixture.browser(), sample::BY_PICK).await;
    let session = fixture.admin().get("sessions").await["items"][1]["id"].clone();
    let path = format!("sessions/{}", session.as_str().unwrap());
    assert_eq!(fixture.admin().call("DELETE", &path, None).await.status, 204);
    fixture.app.tick().await.unwrap();
    assert_eq!(
        fixture.admin().get(&path).await["end_reason"],
        "admin",
        "still to be seen"
    );
    fixture.advance(3 * DAY);
    fixture.app.tick().await.unwrap();
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
        fixture.advance(24 * HOUR - Duration::from_secs(1));
        fixture.app.tick().await.unwrap();
        assert_eq!(wiki.userinfo(access).await.status, 200);
        fixture.advance(3 * DAY);
        fixture.app.tick().await.unwrap();
        assert_eq!(count(&fixture).await, 0);
        assert_eq!(wiki.userinfo(access).await.status, 401);
    }
);

scenario!(
    audit_events_go_after_400_days_and_not_before,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let wiki = fixture.portal("wiki", json!({})).await;
        wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let events = async || {
            fixture.admin().get("audit-events?kind=signed_in").await["items"]
                .as_array()
                .unwrap()
                .len()
        };
        fixture.advance(400 * DAY);
        fixture.app.tick().await.unwrap();
        assert_eq!(events().await, 1);
        fixture.advance(Duration::from_secs(1));
        fixture.app.tick().await.unwrap();
        assert_eq!(events().await, 0);
    }
);

scenario!(
    two_replicas_sweep_side_by_side_without_harm,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let wiki = fixture.portal("wiki", json!({})).await;
        for _ in 0..3 {
            wiki.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        }
        fixture.advance(60 * DAY);
        let (one, two, three) = tokio::join!(fixture.app.tick(), fixture.app.tick(), fixture.app.tick());
        one.and(two).and(three).unwrap();
        assert_eq!(count(&fixture).await, 0);
    }
);

// Nobody sees them through any auth source, so the database is asked.
#[actix_web::test]
async fn links_that_nobody_used_go_two_days_after_they_ran_out() {
    let Some(fixture) = Fixture::open(Backend::PostgresRedis).await else {
        return;
    };
    let left = || psql(fixture.database_url(), "SELECT count(*) FROM one_time_link");
    for username in ["one", "two"] {
        let user = fixture.admin().create("users", json!({ "username": username })).await;
        let path = format!("users/{}/password-link", user["id"].as_str().unwrap());
        fixture.admin().create(&path, json!({})).await;
        fixture.advance(HOUR);
    }
    fixture.advance(3 * DAY - 2 * HOUR + Duration::from_secs(1));
    fixture.app.tick().await.unwrap();
    assert_eq!(left(), "1", "the second has an hour left");
    fixture.advance(HOUR);
    fixture.app.tick().await.unwrap();
    assert_eq!(left(), "0");
}

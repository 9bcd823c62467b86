//! What is used up, and what may fail after it: an answer that failed for a reason of ours can be had again, and no clock stops one.

use std::time::Duration;

use menjin::kernel::clock::Clock;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use simulator::sample;

use crate::{
    actors::{Portal, Redemption, header, text},
    consent,
    device::{self, GRANT, answer, asked, poll},
    fixture::Fixture,
    oidc::json_of,
    refresh_retry::{public_tokens, publicly},
    scenario,
    signin::in_app_callback,
};

const HOUR: Duration = Duration::from_secs(3600);
/// After which keys are read again, and a device may poll again.
const MOMENT: Duration = Duration::from_secs(6);

/// A step that fails for a while, at whatever storage.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Disturbance {
    /// Rows of this table cannot be added.
    FullTable(&'static str),
    /// The key of this algorithm is gone, by which the portal's tokens are signed.
    KeyGone(&'static str),
}

impl Disturbance {
    async fn begin(self, fixture: &Fixture) {
        let postgres = fixture.database_url().starts_with("postgres");
        let statements = match (self, postgres) {
            (Self::KeyGone(alg), _) => vec![
                format!("CREATE TABLE kept AS SELECT * FROM signing_key WHERE alg = '{alg}'"),
                format!("DELETE FROM signing_key WHERE alg = '{alg}'"),
            ],
            (Self::FullTable(table), false) => vec![format!(
                "CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
            )],
            (Self::FullTable(table), true) => vec![
                "CREATE OR REPLACE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION 'full'; END $$"
                    .to_owned(),
                format!("CREATE TRIGGER full_{table} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION is_full()"),
            ],
        };
        run(fixture, &statements).await;
    }

    async fn end(self, fixture: &Fixture) {
        let postgres = fixture.database_url().starts_with("postgres");
        let statements = match (self, postgres) {
            (Self::KeyGone(_), _) => vec![
                "INSERT INTO signing_key SELECT * FROM kept".to_owned(),
                "DROP TABLE kept".to_owned(),
            ],
            (Self::FullTable(table), false) => vec![format!("DROP TRIGGER full_{table}")],
            (Self::FullTable(table), true) => vec![format!("DROP TRIGGER full_{table} ON {table}")],
        };
        run(fixture, &statements).await;
    }
}

/// Runs statements at the database, beside the server.
async fn run(fixture: &Fixture, statements: &[String]) {
    let database = sea_orm::Database::connect(fixture.database_url()).await.unwrap();
    for statement in statements {
        database.execute_unprepared(statement).await.unwrap();
    }
    // As whoever changes settings does, so that servers read them again.
    if fixture.database_url().starts_with("postgres") {
        let changed = "UPDATE change_counter SET changes = changes + 1 WHERE slot = 0";
        database.execute_unprepared(changed).await.unwrap();
    }
    database.close().await.unwrap();
    fixture.advance(MOMENT);
}

fn unavailable(answer: &Redemption) -> bool {
    answer.refusal() == (503, "temporarily_unavailable")
}

async fn machine(portal: &Portal) -> Redemption {
    portal.token(&[("grant_type", "client_credentials")]).await
}

scenario!(
    a_token_request_that_failed_for_a_reason_of_ours_used_nothing_up,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = device::portal(&fixture, "tv", json!({ "id_token_alg": "EdDSA" })).await;
        let browser = fixture.browser();
        let mut tokens = portal.tokens(&fixture, &browser, sample::NORMAL).await;
        for (disturbance, fails_to_refresh) in [
            (Disturbance::KeyGone("EdDSA"), true),
            (Disturbance::FullTable("refresh_token"), true),
            (Disturbance::FullTable("oauth_grant"), false),
        ] {
            let code = portal.authorize_silently(&browser).await.returned("code").unwrap();
            let issued = asked(&fixture, &portal).await;
            answer(&fixture, &browser, &issued, "allow").await;
            disturbance.begin(&fixture).await;
            let redeemed = portal.redeem(&code).await;
            assert!(unavailable(&redeemed), "{disturbance:?}: {}", redeemed.body);
            let polled = poll(&portal, &issued).await;
            assert!(unavailable(&polled), "{disturbance:?}: {}", polled.body);
            if fails_to_refresh {
                let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
                assert!(unavailable(&refreshed), "{disturbance:?}: {}", refreshed.body);
            }
            disturbance.end(&fixture).await;
            let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
            for again in [&portal.redeem(&code).await, &poll(&portal, &issued).await, &refreshed] {
                assert_eq!(again.status, 200, "{disturbance:?}: {}", again.body);
                let userinfo = portal.userinfo(text(&again.body, "access_token")).await;
                assert_eq!(userinfo.status, 200, "{disturbance:?}: {}", userinfo.body);
            }
            tokens = refreshed.body;
            // What was put back works once.
            assert_eq!(
                portal.redeem(&code).await.refusal(),
                (400, "invalid_grant"),
                "{disturbance:?}"
            );
        }
    }
);

// A client that proves nothing has no second try with a used token, so the token must not have been used.
scenario!(
    a_refresh_that_failed_left_the_token_of_a_public_client_unused,
    |fixture: Fixture| async move {
        let mut tokens = public_tokens(&fixture).await;
        for disturbance in [Disturbance::KeyGone("RS256"), Disturbance::FullTable("refresh_token")] {
            disturbance.begin(&fixture).await;
            let refreshed = publicly(&fixture, "spa", text(&tokens, "refresh_token")).await;
            assert!(unavailable(&refreshed), "{disturbance:?}: {}", refreshed.body);
            disturbance.end(&fixture).await;
            let refreshed = publicly(&fixture, "spa", text(&tokens, "refresh_token")).await;
            assert_eq!(refreshed.status, 200, "{disturbance:?}: {}", refreshed.body);
            tokens = refreshed.body;
        }
    }
);

scenario!(
    a_consent_that_could_not_be_written_can_be_given_again,
    |fixture: Fixture| async move {
        let (portal, browser, question) = consent::questioned(&fixture).await;
        let full = Disturbance::FullTable("consent");
        full.begin(&fixture).await;
        let failed = consent::answer(&browser, &question, "allow").await;
        assert_eq!(failed.status, 503, "{}", failed.body);
        full.end(&fixture).await;
        let tokens = consent::allowed(&portal, &browser, &question).await;
        assert!(tokens["access_token"].is_string());
    }
);

scenario!(
    a_confirmation_after_a_browser_switch_outlives_an_outage_of_wecom,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let callback = in_app_callback(&fixture, &portal).await;
        let browser = fixture.browser();
        let action = browser.open(&callback).await.action("/signin/confirm/");
        fixture.break_wecom("/cgi-bin/user/get");
        let refused = browser.submit(&action, &[]).await;
        assert!(refused.body.contains("GT-113"), "{}", refused.body);
        fixture.mend_wecom();
        let page = browser.submit(&action, &[]).await;
        assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
        let twice = browser.submit(&action, &[]).await;
        assert!(twice.body.contains("SI-101"), "{}", twice.body);
    }
);

/// Whether a key that is published signed this token.
async fn is_of_a_published_key(fixture: &Fixture, token: &str) -> bool {
    let jwks = json_of(fixture, "/oauth2/jwks").await;
    let keys = jwks["keys"].as_array().unwrap().clone();
    keys.iter().any(|key| key["kid"] == header(token)["kid"])
}

scenario!(
    a_clock_set_back_by_an_hour_stops_no_token_and_makes_no_key,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let metadata = json!({ "grant_types": ["authorization_code", "refresh_token", "client_credentials", GRANT] });
        let portal = device::portal(&fixture, "tv", json!({ "metadata": metadata })).await;
        let mut tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        for emergency in [false, true] {
            if emergency {
                fixture.admin().create("keys/rotate", json!({ "now": true })).await;
            }
            let keys = fixture.admin().items("keys").await;
            fixture.clock.set_back(HOUR);
            fixture.app.tick().await.unwrap();
            let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
            assert_eq!(refreshed.status, 200, "{}", refreshed.body);
            tokens = refreshed.body;
            let browser = fixture.browser();
            let fresh = portal.tokens(&fixture, &browser, sample::NORMAL).await;
            let issued = asked(&fixture, &portal).await;
            answer(&fixture, &browser, &issued, "allow").await;
            let polled = poll(&portal, &issued).await;
            assert_eq!(polled.status, 200, "{}", polled.body);
            for tokens in [&tokens, &fresh, &polled.body] {
                let access = text(tokens, "access_token");
                assert_eq!(portal.userinfo(access).await.status, 200);
                assert_eq!(portal.introspect(access).await["active"], true);
                for token in [access, text(tokens, "id_token")] {
                    assert!(is_of_a_published_key(&fixture, token).await);
                }
            }
            let own = machine(&portal).await;
            assert_eq!(own.status, 200, "{}", own.body);
            let states: Vec<Value> = fixture.admin().items("keys").await;
            assert_eq!(states, keys, "the keys in use stay in use");
            fixture.clock.advance(HOUR);
        }
    }
);

scenario!(
    a_replica_whose_clock_is_behind_signs_with_the_new_key_after_a_leak,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let metadata = json!({ "grant_types": ["authorization_code", "refresh_token", "client_credentials"] });
        let portal = fixture.portal("wiki", json!({ "metadata": metadata })).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let clock = Clock::manual(fixture.clock.now());
        clock.set_back(Duration::from_secs(20));
        let behind = Box::pin(fixture.replica_at(&clock)).await;
        fixture.admin().create("keys/rotate", json!({ "now": true })).await;
        clock.advance(MOMENT);
        let there = portal.at(&behind.base);
        let refreshed = there.refresh(text(&tokens, "refresh_token")).await;
        for answer in [&refreshed, &machine(&there).await] {
            assert_eq!(answer.status, 200, "{}", answer.body);
            let access = text(&answer.body, "access_token");
            assert!(is_of_a_published_key(&fixture, access).await);
        }
        let userinfo = portal.userinfo(text(&refreshed.body, "access_token")).await;
        assert_eq!(userinfo.status, 200, "{}", userinfo.body);
        assert_eq!(fixture.admin().items("keys").await.len(), 4);
    }
);

//! What may pass ends no trial, and a trial that was gone through is not counted any more.

use serde_json::{Value, json};
use simulator::sample;

use super::{go_through, make, told};
use crate::{
    actors::{As, text},
    anonymous_limit::open_with_most,
    backends::Backend,
    fixture::Fixture,
    scenario,
};

scenario!(
    a_failure_that_may_pass_is_told_and_ends_no_trial,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
        fixture.break_wecom("/cgi-bin/user/get");
        let page = go_through(&fixture, &browser, &trial, As::Member(sample::NORMAL)).await;
        assert!(page.status == 503 && page.body.contains("GT-113"), "{}", page.body);
        let waiting = told(&fixture, &trial).await;
        assert_eq!(
            (&waiting["state"], &waiting["failure"]["number"], &waiting["reference"]),
            (&json!("at_wecom"), &json!("GT-113"), &json!(page.reference())),
            "{waiting}"
        );
        fixture.mend_wecom();
        // The page itself leads to the next try.
        let login = browser.open(&page.link("/signin/trial.")).await;
        let declined = browser.get(&login.link("/go/")).await;
        let state = declined.returned("state").unwrap();
        let back = format!("{}/wecom/callback?state={state}", fixture.base);
        let page = browser.open(&back).await;
        assert!(page.body.contains("SI-104"), "{}", page.body);
        assert_eq!(told(&fixture, &trial).await["failure"]["number"], "SI-104");

        let page = go_through(&fixture, &browser, &trial, As::Member(sample::NORMAL)).await;
        assert!(page.status == 200 && page.body.contains("would work"), "{}", page.body);
        let ended = told(&fixture, &trial).await;
        assert_eq!(
            (&ended["state"], &ended["failure"], &ended["reference"]),
            (&json!("permitted"), &Value::Null, &Value::Null)
        );
        let events = fixture.admin().items("audit-events?kind=trial.ended").await;
        assert_eq!(events.len(), 1, "{events:?}");
    }
);

/// Trials that are gone through, more than may be begun from one address.
async fn trials_that_end_well_shut_nobody_out(fixture: Fixture) {
    fixture.connected_portal().await;
    for number in 0..5 {
        let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
        let login = browser.open(text(&trial, "url")).await;
        assert_eq!(login.status, 200, "the {number}th: {}", login.body);
        let page = fixture
            .phone()
            .sign_in_from(&browser, &login, As::Member(sample::NORMAL))
            .await;
        assert!(page.body.contains("would work"), "{}", page.body);
    }
}

#[actix_web::test]
async fn trials_that_end_well_shut_nobody_out_on_sqlite_and_memory() {
    if let Some(fixture) = open_with_most(Backend::SqliteMemory, 3).await {
        trials_that_end_well_shut_nobody_out(fixture).await;
    }
}

#[actix_web::test]
async fn trials_that_end_well_shut_nobody_out_on_postgres_and_redis() {
    if let Some(fixture) = open_with_most(Backend::PostgresRedis, 3).await {
        trials_that_end_well_shut_nobody_out(fixture).await;
    }
}

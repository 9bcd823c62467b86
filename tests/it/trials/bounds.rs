//! The bounds of trials: one outcome, ten minutes, so many by one admin, nobody else's, and pages of the console only to lead back to.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::sample;

use super::{go_through, make, told};
use crate::{
    actors::{As, text},
    fixture::Fixture,
    scenario,
};

scenario!(
    of_100_parallel_ends_of_one_trial_one_is_its_outcome,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let trial = make(&fixture, "wiki").await;
        let mut callbacks = Vec::new();
        for who in [sample::NORMAL, sample::BY_TAG, sample::DISABLED, sample::OUT_OF_SCOPE] {
            let browser = fixture.browser();
            let login = browser.open(text(&trial, "url")).await;
            let shown = browser.open(&login.link("/go/")).await;
            let callback = fixture.phone().scan(&browser, &shown, As::Member(who)).await;
            callbacks.push((browser, callback));
        }
        let tries = (0..100).map(|number| {
            let (browser, callback) = &callbacks[number % callbacks.len()];
            browser.get(callback)
        });
        let pages = join_all(tries).await;
        assert!(pages.iter().all(|page| page.status < 500), "{pages:?}");
        let ended = fixture.admin().items("audit-events?kind=trial.ended").await;
        assert_eq!(ended.len(), 1, "{ended:?}");
        let outcome = told(&fixture, &trial).await;
        assert_eq!(outcome["state"], ended[0]["detail"]["outcome"]);
        // At most one person was told that they would be let in.
        let mut let_in: Vec<&str> = Vec::new();
        for page in pages
            .iter()
            .filter(|page| page.body.contains("This sign-in would work"))
        {
            let who = [sample::NORMAL, sample::BY_TAG];
            let_in.extend(who.into_iter().find(|who| page.body.contains(who)));
        }
        let_in.dedup();
        assert!(let_in.len() <= 1, "{let_in:?}");
        for list in ["sessions", "audit-events?kind=signed_in"] {
            assert_eq!(fixture.admin().items(list).await, [] as [Value; 0], "{list}");
        }
        assert_eq!(told(&fixture, &trial).await, outcome);
    }
);

scenario!(a_trial_expires_and_its_page_goes_on, |fixture: Fixture| async move {
    fixture.connected_portal().await;
    let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
    let login = browser.open(text(&trial, "url")).await;
    fixture.advance(Duration::from_secs(601));
    assert_eq!(told(&fixture, &trial).await["state"], "expired");
    for page in [
        browser.open(text(&trial, "url")).await,
        browser.open(&login.url).await,
        browser.open(&login.link("/go/")).await,
        browser
            .open(&format!("{}/signin/trial/{}", fixture.base, "x".repeat(43)))
            .await,
        browser.open(&format!("{}/signin/trial/x", fixture.base)).await,
    ] {
        assert_eq!(page.status, 404, "{}", page.body);
        assert!(
            page.body.contains("SI-211") && page.body.contains("href=\"/\""),
            "{}",
            page.body
        );
    }
    fixture.advance(Duration::from_secs(601));
    let path = format!("trials/{}", text(&trial, "id"));
    assert_eq!(
        fixture.admin().call("GET", &path, None).await.refusal(),
        (404, "AD-140")
    );
});

scenario!(
    only_a_page_of_the_console_can_be_led_back_to,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({})).await;
        for forged in [
            "//evil.example",
            "https://evil.example/console",
            "/console\\evil",
            "\\\\evil.example",
            "/console/../signin",
            "/console/%2e%2e/x",
            "/other",
            "",
        ] {
            let wanted = json!({ "return_to": forged });
            let reply = fixture.admin().call("POST", "clients/wiki/trials", Some(wanted)).await;
            assert_eq!(reply.refusal(), (422, "AD-105"), "{forged}");
            assert_eq!(reply.body["errors"][0]["pointer"], "#/return_to", "{}", reply.body);
        }
        let unknown = fixture.admin().call("POST", "clients/nobody/trials", None).await;
        assert_eq!(unknown.status, 404, "{}", unknown.body);
        assert_eq!(
            fixture.admin().items("audit-events?kind=trial.begun").await,
            [] as [Value; 0]
        );
    }
);

scenario!(
    one_admin_makes_so_many_trials_in_ten_minutes,
    |fixture: Fixture| async move {
        fixture.portal("wiki", json!({})).await;
        for _ in 0..30 {
            make(&fixture, "wiki").await;
        }
        let call = || async { fixture.admin().call("POST", "clients/wiki/trials", None).await };
        assert_eq!(call().await.refusal(), (429, "SI-212"));
        let other = fixture.admin_with_role("admin").await;
        other.create("clients/wiki/trials", json!({})).await;
        fixture.advance(Duration::from_secs(601));
        assert_eq!(call().await.status, 201);
    }
);

scenario!(
    a_portal_deleted_meanwhile_leaves_no_dead_end,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        let (trial, browser) = (make(&fixture, "wiki").await, fixture.browser());
        let login = browser.open(text(&trial, "url")).await;
        let shown = browser.open(&login.link("/go/")).await;
        let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let deleted = fixture.admin().call("DELETE", "clients/wiki", None).await;
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        for page in [browser.open(&callback).await, browser.open(text(&trial, "url")).await] {
            assert!(
                page.status < 500 && page.body.contains("href=\"/\""),
                "{} {}",
                page.status,
                page.body
            );
        }
        assert!(browser.cookie("menjin_session").is_none());
        let ended = told(&fixture, &trial).await;
        assert_eq!((&ended["client_id"], &ended["claims"]), (&json!("wiki"), &Value::Null));
        assert_ne!(ended["state"], "permitted");
    }
);

scenario!(
    access_that_wecom_had_ended_does_not_begin_again_by_a_trial,
    |fixture: Fixture| async move {
        fixture.connected_portal().await;
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        let first = make(&fixture, "wiki").await;
        go_through(&fixture, &fixture.browser(), &first, As::Member(sample::NORMAL)).await;
        let user = fixture.admin().user(sample::NORMAL).await;
        assert_eq!(
            user["status"], "disabled",
            "the gate's look records what WeCom says: {user}"
        );
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 1);
        let second = make(&fixture, "wiki").await;
        go_through(&fixture, &fixture.browser(), &second, As::Member(sample::NORMAL)).await;
        assert_eq!(told(&fixture, &second).await["state"], "permitted");
        assert_eq!(fixture.admin().user(sample::NORMAL).await["status"], "disabled");
    }
);

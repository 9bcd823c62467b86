//! Single-use things: 100 parallel tries on every backend, exactly one winner.

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use crate::{actors::As, fixture::Fixture, scenario};

const TRIES: usize = 100;

scenario!(
    of_100_parallel_redemptions_of_one_code_exactly_one_wins,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let answers = join_all((0..TRIES).map(|_| portal.redeem(&code))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(
            won.len(),
            1,
            "{:?}",
            answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
        );
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(
                (lost.status, lost.body["error"].as_str().unwrap()),
                (400, "invalid_grant"),
                "{}",
                lost.body
            );
        }
        // A code used twice ends what came of it (RFC 6749 section 4.1.2).
        let userinfo = portal.userinfo(won[0].body["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.status, 401);
    }
);

scenario!(
    of_100_parallel_refreshes_of_one_token_exactly_one_wins,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        let token = tokens["refresh_token"].as_str().unwrap();
        let answers = join_all((0..TRIES).map(|_| portal.refresh(token))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(
            won.len(),
            1,
            "{:?}",
            answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
        );
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(
                (lost.status, lost.body["error"].as_str().unwrap()),
                (400, "invalid_grant"),
                "{}",
                lost.body
            );
        }
        // Reuse kills the family: the winner's successor is dead too.
        let next = portal.refresh(won[0].body["refresh_token"].as_str().unwrap()).await;
        assert_eq!(next.status, 400, "{}", next.body);
    }
);

scenario!(
    of_100_parallel_callbacks_of_one_journey_exactly_one_wins,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = fixture.portal("wiki", json!({})).await;
        let browser = fixture.browser();
        let shown = portal.to_qr_page(&browser).await;
        let callback = fixture.phone().scan(&browser, &shown, As::Member(sample::NORMAL)).await;
        let before = fixture.wecom.calls("auth/getuserinfo");
        let pages = join_all((0..TRIES).map(|_| browser.get(&callback))).await;
        assert_eq!(
            fixture.wecom.calls("auth/getuserinfo") - before,
            1,
            "the code was exchanged more than once"
        );
        // Everybody else sees the winner's answer or is asked to wait a moment; nobody sees a failure.
        for page in &pages {
            assert!(
                page.status == 303 || page.status == 200,
                "{} {}",
                page.status,
                page.body
            );
        }
        let events = fixture.admin().get("audit-events?kind=signed_in").await;
        assert_eq!(
            events["items"].as_array().unwrap().len(),
            1,
            "more than one session was opened"
        );
    }
);

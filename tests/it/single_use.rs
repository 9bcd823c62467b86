//! Single-use things: 100 parallel tries on every backend, exactly one winner.

use futures_util::future::join_all;
use simulator::sample;

use crate::{
    actors::{As, Redemption},
    fixture::Fixture,
    scenario,
};

const TRIES: usize = 100;

/// Of these answers one brought tokens, and all others are `invalid_grant`.
fn only_winner(answers: Vec<Redemption>) -> Redemption {
    let (mut won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{won:?}");
    for lost in lost {
        assert_eq!(lost.refusal(), (400, "invalid_grant"), "{}", lost.body);
    }
    won.remove(0)
}

scenario!(
    of_100_parallel_redemptions_of_one_code_exactly_one_wins,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let code = portal.code(&fixture, &fixture.browser(), sample::NORMAL).await;
        let answers = join_all((0..TRIES).map(|_| portal.redeem(&code))).await;
        let won = only_winner(answers);
        // A code used twice ends what came of it (RFC 6749 section 4.1.2).
        let userinfo = portal.userinfo(won.body["access_token"].as_str().unwrap()).await;
        assert_eq!(userinfo.status, 401);
    }
);

scenario!(
    of_100_parallel_refreshes_of_one_token_all_have_its_one_successor,
    |fixture: Fixture| async move {
        let (portal, _, tokens) = fixture.signed_in().await;
        let token = tokens["refresh_token"].as_str().unwrap();
        let answers = join_all((0..TRIES).map(|_| portal.refresh(token))).await;
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.body["refresh_token"], answers[0].body["refresh_token"]);
        }
        let successor = answers[0].body["refresh_token"].as_str().unwrap();
        let next = portal.refresh(successor).await;
        assert_eq!(next.status, 200, "{}", next.body);
        // Once it was used, who comes with the first is a thief: the family dies.
        assert_eq!(portal.refresh(token).await.refusal(), (400, "invalid_grant"));
        portal.assert_ended(&next.body).await;
    }
);

scenario!(
    of_100_parallel_callbacks_of_one_journey_exactly_one_wins,
    |fixture: Fixture| async move {
        let portal = fixture.connected_portal().await;
        let browser = fixture.browser();
        let callback = portal.to_callback(&fixture, &browser, As::Member(sample::NORMAL)).await;
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
        let events = fixture.admin().items("audit-events?kind=signed_in").await;
        assert_eq!(events.len(), 1, "more than one session was opened");
    }
);

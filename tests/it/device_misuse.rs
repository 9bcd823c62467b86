//! The device flow in wrong hands: foreign codes, guesses, replays, floods (RFC 8628 §5).

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use simulator::sample;

use crate::{
    device::{GRANT, answer, answer_again, ask, asked, confirm_of, error_of_poll, poll, portal, question, signed_in},
    fixture::Fixture,
    oidc::json_of,
    scenario,
};

scenario!(
    of_100_parallel_answers_and_polls_one_counts,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = portal(&fixture, "tv", json!({})).await;
        let (browser, _) = signed_in(&fixture, &portal).await;
        let issued = asked(&fixture, &portal).await;
        let confirm = question(&browser, &issued).await.field("confirm");
        let answers = join_all((0..100).map(|_| answer_again(&fixture, &browser, &issued, &confirm))).await;
        let won = answers.iter().filter(|page| page.status == 200).count();
        assert_eq!(
            won,
            1,
            "{:?}",
            answers.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        let polls = join_all((0..100).map(|_| poll(&portal, &issued))).await;
        let won: Vec<_> = polls.iter().filter(|poll| poll.status == 200).collect();
        assert_eq!(won.len(), 1);
        for lost in polls.iter().filter(|poll| poll.status != 200) {
            let error = lost.body["error"].as_str().unwrap();
            assert!(
                lost.status == 400 && matches!(error, "slow_down" | "invalid_grant"),
                "{}",
                lost.body
            );
        }
        // A device code used twice ends what came of it.
        assert_eq!(error_of_poll(&portal, &issued).await, "invalid_grant");
        let tokens = &won[0].body;
        portal.assert_ended(tokens).await;
    }
);

scenario!(
    a_device_code_is_worth_nothing_to_others,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let tv = portal(&fixture, "tv", json!({})).await;
        let other = portal(&fixture, "other", json!({})).await;
        let (browser, _) = signed_in(&fixture, &tv).await;
        let issued = asked(&fixture, &tv).await;
        answer(&fixture, &browser, &issued, "allow").await;
        assert_eq!(error_of_poll(&other, &issued).await, "invalid_grant");
        let unknown = json!({ "device_code": "A".repeat(43) });
        assert_eq!(error_of_poll(&tv, &unknown).await, "invalid_grant");
        assert_eq!(
            error_of_poll(&tv, &json!({ "device_code": issued["user_code"] })).await,
            "invalid_grant"
        );
        let missing = tv.token(&[("grant_type", GRANT)]).await;
        assert_eq!(missing.body["error"], "invalid_request");
        assert_eq!(poll(&tv, &issued).await.status, 200, "failed tries used the code up");
        // What another client presents proves nothing about the family.
        assert_eq!(error_of_poll(&other, &issued).await, "invalid_grant");
    }
);

scenario!(
    a_device_asks_as_strictly_as_a_client_at_the_token_endpoint,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let tv = portal(&fixture, "tv", json!({})).await;
        let plain = fixture.portal("plain", json!({})).await;
        let scope = ("scope", "openid");
        let not_allowed = ask(&fixture, &plain, &[scope]).await;
        assert_eq!(not_allowed.refusal(), (400, "unauthorized_client"));
        let grant = plain.token(&[("grant_type", GRANT), ("device_code", "x")]).await;
        assert_eq!(grant.refusal(), (400, "unauthorized_client"));
        for form in [vec![], vec![("scope", "profile")], vec![("scope", "openidx")]] {
            let reply = ask(&fixture, &tv, &form).await;
            assert_eq!(reply.refusal(), (400, "invalid_scope"), "{form:?}");
        }
        let twice = ask(&fixture, &tv, &[scope, scope]).await;
        assert_eq!(twice.refusal(), (400, "invalid_request"));
        let mut wrong = tv.clone();
        wrong.secret = "wrong".to_owned();
        let refused = ask(&fixture, &wrong, &[scope]).await;
        assert_eq!(refused.refusal(), (401, "invalid_client"));
        wrong.secret = String::new();
        let refused = ask(&fixture, &wrong, &[scope, ("client_id", "tv")]).await;
        assert_eq!(refused.refusal(), (401, "invalid_client"));
        let url = format!("{}/oauth2/device_authorization", fixture.base);
        assert_eq!(fixture.fetch("/oauth2/device_authorization").await.status(), 405);
        let discovery = json_of(&fixture, "/.well-known/openid-configuration").await;
        assert_eq!(discovery["device_authorization_endpoint"], url);
        assert!(
            discovery["grant_types_supported"]
                .as_array()
                .unwrap()
                .contains(&json!(GRANT))
        );
    }
);

scenario!(
    only_the_page_shown_to_this_session_can_answer,
    |fixture: Fixture| async move {
        fixture.connect().await;
        let portal = portal(&fixture, "tv", json!({})).await;
        let (browser, _) = signed_in(&fixture, &portal).await;
        let other = fixture.browser();
        portal.tokens(&fixture, &other, sample::BY_TAG).await;
        let issued = asked(&fixture, &portal).await;
        let mine = question(&browser, &issued).await.field("confirm");
        let theirs = question(&other, &issued).await.field("confirm");
        assert_ne!(mine, theirs);
        let another_code = confirm_of(&browser, &fixture, &portal).await;
        for (who, confirm) in [
            (&browser, theirs.as_str()),
            (&browser, another_code.as_str()),
            (&browser, ""),
            (&fixture.browser(), mine.as_str()),
        ] {
            let page = answer_again(&fixture, who, &issued, confirm).await;
            assert_eq!(page.status, 403, "{}", page.body);
        }
        assert_eq!(error_of_poll(&portal, &issued).await, "authorization_pending");
        assert_eq!(answer_again(&fixture, &browser, &issued, &mine).await.status, 200);
    }
);

// Checklist: the user code is rate-limited.
scenario!(user_codes_cannot_be_guessed_at_leisure, |fixture: Fixture| async move {
    fixture.connect().await;
    let portal = portal(&fixture, "tv", json!({})).await;
    let (browser, _) = signed_in(&fixture, &portal).await;
    let issued = asked(&fixture, &portal).await;
    for wrong in ["BCDF-GHJK", "rubbish", "%FE%FF", "BCDF-GHJ%E5%AF%86", &"B".repeat(3000)] {
        let page = browser.get(&format!("{}/device?user_code={wrong}", fixture.base)).await;
        assert!(
            page.status == 400 && page.body.contains("OP-280"),
            "{wrong}: {}",
            page.status
        );
        assert!(page.body.contains("name=\"user_code\""), "the form is there again");
    }
    let guess = format!("{}/device?user_code=BCDF-GHJK", fixture.base);
    let pages = join_all((0..100).map(|_| browser.get(&guess))).await;
    assert_eq!(pages.iter().filter(|page| page.status == 400).count(), 25);
    assert_eq!(pages.iter().filter(|page| page.status == 429).count(), 75);
    let right = browser.get(issued["verification_uri_complete"].as_str().unwrap()).await;
    assert_eq!(right.status, 429, "no more tries, right or wrong");
    fixture.advance(Duration::from_secs(600));
    let issued = asked(&fixture, &portal).await;
    // Right ones do not count.
    for _ in 0..40 {
        question(&browser, &issued).await;
    }
});

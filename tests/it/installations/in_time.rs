//! How soon a deletion reaches everybody, with the jobs of a server running as they do.

use std::time::{Duration, Instant};

use serde_json::json;
use simulator::{
    Delivery, Push, sample,
    world::{Fault, FaultKind, Scope},
};

use super::{
    connected,
    ending::signed_in,
    pushes::{outcomes, uninstall},
    suite, tick,
};
use crate::{
    actors::{LogoutReceiver, Portal, claims, id_claims, text},
    back_channel_logout::listening,
    fixture::Fixture,
    scenario, suites,
};

/// Everywhere nobody is in any more so long after WeCom told (product.md §3 S5.4).
const SOON: Duration = Duration::from_secs(2);

/// What a debug build is allowed, which shares its machine with other tests.
const ALLOWED: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(5 * SOON.as_secs())
} else {
    SOON
};

#[expect(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
fn now() -> Instant {
    Instant::now()
}

/// Waits until these tokens lead nowhere at any of these addresses.
async fn is_over(places: &[&Portal], tokens: &serde_json::Value) {
    let access = text(tokens, "access_token");
    for place in places {
        while Box::pin(place.userinfo(access)).await.status != 401 {
            tokio::task::yield_now().await;
        }
        let introspected = place.introspect(access).await;
        assert_eq!(introspected["active"], false, "{introspected}");
    }
}

scenario!(
    two_seconds_after_a_deletion_is_told_nobody_is_in_anywhere_and_portals_know,
    |fixture: Fixture| async move {
        let suite = Box::pin(suite(&fixture)).await;
        Box::pin(connected(&fixture, &suite)).await;
        let receiver = LogoutReceiver::listen();
        let portal = Box::pin(listening(&fixture, "wiki", &receiver)).await;
        let (browser, tokens) = Box::pin(signed_in(&fixture, &portal, sample::NORMAL)).await;
        let replica = Box::pin(fixture.replica()).await;
        let there = portal.at(&replica.base);
        fixture.app.start_jobs();
        fixture.advance(Duration::from_secs(2));
        Box::pin(uninstall(&fixture, Delivery::default())).await;
        let begun = now();
        Box::pin(is_over(&[&portal, &there], &tokens)).await;
        for at in [&portal, &there] {
            Box::pin(at.assert_ended(&tokens)).await;
            Box::pin(at.assert_signed_out(&browser)).await;
        }
        let sid = id_claims(&tokens)["sid"].clone();
        while !receiver.tokens().iter().any(|token| claims(token)["sid"] == sid) {
            assert!(begun.elapsed() < ALLOWED, "no logout token");
            tokio::task::yield_now().await;
        }
        assert!(begun.elapsed() < ALLOWED, "{:?}", begun.elapsed());
        Box::pin(fixture.app.stop()).await;
    }
);

scenario!(
    a_deletion_waits_for_no_answer_that_wecom_owes_about_another_company,
    |fixture: Fixture| async move {
        let suite = Box::pin(suite(&fixture)).await;
        Box::pin(connected(&fixture, &suite)).await;
        let portal = Box::pin(fixture.portal("wiki", json!({}))).await;
        let (_, tokens) = Box::pin(signed_in(&fixture, &portal, sample::NORMAL)).await;
        let chosen = Scope {
            users: vec!["moyan".to_owned()],
            ..Scope::default()
        };
        fixture
            .wecom
            .install(sample::CORP2, sample::SUITE, ("baishi", chosen), Delivery::default())
            .await
            .unwrap();
        tick(&fixture).await;
        for call in ["get_auth_info", "v2/get_auth_info"] {
            let path = format!("/cgi-bin/service/{call}");
            fixture.add_fault(Fault::new(&path, FaultKind::Slow(8000)));
        }
        // Of what was installed in the browser a moment ago WeCom is asked.
        fixture.advance(Duration::from_secs(400));
        Box::pin(suites::ticket(&fixture)).await;
        let change = Push::ChangeAuth {
            corp: sample::CORP2.to_owned(),
        };
        fixture.app.start_jobs();
        fixture.wecom.push(sample::SUITE, &change, Delivery::default()).await;
        Box::pin(uninstall(&fixture, Delivery::default())).await;
        Box::pin(is_over(&[&portal], &tokens)).await;
        let told = outcomes(&fixture, &suite).await;
        let change = told.iter().find(|(kind, _)| kind == "change_auth").unwrap();
        assert!(change.1.is_null(), "WeCom still owes the answer: {told:?}");
        fixture.mend_wecom();
        Box::pin(fixture.app.stop()).await;
    }
);

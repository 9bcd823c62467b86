//! Metrics: what happened is counted, and told on a listener of its own.

use std::time::Duration;

use simulator::sample;

use crate::{
    actors::{LogoutReceiver, text},
    back_channel_logout::listening,
    fixture::Fixture,
    scenario,
};

/// What the listener of a replica tells.
async fn scrape(fixture: &Fixture, base: &str) -> String {
    let answer = fixture.http.get(format!("{base}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text().await.unwrap()
}

/// The value of a line; 0 where there is none yet. Tests that run beside this one count into the same process, so values only ever grow.
fn value(text: &str, line: &str) -> f64 {
    let found = text.lines().find_map(|found| found.strip_prefix(line));
    found.map_or(0.0, |value| value.trim().parse().unwrap())
}

const GROWS: [&str; 11] = [
    r#"menjin_sign_ins_total{method="wecom"}"#,
    r#"menjin_membership_checks_total{occasion="sign-in",outcome="confirmed"}"#,
    r#"menjin_membership_checks_total{occasion="session",outcome="confirmed"}"#,
    r#"menjin_membership_checks_total{occasion="session",outcome="inactive"}"#,
    r#"menjin_membership_age_seconds_count{visit="refresh",decision="admitted"}"#,
    r#"menjin_gate_refusals_total{visit="refresh",number="GT-109"}"#,
    r#"menjin_offboardings_total{reason="wecom_disabled",learned_by="session"}"#,
    r#"menjin_logout_deliveries_total{state="delivered"}"#,
    r#"menjin_wecom_call_duration_seconds_count{endpoint="user/get",outcome="ok"}"#,
    r#"menjin_sync_run_duration_seconds_count{state="succeeded"}"#,
    r#"menjin_failures_total{number="WB-102"}"#,
];

scenario!(
    what_happens_is_counted_and_told_on_a_listener_of_its_own,
    |fixture: Fixture| async move {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        actix_web::rt::spawn(fixture.app.serve_metrics(listener).unwrap());
        let before = scrape(&fixture, &base).await;
        fixture.connect().await;
        let receiver = LogoutReceiver::listen();
        let portal = listening(&fixture, "wiki", &receiver).await;
        let tokens = portal.tokens(&fixture, &fixture.browser(), sample::NORMAL).await;
        fixture.advance(Duration::from_secs(901));
        let refreshed = portal.refresh(text(&tokens, "refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        fixture.edit_corp(|corp| corp.member_mut(sample::NORMAL).unwrap().status = 2);
        fixture.advance(Duration::from_secs(901));
        receiver.answer(503);
        let refused = portal.refresh(text(&refreshed.body, "refresh_token")).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        fixture.app.tick().await.unwrap();
        let waiting = scrape(&fixture, &base).await;
        assert!(value(&waiting, "menjin_logouts_outstanding") >= 1.0, "{waiting}");
        receiver.answer(200);
        fixture.advance(Duration::from_secs(6));
        fixture.app.tick().await.unwrap();
        // The public server has no such path, and tells nothing of it.
        let public = fixture.fetch("/metrics").await;
        assert_eq!(public.status(), 404);
        assert!(!public.text().await.unwrap().contains("menjin_"));
        let after = scrape(&fixture, &base).await;
        for line in GROWS {
            assert!(value(&after, line) > value(&before, line), "{line}\n{after}");
        }
        assert!(after.ends_with("# EOF\n"), "{after}");
        for private in [sample::NORMAL, sample::CORP, "wiki", "127.0.0.1"] {
            assert!(!after.contains(private), "{private}\n{after}");
        }
        let other = fixture.http.get(format!("{base}/api/v1/users")).send().await.unwrap();
        assert_eq!(other.status(), 404, "nothing else is served there");
    }
);

//! Traces exported by OTLP. Recording is a matter of the whole process, so each scene of [`scenes`] runs in a process of its own: this test
//! program once more, asked for that scene alone.

mod collector;
mod reading;
mod scenes;

use std::process::Command;

use simulator::sample;

use crate::{
    backends::{self, Backend},
    fixture::Fixture,
    scenario,
};

/// Runs a scene on both pairings.
fn play(scene: &str) {
    for pairing in ["on_sqlite_and_memory", "on_postgres_and_redis"] {
        let name = format!("otlp::scenes::{scene}::{pairing}");
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["--ignored", "--exact", &name, "--nocapture"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{name}: {told}");
        assert!(told.contains("1 passed"), "there is no scene {name}: {told}");
    }
}

#[test]
fn a_scanned_sign_in_is_one_trace_without_a_secret() {
    play("scanned");
}

#[test]
fn a_refusal_is_found_by_its_code_and_leads_to_its_trace() {
    play("refused");
}

#[test]
fn a_collector_that_hangs_or_is_away_keeps_nobody_waiting() {
    play("hanging");
}

#[test]
fn strangers_cannot_have_their_requests_recorded() {
    play("strangers");
}

#[test]
fn what_strangers_write_is_exported_short_or_not_at_all() {
    play("hostile");
}

#[test]
fn where_the_proxy_is_trusted_its_traces_go_on() {
    play("trusted");
}

#[test]
fn syncs_jobs_and_deliveries_of_logouts_are_traces_of_their_own() {
    play("roots");
}

scenario!(without_a_collector_nothing_is_recorded, |fixture: Fixture| async move {
    let (portal, browser, _) = fixture.signed_in().await;
    portal.tokens_silently(&browser, &[]).await;
    assert!(!menjin::kernel::spans::on());
    let other = fixture.browser();
    let refused = portal.sign_in(&fixture, &other, crate::actors::As::Member(sample::DISABLED));
    let path = format!("traces/{}", refused.await.reference());
    assert!(fixture.admin().get(&path).await["trace_id"].is_null());
});

/// A fixture whose traces go to this collector.
async fn traced(backend: Backend, collector: &str, settings: &[(&str, &str)]) -> Option<Fixture> {
    let mut all = vec![("MENJIN__TELEMETRY__OTLP_ENDPOINT".to_owned(), collector.to_owned())];
    let settings = settings.iter();
    all.extend(settings.map(|(key, value)| (format!("MENJIN__TELEMETRY__{key}"), (*value).to_owned())));
    if backend == Backend::PostgresRedis {
        backends::storage(backend)?;
    }
    Fixture::open_set(backend, simulator::World::sample(), &all).await
}

//! Sync benchmark: how long a corp of 100,000 members takes to sync, and what it costs, beside merely downloading the same data and merely
//! inserting the same rows.
//!
//! `cargo bench --bench sync` (smaller: `MENJIN_BENCH_MEMBERS=10000`; the first sync alone: `MENJIN_BENCH_FIRST=1`; not on SQLite:
//! `MENJIN_BENCH_POSTGRES=1`). The simulated WeCom runs here, Menjin as a process of its own, so
//! that its peak memory is its own. While Menjin works, people of another corp sign in one after another. Traffic goes to loopback only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../../tests/it/actors/admin.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod admin;
#[path = "../../tests/it/backends.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod backends;
#[path = "../../tests/it/actors/browser.rs"]
mod browser;
mod bulk_insert;
#[path = "../../tests/it/contract.rs"]
mod contract;
mod corp;
mod download;
mod events;
#[path = "../../tests/it/actors/phone.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod phone;
#[path = "../support/process.rs"]
#[expect(dead_code, reason = "each benchmark uses its part")]
mod process;
mod runs;
mod sign_ins;

use std::{
    cell::Cell,
    io::Write,
    time::{Duration, Instant},
};

use admin::Admin;
use backends::{Backend, storage};
pub use browser::{Browser, Page};
use process::{Menjin, TOKEN};
use serde_json::json;
use simulator::{Options, Simulator, World, generator};

fn number(name: &str, default: u32) -> u32 {
    std::env::vars()
        .find(|(known, _)| known == name)
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(default)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// A time as a ratio to another.
fn ratio(time: Duration, to: Duration) -> f64 {
    time.as_secs_f64() / to.as_secs_f64()
}

#[actix_web::main]
async fn main() {
    let members = number("MENJIN_BENCH_MEMBERS", 100_000);
    let departments = number("MENJIN_BENCH_DEPARTMENTS", 5_000);
    let tags = number("MENJIN_BENCH_TAGS", 200);
    let mut world = World::sample();
    for corp in [corp::of(members, departments, tags), corp::of_those_who_sign_in()] {
        world.corps.insert(corp.corpid.clone(), corp);
    }
    // Several full readings within a minute come only from this benchmark; WeCom would stop them at 10,000 calls (reference 12).
    (world.limits.corp_per_minute, world.limits.corp_per_hour) = (u32::MAX, u32::MAX);
    (world.limits.ip_per_minute, world.limits.ip_per_hour) = (u32::MAX, u32::MAX);
    let wecom = Simulator::start(Options::new(world)).await.unwrap();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    say(&format!(
        "corp: {members} members, {departments} departments, {tags} tags; Menjin {build} build"
    ));
    let on_postgres_alone = number("MENJIN_BENCH_POSTGRES", 0) > 0;
    for backend in [Backend::SqliteMemory, Backend::PostgresRedis] {
        if on_postgres_alone && backend == Backend::SqliteMemory {
            continue;
        }
        let Some(mut storage) = storage(backend) else { continue };
        // Tests have few connections; here there are as many as nobody configured.
        storage
            .settings
            .retain(|(key, _)| key != "MENJIN__DATABASE__CONNECTIONS");
        // One corp's sign-ins come one after another without a pause here.
        let unbounded = ("MENJIN__WECOM__LOOKS_PER_MINUTE".to_owned(), "0".to_owned());
        storage.settings.push(unbounded);
        say(&format!("{backend:?}"));
        let menjin = Menjin::start(&storage.settings, &wecom.base_url(), None, &[]);
        let bench = Bench {
            admin: Admin::new(&http, &menjin.base, TOKEN),
            menjin: &menjin,
            http: &http,
            wecom: &wecom,
            next: Cell::new(0),
        };
        Box::pin(measure(&bench, &storage.settings, backend)).await;
    }
    wecom.stop().await;
}

/// Whom a measurement talks to.
pub struct Bench<'a> {
    admin: Admin,
    menjin: &'a Menjin,
    http: &'a reqwest::Client,
    wecom: &'a Simulator,
    /// Who signs in next.
    next: Cell<u32>,
}

async fn measure(bench: &Bench<'_>, settings: &[(String, String)], backend: Backend) {
    let small = corp::of_those_who_sign_in().corpid;
    let small = (small.as_str(), generator::AGENT_ID, generator::APP_SECRET);
    let small = source(&bench.admin, "small", small, &["wecom_qr"]).await;
    bench.admin.sync(&small).await;
    let client = json!({ "client_id": "bench", "name": "bench", "redirect_uris": ["https://bench.portal.example/cb"], "require_pkce": false });
    bench.admin.create("clients", client).await;
    let quiet = sign_ins::quiet(bench).await;
    say(&format!("  sign-ins, nothing else going on: {quiet}"));
    let before = bench.menjin.peak();
    let large = (generator::CORP, generator::AGENT_ID, generator::APP_SECRET);
    let large = source(&bench.admin, "large", large, &[]).await;
    let Some(runs) = runs::measure(bench, &large, &quiet).await else {
        say(&format!(
            "  peak memory: {} MiB (before: {before} MiB)",
            bench.menjin.peak()
        ));
        return;
    };
    let inserted = bulk_insert::prepare(settings, backend).await.insert().await;
    runs.say(inserted);
    let again = bulk_insert::prepare(settings, backend).await;
    let (_, times) = sign_ins::during(bench, again.insert()).await;
    let times = times.beside(&[("alone", &quiet)]);
    say(&format!("  sign-ins beside a bulk insert, without Menjin: {times}"));
    say(&format!(
        "  peak memory: {} MiB (before: {before} MiB)",
        bench.menjin.peak()
    ));
    events::measure(bench, &large, &quiet).await;
}

async fn source(admin: &Admin, name: &str, (corp, agent, secret): (&str, u32, &str), logins: &[&str]) -> String {
    let body = json!({
        "name": name, "corp_id": corp, "duplicate_rule": "overwrite", "login_methods": logins,
        "app": { "agent_id": agent, "secret": secret },
    });
    let source = admin.create("data-sources", body).await;
    source["id"].as_str().unwrap().to_owned()
}

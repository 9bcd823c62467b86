//! Sync benchmark: how long a corp of 100,000 members takes to sync, and what it costs, beside merely downloading the same data.
//!
//! `cargo bench --bench sync` (smaller: `MENJIN_BENCH_MEMBERS=10000`). The simulated WeCom runs here, Menjin as a process of its own, so
//! that its peak memory is its own. While the first sync runs, people of another corp sign in one after another. Traffic goes to loopback
//! only.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../tests/it/actors/admin.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod admin;
#[path = "../tests/it/backends.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod backends;
#[path = "../tests/it/actors/browser.rs"]
mod browser;
#[path = "../tests/it/actors/phone.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod phone;
#[path = "support/process.rs"]
#[expect(dead_code, reason = "each benchmark uses its part")]
mod process;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use admin::Admin;
use backends::{Backend, storage};
pub use browser::{Browser, Page};
use futures_util::StreamExt;
use phone::{As, Phone};
use process::{Menjin, TOKEN};
use serde_json::{Value, json};
use simulator::{Options, Simulator, World, generator, sample};

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

#[actix_web::main]
async fn main() {
    let (members, departments) = (
        number("MENJIN_BENCH_MEMBERS", 100_000),
        number("MENJIN_BENCH_DEPARTMENTS", 5_000),
    );
    let mut world = World::sample();
    let corp = generator::corp(7, members, departments);
    world.corps.insert(corp.corpid.clone(), corp);
    // Several full readings within a minute come only from this benchmark; WeCom would stop them at 10,000 calls (reference 12).
    (world.limits.corp_per_minute, world.limits.corp_per_hour) = (u32::MAX, u32::MAX);
    (world.limits.ip_per_minute, world.limits.ip_per_hour) = (u32::MAX, u32::MAX);
    let wecom = Simulator::start(Options::new(world)).await.unwrap();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    say(&format!(
        "corp: {members} members, {departments} departments; Menjin {} build",
        profile()
    ));
    let download = download(&http, &wecom.base_url()).await;
    say(&format!("download only, 4 at a time: {:.1} s", download.as_secs_f64()));
    for backend in [Backend::SqliteMemory, Backend::PostgresRedis] {
        let Some(storage) = storage(backend) else { continue };
        let menjin = Menjin::start(&storage.settings, &wecom.base_url(), &[]);
        measure(backend, &menjin, &http, &wecom.base_url(), download).await;
    }
    wecom.stop().await;
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) { "debug" } else { "release" }
}

/// Downloads all departments, then every department's members: what any sync through an app must read.
async fn download(http: &reqwest::Client, wecom: &str) -> Duration {
    let started = now();
    let token = get(
        http,
        wecom,
        &format!(
            "gettoken?corpid={}&corpsecret={}",
            generator::CORP,
            generator::APP_SECRET
        ),
    )
    .await;
    let token = token["access_token"].as_str().unwrap().to_owned();
    let departments = get(http, wecom, &format!("department/list?access_token={token}")).await;
    let departments: Vec<i64> = departments["department"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_i64().unwrap())
        .collect();
    let calls = departments.into_iter().map(|id| {
        let path = format!("user/list?access_token={token}&department_id={id}");
        async move { get(http, wecom, &path).await["userlist"].as_array().unwrap().len() }
    });
    let rows: usize = futures_util::stream::iter(calls)
        .buffer_unordered(4)
        .fold(0, async |sum, rows| sum + rows)
        .await;
    assert!(rows > 0);
    started.elapsed()
}

async fn get(http: &reqwest::Client, wecom: &str, path: &str) -> Value {
    http.get(format!("{wecom}/cgi-bin/{path}"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

async fn measure(backend: Backend, menjin: &Menjin, http: &reqwest::Client, wecom: &str, download: Duration) {
    let admin = Admin::new(http, &menjin.base, TOKEN);
    let small = source(
        &admin,
        "small",
        sample::CORP,
        (sample::AGENT_ID, sample::APP_SECRET),
        &["wecom_qr"],
    )
    .await;
    admin.sync(&small).await;
    let client = json!({ "client_id": "bench", "name": "bench", "redirect_uris": ["https://bench.portal.example/cb"], "require_pkce": false });
    admin.create("clients", client).await;
    let before = menjin.peak();
    let large = source(
        &admin,
        "large",
        generator::CORP,
        (generator::AGENT_ID, generator::APP_SECRET),
        &[],
    )
    .await;
    let started = now();
    let run = admin.create(&format!("data-sources/{large}/sync"), json!({})).await;
    let mut waits: Vec<Duration> = Vec::new();
    let run = loop {
        let began = now();
        sign_in(http, &menjin.base, wecom).await;
        waits.push(began.elapsed());
        let run = admin.get(&format!("sync-runs/{}", run["id"].as_str().unwrap())).await;
        if !matches!(run["state"].as_str(), Some("queued" | "running")) {
            break run;
        }
    };
    let first = started.elapsed();
    assert_eq!(run["state"], "succeeded", "{run}");
    let started = now();
    assert_eq!(admin.sync(&large).await["state"], "succeeded");
    let second = started.elapsed();
    waits.sort();
    say(&format!("{backend:?}"));
    say(&format!(
        "  first sync   {:6.1} s  = {:.1} x download",
        first.as_secs_f64(),
        first.as_secs_f64() / download.as_secs_f64()
    ));
    say(&format!(
        "  second sync  {:6.1} s  = {:.1} x download",
        second.as_secs_f64(),
        second.as_secs_f64() / download.as_secs_f64()
    ));
    say(&format!(
        "  peak memory  {:6} MiB (before: {before} MiB)",
        menjin.peak()
    ));
    let median = waits.get(waits.len() / 2).copied().unwrap_or_default();
    let longest = waits.last().copied().unwrap_or_default();
    say(&format!(
        "  sign-ins meanwhile: {}, median {} ms, longest {} ms",
        waits.len(),
        median.as_millis(),
        longest.as_millis()
    ));
}

async fn source(admin: &Admin, name: &str, corp: &str, (agent, secret): (u32, &str), logins: &[&str]) -> String {
    let body = json!({
        "name": name, "corp_id": corp, "duplicate_rule": "overwrite", "login_methods": logins,
        "app": { "agent_id": agent, "secret": secret },
    });
    admin.create("data-sources", body).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// One member's whole sign-in: authorize, pick the corp, scan, come back with a code.
async fn sign_in(http: &reqwest::Client, base: &str, wecom: &str) {
    let browser = Browser::new(http);
    let parameters =
        "response_type=code&client_id=bench&redirect_uri=https%3A%2F%2Fbench.portal.example%2Fcb&scope=openid";
    let login = browser.open(&format!("{base}/oauth2/authorize?{parameters}")).await;
    let shown = browser.open(&login.link("/go/")).await;
    let callback = Phone::new(http, wecom)
        .scan(&browser, &shown, As::Member(sample::NORMAL))
        .await;
    let page = browser.open(&callback).await;
    assert!(page.returned("code").is_some(), "{}: {}", page.url, page.body);
}

//! Load benchmark: how fast the protocol endpoints are, each beside the upper bound of the machine it runs on, in one run.
//!
//! `cargo bench --bench load` (shorter: `MENJIN_BENCH_SECONDS=1`; fewer people: `MENJIN_BENCH_PEOPLE=100`; one row:
//! `MENJIN_BENCH_ONLY=JWKS`; over PostgreSQL and Redis: `MENJIN_BENCH_STORAGE=postgres`, on a disk that is waited for with
//! `MENJIN_BENCH_DURABLE=1` besides). The server is a process of its own on one core, this load generator sits on the other; plain HTTP over
//! loopback, 32 connections, SQLite on disk with the durability people get. Every reply is checked. It stops by itself.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark fails by panicking"
)]

#[path = "../../tests/it/actors/admin.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod admin;
#[path = "../../tests/it/backends.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod backends;
#[path = "../../tests/it/actors/browser.rs"]
mod browser;
mod ceilings;
#[path = "../../tests/it/contract.rs"]
mod contract;
mod driver;
#[path = "../../tests/it/actors/phone.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod phone;
#[path = "../support/process.rs"]
mod process;
mod setup;
mod wire;

use std::{
    io::Write,
    process::{Child, Command, Stdio},
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use backends::{Backend, free_port, storage, wait_for};
pub use browser::{Browser, Page};
use driver::{Outcome, Pace, Work, drive};
use process::Menjin;
use simulator::{Options, Simulator, World, generator};
use wire::{Wire, get, post};

/// The core on which the server and the upper bounds run.
pub const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
const CONNECTIONS: usize = 32;
/// More places that record spans than any one request passes.
const SPAN_PLACES: f64 = 100.0;
/// Each row is measured this often, in turns with all others; the median counts.
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn number(name: &str, default: u64) -> u64 {
    let found = std::env::vars().find(|(known, _)| known == name);
    found.and_then(|(_, value)| value.parse().ok()).unwrap_or(default)
}

/// One row of the table.
struct Row {
    name: &'static str,
    work: Work,
    /// `host:port` of the server that is measured.
    authority: String,
    outcomes: Vec<Outcome>,
}

impl Row {
    fn rate(&self) -> f64 {
        self.middle(|outcome| outcome.rate)
    }

    fn middle(&self, of: impl Fn(&Outcome) -> f64) -> f64 {
        middle(self.outcomes.iter().map(of).collect())
    }

    /// This rate divided by another row's rate, or by a fixed one if that is lower: round by round, since the machine's own speed changes
    /// from one to the next.
    fn part_of(&self, other: &Row, at_most: f64) -> f64 {
        let rounds = self.outcomes.iter().zip(&other.outcomes);
        middle(rounds.map(|(own, other)| own.rate / other.rate.min(at_most)).collect())
    }
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ceiling", kind] => actix_web::rt::System::new().block_on(ceilings::run(kind)),
        ["bare", port, sizes @ ..] => {
            let sizes = sizes.iter().map(|size| size.parse().unwrap()).collect();
            actix_web::rt::System::new().block_on(ceilings::bare(port.parse().unwrap(), sizes));
        }
        ["load"] => actix_web::rt::System::new().block_on(measure()),
        _ => {
            let own = std::env::current_exe().unwrap();
            let status = Command::new("taskset")
                .args(["-c", LOAD_CORE])
                .arg(own)
                .arg("load")
                .status()
                .unwrap();
            assert!(status.success());
        }
    }
}

/// A process that is killed when dropped.
struct Bare(Child);

impl Drop for Bare {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn bare(sizes: &[usize]) -> (Bare, String) {
    let port = free_port();
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new("taskset");
    command
        .args(["-c", SERVER_CORE])
        .arg(own)
        .args(["bare", &port.to_string()]);
    command.args(sizes.iter().map(ToString::to_string));
    let child = Bare(command.stdout(Stdio::null()).spawn().unwrap());
    wait_for(port);
    (child, format!("127.0.0.1:{port}"))
}

/// The storage pairing that is measured.
fn backend() -> Backend {
    match std::env::vars().any(|(name, value)| name == "MENJIN_BENCH_STORAGE" && value == "postgres") {
        true => Backend::PostgresRedis,
        false => Backend::SqliteMemory,
    }
}

async fn measure() {
    let people = usize::try_from(number("MENJIN_BENCH_PEOPLE", 1000)).unwrap();
    let time = Duration::from_secs(number("MENJIN_BENCH_SECONDS", 4));
    let mut world = World::sample();
    let corp = generator::corp(7, u32::try_from(people * 2).unwrap(), 50);
    world.corps.insert(corp.corpid.clone(), corp);
    // A thousand sign-ins within a minute come only from this benchmark, so WeCom's limits are off.
    (world.limits.corp_per_minute, world.limits.corp_per_hour) = (u32::MAX, u32::MAX);
    (world.limits.ip_per_minute, world.limits.ip_per_hour) = (u32::MAX, u32::MAX);
    let wecom = Simulator::start(Options::new(world)).await.unwrap();
    let mut storage = storage(backend()).unwrap();
    storage
        .settings
        .push(("MENJIN__SERVER__WORKERS".to_owned(), "1".to_owned()));
    // The anonymous limit is off for the same reason.
    let anonymous_limit = "MENJIN__SERVER__STRANGERS_PER_TEN_MINUTES";
    storage.settings.push((anonymous_limit.to_owned(), "0".to_owned()));
    let start = || Menjin::start(&storage.settings, &wecom.base_url(), &["taskset", "-c", SERVER_CORE]);
    // The first start migrates the schema; the second is the start that is measured.
    let first = start();
    assert_eq!(first_answer(&first.base).await, 200);
    drop(first);
    let began = now();
    let menjin = start();
    assert_eq!(first_answer(&menjin.base).await, 200);
    let cold = began.elapsed();
    let idle = menjin.resident();
    let ready = setup::ready(&menjin, &wecom, people).await;
    say(&format!(
        "{people} people signed in; {CONNECTIONS} connections, {ROUNDS} rounds of {} s each",
        time.as_secs()
    ));
    let ceilings: Vec<(&str, f64)> = [
        "rs256",
        "es256",
        "eddsa",
        "es256-verify",
        "sqlite-commit",
        "sqlite-select",
        "postgres-commit",
        "postgres-commit-32",
        "span-places-off",
    ]
    .into_iter()
    .map(|kind| (kind, ceilings::measure(kind)))
    .collect();
    let mut rows = rows(&ready).await;
    let only = std::env::vars().find(|(name, _)| name == "MENJIN_BENCH_ONLY");
    let only = only.map(|(_, value)| value).unwrap_or_default();
    rows.retain(|row| row.1.name.contains(&only) || row.1.name.starts_with("bare"));
    for _ in 0..ROUNDS {
        for row in &mut rows {
            let outcome = drive(&row.1.authority, &row.1.work, CONNECTIONS, time, Pace::Closed).await;
            row.1.outcomes.push(outcome);
        }
    }
    report(&ceilings, &rows.iter().map(|row| &row.1).collect::<Vec<_>>());
    traces_off(&ceilings, &rows.iter().map(|row| &row.1).collect::<Vec<_>>());
    open_loop(&rows.iter().map(|row| &row.1).collect::<Vec<_>>(), time).await;
    say(&format!(
        "memory: {idle} MiB before anything was asked (target: at most 30), {} MiB now, {} MiB at most",
        menjin.resident(),
        menjin.peak()
    ));
    say(&format!(
        "cold start on a database that is up to date, to the first 200: {:.0} ms (target: at most 50)",
        cold.as_secs_f64() * 1000.0
    ));
    drop(rows);
    wecom.stop().await;
}

/// What the places that record spans cost while nothing is recorded, as part of each request.
fn traces_off(ceilings: &[(&str, f64)], rows: &[&Row]) {
    let places = ceilings.iter().find(|(kind, _)| *kind == "span-places-off");
    let seconds = SPAN_PLACES / places.map_or(f64::INFINITY, |(_, rate)| *rate);
    for row in rows.iter().filter(|row| !row.name.starts_with("bare")) {
        let part = 100.0 * seconds * row.rate();
        say(&format!(
            "traces off: {SPAN_PLACES} places are {part:.3} % of {}",
            row.name
        ));
    }
}

/// Measures response times at half of the rate that the server can do.
async fn open_loop(rows: &[&Row], time: Duration) {
    say("\n| at half that rate, open loop | per second | median ms | p99 ms |\n|---|---|---|---|");
    for row in rows.iter().filter(|row| !row.name.starts_with("bare")) {
        let pace = Pace::Every(Duration::from_secs_f64(2.0 / row.rate()));
        let Outcome { rate, median, p99 } = drive(&row.authority, &row.work, CONNECTIONS, time, pace).await;
        say(&format!("| {} | {rate:.0} | {median:.2} | {p99:.2} |", row.name));
    }
}

/// The server listens before it is ready, so this waits exactly as long as it takes.
async fn first_answer(base: &str) -> u16 {
    let mut wire = Wire::connect(base.trim_start_matches("http://")).await;
    wire.call(&get("/healthz", "")).await.status
}

/// Scenarios in order, the bare endpoints first; a guard keeps the bare server alive.
async fn rows(ready: &setup::Ready) -> Vec<(Option<Arc<Bare>>, Row)> {
    let mut wire = Wire::connect(&ready.authority).await;
    let discovery = get("/.well-known/openid-configuration", "");
    let jwks = get("/oauth2/jwks", "");
    let sizes = [
        wire.call(&discovery).await.body.len(),
        wire.call(&jwks).await.body.len(),
        500,
    ];
    let (child, other) = bare(&sizes);
    let child = Arc::new(child);
    let mut rows = Vec::new();
    for (name, size) in [
        ("bare, size of discovery", sizes[0]),
        ("bare, size of JWKS", sizes[1]),
        ("bare, 500 bytes", sizes[2]),
    ] {
        let work = Work::Same(Arc::new(get(&format!("/{size}"), "")));
        rows.push((
            Some(Arc::clone(&child)),
            Row {
                name,
                work,
                authority: other.clone(),
                outcomes: Vec::new(),
            },
        ));
    }
    let mut add = |name, work| {
        rows.push((
            None,
            Row {
                name,
                work,
                authority: ready.authority.clone(),
                outcomes: Vec::new(),
            },
        ));
    };
    add("discovery", Work::Same(Arc::new(discovery)));
    add("JWKS", Work::Same(Arc::new(jwks)));
    add("client_credentials RS256", ready.client_credentials("RS256").await);
    add("client_credentials ES256", ready.client_credentials("ES256").await);
    add("client_credentials EdDSA", ready.client_credentials("EdDSA").await);
    let first = ready.sign_ins("RS256").await;
    add("code sign-in RS256", Work::SignIn(Arc::clone(&first)));
    add("code sign-in ES256", Work::SignIn(ready.sign_ins("ES256").await));
    add(
        "refresh RS256",
        Work::Refresh(ready.refreshes("RS256", CONNECTIONS).await),
    );
    // Access tokens for the next two rows: each request bears another one than the request before.
    drive(
        &ready.authority,
        &Work::SignIn(Arc::clone(&first)),
        CONNECTIONS,
        Duration::from_secs(10),
        Pace::Closed,
    )
    .await;
    let tokens = std::mem::take(&mut *first.tokens.lock().unwrap());
    say(&format!(
        "{} access tokens take turns in userinfo and introspection",
        tokens.len()
    ));
    let userinfo = tokens
        .iter()
        .map(|token| get("/oauth2/userinfo", &format!("Authorization: Bearer {token}\r\n")));
    add(
        "userinfo",
        Work::Each(Arc::new(userinfo.collect()), Arc::new(AtomicUsize::new(0))),
    );
    let inspect = tokens
        .iter()
        .map(|token| post("/oauth2/introspect", &first.authorization, &format!("token={token}")));
    add(
        "introspection",
        Work::Each(Arc::new(inspect.collect()), Arc::new(AtomicUsize::new(0))),
    );
    rows
}

fn report(ceilings: &[(&str, f64)], rows: &[&Row]) {
    say("\n| ceiling (one core) | per second |\n|---|---|");
    for (kind, rate) in ceilings {
        say(&format!("| {kind} | {rate:.0} |"));
    }
    let ceiling = |kind: &str| ceilings.iter().find(|(known, _)| *known == kind).unwrap().1;
    let other = |name: &str| *rows.iter().find(|row| row.name == name).unwrap();
    let plain = other("bare, 500 bytes");
    say("\n| scenario | per second | median ms | p99 ms | of its ceiling | target |\n|---|---|---|---|---|---|");
    for row in rows {
        let (part, target) = match row.name {
            "discovery" => (row.part_of(other("bare, size of discovery"), f64::MAX), "0.85"),
            "JWKS" => (row.part_of(other("bare, size of JWKS"), f64::MAX), "0.85"),
            "client_credentials RS256" => (row.rate() / ceiling("rs256"), "0.80"),
            "client_credentials ES256" | "client_credentials EdDSA" => (row.part_of(plain, f64::MAX), "0.20"),
            "code sign-in RS256" => (row.rate() / ceiling("rs256"), "0.50"),
            "code sign-in ES256" => (row.rate() / ceiling("es256"), "-"),
            "refresh RS256" => (row.rate() / ceiling("rs256").min(ceiling("sqlite-commit")), "0.50"),
            "userinfo" | "introspection" => (row.part_of(plain, ceiling("es256-verify")), "0.70"),
            _ => (1.0, "-"),
        };
        let (rate, median, p99) = (row.rate(), row.middle(|one| one.median), row.middle(|one| one.p99));
        say(&format!(
            "| {} | {rate:.0} | {median:.2} | {p99:.2} | {part:.2} | {target} |",
            row.name
        ));
    }
}

//! Load benchmark: how fast the protocol endpoints are, each beside the upper bound of the machine it runs on, in one run.
//!
//! `cargo bench --bench load`; what may be asked for by the environment:
//!
//! - `MENJIN_BENCH_SECONDS=1`, `MENJIN_BENCH_PEOPLE=100`: shorter; `MENJIN_BENCH_ONLY=JWKS,refresh`: only rows with one of these in their names;
//! - `MENJIN_BENCH_STORAGE=postgres`: over PostgreSQL and Redis, with `MENJIN_BENCH_DURABLE=1` on a disk that is waited for, with
//!   `MENJIN_BENCH_ONE_CORE=1` both on the server's core, with `MENJIN_BENCH_REPLICAS=3` so many servers on that core, with
//!   `MENJIN_BENCH_ELSEWHERE=1` each request to another of them, with `MENJIN_BENCH_DELAY_MS=5` with a database so far away, there and back;
//! - `MENJIN_BENCH_WARM=1`: what each server meets for the first time is not measured (each person, each access token, what a change before made
//!   it forget); `MENJIN_BENCH_TOKENS=2000`: at most so many access tokens take turns; `MENJIN_BENCH_CONNECTIONS=11`: so many connections, not 32.
//!
//! The server is a process of its own on one core, this load generator sits on the other; plain HTTP over loopback, 32 connections, SQLite
//! on disk with the durability people get. Every reply is checked. It stops by itself.

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
mod cost;
mod delay;
mod driver;
mod options;
#[path = "../../tests/it/actors/phone.rs"]
#[expect(dead_code, reason = "written for the tests")]
mod phone;
#[path = "../support/process.rs"]
mod process;
mod report;
mod rows;
mod setup;
mod wire;

use std::{
    cell::Cell,
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

use backends::{Backend, storage};
pub use browser::{Browser, Page};
use cost::Meter;
use delay::Proxy;
use driver::{Pace, Work, drive};
use options::{Options, connections};
use process::Menjin;
use report::Ceilings;
use rows::{Row, rows};
use simulator::{Simulator, World, generator};
use wire::{Wire, get};

/// The core on which the server and the upper bounds run.
pub const SERVER_CORE: &str = "0";
const LOAD_CORE: &str = "1";
/// Each row is measured this often, in turns with all others; the median counts.
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn now() -> Instant {
    Instant::now()
}

fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let system = || actix_web::rt::System::new();
    match words.as_slice() {
        ["ceiling", kind] => system().block_on(ceilings::run(kind)),
        ["bare", port, sizes @ ..] => {
            let sizes = sizes.iter().map(|size| size.parse().unwrap()).collect();
            system().block_on(ceilings::bare(port.parse().unwrap(), sizes));
        }
        ["delay", port, target, delay] => {
            let (port, target) = (port.parse().unwrap(), target.parse().unwrap());
            delay::run(port, target, delay.parse().unwrap());
        }
        ["load"] => system().block_on(measure()),
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

/// A WeCom with twice as many people, for some are outside the scope, and without limits: a thousand sign-ins within a minute come only
/// from this benchmark.
async fn wecom(people: usize) -> Simulator {
    let mut world = World::sample();
    let corp = generator::corp(7, u32::try_from(people * 2).unwrap(), 50);
    world.corps.insert(corp.corpid.clone(), corp);
    (world.limits.corp_per_minute, world.limits.corp_per_hour) = (u32::MAX, u32::MAX);
    (world.limits.ip_per_minute, world.limits.ip_per_hour) = (u32::MAX, u32::MAX);
    Simulator::start(simulator::Options::new(world)).await.unwrap()
}

/// Settings of the servers: the stores, and a proxy that keeps the database at a distance.
fn settings(storage: &backends::Storage, options: &Options) -> (Vec<(String, String)>, Option<Proxy>) {
    let mut settings = storage.settings.clone();
    // The tests' servers have few connections each; people's have the default.
    settings.retain(|(key, _)| key != "MENJIN__DATABASE__CONNECTIONS");
    settings.push(("MENJIN__SERVER__WORKERS".to_owned(), "1".to_owned()));
    // The anonymous limit is off for the same reason as WeCom's.
    let anonymous_limit = "MENJIN__SERVER__STRANGERS_PER_TEN_MINUTES";
    settings.push((anonymous_limit.to_owned(), "0".to_owned()));
    if options.delay == 0 || options.backend == Backend::SqliteMemory {
        return (settings, None);
    }
    let (_, url) = settings
        .iter_mut()
        .find(|(key, _)| key == "MENJIN__DATABASE__URL")
        .unwrap();
    let place = url.rsplit(':').next().unwrap();
    let (port, name) = place.split_once('/').unwrap();
    let proxy = Proxy::start(LOAD_CORE, port.parse().unwrap(), options.delay);
    let through = format!("postgres://menjin@127.0.0.1:{}/{name}", proxy.port);
    *url = through;
    (settings, Some(proxy))
}

async fn measure() {
    let options = Options::read();
    let wecom = wecom(options.people).await;
    let storage = storage(options.backend).unwrap();
    let (settings, _proxy) = settings(&storage, &options);
    let wrapper = ["taskset", "-c", SERVER_CORE];
    let start = |public: Option<&str>| Menjin::start(&settings, &wecom.base_url(), public, &wrapper);
    // The first start migrates the schema; the second is the start that is measured.
    let first = start(None);
    assert_eq!(first_answer(&first.base).await, 200);
    drop(first);
    let began = now();
    let menjin = start(None);
    assert_eq!(first_answer(&menjin.base).await, 200);
    let cold = began.elapsed();
    let idle = menjin.resident();
    let more: Vec<Menjin> = (1..options.replicas).map(|_| start(Some(&menjin.base))).collect();
    for other in &more {
        assert_eq!(first_answer(&other.base).await, 200);
    }
    let all: Vec<&Menjin> = std::iter::once(&menjin).chain(&more).collect();
    let meter = Meter::new(all.iter().map(|one| one.id()).collect(), &storage.settings).await;
    if options.one_core {
        meter.pin_stores(SERVER_CORE);
    }
    let ready = setup::ready(&all, &wecom, options.people).await;
    say(&described(&options));
    let ceilings = Ceilings(CEILINGS.iter().map(|kind| (*kind, ceilings::measure(kind))).collect());
    let mut rows = rows(&ready, options.tokens).await;
    rows.retain(|row| options.only.split(',').any(|part| row.name.contains(part)) || row.is_bare());
    if options.backend == Backend::PostgresRedis && !options.one_core {
        give_way();
    }
    let changes = Cell::new(0);
    for _ in 0..ROUNDS {
        for row in &mut rows {
            if options.warm {
                warm(row).await;
            }
            round(row, (&ready, &meter, &changes), options.time).await;
        }
    }
    report::rates(&ceilings, &rows);
    report::costs(&rows);
    report::traces_off(&ceilings, &rows);
    report::open_loop(&rows, &options).await;
    let (now, most, processor) = (menjin.resident(), menjin.peak(), menjin.processor());
    say(&format!(
        "memory: {idle} MiB before anything was asked (target: at most 25), {now} MiB now, {most} MiB at most; {:.1} s of processor time in all",
        processor.as_secs_f64()
    ));
    say(&format!(
        "cold start on a database that is up to date, to the first 200: {:.0} ms (target: at most 30)",
        cold.as_secs_f64() * 1000.0
    ));
    drop(rows);
    wecom.stop().await;
}

/// Lets the database, and the process that keeps it at a distance, have this core whenever they want it: the generator never sleeps, so each exchange
/// would wait for both of them to get their turn.
fn give_way() {
    let own = std::process::id().to_string();
    let reniced = Command::new("renice").args(["-n", "19", "-p", &own]).output();
    assert!(reniced.is_ok_and(|output| output.status.success()));
}

/// What is measured beside the rows.
const CEILINGS: &[&str] = &[
    "rs256",
    "es256",
    "eddsa",
    "es256-verify",
    "sqlite-commit",
    "sqlite-select",
    "postgres-commit",
    "postgres-commit-32",
    "span-places-off",
];

fn described(options: &Options) -> String {
    let stores = match (options.backend, options.one_core) {
        (Backend::SqliteMemory, _) => "SQLite",
        (Backend::PostgresRedis, true) => "PostgreSQL and Redis on the servers' core",
        (Backend::PostgresRedis, false) => "PostgreSQL and Redis on the load generator's core",
    };
    format!(
        "{} people signed in; {} connections, {ROUNDS} rounds of {} s each{}; {} servers{}; {stores}, {} ms away",
        options.people,
        connections(),
        options.time.as_secs(),
        if options.warm {
            ", nobody for the first time"
        } else {
            ""
        },
        options.replicas,
        if options::elsewhere() {
            ", each request at another"
        } else {
            ""
        },
        options.delay
    )
}

/// Has each server meet what it will be measured with.
pub async fn warm(row: &Row) {
    let works = row.work.kinds().max(connections());
    for server in &row.authorities {
        let server = std::slice::from_ref(server);
        drive(server, &row.work, connections(), Duration::MAX, Pace::Works(works)).await;
    }
}

/// Measures a row once. While a mix goes on an admin changes something each second.
async fn round(row: &mut Row, (ready, meter, changes): (&setup::Ready, &Meter, &Cell<u64>), time: Duration) {
    let before = meter.so_far().await;
    let driven = drive(&row.authorities, &row.work, connections(), time, Pace::Closed);
    let outcome = match &row.work {
        Work::Mixed(_) => {
            let mut driven = std::pin::pin!(driven);
            loop {
                let change = async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    changes.set(changes.get() + 1);
                    ready.change_settings(changes.get()).await;
                };
                tokio::select! {
                    biased;
                    outcome = &mut driven => break outcome,
                    () = change => {}
                }
            }
        }
        _ => driven.await,
    };
    row.outcomes.push(outcome);
    row.spent = row.spent.and(meter.so_far().await.since(before));
}

/// The server listens before it is ready, so this waits exactly as long as it takes.
async fn first_answer(base: &str) -> u16 {
    let mut wire = Wire::connect(base.trim_start_matches("http://")).await;
    wire.call(&get("/healthz", "")).await.status
}

//! Load benchmark: what the work costs: processor time of Menjin, of PostgreSQL and of Redis, statements and commands. Read from `/proc`,
//! from `pg_stat_statements` and from Redis, before and after.

use std::{
    fs::read_to_string,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use super::backends;

/// Ticks of `/proc/…/stat` in a second.
const TICKS: f64 = 100.0;
const STATEMENTS: &str = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
    WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'";

/// What was spent: seconds of processor time, and how many.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub menjin: f64,
    pub postgres: f64,
    pub redis: f64,
    pub statements: f64,
    /// What scripts do inside of Redis included.
    pub commands: f64,
}

impl Spent {
    fn combine(self, other: Self, with: impl Fn(f64, f64) -> f64) -> Self {
        Self {
            menjin: with(self.menjin, other.menjin),
            postgres: with(self.postgres, other.postgres),
            redis: with(self.redis, other.redis),
            statements: with(self.statements, other.statements),
            commands: with(self.commands, other.commands),
        }
    }

    /// What was spent since.
    pub fn since(self, before: Self) -> Self {
        self.combine(before, |now, before| now - before)
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        self.combine(other, |one, other| one + other)
    }
}

/// A store that is asked, and its process.
struct Store {
    process: u32,
    url: String,
    port: u16,
}

/// Reads what was spent.
pub struct Meter {
    menjin: Vec<u32>,
    postgres: Option<Store>,
    redis: Option<Store>,
}

impl Meter {
    /// For these servers and the stores of these settings, which must run here.
    pub async fn new(menjin: Vec<u32>, settings: &[(String, String)]) -> Self {
        let postgres = store(settings, "MENJIN__DATABASE__URL", "postgres://", is_postgres);
        if let Some(postgres) = &postgres {
            backends::execute(&postgres.url, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await;
        }
        let redis = store(settings, "MENJIN__EPHEMERAL__URL", "redis://", is_redis);
        Self {
            menjin,
            postgres,
            redis,
        }
    }

    /// Puts the stores on this core, with all that they start from now on.
    pub fn pin_stores(&self, core: &str) {
        let stores = self.postgres.iter().chain(&self.redis).map(|store| store.process);
        for process in stores.chain(self.postgres.iter().flat_map(|store| children(store.process))) {
            let words = ["-a", "-c", "-p", core, &process.to_string()];
            drop(Command::new("taskset").args(words).output().unwrap());
        }
    }

    /// Spent so far.
    pub async fn so_far(&self) -> Spent {
        let mut spent = Spent {
            menjin: self.menjin.iter().map(|process| time(*process, 2)).sum(),
            ..Spent::default()
        };
        if let Some(store) = &self.postgres {
            let own = children(store.process).map(|child| time(child, 2)).sum::<f64>();
            spent.postgres = time(store.process, 4) + own;
            let counted = backends::number(&store.url, STATEMENTS).await;
            spent.statements = f64::from(u32::try_from(counted).unwrap());
        }
        if let Some(store) = &self.redis {
            spent.redis = time(store.process, 2);
            spent.commands = commands(store.port);
        }
        spent
    }
}

fn store(
    settings: &[(String, String)],
    key: &str,
    scheme: &str,
    is_it: impl Fn(&[String], u16) -> bool,
) -> Option<Store> {
    let url = &settings.iter().find(|(known, _)| known == key)?.1;
    let place = url.strip_prefix(scheme)?.split('/').next()?;
    let port: u16 = place.rsplit(':').next()?.parse().unwrap();
    let process = processes().find(|process| {
        let line = read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words: Vec<String> = line.split('\0').map(str::to_owned).collect();
        is_it(&words, port)
    });
    Some(Store {
        process: process.unwrap(),
        url: url.clone(),
        port,
    })
}

fn is_postgres(words: &[String], port: u16) -> bool {
    let named = words.first().is_some_and(|program| program.ends_with("/postgres"));
    named
        && words
            .windows(2)
            .any(|pair| pair[0] == "-p" && pair[1] == port.to_string())
}

fn is_redis(words: &[String], port: u16) -> bool {
    let named = words.first().is_some_and(|program| program.contains("redis-server"));
    named && words.join(" ").contains(&format!(":{port}"))
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The fields of a process' `stat` behind its name: state, parent, …
fn stat(process: u32) -> Vec<String> {
    let line = read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let behind = line.rsplit(')').next().unwrap_or_default();
    behind.split_whitespace().map(str::to_owned).collect()
}

fn children(parent: u32) -> impl Iterator<Item = u32> {
    processes().filter(move |process| stat(*process).get(1) == Some(&parent.to_string()))
}

/// Seconds of processor time: two fields, its own; four: with those of children that ended.
fn time(process: u32, fields: usize) -> f64 {
    let fields = stat(process).into_iter().skip(11).take(fields);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

fn commands(port: u16) -> f64 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"INFO stats\r\nQUIT\r\n").unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    let line = told
        .lines()
        .find_map(|line| line.strip_prefix("total_commands_processed:"));
    line.and_then(|number| number.trim().parse().ok()).unwrap()
}

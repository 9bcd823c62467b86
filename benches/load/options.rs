//! Load benchmark: what the environment asks for.

use std::{sync::OnceLock, time::Duration};

use super::backends::Backend;

/// What is measured, and where.
pub struct Options {
    /// People who are signed in.
    pub people: usize,
    /// How long each row is measured in each round.
    pub time: Duration,
    /// Parts of the names of the rows that are measured, separated by commas; empty: all.
    pub only: String,
    /// Storage pairing.
    pub backend: Backend,
    /// Processes of Menjin, all on the server's core; SQLite takes one.
    pub replicas: usize,
    /// PostgreSQL and Redis run on the server's core too, not on the load generator's.
    pub one_core: bool,
    /// What each server meets for the first time is met before it is measured.
    pub warm: bool,
    /// Most access tokens that take turns.
    pub tokens: usize,
    /// How much longer every exchange with PostgreSQL takes, milliseconds; 0: it is reached directly.
    pub delay: u64,
}

fn find(name: &str) -> Option<String> {
    let name = format!("MENJIN_BENCH_{name}");
    std::env::vars()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// Whether each request of a connection goes to another server, as behind a load balancer; else each connection stays with one.
pub fn elsewhere() -> bool {
    static ELSEWHERE: OnceLock<bool> = OnceLock::new();
    *ELSEWHERE.get_or_init(|| number("ELSEWHERE", 0) == 1)
}

/// Connections of the load generator.
pub fn connections() -> usize {
    static CONNECTIONS: OnceLock<usize> = OnceLock::new();
    *CONNECTIONS.get_or_init(|| usize::try_from(number("CONNECTIONS", 32)).unwrap())
}

fn number(name: &str, default: u64) -> u64 {
    find(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

impl Options {
    /// From the variables `MENJIN_BENCH_…`.
    pub fn read() -> Self {
        let postgres = find("STORAGE").is_some_and(|value| value == "postgres");
        let backend = match postgres {
            true => Backend::PostgresRedis,
            false => Backend::SqliteMemory,
        };
        Self {
            people: usize::try_from(number("PEOPLE", 1000)).unwrap(),
            time: Duration::from_secs(number("SECONDS", 4)),
            only: find("ONLY").unwrap_or_default(),
            backend,
            replicas: match postgres {
                true => usize::try_from(number("REPLICAS", 1)).unwrap(),
                false => 1,
            },
            one_core: number("ONE_CORE", 0) == 1,
            warm: number("WARM", 0) == 1,
            tokens: usize::try_from(number("TOKENS", u64::MAX)).unwrap(),
            delay: number("DELAY_MS", 0),
        }
    }
}

//! Logging, metrics and traces. Levels and format by configuration; logs never hold a secret because secrets have no `Debug`.

mod log_queue;
pub mod metrics;
pub mod traces;

use std::io::IsTerminal;

pub use log_queue::flush;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error, once per process; a second call changes nothing. Nobody ever waits for the log to be read; what it
/// still holds when the process ends is written by [`flush`].
pub fn start(level: &str, json: bool) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(|| log_queue::LogQueue);
    let started = if json { logs.json().try_init() } else { logs.try_init() };
    drop(started);
}

//! Readiness: whether the stores take writes right now, each told apart, within a second.
//!
//! Asking whether a server answers is not enough: a full disk, a read-only replica or a full Redis answers every read. Each probe is a real
//! write of one small row or key.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use tokio::sync::Mutex;

use crate::{
    admin::health::Parts,
    doctor::write_probe,
    kernel::clock::{Clock, Timestamp},
    store::{Database, Ephemeral},
};

/// How long a probe may take.
const DEADLINE: Duration = Duration::from_millis(900);

/// How long an answer is given again, so that nobody can make the disk busy by asking.
const FRESH: Duration = Duration::from_secs(1);

/// Key of the ephemeral store that a probe writes.
const PROBE: &str = "readiness_probe";

/// Asks the stores. Cheap to clone; clones share the last answer.
#[derive(Clone)]
pub(super) struct Readiness {
    database: Database,
    ephemeral: Ephemeral,
    clock: Clock,
    last: Arc<Mutex<Option<(Timestamp, Report)>>>,
}

/// State of each store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Report {
    /// PostgreSQL or SQLite.
    database: State,
    /// Redis, or this process's memory.
    ephemeral: State,
}

impl Report {
    /// Whether every store takes writes.
    pub(super) fn is_ready(self) -> bool {
        self.database == State::Ready && self.ephemeral == State::Ready
    }
}

impl From<Report> for Parts {
    fn from(report: Report) -> Self {
        Self {
            database: report.database.word(),
            ephemeral: report.ephemeral.word(),
        }
    }
}

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It took a write.
    Ready,
    /// It refused the write, or cannot be reached.
    Failed,
    /// No answer within the deadline.
    Silent,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Silent => "silent",
        }
    }
}

impl Readiness {
    pub(super) fn new(database: Database, ephemeral: Ephemeral, clock: Clock) -> Self {
        Self {
            database,
            ephemeral,
            clock,
            last: Arc::default(),
        }
    }

    /// The state of the stores, not older than a second. Whoever asks while a probe is under way gets its answer.
    pub(super) async fn report(&self) -> Report {
        let mut last = self.last.lock().await;
        let now = self.clock.now();
        if let Some((at, report)) = *last
            && at <= now
            && now.since(at) < FRESH
        {
            return report;
        }
        let database = probe("database", write_probe(&self.database, now));
        let ephemeral = probe("ephemeral store", self.ephemeral.put(PROBE, b"1", FRESH));
        let (database, ephemeral) = futures_util::future::join(database, ephemeral).await;
        let report = Report { database, ephemeral };
        *last = Some((now, report));
        report
    }
}

async fn probe<T, E: std::fmt::Display>(store: &str, write: impl Future<Output = Result<T, E>>) -> State {
    match tokio::time::timeout(DEADLINE, write).await {
        Ok(Ok(_)) => State::Ready,
        Ok(Err(error)) => {
            tracing::error!(%error, store, "not ready: a write failed");
            State::Failed
        }
        Err(_) => {
            tracing::error!(store, "not ready: a write was not answered in time");
            State::Silent
        }
    }
}

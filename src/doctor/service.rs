//! The doctor: runs the checks at once, each within its time, and gives what it saw again for a few seconds, so that nobody can make it busy by asking.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use tokio::sync::Mutex;

use super::{
    check::{Check, Of, PATIENCE},
    checks::CHECKS,
    failure::DoctorFinding,
    report::{Finding, Looked, Report, Row, span},
    surroundings::Surroundings,
};
use crate::kernel::{failure::Result, home_runtime::HomeRuntime};

/// How long a row is given again to who asks.
const FRESH: Duration = Duration::from_secs(5);

/// What was last seen of a check. Whoever looks has the turn; what was seen before can be told meanwhile.
#[derive(Default)]
struct Seen {
    turn: Mutex<()>,
    last: RwLock<Option<Row>>,
}

impl Seen {
    fn last(&self) -> Option<Row> {
        self.last.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, row: &Row) {
        *self.last.write().unwrap_or_else(PoisonError::into_inner) = Some(row.clone());
    }
}

/// The doctor. Cheap to clone; clones share what was seen.
#[derive(Clone)]
pub struct Doctor {
    surroundings: Arc<Surroundings>,
    seen: Arc<Vec<Seen>>,
    home: HomeRuntime,
}

impl Doctor {
    /// A doctor who looks at these surroundings; to be called on the home runtime, on which connections live.
    pub fn new(surroundings: Surroundings) -> Self {
        Self {
            surroundings: Arc::new(surroundings),
            seen: Arc::new(CHECKS.iter().map(|_| Seen::default()).collect()),
            home: HomeRuntime::current(),
        }
    }

    /// The names of all checks.
    pub fn names() -> impl Iterator<Item = &'static str> {
        CHECKS.iter().map(|check| check.name)
    }

    /// What is around.
    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Every check, not older than a few seconds.
    pub async fn report(&self) -> Report {
        self.report_within(FRESH).await
    }

    /// Every check, not older than this.
    pub async fn report_within(&self, age: Duration) -> Report {
        self.rows(CHECKS.iter().collect(), age).await
    }

    /// What was seen last of each check, however old, without looking again, also while somebody looks. What nobody looked at yet is left out.
    pub fn last(&self) -> Report {
        let rows: Vec<Row> = self.seen.iter().filter_map(Seen::last).collect();
        let newest = rows.iter().map(|row| row.looked_at).max();
        let at = newest.unwrap_or_else(|| self.surroundings.clock.now());
        Report::of(rows, self.surroundings.server.is_some(), at)
    }

    /// One check; `None`: there is none of this name.
    pub async fn report_of(&self, name: &str) -> Option<Report> {
        let check = find(name)?;
        Some(self.rows(vec![check], FRESH).await)
    }

    async fn rows(&self, checks: Vec<&'static Check>, age: Duration) -> Report {
        let doctor = self.clone();
        // Together the futures are too large for the stack of a small thread, and connections live on the home runtime.
        let looking = async move {
            let rows = join_all(checks.into_iter().map(|check| doctor.row(check, age))).await;
            rows.into_iter().flatten().collect()
        };
        let rows: Vec<Row> = match self.home.run(looking).await {
            Ok(rows) => rows,
            Err(error) => vec![Row::of(("doctor", "the doctor itself"), failed(error.to_string()))],
        };
        let (by_server, now) = (self.surroundings.server.is_some(), self.surroundings.clock.now());
        Report::of(rows, by_server, now)
    }

    /// The row of a check; `None` where it needs a server and there is none. Whoever asks while it is made gets the same.
    fn row(&self, check: &'static Check, age: Duration) -> BoxFuture<'_, Option<Row>> {
        async move {
            let place = CHECKS.iter().position(|one| one.name == check.name)?;
            let seen = self.seen.get(place)?;
            let _turn = seen.turn.lock().await;
            let now = self.surroundings.clock.now();
            if let Some(row) = seen.last()
                && row.looked_at <= now
                && now.since(row.looked_at) < age
            {
                return Some(row);
            }
            let row = match self.obstacle(check, age).await {
                Some(other) => Row::skipped(check.title(), other),
                None => Row::of(check.title(), self.look(check).await?),
            }
            .at(now);
            seen.keep(&row);
            Some(row)
        }
        .boxed()
    }

    /// The check that found a fault, of those this one rests on.
    async fn obstacle(&self, check: &'static Check, age: Duration) -> Option<&'static str> {
        for name in check.rests_on {
            let row = match find(name) {
                Some(other) => self.row(other, age).await,
                None => None,
            };
            if row.is_some_and(|row| !row.carries()) {
                return Some(name);
            }
        }
        None
    }

    async fn look(&self, check: &'static Check) -> Option<Looked> {
        let around = &*self.surroundings;
        let look: BoxFuture<'_, Result<Looked>> = match (check.look, &around.server) {
            (Of::Installation(look), _) => look(around),
            (Of::Server(look), Some(server)) => look(around, server),
            (Of::Server(_), None) => return None,
        };
        Some(ended(check.name, look).await)
    }
}

/// What a look saw, or that it failed, panicked or did not end in time.
async fn ended(name: &str, look: BoxFuture<'_, Result<Looked>>) -> Looked {
    let look = AssertUnwindSafe(look).catch_unwind();
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(Ok(Ok(looked))) => looked,
        Ok(Ok(Err(failure))) => failed(format!("{name}: {failure}")),
        Ok(Err(_)) => failed(format!("{name}: it panicked; the log says where")),
        Err(_) => failed(format!("{name}: no answer within {}", span(PATIENCE))),
    }
}

fn failed(why: String) -> Looked {
    let finding = Finding::error(DoctorFinding::CheckFailed.entry(), why, "");
    Looked::with("", vec![finding])
}

fn find(name: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.name == name)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::{Looked, Result, ended};

    async fn broken() -> Result<Looked> {
        panic!("a check with a fault of its own")
    }

    #[tokio::test]
    async fn a_check_that_panics_is_a_finding_itself() {
        let looked = ended("broken", broken().boxed()).await;
        let told: Vec<&str> = looked.findings.iter().map(|finding| finding.number).collect();
        assert_eq!(told, ["DR-100"]);
    }
}

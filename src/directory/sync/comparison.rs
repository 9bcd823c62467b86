//! Compares a snapshot with the mirror, on another thread than the run: a large corp takes a moment, in which the run renews its lease.

use super::{
    departure_check::DepartureCheck,
    failure::SyncFailure,
    mirror::Mirror,
    plan::{self, model::Plan},
    snapshot::Fetched,
    source::{DuplicateRule, Source},
    store::{self, settled::Known},
};
use crate::{kernel::failure::Result, store::Database};
use tokio::runtime::Handle;

/// A plan, with what it was made of.
pub(super) struct Compared {
    pub(super) plan: Plan,
    pub(super) mirror: Mirror,
    pub(super) fetched: Fetched,
}

impl Compared {
    /// Plans. The snapshot comes back without its members, since the plan holds what is still needed of them, unless there is somebody to be
    /// looked at before it counts.
    fn of(mirror: Mirror, mut fetched: Fetched, rule: DuplicateRule) -> Self {
        let plan = plan::plan(&mirror, &fetched.snapshot, rule);
        if plan.unproven.is_empty() {
            fetched.snapshot.members.clear();
        }
        Self { plan, mirror, fetched }
    }
}

/// Loads what we hold, and plans; once more where a live look tells who has another userid by now.
pub(super) async fn compare(
    db: &Database,
    source: &Source,
    (known, mut fetched): (Known, Fetched),
    departure_check: Option<&DepartureCheck>,
) -> Result<Compared> {
    let (db, source, runtime) = (db.clone(), source.clone(), Handle::current());
    let rule = source.rule;
    let load = move || -> Result<Compared> {
        let known = (known, fetched.at);
        let mirror = runtime.block_on(store::mirror::load_for(&db, &source, known, &mut fetched.snapshot))?;
        Ok(Compared::of(mirror, fetched, rule))
    };
    let mut compared = aside(load).await??;
    let Some(departure_check) = departure_check.filter(|_| !compared.plan.unproven.is_empty()) else {
        return Ok(compared);
    };
    compared.fetched.snapshot.looked_at = departure_check.look_at(&compared.plan.unproven).await;
    aside(move || Compared::of(compared.mirror, compared.fetched, rule)).await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| SyncFailure::Interrupted.failure().cause(error))
}

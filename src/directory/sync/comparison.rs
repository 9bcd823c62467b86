//! Compares a snapshot with the mirror, on another thread than the run: a large corp takes a moment, in which the run renews its lease.

use super::{
    failure::SyncFailure,
    mirror::Mirror,
    plan::{self, model::Plan},
    snapshot::Fetched,
    source::Source,
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

/// Loads what we hold, and plans. The snapshot comes back without its members: the plan holds what is still needed of them.
pub(super) async fn compare(
    db: &Database,
    source: &Source,
    (known, mut fetched): (Known, Fetched),
) -> Result<Compared> {
    let (db, source, runtime) = (db.clone(), source.clone(), Handle::current());
    let compare = move || -> Result<Compared> {
        let mirror = runtime.block_on(store::mirror::load_for(&db, &source, known, &mut fetched.snapshot))?;
        let plan = plan::plan(&mirror, &fetched.snapshot, source.rule);
        fetched.snapshot.members.clear();
        Ok(Compared { plan, mirror, fetched })
    };
    tokio::task::spawn_blocking(compare)
        .await
        .map_err(|error| SyncFailure::Interrupted.failure().cause(error))?
}

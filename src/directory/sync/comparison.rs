//! Compares a snapshot with the mirror, on a thread of its own kind: a large corp takes a moment.

use super::{
    failure::SyncFailure,
    mirror::Mirror,
    plan::{self, model::Plan},
    snapshot::Fetched,
    source::Source,
    store::{self, mirror::People},
};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};
use tokio::runtime::Handle;

/// A plan, with what it was made of.
pub(super) struct Compared {
    pub(super) plan: Plan,
    pub(super) mirror: Mirror,
    pub(super) fetched: Fetched,
}

/// Loads the people we hold, beside what else is going on: there are many of them.
pub(super) async fn load(db: &Database, source: &Source, now: Timestamp) -> Result<People> {
    let (db, source, runtime) = (db.clone(), source.clone(), Handle::current());
    let load = move || runtime.block_on(store::mirror::people(&db, &source, now));
    tokio::task::spawn_blocking(load)
        .await
        .map_err(|error| SyncFailure::Interrupted.failure().cause(error))?
}

/// Plans. The snapshot comes back without its members, to save memory while writing.
pub(super) async fn compare(
    db: &Database,
    source: &Source,
    (held, mut fetched): (People, Fetched),
) -> Result<Compared> {
    let mirror = store::mirror::complete(db, source, held).await?;
    let rule = source.rule;
    // A hundred thousand members take a moment to compare; sign-ins share these threads.
    let compare = move || {
        let plan = plan::plan(&mirror, &fetched.snapshot, rule);
        // The plan holds what is still needed of them.
        fetched.snapshot.members.clear();
        Compared { plan, mirror, fetched }
    };
    tokio::task::spawn_blocking(compare)
        .await
        .map_err(|error| SyncFailure::Interrupted.failure().cause(error))
}

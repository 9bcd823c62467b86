//! Compares a snapshot with the mirror, on a thread of its own kind: a large corp takes a moment.

use super::{
    failure::SyncFailure,
    mirror::Mirror,
    plan::{self, model::Plan},
    snapshot::Fetched,
    source::Source,
    store,
};
use crate::{kernel::failure::Result, store::Database};

/// A plan, with what it was made of.
pub(super) struct Compared {
    pub(super) plan: Plan,
    pub(super) mirror: Mirror,
    pub(super) fetched: Fetched,
    /// Members present before.
    pub(super) present: usize,
}

/// Plans, and counts the members present now. The snapshot comes back without its members, to save memory while writing.
pub(super) async fn compare(db: &Database, source: &Source, mut fetched: Fetched) -> Result<Compared> {
    let mirror = store::mirror::load(db, source).await?;
    let rule = source.rule;
    // A hundred thousand members take a moment to compare; sign-ins share these threads.
    let compare = move || {
        let plan = plan::plan(&mirror, &fetched.snapshot, rule);
        let present = mirror.members.iter().filter(|member| member.present).count();
        // The plan holds what is still needed of them.
        fetched.snapshot.members.clear();
        Compared {
            plan,
            mirror,
            fetched,
            present,
        }
    };
    tokio::task::spawn_blocking(compare)
        .await
        .map_err(|error| SyncFailure::Interrupted.failure().cause(error))
}

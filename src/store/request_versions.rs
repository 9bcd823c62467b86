//! The counters of [`super::stored_versions`] as one request has read them: asked for once, when the first value is looked for, and again after
//! the request changed something itself or waited for another server. A request that is told nothing of this reads them each time.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    sync::Arc,
};

use sea_orm::DbErr;

use super::{stored_versions::StoredVersions, versions::Counts};

tokio::task_local! {
    static READ: Known;
}

/// What a request knows of them.
#[derive(Default)]
struct Known {
    read: RefCell<Option<(StoredVersions, Arc<Counts>)>>,
    /// How often it was forgotten: what was being read meanwhile is not kept.
    forgotten: Cell<u64>,
}

/// Runs a request, which reads the counters once. One that is made inside of another, by the console, is a part of it: what it changes the
/// other does not find in a cache afterwards.
pub async fn within<F: Future>(request: F) -> F::Output {
    match READ.try_with(|_| ()) {
        Ok(()) => request.await,
        Err(_) => READ.scope(Known::default(), request).await,
    }
}

/// Forgets them: something changed, or time has passed.
pub fn forget() {
    // Nothing to forget outside of a request.
    _ = READ.try_with(|known| {
        known.read.take();
        known.forgotten.set(known.forgotten.get() + 1);
    });
}

/// The counters of this database as this request knows them, read where it does not yet.
pub(super) async fn read(stored: &StoredVersions) -> Result<Arc<Counts>, DbErr> {
    let known = READ.try_with(|known| {
        let read = known.read.borrow();
        let read = read.as_ref().filter(|(from, _)| from.is_same(stored));
        (read.map(|(_, counts)| Arc::clone(counts)), known.forgotten.get())
    });
    let forgotten = match known {
        Ok((Some(counts), _)) => return Ok(counts),
        Ok((None, forgotten)) => Some(forgotten),
        Err(_) => None,
    };
    let counts = Box::pin(stored.read()).await?;
    _ = READ.try_with(|now| {
        if forgotten == Some(now.forgotten.get()) {
            now.read.replace(Some((stored.clone(), Arc::clone(&counts))));
        }
    });
    Ok(counts)
}

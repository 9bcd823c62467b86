//! One lane per portal, so that a portal that hangs delays nobody but itself. Of this process; replicas are kept apart by the lease of
//! each row.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinSet;
use uuid::Uuid;

/// Most portals that are being told at once.
pub const MOST: usize = 64;

/// The lanes under way. Clones share them. What a lane had leased when its process ended is due again later.
#[derive(Clone, Default)]
pub struct Lanes(Arc<Mutex<Busy>>);

#[derive(Default)]
struct Busy {
    portals: HashSet<Uuid>,
    tasks: JoinSet<()>,
}

/// Frees the lane, whether its work ended well, badly, or was aborted.
struct Free {
    lanes: Lanes,
    portal: Uuid,
}

impl Drop for Free {
    fn drop(&mut self) {
        self.lanes.lock().portals.remove(&self.portal);
    }
}

impl Lanes {
    /// The portals whose lanes are taken.
    pub fn busy(&self) -> Vec<Uuid> {
        self.lock().portals.iter().copied().collect()
    }

    /// Starts `work` in a portal's lane, unless that lane or all lanes are taken.
    pub fn start(&self, portal: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        let mut busy = self.lock();
        // Nobody waits in production, so the ended ones are swept here.
        while busy.tasks.try_join_next().is_some() {}
        if busy.portals.len() >= MOST || !busy.portals.insert(portal) {
            return;
        }
        let free = Free {
            lanes: self.clone(),
            portal,
        };
        busy.tasks.spawn(async move {
            work.await;
            drop(free);
        });
    }

    /// Runs beside the lanes, and is waited for with them.
    pub fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.lock().tasks.spawn(work);
    }

    /// Waits until none is under way. To be polled to its end: dropped before, it aborts what it waits for.
    pub async fn idle(&self) {
        loop {
            let mut running = mem::take(&mut self.lock().tasks);
            if running.is_empty() {
                return;
            }
            while running.join_next().await.is_some() {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Busy> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

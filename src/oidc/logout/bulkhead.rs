//! One lane per portal, so that a portal that hangs delays nobody but itself. Of this process; replicas are kept apart by the lease of
//! each row.
//!
//! A lane costs a task and a few sockets, so there is a bound to all of them; and whoever did not answer the last time shares a smaller one
//! with its likes until it answers again. So hanging portals, however many there are, take the others' lanes for one call at most, and only
//! when more than [`MOST`] of them begin to hang at the same moment.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinSet;
use uuid::Uuid;

/// Most portals that are being told at once.
const MOST: usize = 256;
/// Most of them that did not answer the last time.
const MOST_SILENT: usize = 64;

/// The lanes under way. Clones share them. What a lane had leased when its process ended is due again later.
#[derive(Clone, Default)]
pub struct Bulkheads(Arc<Mutex<Slots>>);

#[derive(Default)]
struct Slots {
    portals: HashSet<Uuid>,
    /// Did not answer the last time. No larger than the number of portals.
    silent: HashSet<Uuid>,
    tasks: JoinSet<()>,
}

/// For whom there is a lane now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Whose lanes are taken.
    pub busy: Vec<Uuid>,
    /// Who did not answer the last time, and has no lane.
    pub silent: Vec<Uuid>,
    /// Free for those who answer.
    pub free: usize,
    /// Free for those who did not.
    pub free_silent: usize,
}

/// Frees the lane, whether its work ended well, badly, or was aborted.
struct SlotGuard {
    bulkheads: Bulkheads,
    portal: Uuid,
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.bulkheads.lock().portals.remove(&self.portal);
    }
}

impl Slots {
    fn free_for_silent(&self) -> usize {
        let taken = self.portals.intersection(&self.silent).count();
        let all = MOST.saturating_sub(self.portals.len());
        MOST_SILENT.saturating_sub(taken).min(all)
    }
}

impl Bulkheads {
    /// For whom there is a lane now.
    pub fn capacity(&self) -> Capacity {
        let busy = self.lock();
        Capacity {
            busy: busy.portals.iter().copied().collect(),
            silent: busy.silent.difference(&busy.portals).copied().collect(),
            free: MOST.saturating_sub(busy.portals.len()),
            free_silent: busy.free_for_silent(),
        }
    }

    /// Starts `work` in a portal's lane, unless that lane or all that it may have are taken.
    pub fn start(&self, portal: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        let mut busy = self.lock();
        // Nobody waits in production, so the ended ones are swept here.
        while busy.tasks.try_join_next().is_some() {}
        let free = match busy.silent.contains(&portal) {
            true => busy.free_for_silent(),
            false => MOST.saturating_sub(busy.portals.len()),
        };
        if free == 0 || !busy.portals.insert(portal) {
            return;
        }
        let free = SlotGuard {
            bulkheads: self.clone(),
            portal,
        };
        busy.tasks.spawn(async move {
            work.await;
            drop(free);
        });
    }

    /// Remembers whether a portal answered when it was called last.
    pub fn record_outcome(&self, portal: Uuid, answered: bool) {
        let mut busy = self.lock();
        if answered {
            busy.silent.remove(&portal);
        } else {
            busy.silent.insert(portal);
        }
    }

    /// Runs beside the lanes, and is waited for with them.
    pub fn spawn_outside(&self, work: impl Future<Output = ()> + Send + 'static) {
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

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use uuid::Uuid;

    use super::{Bulkheads, MOST, MOST_SILENT};

    fn portals(count: usize) -> Vec<Uuid> {
        (1..=count as u128).map(Uuid::from_u128).collect()
    }

    #[tokio::test]
    async fn whoever_was_silent_leaves_lanes_to_those_who_answer() {
        let bulkheads = Bulkheads::default();
        let all = portals(MOST * 2);
        let (silent, well) = all.split_at(MOST);
        for portal in silent {
            bulkheads.record_outcome(*portal, false);
            bulkheads.start(*portal, pending());
        }
        let capacity = bulkheads.capacity();
        assert_eq!(
            (capacity.busy.len(), capacity.silent.len()),
            (MOST_SILENT, MOST - MOST_SILENT)
        );
        assert_eq!((capacity.free, capacity.free_silent), (MOST - MOST_SILENT, 0));
        for portal in well {
            bulkheads.start(*portal, pending());
        }
        let taken = bulkheads.capacity().busy.iter().filter(|id| well.contains(id)).count();
        assert_eq!(taken, MOST - MOST_SILENT);
    }

    #[tokio::test]
    async fn whoever_falls_silent_frees_the_lane_and_whoever_answers_again_is_as_good_as_the_others() {
        let bulkheads = Bulkheads::default();
        let portal = Uuid::from_u128(1);
        bulkheads.start(portal, async {});
        bulkheads.record_outcome(portal, false);
        bulkheads.idle().await;
        let capacity = bulkheads.capacity();
        assert_eq!(
            (capacity.busy.len(), capacity.silent, capacity.free),
            (0, vec![portal], MOST)
        );
        bulkheads.record_outcome(portal, true);
        assert!(bulkheads.capacity().silent.is_empty());
    }

    #[tokio::test]
    async fn a_portal_has_one_lane_and_all_together_have_a_bound() {
        let bulkheads = Bulkheads::default();
        for portal in portals(MOST + 9) {
            bulkheads.start(portal, pending());
            bulkheads.start(portal, pending());
        }
        assert_eq!((bulkheads.capacity().busy.len(), bulkheads.capacity().free), (MOST, 0));
    }
}

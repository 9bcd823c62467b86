//! Bulkheads of back-channel logout: one slot per portal, so that a portal that hangs delays only its own deliveries. Per process; replicas
//! are kept apart by the lease of each row.
//!
//! A slot costs a task and a few sockets, so their number is bounded; portals that did not answer the last time share a smaller number of
//! slots until they answer again. So hanging portals, however many there are, take the others' slots for one call at most, and only when
//! more than [`MOST`] of them begin to hang at the same moment.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::task::JoinSet;
use uuid::Uuid;

use crate::kernel::home_runtime::HomeRuntime;

/// Most portals that are called at once.
const MOST: usize = 256;
/// Most of them that may be portals which did not answer the last time.
const MAX_UNRESPONSIVE: usize = 64;

/// The bulkheads of this process. Clones share them. A delivery that was leased when its process ended is due again later.
#[derive(Clone)]
pub struct Bulkheads {
    slots: Arc<Mutex<Slots>>,
    home: HomeRuntime,
}

#[derive(Default)]
struct Slots {
    portals: HashSet<Uuid>,
    /// Portals that did not answer the last time. No larger than the number of portals.
    unresponsive: HashSet<Uuid>,
    tasks: JoinSet<()>,
}

/// The slots in use and free at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Portals whose slot is in use.
    pub busy: Vec<Uuid>,
    /// Portals that did not answer the last time, and use no slot.
    pub unresponsive: Vec<Uuid>,
    /// Free slots for portals that answer.
    pub free: usize,
    /// Free slots for portals that did not answer.
    pub free_unresponsive: usize,
}

/// Frees the slot on drop, whether its work succeeded, failed or was aborted.
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
    fn free_for_unresponsive(&self) -> usize {
        let taken = self.portals.intersection(&self.unresponsive).count();
        let all = MOST.saturating_sub(self.portals.len());
        MAX_UNRESPONSIVE.saturating_sub(taken).min(all)
    }
}

impl Bulkheads {
    /// All slots free; their work will run on `home`.
    pub fn new(home: HomeRuntime) -> Self {
        Self {
            slots: Arc::default(),
            home,
        }
    }

    /// The slots in use and free now.
    pub fn capacity(&self) -> Capacity {
        let busy = self.lock();
        Capacity {
            busy: busy.portals.iter().copied().collect(),
            unresponsive: busy.unresponsive.difference(&busy.portals).copied().collect(),
            free: MOST.saturating_sub(busy.portals.len()),
            free_unresponsive: busy.free_for_unresponsive(),
        }
    }

    /// Starts `work` in a portal's slot, unless that slot, or all slots it may use, are taken.
    pub fn start(&self, portal: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        let mut busy = self.lock();
        // In production nothing awaits these tasks, so ended ones are removed here.
        while busy.tasks.try_join_next().is_some() {}
        let free = match busy.unresponsive.contains(&portal) {
            true => busy.free_for_unresponsive(),
            false => MOST.saturating_sub(busy.portals.len()),
        };
        if free == 0 || !busy.portals.insert(portal) {
            return;
        }
        let free = SlotGuard {
            bulkheads: self.clone(),
            portal,
        };
        let work = async move {
            work.await;
            drop(free);
        };
        busy.tasks.spawn_on(work, self.home.handle());
    }

    /// Records whether a portal answered when it was called last.
    pub fn record_outcome(&self, portal: Uuid, answered: bool) {
        let mut busy = self.lock();
        if answered {
            busy.unresponsive.remove(&portal);
        } else {
            busy.unresponsive.insert(portal);
        }
    }

    /// Runs `work` outside the slots; [`Bulkheads::idle`] waits for it too.
    pub fn spawn_outside(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.lock().tasks.spawn_on(work, self.home.handle());
    }

    /// Waits until no work is under way. Must be polled to its end: dropped before, it aborts what it waits for.
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
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use uuid::Uuid;

    use super::{Bulkheads, HomeRuntime, MAX_UNRESPONSIVE, MOST};

    fn portals(count: usize) -> Vec<Uuid> {
        (1..=count as u128).map(Uuid::from_u128).collect()
    }

    #[tokio::test]
    async fn unresponsive_portals_leave_slots_to_those_who_answer() {
        let bulkheads = Bulkheads::new(HomeRuntime::current());
        let all = portals(MOST * 2);
        let (unresponsive, well) = all.split_at(MOST);
        for portal in unresponsive {
            bulkheads.record_outcome(*portal, false);
            bulkheads.start(*portal, pending());
        }
        let capacity = bulkheads.capacity();
        assert_eq!(
            (capacity.busy.len(), capacity.unresponsive.len()),
            (MAX_UNRESPONSIVE, MOST - MAX_UNRESPONSIVE)
        );
        assert_eq!(
            (capacity.free, capacity.free_unresponsive),
            (MOST - MAX_UNRESPONSIVE, 0)
        );
        for portal in well {
            bulkheads.start(*portal, pending());
        }
        let taken = bulkheads.capacity().busy.iter().filter(|id| well.contains(id)).count();
        assert_eq!(taken, MOST - MAX_UNRESPONSIVE);
    }

    #[tokio::test]
    async fn an_unresponsive_portal_frees_its_slot_and_recovers_when_it_answers() {
        let bulkheads = Bulkheads::new(HomeRuntime::current());
        let portal = Uuid::from_u128(1);
        bulkheads.start(portal, async {});
        bulkheads.record_outcome(portal, false);
        bulkheads.idle().await;
        let capacity = bulkheads.capacity();
        assert_eq!(
            (capacity.busy.len(), capacity.unresponsive, capacity.free),
            (0, vec![portal], MOST)
        );
        bulkheads.record_outcome(portal, true);
        assert!(bulkheads.capacity().unresponsive.is_empty());
    }

    #[tokio::test]
    async fn a_portal_has_one_bulkhead_and_all_share_a_limit() {
        let bulkheads = Bulkheads::new(HomeRuntime::current());
        for portal in portals(MOST + 9) {
            bulkheads.start(portal, pending());
            bulkheads.start(portal, pending());
        }
        assert_eq!((bulkheads.capacity().busy.len(), bulkheads.capacity().free), (MOST, 0));
    }
}

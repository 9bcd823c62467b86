//! Order and size of what lies on the shelves of the store in memory. A shelf's lock is taken while a shard's is held, never the other way
//! round.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::shelf::{FullLog, Shelf};
use crate::kernel::clock::Clock;

/// Where an entry lies: nothing else ever lay there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    shelf: Shelf,
    serial: u64,
}

/// An entry that must go.
pub(super) struct Pushed {
    pub(super) key: Arc<str>,
    pub(super) spot: Spot,
}

/// The shelves of one store.
pub(super) struct MemoryShelves {
    budget: u64,
    strangers: Mutex<Order>,
    proven: Mutex<Order>,
    proofs: Mutex<Order>,
    counters: Mutex<Order>,
    log: FullLog,
}

/// Entries of a shelf in the order in which they were put there.
#[derive(Default)]
struct Order {
    bytes: u64,
    next: u64,
    entries: BTreeMap<u64, (Arc<str>, u64)>,
}

impl MemoryShelves {
    pub(super) fn new(clock: Clock, budget: u64) -> Self {
        Self {
            budget,
            strangers: Mutex::default(),
            proven: Mutex::default(),
            proofs: Mutex::default(),
            counters: Mutex::default(),
            log: FullLog::new(clock),
        }
    }

    fn order(&self, shelf: Shelf) -> MutexGuard<'_, Order> {
        let order = match shelf {
            Shelf::Strangers => &self.strangers,
            Shelf::Proven => &self.proven,
            Shelf::Proofs => &self.proofs,
            Shelf::Counters => &self.counters,
        };
        order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bytes(&self, shelf: Shelf) -> u64 {
        self.order(shelf).bytes
    }

    /// Puts an entry of this size on a shelf; also returns the oldest ones that have no room any more, never the new one.
    pub(super) fn enter(&self, shelf: Shelf, key: &Arc<str>, size: u64) -> (Spot, Vec<Pushed>) {
        let share = shelf.share(self.budget);
        let mut order = self.order(shelf);
        let serial = order.next;
        order.next = serial.wrapping_add(1);
        order.bytes = order.bytes.saturating_add(size);
        order.entries.insert(serial, (Arc::clone(key), size));
        let mut pushed = Vec::new();
        while order.bytes > share && order.entries.len() > 1 {
            let Some((serial, (key, size))) = order.entries.pop_first() else {
                break;
            };
            order.bytes = order.bytes.saturating_sub(size);
            let spot = Spot { shelf, serial };
            pushed.push(Pushed { key, spot });
        }
        (Spot { shelf, serial }, pushed)
    }

    /// Takes an entry off its shelf, if it lies on one.
    pub(super) fn leave(&self, spot: Option<Spot>) {
        let Some(Spot { shelf, serial }) = spot else { return };
        let mut order = self.order(shelf);
        if let Some((_, size)) = order.entries.remove(&serial) {
            order.bytes = order.bytes.saturating_sub(size);
        }
    }

    /// Tells the log of living entries that were pushed off.
    pub(super) fn note_pushed(&self, spot: Spot, lived: u64) {
        self.log.note(spot.shelf, lived);
    }
}

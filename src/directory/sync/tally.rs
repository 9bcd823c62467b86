//! How far a fetch has come, counted while it runs so that whoever watches sees it move. Clones share the counts.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::wecom::CallCounter;

/// The counts of one fetch.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Requests sent to WeCom.
    pub calls: CallCounter,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    members: AtomicUsize,
    todo: AtomicUsize,
    done: AtomicUsize,
}

impl Tally {
    /// So many lists, or single members, are to be read besides.
    pub fn plan(&self, count: usize) {
        self.shared.todo.fetch_add(count, Ordering::Relaxed);
    }

    /// One of them was read, whatever came of it.
    pub fn done(&self) {
        self.shared.done.fetch_add(1, Ordering::Relaxed);
    }

    /// So many different members were seen by now.
    pub fn members(&self, count: usize) {
        self.shared.members.store(count, Ordering::Relaxed);
    }

    /// Members seen, lists read, and lists to read in all.
    pub fn read(&self) -> (usize, usize, usize) {
        let value = |of: &AtomicUsize| of.load(Ordering::Relaxed);
        let shared = &self.shared;
        (value(&shared.members), value(&shared.done), value(&shared.todo))
    }
}

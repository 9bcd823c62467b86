//! Counts the requests that go to WeCom for one piece of work, for example a sync: each that is sent, repeated ones and token requests too.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A counter. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct CallCounter(Arc<AtomicU64>);

impl CallCounter {
    /// Counts one request.
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests by now.
    pub fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

//! Records repeatable events: the first of its likes at once, the others by their count at the next flush.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    repetition::{Repetition, Rows, Step},
    store,
};
use crate::{
    audit::Record,
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::Database,
};

/// Aggregates audit events of this process. Cheap to clone; clones count together.
#[derive(Clone)]
pub struct Aggregator {
    database: Database,
    clock: Clock,
    entropy: Entropy,
    rows: Arc<Mutex<Rows>>,
}

impl Aggregator {
    /// Counts nothing yet.
    pub fn new(database: Database, clock: Clock, entropy: Entropy) -> Self {
        Self {
            database,
            clock,
            entropy,
            rows: Arc::default(),
        }
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an event. Returns the reference it is found under: its own, or that of the row it is counted in.
    ///
    /// # Errors
    /// When the database does not take the first of its likes.
    pub async fn record(&self, record: Record, repetition: Repetition) -> Result<Option<String>> {
        let now = self.clock.now();
        let step = self.rows().count(record, repetition, (now, self.entropy.id(now)));
        match step {
            Step::Counted(reference) => Ok(reference),
            Step::Insert(key, id, record) => {
                let reference = record.reference.clone();
                if let Err(error) = store::insert(&self.database, &self.entropy, (now, id), *record).await {
                    self.rows().take_back(&key, id);
                    return Err(error.into());
                }
                Ok(reference)
            }
        }
    }

    /// Writes the counts that have grown since the last time.
    ///
    /// # Errors
    /// When the database does not take one; it is tried again at the next flush.
    pub async fn flush(&self) -> Result<()> {
        let all = self.rows().due(self.clock.now());
        let mut result = Ok(());
        for due in all {
            match store::update(&self.database, due.id, due.detail.clone()).await {
                Ok(()) => self.rows().written(&due),
                Err(error) => {
                    self.rows().keep(due);
                    result = Err(error.into());
                }
            }
        }
        result
    }
}

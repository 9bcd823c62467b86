//! Records repeatable events: the first of its likes at once, the others by their count at the next flush.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::join_all;
use uuid::Uuid;

use super::{
    repetition::{Due, Key, Repetition, Rows, Step},
    store,
};
use crate::{
    audit::Record,
    kernel::{clock::Clock, entropy::Entropy, failure::Result},
    store::Database,
};

/// Counts written together, so that they share the `fsync`.
const BATCH: usize = 64;

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
                let mut first = First {
                    aggregator: self,
                    key: Some(key),
                    id,
                };
                store::insert(&self.database, &self.entropy, (now, id), *record).await?;
                first.key = None;
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
        let unwritten = |due| Unwritten {
            aggregator: self,
            due: Some(due),
        };
        let mut all: Vec<Unwritten<'_>> = all.into_iter().map(unwritten).collect();
        let mut result = Ok(());
        while !all.is_empty() {
            let batch = all.drain(..all.len().min(BATCH));
            let written = join_all(batch.map(Unwritten::write)).await;
            if let Some(failure) = written.into_iter().find_map(Result::err) {
                result = Err(failure);
            }
        }
        result
    }
}

/// A row whose first event is being inserted; taken back when dropped with its key, as when the request is dropped meanwhile.
struct First<'a> {
    aggregator: &'a Aggregator,
    key: Option<Key>,
    id: Uuid,
}

impl Drop for First<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.aggregator.rows().take_back(&key, self.id);
        }
    }
}

/// A count that is to be written; kept for the next flush when dropped before it is.
struct Unwritten<'a> {
    aggregator: &'a Aggregator,
    due: Option<Due>,
}

impl Unwritten<'_> {
    async fn write(mut self) -> Result<()> {
        if let Some(due) = &self.due {
            store::update(&self.aggregator.database, due.id, due.detail.clone()).await?;
        }
        if let Some(due) = self.due.take() {
            self.aggregator.rows().written(&due);
        }
        Ok(())
    }
}

impl Drop for Unwritten<'_> {
    fn drop(&mut self) {
        if let Some(due) = self.due.take() {
            self.aggregator.rows().keep(due);
        }
    }
}

//! Write context of one run: where, when, for which data source.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI32, AtomicI64, Ordering},
    },
};

use serde_json::Value;
use uuid::Uuid;

use super::{mirror::Settled, run_state::Spent, tally::Tally};
use crate::{
    directory::offboarding::model::{EndReason, Ending, LearnedBy, Reach},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::Database,
    wecom::ReplyRecord,
};

/// Rows per transaction. The widest row has 23 columns: 11 500 values, below SQLite's 32 766 and PostgreSQL's 65 535.
pub const BATCH: usize = 500;

/// The same for members, where everybody else who writes waits for the end.
const SHORT_BATCH: usize = 75;

/// Milliseconds between two times that a run's row tells how far applying has come.
const PROGRESS: i64 = 1000;

/// One execution of a run.
#[derive(Debug)]
pub struct Execution {
    /// The run's row.
    pub run_id: Uuid,
    /// The token that the data source's row must bear, or nothing is written.
    pub fence: Uuid,
    /// Where fetching counts how far it has come, and each request to WeCom.
    pub tally: Tally,
    /// What WeCom replied.
    pub replies: ReplyRecord,
    /// When it began; `None`: what it costs does not matter.
    began: Option<Timestamp>,
    /// By earlier executions of the run, before it was confirmed.
    before: Spent,
    batches: AtomicI32,
    /// When its row last told how far applying has come.
    told: AtomicI64,
    created: Mutex<HashSet<Uuid>>,
    settled: Mutex<Vec<Settled>>,
}

impl Execution {
    /// Of this run, under this token.
    pub fn new(run_id: Uuid, fence: Uuid) -> Self {
        Self {
            run_id,
            fence,
            tally: Tally::default(),
            replies: ReplyRecord::default(),
            began: None,
            before: Spent::default(),
            batches: AtomicI32::new(0),
            told: AtomicI64::new(0),
            created: Mutex::default(),
            settled: Mutex::default(),
        }
    }

    /// The same, begun now after earlier ones.
    #[must_use]
    pub fn begun(self, now: Timestamp, before: Spent) -> Self {
        Self {
            began: Some(now),
            before,
            ..self
        }
    }

    /// What the run has cost by now.
    pub fn spent(&self, now: Timestamp) -> Spent {
        let time = self.began.map(|began| now.since(began)).unwrap_or_default();
        self.before.plus(self.tally.calls.read(), time)
    }

    /// The number of the next transaction that writes into the journal, counted from 1.
    pub fn next_batch(&self) -> i32 {
        self.batches.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Whether its row is to tell how far applying has come: once a second.
    pub fn tells(&self, now: Timestamp) -> bool {
        let (told, now) = (self.told.load(Ordering::Relaxed), now.millis());
        // The clock may have been set back. Of two that ask at once one tells.
        let due = now.saturating_sub(told) >= PROGRESS || now < told;
        let swapped = due.then(|| {
            self.told
                .compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed)
        });
        swapped.is_some_and(|swapped| swapped.is_ok())
    }

    /// Remembers users whom it creates.
    pub fn creates(&self, users: impl Iterator<Item = Uuid>) {
        self.created
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(users);
    }

    /// Remembers members whom it created and who are in order from then on.
    pub fn settles(&self, members: impl Iterator<Item = Settled>) {
        self.settled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(members);
    }

    /// Those members.
    pub fn take_settled(&self) -> Vec<Settled> {
        std::mem::take(&mut self.settled.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it created this user.
    pub fn has_created(&self, user: Uuid) -> bool {
        let created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.contains(&user)
    }
}

/// Context of all writes of one run.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The database.
    pub db: &'a Database,
    /// Time.
    pub clock: &'a Clock,
    /// Ids of new rows.
    pub entropy: &'a Entropy,
    /// The data source.
    pub data_source_id: Uuid,
    /// Names its corp in its mode, as users keep it.
    pub corp_key: &'a str,
    /// The run; `None` where an event of WeCom, not a run, has something written: that is neither fenced nor in a journal.
    pub run: Option<&'a Execution>,
    /// When fetching began: the data is at least as recent as that.
    pub fetched_at: Timestamp,
}

impl Job<'_> {
    /// Members to write in one transaction.
    pub fn batch(&self) -> usize {
        match self.db.has_one_writer() {
            true => SHORT_BATCH,
            false => BATCH,
        }
    }

    /// Id of a new row.
    pub fn id(&self) -> Uuid {
        self.entropy.id(self.clock.now())
    }

    /// An ending of access that this run, or a look for an event, found.
    pub fn ending<'b>(&'b self, reason: EndReason, reach: Reach, evidence: &'b Value) -> Ending<'b> {
        let learned_by = match self.run_id() {
            Some(_) => LearnedBy::Sync,
            None => LearnedBy::Event,
        };
        Ending {
            entropy: self.entropy,
            now: self.clock.now(),
            reason,
            learned_by,
            reach,
            data_source: Some(self.data_source_id),
            evidence,
        }
    }

    /// The row of the run, if it is one.
    pub fn run_id(&self) -> Option<Uuid> {
        self.run.map(|run| run.run_id)
    }
}

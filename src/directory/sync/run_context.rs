//! Write context of one run: where, when, for which data source.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    directory::offboarding::model::{EndReason, Ending, LearnedBy, Reach},
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::Database,
};

/// Rows per transaction. The widest row has 21 columns: 10 500 values, below SQLite's 32 766 and PostgreSQL's 65 535.
pub const BATCH: usize = 500;

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
    /// Its corp.
    pub corp_id: &'a str,
    /// The run; nil where an event of WeCom, not a run, has something written.
    pub run_id: Uuid,
    /// When fetching began: the data is at least as recent as that.
    pub fetched_at: Timestamp,
}

impl Job<'_> {
    /// Id of a new row.
    pub fn id(&self) -> Uuid {
        self.entropy.id(self.clock.now())
    }

    /// An ending of access that this run, or a look for an event, found.
    pub fn ending<'b>(&'b self, reason: EndReason, reach: Reach, evidence: &'b Value) -> Ending<'b> {
        let learned_by = match self.run() {
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

    /// The run, if it is one.
    pub fn run(&self) -> Option<Uuid> {
        (!self.run_id.is_nil()).then_some(self.run_id)
    }
}

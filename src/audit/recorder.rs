//! Records failures that were told to somebody, in the background: no answer waits for it, none fails by it, and a database that is ill
//! costs the event only, which the log has as well.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::{join, join_all};
use tokio::sync::{mpsc, oneshot};

use super::{
    Record, Trace,
    record_limit::{RecordLimit, Source},
    store,
};
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
    },
    store::Database,
};

/// Events that wait to be written; further ones are only counted.
const QUEUE: usize = 1024;
/// Events written together.
const BATCH: usize = 64;
/// How long [`Recorder::flush`] waits at most.
const FLUSH: Duration = Duration::from_secs(1);

/// What is kept of a failure that was told.
struct Told {
    /// Its event; `None` where the audit log has one already.
    record: Option<Record>,
    /// What led to it.
    trace: Trace,
}

enum Entry {
    Told(Timestamp, Box<Told>),
    Flushed(oneshot::Sender<()>),
}

/// Takes events and writes them in order, within [`RecordLimit`]. Cheap to clone; when the last clone is gone it ends.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    limits: Arc<Mutex<Limits>>,
    clock: Clock,
}

/// The bounds: traces of failures that have their event already use up nothing of what events may have, and are counted as missing nowhere.
#[derive(Default)]
struct Limits {
    events: RecordLimit,
    traces: RecordLimit,
}

impl Recorder {
    /// Starts writing, on the runtime it is called in.
    pub fn start(database: Database, clock: Clock, entropy: Entropy) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write(waiting, database, entropy));
        Self {
            queue,
            limits: Arc::default(),
            clock,
        }
    }

    /// Records a failure that this source caused, unless there were too many. `told` is told how many were left out before it.
    pub fn record(&self, source: Source, told: impl FnOnce(u64) -> (Record, Trace)) {
        let now = self.clock.now();
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left_out) = limits.events.admit(source, now) {
            let (record, trace) = told(left_out);
            let record = Some(record);
            if !self.enqueue(now, Told { record, trace }) {
                limits.events.count(left_out);
            }
        }
    }

    /// Keeps what led to a failure that this source caused and whose event is written elsewhere, unless there were too many.
    pub fn trace(&self, source: Source, trace: impl FnOnce() -> Trace) {
        let now = self.clock.now();
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if limits.traces.admit(source, now).is_some() {
            let told = Told {
                record: None,
                trace: trace(),
            };
            self.enqueue(now, told);
        }
    }

    /// Whether there was room.
    fn enqueue(&self, now: Timestamp, told: Told) -> bool {
        self.queue.try_send(Entry::Told(now, Box::new(told))).is_ok()
    }

    /// Waits until what was recorded before is written, a second at most.
    pub async fn flush(&self) {
        let (written, flushed) = oneshot::channel();
        let wait = async {
            if self.queue.send(Entry::Flushed(written)).await.is_ok() {
                drop(flushed.await);
            }
        };
        drop(tokio::time::timeout(FLUSH, wait).await);
    }
}

async fn write(mut waiting: mpsc::Receiver<Entry>, database: Database, entropy: Entropy) {
    let mut entries = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut entries, BATCH).await > 0 {
        let (mut writes, mut traces, mut flushed) = (Vec::new(), Vec::new(), Vec::new());
        for entry in entries.drain(..) {
            match entry {
                Entry::Told(at, told) => {
                    writes.extend(told.record.map(|record| store::insert(&database, &entropy, at, record)));
                    traces.push(store::insert_trace(&database, at, told.trace));
                }
                Entry::Flushed(written) => flushed.push(written),
            }
        }
        let (written, traced) = join(join_all(writes), join_all(traces)).await;
        if let Some(error) = written.into_iter().chain(traced).find_map(Result::err) {
            tracing::warn!(%error, "failures could not be recorded; the log has them");
        }
        // Who waits sees the end of the channel.
        drop(flushed);
    }
}

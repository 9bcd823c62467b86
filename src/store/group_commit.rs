//! Group commit: small writes that arrive together share one transaction, and so one `fsync`.
//!
//! SQLite has one writer and makes every commit durable; alone, each write would pay for its own `fsync`. Here writes that come while a
//! transaction is being committed are collected for the next one. PostgreSQL takes several transactions at once and groups their commits by
//! itself; there writes are collected to save round trips, while a batch is under way that may be back in no time, or as many as there are lanes
//! ([`Pace`]). A write is answered only after its transaction is on the disk. One that fails does not harm the others: the shared transaction is rolled
//! back and each of them runs again alone, unless it was the database that failed; nor does one that waits for somebody: its batch goes without it,
//! and it waits outside of the lanes. A panic counts as a failure of that write. If the
//! committing task is stopped, the waiting callers get an error, and the next write starts a new task.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, oneshot},
    task::yield_now,
    time::{Instant, timeout},
};

use super::{
    batch_kind::{AtOnce, BatchKind, Written, single_answer},
    connection::{Connection, is_connection_lost},
};
use crate::kernel::{
    pace::Pace,
    spans::{self, Kind},
};

/// Most writes per transaction: a longer one would keep the first of them waiting.
const MOST: usize = 32;

/// How long the next transaction gathers writes, once more than one came at a time: a larger transaction costs each of them less, and under
/// load the disk is not what they wait for. A write that comes alone never waits.
const GATHER: Duration = Duration::from_millis(2);

/// Sends the result to the waiting caller.
type Reply<K> = oneshot::Sender<Result<<K as BatchKind>::Answer, DbErr>>;

struct Queue<K: BatchKind> {
    waiting: Vec<(K::Item, Reply<K>)>,
    /// So many tasks are committing, or about to, and will look at the queue again afterwards.
    busy: usize,
    pace: Pace,
}

/// Collects writes of one kind. Cheap to clone; clones share the queue.
pub struct GroupCommit<K: BatchKind> {
    kind: Arc<K>,
    writer: Connection,
    /// How many batches are written at once.
    lanes: usize,
    /// How many are written by themselves at once, as they wait for somebody or would have failed the others.
    alone: Arc<Semaphore>,
    /// Runtime of the committing task. A caller's own runtime (a worker of the server) may stop before the others have their answer.
    runtime: Handle,
    queue: Arc<Mutex<Queue<K>>>,
    /// Notified when enough writes wait, so that the gathering ends early, and when nobody is under way any more.
    batch_ready: Arc<Notify>,
}

impl<K: BatchKind> Clone for GroupCommit<K> {
    fn clone(&self) -> Self {
        Self {
            kind: Arc::clone(&self.kind),
            writer: self.writer.clone(),
            lanes: self.lanes,
            alone: Arc::clone(&self.alone),
            runtime: self.runtime.clone(),
            queue: Arc::clone(&self.queue),
            batch_ready: Arc::clone(&self.batch_ready),
        }
    }
}

impl<K: BatchKind> std::fmt::Debug for GroupCommit<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GroupCommit")
    }
}

impl<K: BatchKind> GroupCommit<K> {
    /// Creates the queue over a connection that writes one transaction at a time, committing on this runtime.
    pub(super) fn new(kind: K, writer: Connection, runtime: Handle) -> Self {
        Self {
            kind: Arc::new(kind),
            writer,
            lanes: 1,
            alone: Arc::new(Semaphore::new(1)),
            runtime,
            queue: Arc::new(Mutex::new(Queue {
                waiting: Vec::new(),
                busy: 0,
                pace: Pace::new(1),
            })),
            batch_ready: Arc::default(),
        }
    }

    /// The same over connections that write so many transactions at once.
    pub fn with_lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.max(1);
        self.alone = Arc::new(Semaphore::new(self.lanes.div_ceil(2)));
        self.lock().pace = Pace::new(self.lanes);
        self
    }

    fn lock(&self) -> MutexGuard<'_, Queue<K>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Writes one item together with those that wait; returns its result once that is durable.
    ///
    /// # Errors
    /// The error of the write or of the commit.
    pub async fn run(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        // Its statements are those of another task, and of others' writes.
        spans::within(Kind::Client, "COMMIT", self.join_batch(item)).await
    }

    async fn join_batch(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        spans::worked();
        let system = if self.on_postgres() { "postgresql" } else { "sqlite" };
        spans::attributes(|| {
            vec![
                ("db.system.name", system.into()),
                ("db.operation.name", "COMMIT".into()),
            ]
        });
        let (reply, answer) = oneshot::channel();
        if self.enqueue(item, reply) {
            let begins = BeginOnDrop(self);
            if self.lanes > 1 {
                yield_now().await;
            }
            drop(begins);
        }
        answer.await.map_err(|_| lost("its batch was dropped"))?
    }

    /// Adds an item to the queue; true for the caller that must start the committing task.
    fn enqueue(&self, item: K::Item, reply: Reply<K>) -> bool {
        let mut queue = self.lock();
        queue.waiting.push((item, reply));
        if queue.waiting.len() == MOST / 2 {
            self.batch_ready.notify_one();
        }
        // One that waits for its turn takes along whoever comes.
        let under_way = queue.pace.under_way();
        let starts = queue.busy < self.lanes && queue.busy == under_way;
        if self.lanes > 1 && !starts && under_way == 0 {
            self.batch_ready.notify_one();
        }
        queue.busy += usize::from(starts);
        starts
    }

    /// The next batch, once it is its turn; none where nobody waits.
    async fn next(&self) -> Option<(UnderWay<'_, K>, Vec<K::Item>, Vec<Reply<K>>)> {
        loop {
            let wait = {
                let mut queue = self.lock();
                let count = queue.waiting.len().min(MOST);
                if count == 0 {
                    queue.busy = queue.busy.saturating_sub(1);
                    return None;
                }
                match queue.pace.begin(Instant::now()) {
                    Ok(()) => {
                        let (items, replies) = queue.waiting.drain(..count).unzip();
                        return Some((UnderWay(self), items, replies));
                    }
                    Err(wait) => wait.unwrap_or(GATHER),
                }
            };
            drop(timeout(wait, self.batch_ready.notified()).await);
        }
    }

    async fn drain(&self) {
        while let Some((under_way, items, replies)) = self.next().await {
            let several = items.len() > 1;
            self.write(items, replies).await;
            drop(under_way);
            if self.lanes > 1 {
                // Over a network a batch costs a round trip: whatever is ready to be written comes along.
                yield_now().await;
            } else if several {
                drop(timeout(GATHER, self.batch_ready.notified()).await);
            }
        }
    }

    /// Writes these items and answers those who wait for them.
    async fn write(&self, items: Vec<K::Item>, replies: Vec<Reply<K>>) {
        let several = items.len() > 1;
        match self.commit(&items).await {
            Ok(answers) => {
                for ((item, reply), answer) in items.into_iter().zip(replies).zip(answers) {
                    match answer {
                        Written::Done(answer) => drop(reply.send(Ok(answer))),
                        Written::Alone => self.write_alone(item, reply).await,
                    }
                }
            }
            Err(Failed::Write(_)) if several => {
                for (item, reply) in items.into_iter().zip(replies) {
                    self.write_alone(item, reply).await;
                }
            }
            // No item's fault, so each alone would only wait as long again; or that of the one there is.
            Err(Failed::Database(error) | Failed::Write(error)) => {
                for reply in replies {
                    drop(reply.send(Err(lost(&error.to_string()))));
                }
            }
        }
    }

    /// Writes an item by itself. Where others can write meanwhile, nobody waits for it but its caller.
    async fn write_alone(&self, item: K::Item, reply: Reply<K>) {
        let batch = self.clone();
        let write = async move {
            // It is never closed.
            let _turn = batch.alone.acquire().await;
            let written = batch.commit(std::slice::from_ref(&item)).await;
            let answer = written.map_err(Failed::into_error).and_then(single_answer);
            drop(reply.send(answer));
        };
        match self.on_postgres() {
            true => drop(tokio::spawn(write)),
            false => write.await,
        }
    }

    /// Writes these items by one statement. A failure that the database tells of leaves nothing written; what it has answered stands, whatever
    /// becomes of the answer, and is not written again.
    async fn commit_at_once(&self, statement: AtOnce<K::Answer>) -> Result<Vec<Written<K::Answer>>, Failed> {
        let AtOnce { sql, values, answers } = statement;
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let rows = self.writer.query_all_raw(statement).await;
        let rows = rows.map_err(|error| match is_connection_lost(&error) {
            true => Failed::Database(error),
            false => Failed::Write(error),
        })?;
        answers(&rows).map_err(Failed::Database)
    }

    /// Writes and commits these items in one transaction. A panic counts as a failed write: the transaction is rolled back.
    async fn commit(&self, items: &[K::Item]) -> Result<Vec<Written<K::Answer>>, Failed> {
        if self.on_postgres()
            && let Some(statement) = self.kind.at_once(items)
        {
            let write = self.commit_at_once(statement.map_err(Failed::Write)?);
            let done = AssertUnwindSafe(write).catch_unwind();
            return done
                .await
                .unwrap_or_else(|_| Err(Failed::Database(lost("it panicked"))));
        }
        let transaction = self.writer.begin().await.map_err(Failed::Database)?;
        let done = AssertUnwindSafe(async { self.kind.write(&transaction, items).await }).catch_unwind();
        let answers = done.await.unwrap_or_else(|_| Err(lost("it panicked")));
        let answers = answers.map_err(Failed::Write)?;
        transaction.commit().await.map_err(Failed::Database)?;
        Ok(answers.into_iter().map(Written::Done).collect())
    }
}

/// Why a transaction failed.
enum Failed {
    /// The transaction could not be begun or committed.
    Database(DbErr),
    /// One of the items could not be written; it is not known which.
    Write(DbErr),
}

impl Failed {
    fn into_error(self) -> DbErr {
        match self {
            Self::Database(error) | Self::Write(error) => error,
        }
    }
}

fn lost(what: &str) -> DbErr {
    DbErr::Custom(format!("a write was lost: {what}"))
}

/// A batch that is being written.
struct UnderWay<'a, K: BatchKind>(&'a GroupCommit<K>);

impl<K: BatchKind> Drop for UnderWay<'_, K> {
    fn drop(&mut self) {
        self.0.lock().pace.end();
    }
}

/// Begins the committing task when it is dropped, also when its caller gives up. It is a task of its own: a caller that gives up must not cancel
/// the others' transaction.
struct BeginOnDrop<'a, K: BatchKind>(&'a GroupCommit<K>);

impl<K: BatchKind> Drop for BeginOnDrop<'_, K> {
    fn drop(&mut self) {
        let drain = Drain {
            batch: self.0.clone(),
            finished: false,
        };
        // On PostgreSQL the caller's own, which like all workers goes on until the last request has ended: its connection is at hand there. On SQLite
        // a caller may end before those who joined its transaction.
        let runtime = Handle::try_current().ok().filter(|_| self.0.on_postgres());
        drop(runtime.unwrap_or_else(|| self.0.runtime.clone()).spawn(drain.run()));
    }
}

/// The committing task: writes batches until the queue is empty. If it is stopped before (its runtime is shut down), the queue stays
/// usable, and the waiting callers get an error that their write was lost.
struct Drain<K: BatchKind> {
    batch: GroupCommit<K>,
    finished: bool,
}

impl<K: BatchKind> Drain<K> {
    async fn run(mut self) {
        self.batch.drain().await;
        self.finished = true;
    }
}

impl<K: BatchKind> Drop for Drain<K> {
    fn drop(&mut self) {
        // After a regular end the queue is idle or belongs to another task.
        if !self.finished {
            let mut queue = self.batch.lock();
            queue.busy = queue.busy.saturating_sub(1);
            if queue.busy == 0 {
                queue.waiting.clear();
            }
        }
    }
}

#[cfg(test)]
#[path = "group_commit_tests.rs"]
mod tests;

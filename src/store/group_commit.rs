//! Group commit: small writes that arrive together share one transaction, and so one `fsync`.
//!
//! SQLite has one writer and makes every commit durable; alone, each write would pay for its own `fsync`. Here writes that come while a
//! transaction is being committed are collected for the next one. PostgreSQL takes several transactions at once and groups their commits by
//! itself; there writes are collected while as many batches are under way as it has lanes, and save round trips. A write is answered only after its transaction is on the disk. One that fails does not harm the others: the shared transaction is rolled
//! back and each of them runs again alone, unless it was the database that failed. A panic counts as a failure of that write. If the
//! committing task is stopped, the waiting callers get an error, and the next write starts a new task.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};

use super::{
    batch_kind::{BatchKind, single_answer},
    connection::{Connection, is_connection_lost},
};
use crate::kernel::spans::{self, Kind};

/// Most writes per transaction: a longer one would keep the first of them waiting.
const MOST: usize = 32;

/// How long the next transaction gathers writes, once more than one came at a time: a larger transaction costs each of them less, and under
/// load the disk is not what they wait for. A write that comes alone never waits.
const GATHER: Duration = Duration::from_millis(2);

type Value = Box<dyn Any + Send>;
type Work = Box<dyn for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<Value, DbErr>> + Send + Sync>;

/// Writes that share nothing but their transaction: they run one after the other.
pub struct Closures;

impl BatchKind for Closures {
    type Item = Work;
    type Answer = Value;

    fn write<'t>(
        &'t self,
        transaction: &'t DatabaseTransaction,
        items: &'t [Work],
    ) -> BoxFuture<'t, Result<Vec<Value>, DbErr>> {
        Box::pin(async move {
            let mut values = Vec::with_capacity(items.len());
            for work in items {
                values.push(work(transaction).await?);
            }
            Ok(values)
        })
    }
}

/// Sends the result to the waiting caller.
type Reply<K> = oneshot::Sender<Result<<K as BatchKind>::Answer, DbErr>>;

struct Queue<K: BatchKind> {
    waiting: Vec<(K::Item, Reply<K>)>,
    /// So many tasks are committing and will look at the queue again afterwards.
    busy: usize,
}

/// Collects writes of one kind. Cheap to clone; clones share the queue.
pub struct GroupCommit<K: BatchKind> {
    kind: Arc<K>,
    writer: Connection,
    /// How many batches are written at once.
    lanes: usize,
    /// Runtime of the committing task. A caller's own runtime (a worker of the server) may stop before the others have their answer.
    runtime: Handle,
    queue: Arc<Mutex<Queue<K>>>,
    /// Notified when enough writes wait, so that the gathering ends early.
    batch_ready: Arc<Notify>,
}

impl<K: BatchKind> Clone for GroupCommit<K> {
    fn clone(&self) -> Self {
        Self {
            kind: Arc::clone(&self.kind),
            writer: self.writer.clone(),
            lanes: self.lanes,
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

impl GroupCommit<Closures> {
    /// Runs `work` in a transaction shared with others; returns its result once that is durable. `work` may run more than once, so it must
    /// do nothing but statements on the transaction it is given.
    ///
    /// # Errors
    /// The error of `work` or of the commit.
    pub async fn work<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        let work = Arc::new(work);
        let work: Work = Box::new(move |transaction| {
            let work = Arc::clone(&work);
            Box::pin(async move { work(transaction).await.map(|value| Box::new(value) as Value) })
        });
        let value = self.run(work).await?;
        value.downcast().map(|value| *value).map_err(|_| lost("another type"))
    }
}

impl<K: BatchKind> GroupCommit<K> {
    /// Creates the queue over a connection that writes one transaction at a time, committing on this runtime.
    pub(super) fn new(kind: K, writer: Connection, runtime: Handle) -> Self {
        Self {
            kind: Arc::new(kind),
            writer,
            lanes: 1,
            runtime,
            queue: Arc::new(Mutex::new(Queue {
                waiting: Vec::new(),
                busy: 0,
            })),
            batch_ready: Arc::default(),
        }
    }

    /// The same over connections that write so many transactions at once.
    pub fn with_lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.max(1);
        self
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
        let system = match self.writer.get_database_backend() {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        spans::attributes(|| {
            vec![
                ("db.system.name", system.into()),
                ("db.operation.name", "COMMIT".into()),
            ]
        });
        let (reply, answer) = oneshot::channel();
        if self.enqueue(item, reply) {
            let begins = BeginOnDrop(self);
            // Over a network a batch costs a round trip: whatever else is ready to be written comes along.
            if self.lanes > 1 {
                tokio::task::yield_now().await;
            }
            drop(begins);
        }
        answer.await.map_err(|_| lost("its batch was dropped"))?
    }

    /// Adds an item to the queue; true for the caller that must start the committing task.
    fn enqueue(&self, item: K::Item, reply: Reply<K>) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push((item, reply));
        if queue.waiting.len() == MOST / 2 {
            self.batch_ready.notify_one();
        }
        let starts = queue.busy < self.lanes;
        queue.busy += usize::from(starts);
        starts
    }

    fn next(&self) -> (Vec<K::Item>, Vec<Reply<K>>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let count = queue.waiting.len().min(MOST);
        if count == 0 {
            queue.busy = queue.busy.saturating_sub(1);
        }
        queue.waiting.drain(..count).unzip()
    }

    async fn drain(&self) {
        loop {
            let (items, replies) = self.next();
            if items.is_empty() {
                return;
            }
            match self.commit(&items).await {
                Ok(answers) => {
                    for (reply, answer) in replies.into_iter().zip(answers) {
                        drop(reply.send(Ok(answer)));
                    }
                }
                // No item's fault: each alone would only wait as long again.
                Err(Failed::Database(error)) => {
                    for reply in replies {
                        drop(reply.send(Err(lost(&error.to_string()))));
                    }
                }
                Err(Failed::Write(error)) if items.len() == 1 => {
                    for reply in replies {
                        drop(reply.send(Err(lost(&error.to_string()))));
                    }
                }
                Err(Failed::Write(_)) => {
                    for (reply, item) in replies.into_iter().zip(&items) {
                        let owned = self.commit(std::slice::from_ref(item)).await;
                        drop(reply.send(owned.map_err(Failed::into_error).and_then(single_answer)));
                    }
                }
            }
            if items.len() > 1 && self.lanes == 1 {
                drop(tokio::time::timeout(GATHER, self.batch_ready.notified()).await);
            }
        }
    }

    /// Writes and commits these items in one transaction. A panic counts as a failed write: the transaction is rolled back.
    async fn commit(&self, items: &[K::Item]) -> Result<Vec<K::Answer>, Failed> {
        if self.writer.get_database_backend() == DbBackend::Postgres
            && let Some(write) = self.kind.write_at_once(&self.writer, items)
        {
            let done = AssertUnwindSafe(write).catch_unwind();
            let answers = done.await.unwrap_or_else(|_| Err(lost("it panicked")));
            return answers.map_err(|error| match is_connection_lost(&error) {
                true => Failed::Database(error),
                false => Failed::Write(error),
            });
        }
        let transaction = self.writer.begin().await.map_err(Failed::Database)?;
        let done = AssertUnwindSafe(async { self.kind.write(&transaction, items).await }).catch_unwind();
        let answers = done.await.unwrap_or_else(|_| Err(lost("it panicked")));
        let answers = answers.map_err(Failed::Write)?;
        transaction.commit().await.map_err(Failed::Database)?;
        Ok(answers)
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

/// Begins the committing task when it is dropped, also when its caller gives up. It is a task of its own: a caller that gives up must not cancel
/// the others' transaction.
struct BeginOnDrop<'a, K: BatchKind>(&'a GroupCommit<K>);

impl<K: BatchKind> Drop for BeginOnDrop<'_, K> {
    fn drop(&mut self) {
        let drain = Drain {
            batch: self.0.clone(),
            finished: false,
        };
        drop(self.0.runtime.spawn(drain.run()));
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
            let mut queue = self.batch.queue.lock().unwrap_or_else(PoisonError::into_inner);
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

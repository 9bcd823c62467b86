//! Group commit: small writes that arrive together share one transaction, and so one wait for the disk.
//!
//! SQLite has one writer and makes every commit durable; alone, each write would pay for its own `fsync`. Here whoever comes while a
//! transaction is being committed is collected for the next one. PostgreSQL groups commits by itself, so writes go straight through.
//! A write is answered only after its transaction is on the disk. One that fails does not harm its companions: the shared transaction is
//! rolled back and each of them runs again alone, unless it was the database that failed. One that panics is one that fails; and if whoever commits is stopped, those who wait
//! hear of it, and the next write starts anew.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
};

use super::batch_write::{BatchKind, only};

/// Most writes of one transaction: a longer one would keep the first of them waiting.
const MOST: usize = 32;

/// How long the next of many may still come, once more than one came at a time: a larger transaction costs each of them less, and under load the
/// disk is not what they wait for. Who writes when nobody else did just before never waits.
const GATHER: Duration = Duration::from_millis(2);

type Value = Box<dyn Any + Send>;
type Work = Box<dyn for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<Value, DbErr>> + Send + Sync>;

/// Writes that have nothing in common but their transaction: one after the other.
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

/// Where an answer is waited for.
type Reply<K> = oneshot::Sender<Result<<K as BatchKind>::Answer, DbErr>>;

struct Queue<K: BatchKind> {
    waiting: Vec<(K::Item, Reply<K>)>,
    /// Somebody is committing and will look again afterwards.
    busy: bool,
}

/// Collects writes of one kind. Cheap to clone; clones share the queue.
pub struct GroupCommit<K: BatchKind> {
    kind: Arc<K>,
    writer: DatabaseConnection,
    /// Where it commits. A caller's own runtime (a worker of the server) may stop before the others have their answer.
    runtime: Handle,
    queue: Arc<Mutex<Queue<K>>>,
    /// Told when so many wait that no more need to come.
    many: Arc<Notify>,
}

impl<K: BatchKind> Clone for GroupCommit<K> {
    fn clone(&self) -> Self {
        Self {
            kind: Arc::clone(&self.kind),
            writer: self.writer.clone(),
            runtime: self.runtime.clone(),
            queue: Arc::clone(&self.queue),
            many: Arc::clone(&self.many),
        }
    }
}

impl<K: BatchKind> std::fmt::Debug for GroupCommit<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Batch")
    }
}

impl GroupCommit<Closures> {
    /// Runs `work` in a transaction shared with others; its result once that is durable. `work` may run more than once, so it must do
    /// nothing but statements on the transaction it is given.
    ///
    /// # Errors
    /// What `work` or the commit answered.
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
    /// Over a connection that writes one transaction at a time, committing on this runtime.
    pub fn new(kind: K, writer: DatabaseConnection, runtime: Handle) -> Self {
        Self {
            kind: Arc::new(kind),
            writer,
            runtime,
            queue: Arc::new(Mutex::new(Queue {
                waiting: Vec::new(),
                busy: false,
            })),
            many: Arc::default(),
        }
    }

    /// Writes one item together with those that wait; its answer once that is durable.
    ///
    /// # Errors
    /// What the write or the commit answered.
    pub async fn run(&self, item: K::Item) -> Result<K::Answer, DbErr> {
        let (reply, answer) = oneshot::channel();
        if self.enqueue(item, reply) {
            // A task of its own: a caller who gives up must not take the others' transaction with them.
            let drain = Drain {
                batch: self.clone(),
                finished: false,
            };
            drop(self.runtime.spawn(drain.run()));
        }
        answer.await.map_err(|_| lost("its batch was dropped"))?
    }

    /// True for the caller who must see to it that the queue is worked off.
    fn enqueue(&self, item: K::Item, reply: Reply<K>) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push((item, reply));
        if queue.waiting.len() == MOST / 2 {
            self.many.notify_one();
        }
        !std::mem::replace(&mut queue.busy, true)
    }

    fn next(&self) -> (Vec<K::Item>, Vec<Reply<K>>) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let count = queue.waiting.len().min(MOST);
        queue.busy = count > 0;
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
                // Nobody's fault: each alone would only wait as long again.
                Err(Failed::Database(error)) => {
                    for reply in replies {
                        drop(reply.send(Err(lost(&error.to_string()))));
                    }
                }
                Err(Failed::Write(_)) => {
                    for (reply, item) in replies.into_iter().zip(&items) {
                        let owned = self.commit(std::slice::from_ref(item)).await;
                        drop(reply.send(owned.map_err(Failed::into_error).and_then(only)));
                    }
                }
            }
            if items.len() > 1 {
                drop(tokio::time::timeout(GATHER, self.many.notified()).await);
            }
        }
    }

    /// A panic is the failure of these items: their transaction is rolled back.
    async fn commit(&self, items: &[K::Item]) -> Result<Vec<K::Answer>, Failed> {
        let transaction = self.writer.begin().await.map_err(Failed::Database)?;
        let done = AssertUnwindSafe(async { self.kind.write(&transaction, items).await }).catch_unwind();
        let answers = done.await.unwrap_or_else(|_| Err(lost("it panicked")));
        let answers = answers.map_err(Failed::Write)?;
        transaction.commit().await.map_err(Failed::Database)?;
        Ok(answers)
    }
}

/// Why nothing was written.
enum Failed {
    /// The transaction did not begin or not end.
    Database(DbErr),
    /// One of the items could not be written, whichever.
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

/// Works the queue off. Stopped before its end (its runtime is shut down), it leaves a queue that works, and lets go of those who wait, who
/// hear that their write was lost.
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
        // Finished, the queue is idle or another's.
        if !self.finished {
            let mut queue = self.batch.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.busy = false;
            queue.waiting.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};
    use sea_orm::{ConnectionTrait, DbErr};

    use crate::store::database::Database;

    async fn table() -> (Database, std::path::PathBuf) {
        let file = std::env::temp_dir().join(format!("menjin-batch-{}.db", uuid::Uuid::from_u128(rand::random())));
        let database = Database::connect(&format!("sqlite://{}?mode=rwc", file.display()), 2)
            .await
            .unwrap();
        database
            .writer()
            .execute_unprepared("CREATE TABLE t (id INTEGER PRIMARY KEY, by INTEGER)")
            .await
            .unwrap();
        (database, file)
    }

    async fn insert(database: &Database, id: u32, by: u32) -> Result<u64, DbErr> {
        let statement = format!("INSERT INTO t VALUES ({id}, {by})");
        database
            .write(move |transaction| {
                let statement = statement.clone();
                async move { Ok(transaction.execute_unprepared(&statement).await?.rows_affected()) }.boxed()
            })
            .await
    }

    async fn count(database: &Database) -> u64 {
        database
            .writer()
            .execute_unprepared("UPDATE t SET by = by")
            .await
            .unwrap()
            .rows_affected()
    }

    fn remove(file: &std::path::Path) {
        for suffix in ["", "-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{suffix}", file.display())));
        }
    }

    #[tokio::test]
    async fn each_of_many_writes_at_once_is_done_once() {
        let (database, file) = table().await;
        let done = join_all((0..200).map(|id| insert(&database, id, 1))).await;
        assert!(done.into_iter().all(|one| one.unwrap() == 1));
        assert_eq!(count(&database).await, 200);
        remove(&file);
    }

    #[tokio::test]
    async fn one_that_fails_fails_alone() {
        let (database, file) = table().await;
        // Every third has an id that is taken already.
        insert(&database, 7, 0).await.unwrap();
        let ids = (100..190).map(|id| if id % 3 == 0 { 7 } else { id });
        let done = join_all(ids.map(|id| insert(&database, id, 1))).await;
        assert_eq!(done.iter().filter(|one| one.is_err()).count(), 30);
        assert_eq!(count(&database).await, 61);
        remove(&file);
    }

    #[tokio::test]
    async fn one_that_panics_fails_alone() {
        let (database, file) = table().await;
        let broken = true;
        let panics = database.write(move |_| {
            async move {
                assert!(!broken, "as a bug would");
                Ok(())
            }
            .boxed()
        });
        let companion = insert(&database, 1, 1);
        let (failed, done) = futures_util::future::join(panics, companion).await;
        assert!(failed.is_err());
        assert_eq!(done.unwrap(), 1);
        assert_eq!(insert(&database, 2, 1).await.unwrap(), 1);
        remove(&file);
    }

    #[tokio::test]
    async fn whoever_commits_may_be_stopped_midway() {
        let (database, file) = table().await;
        let batch = super::GroupCommit::new(
            super::Closures,
            database.writer().connection().clone(),
            tokio::runtime::Handle::current(),
        );
        let drain = super::Drain {
            batch: batch.clone(),
            finished: false,
        };
        let (reply, answer) = tokio::sync::oneshot::channel();
        let work: super::Work = Box::new(|_| async { Ok(Box::new(()) as super::Value) }.boxed());
        assert!(batch.enqueue(work, reply));
        drop(drain.run());
        assert!(answer.await.is_err(), "who waits is told");
        batch.work(|_| async { Ok(()) }.boxed()).await.unwrap();
        remove(&file);
    }

    #[tokio::test]
    async fn a_write_outlives_the_runtime_of_its_caller() {
        let (database, file) = table().await;
        let other = database.clone();
        let gone = std::thread::spawn(move || {
            let worker = tokio::runtime::Builder::new_current_thread().build().unwrap();
            worker.block_on(async {
                let mut given_up = Box::pin(insert(&other, 1, 1));
                assert!(futures_util::poll!(&mut given_up).is_pending());
            });
        });
        gone.join().unwrap();
        assert_eq!(insert(&database, 2, 1).await.unwrap(), 1);
        assert_eq!(count(&database).await, 2);
        remove(&file);
    }

    #[tokio::test]
    async fn who_gives_up_takes_nobody_along() {
        let (database, file) = table().await;
        let mut given_up = Box::pin(insert(&database, 1, 1));
        assert!(futures_util::poll!(&mut given_up).is_pending());
        let other = insert(&database, 2, 1);
        drop(given_up);
        assert_eq!(other.await.unwrap(), 1);
        remove(&file);
    }
}

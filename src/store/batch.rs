//! Group commit: small writes that arrive together share one transaction, and so one wait for the disk.
//!
//! SQLite has one writer and makes every commit durable; alone, each write would pay for its own `fsync`. Here whoever comes while a
//! transaction is being committed is collected for the next one. PostgreSQL groups commits by itself, so writes go straight through.
//! A write is answered only after its transaction is on the disk. One that fails does not harm its companions: the shared transaction is
//! rolled back and each of them runs again alone. One that panics is one that fails; and if whoever commits is stopped, those who wait
//! hear of it, and the next write starts anew.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::{runtime::Handle, sync::oneshot};

/// Most writes of one transaction: a longer one would keep the first of them waiting.
const MOST: usize = 64;

type Value = Box<dyn Any + Send>;
type Work = Box<dyn for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<Value, DbErr>> + Send + Sync>;

struct Waiting {
    work: Work,
    reply: oneshot::Sender<Result<Value, DbErr>>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Somebody is committing and will look again afterwards.
    busy: bool,
}

/// Collects writes. Cheap to clone; clones share the queue.
#[derive(Clone)]
pub struct Batch {
    writer: DatabaseConnection,
    /// Where it commits. A caller's own runtime (a worker of the server) may stop before the others have their answer.
    runtime: Handle,
    queue: Arc<Mutex<Queue>>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Batch")
    }
}

impl Batch {
    /// Over a connection that writes one transaction at a time, committing on this runtime.
    pub fn new(writer: DatabaseConnection, runtime: Handle) -> Self {
        Self {
            writer,
            runtime,
            queue: Arc::default(),
        }
    }

    /// Runs `work` in a transaction shared with others; its result once that is durable. `work` may run more than once, so it must do
    /// nothing but statements on the transaction it is given.
    ///
    /// # Errors
    /// What `work` or the commit answered.
    pub async fn run<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work = Arc::new(work);
        let work: Work = Box::new(move |transaction| {
            let work = Arc::clone(&work);
            Box::pin(async move { work(transaction).await.map(|value| Box::new(value) as Value) })
        });
        if self.enqueue(Waiting { work, reply }) {
            // A task of its own: a caller who gives up must not take the others' transaction with them.
            let drain = Drain {
                batch: self.clone(),
                finished: false,
            };
            drop(self.runtime.spawn(drain.run()));
        }
        let value = answer.await.map_err(|_| lost("its batch was dropped"))??;
        value.downcast().map(|value| *value).map_err(|_| lost("another type"))
    }

    /// True for the caller who must see to it that the queue is worked off.
    fn enqueue(&self, waiting: Waiting) -> bool {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.waiting.push(waiting);
        !std::mem::replace(&mut queue.busy, true)
    }

    fn next(&self) -> Vec<Waiting> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let count = queue.waiting.len().min(MOST);
        queue.busy = count > 0;
        queue.waiting.drain(..count).collect()
    }

    async fn drain(&self) {
        loop {
            let batch = self.next();
            if batch.is_empty() {
                return;
            }
            match self.together(&batch).await {
                Ok(values) => {
                    for (waiting, value) in batch.into_iter().zip(values) {
                        drop(waiting.reply.send(Ok(value)));
                    }
                }
                Err(_) => {
                    for waiting in batch {
                        let alone = self.alone(&waiting.work).await;
                        drop(waiting.reply.send(alone));
                    }
                }
            }
        }
    }

    async fn together(&self, batch: &[Waiting]) -> Result<Vec<Value>, DbErr> {
        let transaction = self.writer.begin().await?;
        let mut values = Vec::with_capacity(batch.len());
        for waiting in batch {
            values.push(attempt(&waiting.work, &transaction).await?);
        }
        transaction.commit().await?;
        Ok(values)
    }

    async fn alone(&self, work: &Work) -> Result<Value, DbErr> {
        let transaction = self.writer.begin().await?;
        let value = attempt(work, &transaction).await?;
        transaction.commit().await?;
        Ok(value)
    }
}

fn lost(what: &str) -> DbErr {
    DbErr::Custom(format!("a write was lost: {what}"))
}

/// A panic is the failure of this one work: its transaction is rolled back, and its companions run again alone.
async fn attempt(work: &Work, transaction: &DatabaseTransaction) -> Result<Value, DbErr> {
    let done = AssertUnwindSafe(async { work(transaction).await }).catch_unwind();
    done.await.unwrap_or_else(|_| Err(lost("it panicked")))
}

/// Works the queue off. Stopped before its end (its runtime is shut down), it leaves a queue that works, and lets go of those who wait, who
/// hear that their write was lost.
struct Drain {
    batch: Batch,
    finished: bool,
}

impl Drain {
    async fn run(mut self) {
        self.batch.drain().await;
        self.finished = true;
    }
}

impl Drop for Drain {
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

    use crate::store::Database;

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
        let batch = super::Batch::new(
            database.writer().connection().clone(),
            tokio::runtime::Handle::current(),
        );
        let drain = super::Drain {
            batch: batch.clone(),
            finished: false,
        };
        let (reply, answer) = tokio::sync::oneshot::channel();
        let work: super::Work = Box::new(|_| async { Ok(Box::new(()) as super::Value) }.boxed());
        assert!(batch.enqueue(super::Waiting { work, reply }));
        drop(drain.run());
        assert!(answer.await.is_err(), "who waits is told");
        batch.run(|_| async { Ok(()) }.boxed()).await.unwrap();
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

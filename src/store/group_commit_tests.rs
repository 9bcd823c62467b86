//! Tests of the group commit over SQLite.

use futures_util::{FutureExt, future::join_all};
use sea_orm::{ConnectionTrait, DbErr};

use crate::store::{
    closures::{Closures, Value, Work},
    database::Database,
};

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
    let (failed, done) = futures_util::future::join(panics, insert(&database, 1, 1)).await;
    assert!(failed.is_err());
    assert_eq!(done.unwrap(), 1);
    assert_eq!(insert(&database, 2, 1).await.unwrap(), 1);
    remove(&file);
}

#[tokio::test]
async fn whoever_commits_may_be_stopped_midway() {
    let (database, file) = table().await;
    let batch = super::GroupCommit::new(
        Closures,
        database.writer().uncounted().clone(),
        tokio::runtime::Handle::current(),
    );
    let drain = super::Drain {
        batch: batch.clone(),
        finished: false,
    };
    let (reply, answer) = tokio::sync::oneshot::channel();
    let work: Work = Box::new(|_| async { Ok(Box::new(()) as Value) }.boxed());
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

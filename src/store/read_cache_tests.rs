//! Tests of the read cache over SQLite.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::{FutureExt, future::join_all};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Cached, ReadCache};
use crate::store::{database::Database, versions::About};

impl Cached for u32 {
    /// Odd ones are about a person each, the others about everybody.
    fn about(&self) -> About {
        match self % 2 {
            0 => About::Everybody,
            _ => About::Person(uuid::Uuid::from_u128(u128::from(*self))),
        }
    }
}

async fn database() -> (Database, std::path::PathBuf) {
    let file = std::env::temp_dir().join(format!(
        "menjin-remembered-{}.db",
        uuid::Uuid::from_u128(rand::random())
    ));
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let database = Database::connect(&url, 2).await.unwrap();
    database
        .writer()
        .execute_unprepared("CREATE TABLE t (id INTEGER)")
        .await
        .unwrap();
    (database, file)
}

fn remove(file: &std::path::Path) {
    for suffix in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{suffix}", file.display())));
    }
}

#[tokio::test]
async fn a_value_is_read_once_until_anything_changes() {
    let (database, file) = database().await;
    let (cache, reads) = (ReadCache::<u8, u32>::default(), AtomicU32::new(0));
    let read = async || {
        let load = || async { Ok::<_, DbErr>(Some(reads.fetch_add(1, Ordering::SeqCst))) };
        *cache.get(&database, &1, load).await.unwrap().unwrap()
    };
    assert_eq!((read().await, read().await), (0, 0));
    database
        .writer()
        .execute_unprepared("INSERT INTO t VALUES (1)")
        .await
        .unwrap();
    assert_eq!((read().await, read().await), (1, 1));
    let transaction = database.begin().await.unwrap();
    transaction.execute_unprepared("DELETE FROM t").await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!((read().await, read().await), (2, 2));
    let nothing = "UPDATE t SET id = 1 WHERE id = 9";
    let statement = || sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, nothing);
    database.writer().execute_raw(statement()).await.unwrap();
    let transaction = database.begin().await.unwrap();
    transaction.execute_raw(statement()).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(read().await, 2, "what changed no row is no change");
    let quiet = database.write(|transaction| {
        async move {
            transaction
                .execute_unprepared("INSERT INTO t VALUES (2)")
                .await
                .map(|_| ())
        }
        .boxed()
    });
    quiet.await.unwrap();
    assert_eq!(read().await, 2, "what only adds is not noticed");
    cache.remove(&1);
    assert_eq!(read().await, 3);
    remove(&file);
}

#[tokio::test]
async fn of_too_many_those_go_that_nobody_uses() {
    let (database, file) = database().await;
    let cache = ReadCache::<u8, u32>::with_capacity(4);
    let reads = AtomicU32::new(0);
    let read = async |key: u8| {
        let load = || async { Ok::<_, DbErr>(Some(reads.fetch_add(1, Ordering::SeqCst))) };
        *cache.get(&database, &key, load).await.unwrap().unwrap()
    };
    for key in 0..4 {
        assert_eq!(read(key).await, u32::from(key));
    }
    assert_eq!((read(0).await, read(3).await), (0, 3), "all four are there");
    assert_eq!(read(4).await, 4);
    assert_eq!((read(3).await, read(0).await), (3, 0), "what was used stays");
    assert_eq!((read(1).await, read(2).await), (5, 6), "the others went");
    cache.remove(&2);
    assert_eq!(read(2).await, 7);
    drop(std::fs::remove_file(file));
}

#[tokio::test]
async fn a_change_whose_author_gives_up_is_made_and_counted_all_the_same() {
    let (database, file) = database().await;
    let before = database.version(About::Everybody).await.unwrap().unwrap();
    let writer = database.writer();
    let mut given_up = writer.execute_unprepared("INSERT INTO t VALUES (1)");
    assert!(futures_util::poll!(&mut given_up).is_pending());
    drop(given_up);
    let next = writer.execute_unprepared("UPDATE t SET id = 2").await.unwrap();
    assert_eq!(next.rows_affected(), 1);
    assert_eq!(database.version(About::Everybody).await.unwrap(), Some(before + 2));
    let transaction = database.begin().await.unwrap();
    transaction.execute_unprepared("DELETE FROM t").await.unwrap();
    let mut given_up = Box::pin(transaction.commit());
    assert!(futures_util::poll!(&mut given_up).is_pending());
    drop(given_up);
    let next = writer.execute_unprepared("UPDATE t SET id = 3").await.unwrap();
    let after = database.version(About::Everybody).await.unwrap();
    assert_eq!((next.rows_affected(), after), (0, Some(before + 4)));
    drop(std::fs::remove_file(file));
}

#[tokio::test]
async fn what_was_read_while_something_changed_is_not_kept() {
    let (database, file) = database().await;
    let cache = ReadCache::<u8, u32>::default();
    let slow = || async {
        database.writer().execute_unprepared("INSERT INTO t VALUES (1)").await?;
        Ok::<_, DbErr>(Some(7))
    };
    assert_eq!(*cache.get(&database, &1, slow).await.unwrap().unwrap(), 7);
    let again = || async { Ok::<_, DbErr>(Some(8)) };
    assert_eq!(*cache.get(&database, &1, again).await.unwrap().unwrap(), 8);
    let absent = || async { Ok::<_, DbErr>(None) };
    assert!(cache.get(&database, &2, absent).await.unwrap().is_none());
    let there = || async { Ok::<_, DbErr>(Some(9)) };
    assert!(
        cache.get(&database, &2, there).await.unwrap().is_some(),
        "absence is not remembered"
    );
    remove(&file);
}

#[tokio::test]
async fn what_was_read_earlier_does_not_push_out_what_was_read_later() {
    let (database, file) = database().await;
    let cache = ReadCache::<u8, u32>::default();
    let early = database.version(About::Everybody).await.unwrap();
    let insert = "INSERT INTO t VALUES (1)";
    database.writer().execute_unprepared(insert).await.unwrap();
    let late = database.version(About::Everybody).await.unwrap();
    cache.insert(late, 1, 4);
    cache.insert(early, 1, 2);
    let again = || async { Ok::<_, DbErr>(Some(6)) };
    assert_eq!(*cache.get(&database, &1, again).await.unwrap().unwrap(), 4);
    remove(&file);
}

#[tokio::test]
async fn a_change_about_one_person_lets_what_is_about_others_stand() {
    let (database, file) = database().await;
    let cache = ReadCache::<u8, u32>::default();
    let read = async |key: u8, value: u32| {
        let load = || async { Ok::<_, DbErr>(Some(value)) };
        *cache.get(&database, &key, load).await.unwrap().unwrap()
    };
    let change = "INSERT INTO t VALUES (1)";
    assert_eq!((read(1, 11).await, read(2, 13).await, read(3, 20).await), (11, 13, 20));
    let eleven = uuid::Uuid::from_u128(11);
    database.writer_about(eleven).execute_unprepared(change).await.unwrap();
    assert_eq!((read(1, 33).await, read(2, 35).await, read(3, 40).await), (33, 13, 20));
    let transaction = database.begin().await.unwrap();
    transaction.concerns(uuid::Uuid::from_u128(13));
    transaction.execute_unprepared(change).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!((read(1, 55).await, read(2, 57).await, read(3, 60).await), (33, 57, 20));
    database.writer().execute_unprepared(change).await.unwrap();
    assert_eq!((read(1, 77).await, read(2, 79).await, read(3, 80).await), (77, 79, 80));
    remove(&file);
}

#[tokio::test]
async fn of_many_who_find_nothing_at_once_one_reads_and_absence_is_nobody_elses() {
    let (database, file) = database().await;
    let (cache, reads) = (ReadCache::<u8, u32>::default(), AtomicU32::new(0));
    let counted = &reads;
    let read = |found: Option<u32>| {
        cache.get(&database, &1, move || async move {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            Ok::<_, DbErr>(found)
        })
    };
    let (absent, there) = tokio::join!(read(None), read(Some(2)));
    assert!(absent.unwrap().is_none());
    assert_eq!(*there.unwrap().unwrap(), 2, "what was added meanwhile is found");
    assert_eq!(reads.load(Ordering::SeqCst), 2);
    cache.remove(&1);
    let told = join_all((0..50).map(|_| read(Some(4)))).await;
    assert!(told.into_iter().all(|value| *value.unwrap().unwrap() == 4));
    assert_eq!(reads.load(Ordering::SeqCst), 3);
    // A change begins another: who asks after it is not told what was read before.
    cache.remove(&1);
    let gate = tokio::sync::Semaphore::new(0);
    let slow = cache.get(&database, &1, || async {
        gate.acquire().await.unwrap().forget();
        Ok::<_, DbErr>(Some(8))
    });
    let change = async {
        let insert = "INSERT INTO t VALUES (1)";
        database.writer().execute_unprepared(insert).await.unwrap();
        let changed = read(Some(6)).await;
        gate.add_permits(1);
        changed
    };
    let (slow, changed) = tokio::join!(slow, change);
    assert_eq!((*slow.unwrap().unwrap(), *changed.unwrap().unwrap()), (8, 6));
    assert_eq!(*cache.last(&1).unwrap(), 6);
    remove(&file);
}

//! Read cache: keeps what was read until anything in the database changes (invalidated by the change counter, not by age).
//!
//! Exact, never merely recent: see [`super::writer`]. With replicas (PostgreSQL) nothing is cached, since another process may write at any
//! moment. Absence is never cached, so that what was just added is found.

use std::{
    borrow::Borrow,
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use super::database::Database;

/// Default capacity of one cache, in values.
const MOST: usize = 20_000;

struct Generations<K, V> {
    /// Value of the change counter under which all this was read.
    count: u64,
    newer: HashMap<K, Arc<V>>,
    /// The previous `newer`, moved here when it reached half the capacity; dropped at the next move, but for what was used meanwhile.
    older: HashMap<K, Arc<V>>,
    half: usize,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    fn insert(&mut self, key: K, value: Arc<V>) {
        if self.newer.len() >= self.half {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, value);
    }
}

/// A cache of values of one kind. Cheap to clone; clones share the content.
pub struct ReadCache<K, V> {
    generations: Arc<Mutex<Generations<K, V>>>,
}

impl<K, V> Clone for ReadCache<K, V> {
    fn clone(&self) -> Self {
        Self {
            generations: Arc::clone(&self.generations),
        }
    }
}

impl<K, V> Default for ReadCache<K, V> {
    fn default() -> Self {
        Self::with_capacity(MOST)
    }
}

impl<K, V> ReadCache<K, V> {
    /// Creates a cache with room for so many values.
    pub fn with_capacity(values: usize) -> Self {
        Self {
            generations: Arc::new(Mutex::new(Generations {
                count: 0,
                newer: HashMap::new(),
                older: HashMap::new(),
                half: values / 2,
            })),
        }
    }
}

impl<K, V> std::fmt::Debug for ReadCache<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadCache")
    }
}

impl<K: Hash + Eq, V> ReadCache<K, V> {
    /// The value under `key`, from the cache or read by `load`. `load` is boxed: the state of a query is some 20 KiB, which would be moved
    /// with every request although most need none.
    ///
    /// # Errors
    /// The error of `load`.
    pub async fn get<Q, E, L, F>(&self, database: &Database, key: &Q, load: L) -> Result<Option<Arc<V>>, E>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        L: FnOnce() -> F,
        F: Future<Output = Result<Option<V>, E>>,
    {
        // Taken before reading: a change meanwhile raises the counter and keeps the value out of the cache.
        let Some(count) = database.change_count() else {
            return Ok(Box::pin(load()).await?.map(Arc::new));
        };
        if let Some(value) = self.lookup(count, key) {
            return Ok(Some(value));
        }
        let Some(value) = Box::pin(load()).await?.map(Arc::new) else {
            return Ok(None);
        };
        if database.change_count() == Some(count) {
            self.store_entry(count, key.to_owned(), Arc::clone(&value));
        }
        Ok(Some(value))
    }

    /// Caches a value that the caller made rather than read, if nothing changed since `count` was taken.
    pub fn insert_unchanged(&self, database: &Database, count: Option<u64>, key: K, value: V) {
        if let Some(count) = count.filter(|_| database.change_count() == count) {
            self.store_entry(count, key, Arc::new(value));
        }
    }

    /// Removes one value, after a write that does not raise the change counter.
    pub fn remove<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.newer.remove(key);
        generations.older.remove(key);
    }

    fn lookup<Q>(&self, count: u64, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.count != count {
            return None;
        }
        if let Some(value) = generations.newer.get(key) {
            return Some(Arc::clone(value));
        }
        let (key, value) = generations.older.remove_entry(key)?;
        generations.insert(key, Arc::clone(&value));
        Some(value)
    }

    fn store_entry(&self, count: u64, key: K, value: Arc<V>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.count > count {
            return;
        }
        if generations.count < count {
            generations.count = count;
            generations.newer.clear();
            generations.older.clear();
        }
        generations.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt;
    use sea_orm::{ConnectionTrait, DbErr};

    use super::ReadCache;
    use crate::store::database::Database;

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
        let before = database.change_count().unwrap();
        let writer = database.writer();
        let mut given_up = writer.execute_unprepared("INSERT INTO t VALUES (1)");
        assert!(futures_util::poll!(&mut given_up).is_pending());
        drop(given_up);
        let next = writer.execute_unprepared("UPDATE t SET id = 2").await.unwrap();
        assert_eq!(next.rows_affected(), 1);
        assert_eq!(database.change_count(), Some(before + 2));
        let transaction = database.begin().await.unwrap();
        transaction.execute_unprepared("DELETE FROM t").await.unwrap();
        let mut given_up = Box::pin(transaction.commit());
        assert!(futures_util::poll!(&mut given_up).is_pending());
        drop(given_up);
        let next = writer.execute_unprepared("UPDATE t SET id = 3").await.unwrap();
        assert_eq!((next.rows_affected(), database.change_count()), (0, Some(before + 4)));
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
}

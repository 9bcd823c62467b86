//! Read cache: keeps what was read until something that it depends on changes (invalidated by versions, not by age).
//!
//! Exact, never merely recent: see [`super::versions`]. Absence is never cached, so that what was just added is found.

use std::{
    borrow::Borrow,
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::DbErr;

use super::{
    database::Database,
    versions::{About, Current},
};

/// Default capacity of one cache, in values.
const MOST: usize = 20_000;

/// What may be cached.
pub trait Cached {
    /// Whose changes end it, besides everybody's: the person whose rows it was made of, where there is exactly one.
    fn about(&self) -> About;
}

struct Entry<V> {
    /// Of the counters before it was read.
    version: u64,
    about: About,
    value: Arc<V>,
}

impl<V> Entry<V> {
    /// The value, unless something changed since.
    fn standing(&self, current: &Current<'_>) -> Option<Arc<V>> {
        (self.version == current.version(self.about)).then(|| Arc::clone(&self.value))
    }
}

struct Generations<K, V> {
    newer: HashMap<K, Entry<V>>,
    /// The previous `newer`, moved here when it reached half the capacity; dropped at the next move, but for what was used meanwhile.
    older: HashMap<K, Entry<V>>,
    half: usize,
}

impl<K: Hash + Eq, V> Generations<K, V> {
    /// Keeps a value, unless a newer one came in between: whoever read before a change must not push out what was read after it.
    fn insert(&mut self, key: K, entry: Entry<V>) {
        let known = self.newer.get(&key).or_else(|| self.older.get(&key));
        if known.is_some_and(|known| known.about == entry.about && known.version > entry.version) {
            return;
        }
        if self.newer.len() >= self.half && !self.newer.contains_key(&key) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.older.remove(&key);
        self.newer.insert(key, entry);
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

impl<K: Hash + Eq, V: Cached> ReadCache<K, V> {
    /// The value under `key`, from the cache or read by `load`. `load` is boxed: the state of a query is some 20 KiB, which would be moved
    /// with every request although most need none.
    ///
    /// # Errors
    /// The error of `load`, and when the database does not tell its versions.
    pub async fn get<Q, E, L, F>(&self, database: &Database, key: &Q, load: L) -> Result<Option<Arc<V>>, E>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        E: From<DbErr>,
        L: FnOnce() -> F,
        F: Future<Output = Result<Option<V>, E>>,
    {
        let Some(current) = database.current().await? else {
            return Ok(Box::pin(load()).await?.map(Arc::new));
        };
        if let Some(value) = self.lookup(&current, key) {
            return Ok(Some(value));
        }
        // Taken before reading: a change meanwhile raises a counter, and what was read is then cached under a version that is over.
        let moment = current.moment();
        let Some(value) = Box::pin(load()).await?.map(Arc::new) else {
            return Ok(None);
        };
        let about = value.about();
        let entry = Entry {
            version: moment.version(about),
            about,
            value: Arc::clone(&value),
        };
        self.lock().insert(key.to_owned(), entry);
        Ok(Some(value))
    }

    /// Caches a value that the caller made rather than read, as long as nothing changed since `version`, its own, was
    /// [taken](Database::version).
    pub fn insert(&self, version: Option<u64>, key: K, value: V) {
        let Some(version) = version else { return };
        let entry = Entry {
            version,
            about: value.about(),
            value: Arc::new(value),
        };
        self.lock().insert(key, entry);
    }

    /// As [`Self::insert`], unless what is cached under this key stands as of `version` or later: then that stays, shared with whoever has it.
    pub fn seed(&self, version: Option<u64>, key: K, value: V) {
        let stands = |known: &Entry<V>| version.is_some_and(|version| known.version >= version);
        let known = self.lock().newer.get(&key).is_some_and(stands);
        if !known {
            self.insert(version, key, value);
        }
    }

    /// Removes one value, after a write that raises no counter.
    pub fn remove<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut generations = self.lock();
        generations.newer.remove(key);
        generations.older.remove(key);
    }

    fn lookup<Q>(&self, current: &Current<'_>, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut generations = self.lock();
        if let Some(entry) = generations.newer.get(key) {
            return entry.standing(current);
        }
        let (key, entry) = generations.older.remove_entry(key)?;
        let value = entry.standing(current)?;
        generations.insert(key, entry);
        Some(value)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt;
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
}

//! Read cache: keeps what was read until something that it depends on changes (invalidated by versions, not by age).
//!
//! Exact, never merely recent: see [`super::versions`]. Absence is never cached, so that what was just added is found. Of many who find nothing at
//! once one reads, and the others share it where all counters are as they were before it was read: what is shared is no older than their question.

use std::{
    borrow::Borrow,
    collections::HashMap,
    future::Future,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use sea_orm::DbErr;
use tokio::sync::OnceCell;

use super::{
    database::Database,
    versions::{About, Current, Moment},
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

/// A value that is being read.
type Reading<V> = OnceCell<Arc<V>>;

/// What is being read, each since a moment.
type Readings<K, V> = HashMap<K, (Moment, Weak<Reading<V>>)>;

/// A cache of values of one kind. Cheap to clone; clones share the content.
pub struct ReadCache<K, V> {
    generations: Arc<Mutex<Generations<K, V>>>,
    readings: Arc<Mutex<Readings<K, V>>>,
}

impl<K, V> Clone for ReadCache<K, V> {
    fn clone(&self) -> Self {
        Self {
            generations: Arc::clone(&self.generations),
            readings: Arc::clone(&self.readings),
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
            readings: Arc::default(),
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
            let value = Box::pin(load()).await?.map(Arc::new);
            if let Some(value) = &value {
                self.keep(None, key.to_owned(), Arc::clone(value));
            }
            return Ok(value);
        };
        if let Some(value) = self.lookup(&current, key) {
            return Ok(Some(value));
        }
        // Taken before reading: a change meanwhile raises a counter, and what was read is then cached under a version that is over.
        Box::pin(self.read(current.moment(), key, load)).await
    }

    /// Reads a value, or takes it from somebody who has been reading it since the same moment. Whoever reads and gives up, fails or finds nothing is
    /// followed by the next.
    async fn read<Q, E, L, F>(&self, moment: Moment, key: &Q, load: L) -> Result<Option<Arc<V>>, E>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
        L: FnOnce() -> F,
        F: Future<Output = Result<Option<V>, E>>,
    {
        let reading = self.join(&moment, key);
        let read = reading.get_or_try_init(|| async {
            let value = load().await.map_err(Some)?.map(Arc::new).ok_or(None)?;
            let version = moment.version(value.about());
            self.keep(Some(version), key.to_owned(), Arc::clone(&value));
            Ok::<_, Option<E>>(value)
        });
        match read.await {
            Ok(value) => Ok(Some(Arc::clone(value))),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    /// What somebody reads under this key since this moment, or is about to.
    fn join<Q>(&self, moment: &Moment, key: &Q) -> Arc<Reading<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = readings.get(key).filter(|(since, _)| since == moment);
        if let Some(shared) = shared.and_then(|(_, reading)| reading.upgrade()) {
            return shared;
        }
        readings.retain(|_, (_, reading)| reading.strong_count() > 0);
        let reading = Arc::default();
        readings.insert(key.to_owned(), (*moment, Arc::downgrade(&reading)));
        reading
    }

    /// What was cached last under this key, whether it stands or not: for what must be shown somehow while the database does not answer, and for what
    /// is costly to make of rows that are still the same.
    pub fn last<Q>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let generations = self.lock();
        let entry = generations.newer.get(key).or_else(|| generations.older.get(key));
        entry.map(|entry| Arc::clone(&entry.value))
    }

    /// Caches a value that the caller made rather than read, as long as nothing changed since `version`, its own, was
    /// [taken](Database::version).
    pub fn insert(&self, version: Option<u64>, key: K, value: V) {
        self.keep(version, key, Arc::new(value));
    }

    /// Without a version, beside a server that owns the database, it is kept as [the last](Self::last) and never served.
    fn keep(&self, version: Option<u64>, key: K, value: Arc<V>) {
        let entry = Entry {
            version: version.unwrap_or_default(),
            about: value.about(),
            value,
        };
        self.lock().insert(key, entry);
    }

    /// As [`Self::insert`], unless what is cached under this key stands as of `version` or later: then that stays, shared with whoever has it.
    pub fn seed(&self, version: Option<u64>, key: K, value: V) {
        let stands = |known: &Entry<V>| version.is_some_and(|version| known.version >= version);
        let generations = self.lock();
        let known = generations.newer.get(&key).or_else(|| generations.older.get(&key));
        let known = known.is_some_and(stands);
        drop(generations);
        if !known {
            self.insert(version, key, value);
        }
    }

    /// Replaces what is cached under `key`, after a write that raises no counter; it stands as long as before.
    pub fn update<Q>(&self, key: &Q, changed: impl FnOnce(&V) -> V)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut generations = self.lock();
        let Generations { newer, older, .. } = &mut *generations;
        if let Some(entry) = newer.get_mut(key).or_else(|| older.get_mut(key)) {
            entry.value = Arc::new(changed(&entry.value));
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

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "read_cache_tests.rs"]
mod tests;

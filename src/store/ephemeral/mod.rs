//! The ephemeral store: a cache with expiry and atomic operations, for state that may be lost without harm (sign-in journeys, authorization
//! codes, WeCom tokens, leases).
//!
//! One enum over the two kinds, because the kinds truly differ: a map in this process, or Redis shared by all replicas. Every operation
//! that decides something (take, put_new, exchange, remove_if, increment) is one atomic step on both. Lifetimes follow the injected
//! [`Clock`], so tests can let things expire; Redis' own TTL only frees memory.

mod json;
mod memory;
mod memory_shelves;
mod redis_store;
pub mod shelf;

use std::time::Duration;

pub use memory::Memory;
pub use redis_store::RedisStore;
pub use shelf::Shelf;

use crate::kernel::{
    clock::Clock,
    failure::Result,
    spans::{self, Kind},
};

/// Asks Redis in a span of its own, which does not say for what.
async fn told<T>(command: &'static str, asking: impl Future<Output = Result<T>>) -> Result<T> {
    let asking = async {
        spans::attributes(|| {
            vec![
                ("db.system.name", "redis".into()),
                ("db.operation.name", command.into()),
            ]
        });
        let answer = asking.await;
        if answer.is_err() {
            spans::failed("failed");
        }
        answer
    };
    spans::within(Kind::Client, command, asking).await
}

/// A key-value store with lifetimes.
#[derive(Clone)]
pub enum Ephemeral {
    /// Inside this process; for a single replica.
    Memory(Memory),
    /// In Redis; for any number of replicas.
    Redis(Box<RedisStore>),
}

impl Ephemeral {
    /// A store inside this process.
    pub fn memory(clock: Clock) -> Self {
        Self::Memory(Memory::new(clock))
    }

    /// A store inside this process whose shelves take so many bytes together.
    pub fn memory_within(clock: Clock, budget: u64) -> Self {
        Self::Memory(Memory::bounded(clock, budget))
    }

    /// A store in Redis; `prefix` keeps several installations on one server apart; the shelves take
    /// `budget` bytes together.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer.
    pub async fn redis(url: &str, prefix: &str, clock: Clock, budget: u64) -> Result<Self> {
        Ok(Self::Redis(Box::new(
            RedisStore::connect(url, prefix, clock, budget).await?,
        )))
    }

    /// Stores a value, replacing what was there.
    ///
    /// # Errors
    /// When the store does not answer; so for every operation here.
    pub async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        match self {
            Self::Memory(memory) => {
                memory.put(key, value, ttl, None);
                Ok(())
            }
            Self::Redis(remote) => told("SET", remote.put(key, value, ttl)).await,
        }
    }

    /// What Redis says of itself (`INFO`), lines of `name:value`; `None` for a store inside this process.
    ///
    /// # Errors
    /// See [`Ephemeral::put`]; also where Redis does not let us ask.
    pub async fn info(&self) -> Result<Option<String>> {
        match self {
            Self::Memory(_) => Ok(None),
            Self::Redis(remote) => remote.info().await.map(Some),
        }
    }

    /// Stores a value only where there is none; true if this caller won.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn put_new(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool> {
        match self {
            Self::Memory(memory) => Ok(memory.put_new(key, value, ttl, None)),
            Self::Redis(remote) => told("SET", remote.put_new(key, value, ttl)).await,
        }
    }

    /// As [`Ephemeral::put`], on a [shelf](Shelf): it may be pushed out by what is put there later.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn put_on(&self, shelf: Shelf, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        match self {
            Self::Memory(memory) => {
                memory.put(key, value, ttl, Some(shelf));
                Ok(())
            }
            Self::Redis(remote) => told("SET", remote.put_on(shelf, key, value, ttl)).await,
        }
    }

    /// As [`Ephemeral::put_new`], on a [shelf](Shelf).
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn put_new_on(&self, shelf: Shelf, key: &str, value: &[u8], ttl: Duration) -> Result<bool> {
        match self {
            Self::Memory(memory) => Ok(memory.put_new(key, value, ttl, Some(shelf))),
            Self::Redis(remote) => told("SET", remote.put_new_on(shelf, key, value, ttl)).await,
        }
    }

    /// Bytes that lie on a shelf, with what the store needs around them.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn shelf_bytes(&self, shelf: Shelf) -> Result<u64> {
        match self {
            Self::Memory(memory) => Ok(memory.shelf_bytes(shelf)),
            Self::Redis(remote) => remote.shelf_bytes(shelf).await,
        }
    }

    /// Reads a value.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Memory(memory) => Ok(memory.get(key)),
            Self::Redis(remote) => told("GET", remote.get(key)).await,
        }
    }

    /// Removes a value and returns it: of any number of parallel callers one gets it.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Memory(memory) => Ok(memory.take(key)),
            Self::Redis(remote) => told("GETDEL", remote.take(key)).await,
        }
    }

    /// Replaces an existing value and returns the old one: of any number of parallel callers one sees the original, all others what that
    /// one stored. Nothing is stored where there was none.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn exchange(&self, key: &str, new: &[u8], ttl: Duration) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Memory(memory) => Ok(memory.exchange(key, new, ttl)),
            Self::Redis(remote) => told("SET", remote.exchange(key, new, ttl)).await,
        }
    }

    /// Removes a value only if it is still `expected`; true if it was.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn remove_if(&self, key: &str, expected: &[u8]) -> Result<bool> {
        match self {
            Self::Memory(memory) => Ok(memory.remove_if(key, expected)),
            Self::Redis(remote) => told("DEL", remote.remove_if(key, expected)).await,
        }
    }

    /// Extends the lifetime of a value only if it is still `expected`; true if it was.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn extend_if(&self, key: &str, expected: &[u8], ttl: Duration) -> Result<bool> {
        match self {
            Self::Memory(memory) => Ok(memory.extend_if(key, expected, ttl)),
            Self::Redis(remote) => told("PEXPIRE", remote.extend_if(key, expected, ttl)).await,
        }
    }

    /// Adds one to a counter and returns the new value: of any number of parallel callers each gets another number. A counter that does not
    /// exist begins at one, on the shelf of counters, and lives for `ttl`; further increments do not prolong its lifetime.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn increment(&self, key: &str, ttl: Duration) -> Result<u64> {
        match self {
            Self::Memory(memory) => Ok(memory.increment(key, ttl, Some(Shelf::Counters))),
            Self::Redis(remote) => told("INCR", remote.increment(key, ttl)).await,
        }
    }

    /// As [`Ephemeral::increment`], on no shelf: for a counter that nobody may push out, where each costs whoever makes it a password hash.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn increment_lasting(&self, key: &str, ttl: Duration) -> Result<u64> {
        match self {
            Self::Memory(memory) => Ok(memory.increment(key, ttl, None)),
            Self::Redis(remote) => told("INCR", remote.increment_lasting(key, ttl)).await,
        }
    }

    /// Subtracts one from an existing counter; its lifetime stays what it was, and at zero it is gone.
    ///
    /// # Errors
    /// See [`Ephemeral::put`].
    pub async fn decrement(&self, key: &str) -> Result<()> {
        match self {
            Self::Memory(memory) => {
                memory.decrement(key);
                Ok(())
            }
            Self::Redis(remote) => told("DECR", remote.decrement(key)).await,
        }
    }
}

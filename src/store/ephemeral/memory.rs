//! The ephemeral store inside this process: maps behind a few locks, none held across an await.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::kernel::clock::{Clock, Timestamp};

/// Locks are spread over this many shards so that parallel sign-ins do not queue behind each other.
const SHARDS: usize = 16;
/// A shard removes its expired entries each time this many were stored.
const SWEEP_EVERY: usize = 512;

/// The ephemeral store of this process. Cheap to clone.
#[derive(Clone)]
pub struct Memory {
    clock: Clock,
    hasher: RandomState,
    shards: Arc<[Mutex<Shard>]>,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<String, Entry>,
    stored: usize,
}

struct Entry {
    value: Vec<u8>,
    expires: Timestamp,
}

impl Shard {
    /// The value under `key` unless it is absent or expired.
    fn living(&mut self, key: &str, now: Timestamp) -> Option<&mut Entry> {
        self.entries.get_mut(key).filter(|entry| entry.expires > now)
    }

    fn insert(&mut self, key: &str, entry: Entry, now: Timestamp) {
        self.stored += 1;
        if self.stored.is_multiple_of(SWEEP_EVERY) {
            self.entries.retain(|_, entry| entry.expires > now);
        }
        self.entries.insert(key.to_owned(), entry);
    }
}

impl Memory {
    /// An empty store.
    pub fn new(clock: Clock) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self {
            clock,
            hasher: RandomState::new(),
            shards,
        }
    }

    /// The shard of a key, locked. The modulus keeps the index in range; there is always a first shard.
    fn shard(&self, key: &str) -> Option<MutexGuard<'_, Shard>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards
            .get(index)
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put(&self, key: &str, value: &[u8], ttl: Duration) {
        let now = self.clock.now();
        if let Some(mut shard) = self.shard(key) {
            shard.insert(
                key,
                Entry {
                    value: value.to_vec(),
                    expires: now.plus(ttl),
                },
                now,
            );
        }
    }

    pub(super) fn put_new(&self, key: &str, value: &[u8], ttl: Duration) -> bool {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else { return false };
        if shard.living(key, now).is_some() {
            return false;
        }
        shard.insert(
            key,
            Entry {
                value: value.to_vec(),
                expires: now.plus(ttl),
            },
            now,
        );
        true
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let now = self.clock.now();
        self.shard(key)?.living(key, now).map(|entry| entry.value.clone())
    }

    pub(super) fn take(&self, key: &str) -> Option<Vec<u8>> {
        let now = self.clock.now();
        let entry = self.shard(key)?.entries.remove(key)?;
        (entry.expires > now).then_some(entry.value)
    }

    pub(super) fn exchange(&self, key: &str, new: &[u8], ttl: Duration) -> Option<Vec<u8>> {
        let now = self.clock.now();
        let mut shard = self.shard(key)?;
        let entry = shard.living(key, now)?;
        entry.expires = now.plus(ttl);
        Some(std::mem::replace(&mut entry.value, new.to_vec()))
    }

    pub(super) fn remove_if(&self, key: &str, expected: &[u8]) -> bool {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else { return false };
        let same = shard.living(key, now).is_some_and(|entry| entry.value == expected);
        if same {
            shard.entries.remove(key);
        }
        same
    }

    pub(super) fn increment(&self, key: &str, ttl: Duration) -> u64 {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else {
            return u64::MAX;
        };
        if let Some(entry) = shard.living(key, now) {
            let count = number(&entry.value).saturating_add(1);
            entry.value = count.to_string().into_bytes();
            return count;
        }
        let entry = Entry {
            value: b"1".to_vec(),
            expires: now.plus(ttl),
        };
        shard.insert(key, entry, now);
        1
    }

    pub(super) fn decrement(&self, key: &str) {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else { return };
        if let Some(entry) = shard.living(key, now) {
            entry.value = number(&entry.value).saturating_sub(1).to_string().into_bytes();
        }
    }

    pub(super) fn extend_if(&self, key: &str, expected: &[u8], ttl: Duration) -> bool {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else { return false };
        match shard.living(key, now) {
            Some(entry) if entry.value == expected => {
                entry.expires = now.plus(ttl);
                true
            }
            _ => false,
        }
    }
}

/// The number in a counter's value; 0 for anything else.
fn number(value: &[u8]) -> u64 {
    std::str::from_utf8(value)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

//! The ephemeral store inside this process: maps behind a few locks, none held across an await.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{
    memory_shelves::{MemoryShelves, Pushed, Spot},
    shelf::{BUDGET, Shelf, size},
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
    shelves: Arc<MemoryShelves>,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Arc<str>, Entry>,
    stored: usize,
}

struct Entry {
    value: Vec<u8>,
    expires: Timestamp,
    /// Where it lies on a shelf, if it does.
    spot: Option<Spot>,
}

impl Shard {
    /// The value under `key` unless it is absent or expired.
    fn living(&mut self, key: &str, now: Timestamp) -> Option<&mut Entry> {
        self.entries.get_mut(key).filter(|entry| entry.expires > now)
    }
}

impl Memory {
    /// An empty store.
    pub fn new(clock: Clock) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self {
            shelves: Arc::new(MemoryShelves::new(clock.clone(), BUDGET)),
            clock,
            hasher: RandomState::new(),
            shards,
        }
    }

    /// An empty store whose shelves take so many bytes together.
    pub fn bounded(clock: Clock, budget: u64) -> Self {
        Self {
            shelves: Arc::new(MemoryShelves::new(clock.clone(), budget)),
            ..Self::new(clock)
        }
    }

    /// Bytes that lie on a shelf.
    pub(super) fn shelf_bytes(&self, shelf: Shelf) -> u64 {
        self.shelves.bytes(shelf)
    }

    /// The shard of a key, locked. The modulus keeps the index in range; there is always a first shard.
    fn shard(&self, key: &str) -> Option<MutexGuard<'_, Shard>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        self.shards
            .get(index)
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Inserts into a locked shard. Returns what its shelf has no more room for, to be removed once the shard is free.
    fn insert(
        &self,
        shard: &mut Shard,
        key: &str,
        (value, ttl): (&[u8], Duration),
        shelf: Option<Shelf>,
    ) -> Vec<Pushed> {
        let now = self.clock.now();
        shard.stored += 1;
        if shard.stored.is_multiple_of(SWEEP_EVERY) {
            shard.entries.retain(|_, entry| {
                let lives = entry.expires > now;
                if !lives {
                    self.shelves.leave(entry.spot);
                }
                lives
            });
        }
        let key: Arc<str> = Arc::from(key);
        let (spot, pushed) = match shelf {
            Some(shelf) => {
                let (spot, pushed) = self.shelves.enter(shelf, &key, size(&key, value.len()));
                (Some(spot), pushed)
            }
            None => (None, Vec::new()),
        };
        let entry = Entry {
            value: value.to_vec(),
            expires: now.plus(ttl),
            spot,
        };
        if let Some(before) = shard.entries.insert(key, entry) {
            self.shelves.leave(before.spot);
        }
        pushed
    }

    /// Removes what was pushed off a shelf, unless it was stored again meanwhile.
    fn drop_pushed(&self, pushed: Vec<Pushed>) {
        let now = self.clock.now();
        for Pushed { key, spot } in pushed {
            let Some(mut shard) = self.shard(&key) else { continue };
            if shard.entries.get(&key).is_some_and(|entry| entry.spot == Some(spot)) {
                let gone = shard.entries.remove(&key);
                drop(shard);
                let lived = gone.is_some_and(|entry| entry.expires > now);
                self.shelves.note_pushed(spot, u64::from(lived));
            }
        }
    }

    pub(super) fn put(&self, key: &str, value: &[u8], ttl: Duration, shelf: Option<Shelf>) {
        let Some(mut shard) = self.shard(key) else { return };
        let pushed = self.insert(&mut shard, key, (value, ttl), shelf);
        drop(shard);
        self.drop_pushed(pushed);
    }

    pub(super) fn put_new(&self, key: &str, value: &[u8], ttl: Duration, shelf: Option<Shelf>) -> bool {
        let Some(mut shard) = self.shard(key) else { return false };
        if shard.living(key, self.clock.now()).is_some() {
            return false;
        }
        let pushed = self.insert(&mut shard, key, (value, ttl), shelf);
        drop(shard);
        self.drop_pushed(pushed);
        true
    }

    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let now = self.clock.now();
        self.shard(key)?.living(key, now).map(|entry| entry.value.clone())
    }

    pub(super) fn take(&self, key: &str) -> Option<Vec<u8>> {
        let now = self.clock.now();
        let entry = self.shard(key)?.entries.remove(key)?;
        self.shelves.leave(entry.spot);
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
        if same && let Some(entry) = shard.entries.remove(key) {
            self.shelves.leave(entry.spot);
        }
        same
    }

    pub(super) fn increment(&self, key: &str, ttl: Duration, shelf: Option<Shelf>) -> u64 {
        let Some(mut shard) = self.shard(key) else {
            return u64::MAX;
        };
        if let Some(entry) = shard.living(key, self.clock.now()) {
            let count = number(&entry.value).saturating_add(1);
            entry.value = count.to_string().into_bytes();
            return count;
        }
        let pushed = self.insert(&mut shard, key, (b"1", ttl), shelf);
        drop(shard);
        self.drop_pushed(pushed);
        1
    }

    pub(super) fn decrement(&self, key: &str) {
        let now = self.clock.now();
        let Some(mut shard) = self.shard(key) else { return };
        let Some(entry) = shard.living(key, now) else { return };
        let left = number(&entry.value).saturating_sub(1);
        if left > 0 {
            entry.value = left.to_string().into_bytes();
        } else if let Some(entry) = shard.entries.remove(key) {
            self.shelves.leave(entry.spot);
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

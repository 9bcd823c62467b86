//! The ephemeral store in Redis. Each operation that decides something is one Lua script, which Redis runs atomically.
//!
//! A stored value is its expiry (16 decimal digits of milliseconds by our clock) followed by the value itself: the scripts compare that
//! moment with ours, so lifetimes follow the injected clock; Redis' own expiry only frees memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    thread::ThreadId,
    time::Duration,
};

use redis::{
    AsyncCommands, Client, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        failure::{Failure, Result},
        home_runtime,
    },
    store::{
        ephemeral::shelf::{FullLog, Shelf, size},
        failure::StoreFailure,
    },
};

/// Length of the expiry in front of each value, bytes.
const STAMP: usize = 16;

/// The ephemeral store in Redis. Cheap to clone.
#[derive(Clone)]
pub struct RedisStore {
    connections: Connections,
    prefix: String,
    clock: Clock,
    /// Bytes that all shelves take together.
    budget: u64,
    log: Arc<FullLog>,
}

/// Connections, of which each carries any number of commands at once: the one of the home runtime, and one of each worker, so that no command of
/// a request goes by another thread and back.
#[derive(Clone)]
struct Connections {
    client: Client,
    home: ConnectionManager,
    workers: Arc<Mutex<HashMap<ThreadId, ConnectionManager>>>,
}

impl Connections {
    fn new(client: Client, home: ConnectionManager) -> Self {
        Self {
            client,
            home,
            workers: Arc::default(),
        }
    }

    /// That of the current thread, opened by its first command.
    fn here(&self) -> ConnectionManager {
        let Some(worker) = home_runtime::worker() else {
            return self.home.clone();
        };
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = workers.get(&worker) {
            return connection.clone();
        }
        let opened = ConnectionManager::new_lazy_with_config(self.client.clone(), ConnectionManagerConfig::new());
        let connection = opened.unwrap_or_else(|_| self.home.clone());
        workers.insert(worker, connection.clone());
        connection
    }
}

/// Start of each script: `KEYS[1]` is the key, `ARGV[1]` now. Leaves the unexpired value (with its expiry) in `v`, or false.
const LIVING: &str = "local v = redis.call('GET', KEYS[1])
if v and tonumber(string.sub(v, 1, 16)) <= tonumber(ARGV[1]) then v = false end\n";

/// Takes the entry that `v` was off its shelf: after `KEYS[1]` come pairs of keys, the first of which holds the shelf's members
/// `size|expiry|key` in their order, the second the sum of their sizes and the last serial.
const UNSHELVE: &str = "if v then
  local size = #KEYS[1] + #v - 16 + 256
  local was = size .. '|' .. string.sub(v, 1, 16) .. '|' .. KEYS[1]
  for i = 2, #KEYS, 2 do
    if redis.call('ZREM', KEYS[i], was) == 1 then redis.call('HINCRBY', KEYS[i + 1], 'bytes', -size) end
  end
end\n";

/// Stores an entry on the shelf of the first pair of keys, and removes the oldest of the shelf while it is too full; leaves in `gone` how many
/// of those were alive. `ARGV`: now, the stamped value, its lifetime, its size, the shelf's share. Entries that ran out count until they are
/// the oldest.
const SHELVE: &str = "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
local me = ARGV[4] .. '|' .. string.sub(ARGV[2], 1, 16) .. '|' .. KEYS[1]
local serial = redis.call('HINCRBY', KEYS[3], 'serial', 1)
local bytes = tonumber(redis.call('HGET', KEYS[3], 'bytes') or '0')
if redis.call('ZADD', KEYS[2], serial, me) == 1 then bytes = bytes + tonumber(ARGV[4]) end
local gone = 0
for _ = 1, 1000 do
  local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if not first or first == me then break end
  local size, ends, key = string.match(first, '^(%d+)|(%d+)|(.*)$')
  local over = tonumber(ends) <= tonumber(ARGV[1])
  if not over and bytes <= tonumber(ARGV[5]) then break end
  redis.call('ZREM', KEYS[2], first)
  bytes = bytes - tonumber(size)
  if redis.call('GETRANGE', key, 0, 15) == ends then
    redis.call('DEL', key)
    if not over then gone = gone + 1 end
  end
end
redis.call('HSET', KEYS[3], 'bytes', string.format('%d', math.max(bytes, 0)))
redis.call('PEXPIRE', KEYS[2], 7200000)
redis.call('PEXPIRE', KEYS[3], 7200000)\n";

/// Shelves whose entries are taken or moved; those of the others only run out.
const MOVED: [Shelf; 2] = [Shelf::Strangers, Shelf::Proven];

impl RedisStore {
    pub(super) async fn connect(url: &str, prefix: &str, clock: Clock, budget: u64) -> Result<Self> {
        let client = redis::Client::open(url)?;
        let connected = ConnectionManager::new(client.clone()).await;
        let home = connected.map_err(|error| match url.starts_with("rediss:") {
            // A server without TLS waits for the rest of a command, so the only symptom is silence.
            true => {
                let cause = format!("{error}; rediss:// needs a port that speaks TLS, with a certificate trusted here");
                StoreFailure::Ephemeral.failure().cause(cause)
            }
            false => Failure::from(error),
        })?;
        Ok(Self {
            connections: Connections::new(client, home),
            prefix: prefix.to_owned(),
            log: Arc::new(FullLog::new(clock.clone())),
            clock,
            budget,
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn stamped(&self, value: &[u8], ttl: Duration) -> Vec<u8> {
        let mut stamped = format!("{:016}", self.clock.now().plus(ttl).millis()).into_bytes();
        stamped.extend_from_slice(value);
        stamped
    }

    /// The value behind its expiry, unless expired.
    fn living(&self, stamped: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut stamp = stamped?;
        if stamp.len() < STAMP {
            return None;
        }
        let value = stamp.split_off(STAMP);
        let expires = std::str::from_utf8(&stamp).ok()?.parse().ok()?;
        (Timestamp::from_millis(expires) > self.clock.now()).then_some(value)
    }

    /// The pairs of keys of these shelves.
    fn shelf_keys(&self, shelves: impl IntoIterator<Item = Shelf>) -> Vec<String> {
        let shelves = shelves.into_iter();
        shelves
            .flat_map(|shelf| ["order", "state"].map(|part| self.key(&format!("shelf:{}:{part}", shelf.word()))))
            .collect()
    }

    /// Stores on a shelf, unless the script before returns first.
    async fn shelve(&self, before: &str, key: &str, (value, ttl): (&[u8], Duration), shelf: Shelf) -> Result<u64> {
        let script = Script::new(&format!("{LIVING}{before}\n{UNSHELVE}{SHELVE}return {{1, gone}}"));
        let key = self.key(key);
        let mut call = script.prepare_invoke();
        call.key(&key);
        for name in self.shelf_keys(std::iter::once(shelf).chain(MOVED)) {
            call.key(name);
        }
        call.arg(self.clock.now().millis())
            .arg(self.stamped(value, ttl))
            .arg(millis(ttl));
        call.arg(size(&key, value.len())).arg(shelf.share(self.budget));
        let mut connection = self.connections.here();
        let (answer, gone): (u64, u64) = call.invoke_async(&mut connection).await?;
        self.log.note(shelf, gone);
        Ok(answer)
    }

    /// Bytes that lie on a shelf.
    pub(super) async fn shelf_bytes(&self, shelf: Shelf) -> Result<u64> {
        let mut connection = self.connections.here();
        let bytes: Option<u64> = connection
            .hget(self.key(&format!("shelf:{}:state", shelf.word())), "bytes")
            .await?;
        Ok(bytes.unwrap_or(0))
    }

    /// What the server says of itself (`INFO`).
    pub(super) async fn info(&self) -> Result<String> {
        let mut connection = self.connections.here();
        Ok(redis::cmd("INFO").query_async(&mut connection).await?)
    }

    pub(super) async fn put_on(&self, shelf: Shelf, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        self.shelve("", key, (value, ttl), shelf).await.map(drop)
    }

    pub(super) async fn put_new_on(&self, shelf: Shelf, key: &str, value: &[u8], ttl: Duration) -> Result<bool> {
        let won = self.shelve("if v then return {0, 0} end", key, (value, ttl), shelf);
        Ok(won.await? == 1)
    }

    pub(super) async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        let mut connection = self.connections.here();
        Ok(connection
            .pset_ex(self.key(key), self.stamped(value, ttl), millis(ttl))
            .await?)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let mut connection = self.connections.here();
        Ok(self.living(connection.get(self.key(key)).await?))
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let script = Script::new(&format!("local v = redis.call('GETDEL', KEYS[1])\n{UNSHELVE}return v"));
        let mut call = script.key(self.key(key));
        for name in self.shelf_keys(MOVED) {
            call.key(name);
        }
        let mut connection = self.connections.here();
        Ok(self.living(call.invoke_async(&mut connection).await?))
    }

    pub(super) async fn put_new(&self, key: &str, value: &[u8], ttl: Duration) -> Result<bool> {
        self.decide(
            "if v then return 0 end
             redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1",
            key,
            &[&self.stamped(value, ttl), millis(ttl).to_string().as_bytes()],
        )
        .await
    }

    pub(super) async fn exchange(&self, key: &str, new: &[u8], ttl: Duration) -> Result<Option<Vec<u8>>> {
        let old: Option<Vec<u8>> = self
            .run(
                "if v then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end return v",
                key,
                &[&self.stamped(new, ttl), millis(ttl).to_string().as_bytes()],
            )
            .await?;
        Ok(self.living(old))
    }

    pub(super) async fn remove_if(&self, key: &str, expected: &[u8]) -> Result<bool> {
        self.decide(
            "if v and string.sub(v, 17) == ARGV[2] then redis.call('DEL', KEYS[1]) return 1 end return 0",
            key,
            &[expected],
        )
        .await
    }

    pub(super) async fn extend_if(&self, key: &str, expected: &[u8], ttl: Duration) -> Result<bool> {
        self.decide(
            "if v and string.sub(v, 17) == ARGV[2] then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) return 1 end return 0",
            key,
            &[expected, &self.stamped(expected, ttl), millis(ttl).to_string().as_bytes()],
        )
        .await
    }

    /// A counter is stored with its expiry like any other value, so that its lifetime follows our clock: `INCR` knows only Redis' own.
    pub(super) async fn increment(&self, key: &str, ttl: Duration) -> Result<u64> {
        let again = "if v then
             local n = (tonumber(string.sub(v, 17)) or 0) + 1
             redis.call('SET', KEYS[1], string.sub(v, 1, 16) .. string.format('%d', n), 'KEEPTTL') return {n, 0}
             end";
        self.shelve(again, key, (b"1", ttl), Shelf::Counters).await
    }

    pub(super) async fn increment_lasting(&self, key: &str, ttl: Duration) -> Result<u64> {
        self.run(
            "if not v then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end
             local n = (tonumber(string.sub(v, 17)) or 0) + 1
             redis.call('SET', KEYS[1], string.sub(v, 1, 16) .. string.format('%d', n), 'KEEPTTL') return n",
            key,
            &[&self.stamped(b"1", ttl), millis(ttl).to_string().as_bytes()],
        )
        .await
    }

    pub(super) async fn decrement(&self, key: &str) -> Result<()> {
        let _: i64 = self
            .run(
                "if not v then return 0 end
                 local n = (tonumber(string.sub(v, 17)) or 0) - 1
                 if n <= 0 then redis.call('DEL', KEYS[1]) return 0 end
                 redis.call('SET', KEYS[1], string.sub(v, 1, 16) .. string.format('%d', n), 'KEEPTTL') return n",
                key,
                &[],
            )
            .await?;
        Ok(())
    }

    async fn decide(&self, body: &str, key: &str, arguments: &[&[u8]]) -> Result<bool> {
        let answer: i64 = self.run(body, key, arguments).await?;
        Ok(answer == 1)
    }

    async fn run<T: redis::FromRedisValue>(&self, body: &str, key: &str, arguments: &[&[u8]]) -> Result<T> {
        let script = Script::new(&format!("{LIVING}{body}"));
        let mut call = script.key(self.key(key));
        call.arg(self.clock.now().millis());
        for argument in arguments {
            call.arg(*argument);
        }
        let mut connection = self.connections.here();
        Ok(call.invoke_async(&mut connection).await?)
    }
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

//! The ephemeral store in Redis. Each operation that decides something is one Lua script, which Redis runs atomically.
//!
//! A stored value is its expiry (16 decimal digits of milliseconds by our clock) followed by the value itself: the scripts compare that
//! moment with ours, so lifetimes follow the injected clock; Redis' own expiry only frees memory.

use std::time::Duration;

use redis::{AsyncCommands, Script, aio::ConnectionManager};

use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        failure::{Failure, Result},
    },
    store::failure::StoreFailure,
};

/// Length of the expiry in front of each value, bytes.
const STAMP: usize = 16;

/// The ephemeral store in Redis. Cheap to clone.
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    clock: Clock,
}

/// Start of each script: `KEYS[1]` is the key, `ARGV[1]` now. Leaves the unexpired value (with its expiry) in `v`, or false.
const LIVING: &str = "local v = redis.call('GET', KEYS[1])
if v and tonumber(string.sub(v, 1, 16)) <= tonumber(ARGV[1]) then v = false end\n";

impl RedisStore {
    pub(super) async fn connect(url: &str, prefix: &str, clock: Clock) -> Result<Self> {
        let client = redis::Client::open(url)?;
        let connected = ConnectionManager::new(client).await;
        let connection = connected.map_err(|error| match url.starts_with("rediss:") {
            // A server without TLS waits for the rest of a command, so the only symptom is silence.
            true => {
                let cause = format!("{error}; rediss:// needs a port that speaks TLS, with a certificate trusted here");
                StoreFailure::Ephemeral.failure().cause(cause)
            }
            false => Failure::from(error),
        })?;
        Ok(Self {
            connection,
            prefix: prefix.to_owned(),
            clock,
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

    pub(super) async fn put(&self, key: &str, value: &[u8], ttl: Duration) -> Result<()> {
        let mut connection = self.connection.clone();
        Ok(connection
            .pset_ex(self.key(key), self.stamped(value, ttl), millis(ttl))
            .await?)
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let mut connection = self.connection.clone();
        Ok(self.living(connection.get(self.key(key)).await?))
    }

    pub(super) async fn take(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let mut connection = self.connection.clone();
        Ok(self.living(connection.get_del(self.key(key)).await?))
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
                 local n = math.max((tonumber(string.sub(v, 17)) or 0) - 1, 0)
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
        let mut connection = self.connection.clone();
        Ok(call.invoke_async(&mut connection).await?)
    }
}

fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1)
}

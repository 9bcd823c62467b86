//! Access tokens of WeCom, of corps, suites and providers alike: cached for all replicas, fetched by one caller of a process at a time (single flight),
//! refreshed early, dropped when WeCom says so (reference 1.3).
//!
//! Cached values are sealed, because the ephemeral store may be a Redis on someone else's disk. A secret WeCom called wrong is tried again
//! with growing gaps only ([`Refusal`]), by one replica, or once somebody edits it: wrong secrets block the egress address of every app for
//! an hour (reference 1.2). A suite's is tried with each new ticket, since what was refused may be the ticket.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::MutexGuard;

use super::{
    error::{Class, WeComError},
    refusal::Refusal,
    reply::Reply,
    token_holder::{GETTOKEN, Holder},
    transport::Transport,
};
use crate::{
    crypto::seal::Sealer,
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Failure,
        secret::Secret,
    },
    store::Ephemeral,
};

/// Tokens are refreshed this long before they end, plus up to a minute so that replicas do not do it together.
const EARLY_SECS: u64 = 300;
const JITTER_SECS: u64 = 60;
/// Assumed when WeCom does not say how long a token lives.
const USUAL_LIFE_SECS: u64 = 7200;
/// How long a probe of a refused credential keeps other replicas from making another; shorter than the shortest gap.
const PROBE: Duration = Duration::from_secs(30);
/// After a failed early refresh the old token serves this long before the next try.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

type Answer<T> = Result<T, WeComError>;

/// The token cache, for every credential.
pub(super) struct Tokens {
    store: Ephemeral,
    sealer: Sealer,
    clock: Clock,
    entropy: Entropy,
    /// One flight (shared fetch) per credential that somebody waits for; the last to leave drops it.
    flights: Mutex<HashMap<String, Weak<Flight>>>,
}

/// Callers of one credential, one of whom fetches.
#[derive(Default)]
struct Flight {
    /// Held while fetching; holds the failure of the last fetch for those who waited for it.
    fetch_lock: tokio::sync::Mutex<Option<WeComError>>,
    completed_fetches: AtomicU64,
}

/// A token as cached.
#[derive(Serialize, Deserialize)]
struct Stored {
    token: String,
    refresh: Timestamp,
}

struct Cached {
    token: Secret<String>,
    refresh: Timestamp,
    sealed: Vec<u8>,
}

impl Tokens {
    pub(super) fn new(store: Ephemeral, sealer: Sealer, clock: Clock, entropy: Entropy) -> Self {
        Self {
            store,
            sealer,
            clock,
            entropy,
            flights: Mutex::default(),
        }
    }

    /// Returns the current token: from the cache, refreshed early where due, else fetched.
    pub(super) async fn current(&self, transport: &Transport, holder: Holder<'_>) -> Answer<Secret<String>> {
        let name = holder.name(&transport.base);
        match self.cached(&name).await? {
            Some(cached) if self.clock.now() < cached.refresh => Ok(cached.token),
            Some(cached) => Ok(self
                .refresh_early(&name, transport, holder)
                .await
                .unwrap_or(cached.token)),
            None => self.fetch_or_wait(&name, transport, holder).await,
        }
    }

    /// Drops exactly this token, unless another replica already put a new one in its place. The comparison is on the token, the removal
    /// on the sealed bytes it was read from, so a newer token stored in between survives.
    pub(super) async fn reject(&self, transport: &Transport, holder: Holder<'_>, dead: &Secret<String>) -> Answer<()> {
        let name = holder.name(&transport.base);
        let Some(cached) = self.cached(&name).await? else {
            return Ok(());
        };
        if cached.token.expose() == dead.expose() {
            self.store
                .remove_if(&token_key(&name), &cached.sealed)
                .await
                .map_err(cache_down)?;
        }
        Ok(())
    }

    /// Drops the token and every block of this credential.
    pub(super) async fn forget(&self, transport: &Transport, holder: Holder<'_>) -> Answer<()> {
        let name = holder.name(&transport.base);
        let block = holder.block_name(&transport.base);
        for key in [token_key(&name), block_key(&block), probe_key(&block), pause_key(&name)] {
            self.store.take(&key).await.map_err(cache_down)?;
        }
        Ok(())
    }

    /// Refreshes a token early. `None` keeps the old token: someone else is at it, it failed a moment ago, or it fails now.
    async fn refresh_early(&self, name: &str, transport: &Transport, holder: Holder<'_>) -> Option<Secret<String>> {
        let paused = self.store.get(&pause_key(name)).await.ok()?.is_some();
        if paused || self.refused(transport, holder).await.ok()?.is_some() {
            return None;
        }
        let flight = self.flight(name);
        let mut fetch_lock = flight.fetch_lock.try_lock().ok()?;
        let cached = self.cached(name).await.ok()??;
        if self.clock.now() < cached.refresh {
            return Some(cached.token);
        }
        let fetched = self
            .fetch_and_publish(&flight, &mut fetch_lock, name, transport, holder)
            .await;
        if fetched.is_err() {
            // Without a store the next caller simply tries again.
            let _ = self.store.put(&pause_key(name), b"1", REFRESH_PAUSE).await;
        }
        fetched.ok()
    }

    /// Waits for a token where none is cached: one caller fetches, the others take its result, be it a token or a failure.
    async fn fetch_or_wait(&self, name: &str, transport: &Transport, holder: Holder<'_>) -> Answer<Secret<String>> {
        let flight = self.flight(name);
        let completed_fetches = flight.completed_fetches.load(Ordering::SeqCst);
        let mut fetch_lock = flight.fetch_lock.lock().await;
        if let Some(cached) = self.cached(name).await? {
            return Ok(cached.token);
        }
        if flight.completed_fetches.load(Ordering::SeqCst) != completed_fetches
            && let Some(failure) = fetch_lock.as_ref()
        {
            return Err(failure.clone());
        }
        if let Some(refused) = self.refused(transport, holder).await? {
            return Err(refused);
        }
        self.fetch_and_publish(&flight, &mut fetch_lock, name, transport, holder)
            .await
    }

    /// Fetches, and publishes the outcome to those who wait.
    async fn fetch_and_publish(
        &self,
        flight: &Flight,
        fetch_lock: &mut MutexGuard<'_, Option<WeComError>>,
        name: &str,
        transport: &Transport,
        holder: Holder<'_>,
    ) -> Answer<Secret<String>> {
        let fetched = self.fetch(name, transport, holder).await;
        **fetch_lock = fetched.as_ref().err().cloned();
        flight.completed_fetches.fetch_add(1, Ordering::SeqCst);
        fetched
    }

    /// Fetches a token although one may be cached, which serves until the new one has come. What is refused then is no reason to rest while it serves.
    pub(super) async fn renew(&self, transport: &Transport, holder: Holder<'_>) -> Answer<()> {
        let name = holder.name(&transport.base);
        let flight = self.flight(&name);
        let mut fetch_lock = flight.fetch_lock.lock().await;
        if self.cached(&name).await?.is_none() {
            self.forget(transport, holder).await?;
            let fetched = self
                .fetch_and_publish(&flight, &mut fetch_lock, &name, transport, holder)
                .await;
            return fetched.map(drop);
        }
        let reply = self.request(transport, holder).await?;
        self.keep_replied(&name, transport, (holder, &reply)).await.map(drop)
    }

    async fn fetch(&self, name: &str, transport: &Transport, holder: Holder<'_>) -> Answer<Secret<String>> {
        let reply = match self.request(transport, holder).await {
            Ok(reply) => reply,
            Err(error) => {
                if holder.is_refused_by(&error) {
                    self.note_refusal(transport, holder, &error).await?;
                }
                return Err(error);
            }
        };
        self.keep_replied(name, transport, (holder, &reply)).await
    }

    /// Keeps the token of a reply.
    async fn keep_replied(
        &self,
        name: &str,
        transport: &Transport,
        (holder, reply): (Holder<'_>, &Reply),
    ) -> Answer<Secret<String>> {
        let field = holder.parameter();
        let token = reply.row().exact(field).map_err(|reason| reply.unreadable(reason))?;
        let token = Secret::new(token.ok_or_else(|| reply.unreadable(format_args!("no `{field}`")))?);
        let life = reply.row().int("expires_in").ok().flatten();
        let life = life
            .and_then(|secs| u64::try_from(secs).ok())
            .unwrap_or(USUAL_LIFE_SECS);
        self.keep(name, &token, life.max(1)).await?;
        if self
            .store
            .take(&block_key(&holder.block_name(&transport.base)))
            .await
            .map_err(cache_down)?
            .is_some()
        {
            tracing::info!(corp = holder.whom(), "WeCom accepts a credential again");
        }
        Ok(token)
    }

    async fn keep(&self, name: &str, token: &Secret<String>, life_secs: u64) -> Answer<()> {
        let jitter = u64::from(u16::from_be_bytes(self.entropy.bytes())) % JITTER_SECS;
        // A token that lives shorter than the usual margin is refreshed half-way instead of on every call.
        let early = (EARLY_SECS + jitter).min(life_secs / 2);
        let stored = Stored {
            token: token.expose().clone(),
            refresh: self.clock.now().plus(Duration::from_secs(life_secs - early)),
        };
        let plain = Secret::new(serde_json::to_vec(&stored).unwrap_or_default());
        drop(Secret::new(stored.token));
        let key = token_key(name);
        let sealed = self.sealer.seal(&key, plain.expose()).map_err(cache_down)?;
        let life = Duration::from_secs(life_secs);
        self.store.put(&key, sealed.as_bytes(), life).await.map_err(cache_down)
    }

    /// Reads the cached token; a value sealed with another key counts as nothing.
    async fn cached(&self, name: &str) -> Answer<Option<Cached>> {
        let key = token_key(name);
        let Some(sealed) = self.store.get(&key).await.map_err(cache_down)? else {
            return Ok(None);
        };
        let opened = std::str::from_utf8(&sealed)
            .ok()
            .and_then(|text| self.sealer.open(&key, text).ok());
        let stored: Option<Stored> = opened.and_then(|plain| serde_json::from_slice(plain.expose()).ok());
        Ok(stored.map(|stored| Cached {
            token: Secret::new(stored.token),
            refresh: stored.refresh,
            sealed,
        }))
    }

    /// Keeps a refusal that must not be provoked again at will.
    async fn note_refusal(&self, transport: &Transport, holder: Holder<'_>, error: &WeComError) -> Answer<()> {
        let (name, now) = (&holder.block_name(&transport.base), self.clock.now());
        let before = self.find_refusal(name).await?;
        let refusal = match holder.rests_after(error) {
            true => Refusal::for_a_rest(error, now),
            false => Refusal::after(error, before, now),
        };
        let Some(refusal) = refusal else {
            return Ok(());
        };
        tracing::warn!(%error, "WeCom refuses a credential");
        let kept = serde_json::to_vec(&refusal).unwrap_or_default();
        let lifetime = refusal.lifetime();
        self.store
            .put(&block_key(name), &kept, lifetime)
            .await
            .map_err(cache_down)
    }

    async fn find_refusal(&self, name: &str) -> Answer<Option<Refusal>> {
        let found = self.store.get(&block_key(name)).await.map_err(cache_down)?;
        Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The refusal that keeps this caller from asking. Once a probe is due, one caller of all replicas makes it.
    async fn refused(&self, transport: &Transport, holder: Holder<'_>) -> Answer<Option<WeComError>> {
        let name = &holder.block_name(&transport.base);
        let Some(refusal) = self.find_refusal(name).await? else {
            return Ok(None);
        };
        let due = self.clock.now() >= refusal.next_try_at;
        if due
            && self
                .store
                .put_new(&probe_key(name), b"1", PROBE)
                .await
                .map_err(cache_down)?
        {
            return Ok(None);
        }
        Ok(Some(refusal.error(holder.token_call())))
    }

    /// The refusal of this credential that stands.
    pub(super) async fn refusal(&self, transport: &Transport, holder: Holder<'_>) -> Answer<Option<Refusal>> {
        self.find_refusal(&holder.block_name(&transport.base)).await
    }

    fn flight(&self, name: &str) -> Arc<Flight> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(name).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::new(Flight::default());
        flights.insert(name.to_owned(), Arc::downgrade(&flight));
        flight
    }
}

fn token_key(name: &str) -> String {
    format!("wecom:token:{name}")
}

fn block_key(name: &str) -> String {
    format!("wecom:token-block:{name}")
}

fn probe_key(name: &str) -> String {
    format!("wecom:token-probe:{name}")
}

fn pause_key(name: &str) -> String {
    format!("wecom:token-pause:{name}")
}

fn cache_down(failure: Failure) -> WeComError {
    WeComError::without_code(GETTOKEN, Class::Retry, format!("the token cache failed: {failure}"))
}

#[cfg(test)]
impl Tokens {
    pub(super) fn flights_waiting(&self) -> usize {
        self.flights
            .lock()
            .unwrap()
            .values()
            .filter(|flight| flight.strong_count() > 0)
            .count()
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;

//! Sweep: garbage collection of expired rows that nothing asks about any more, so that the database does not grow for ever.
//!
//! Nothing that still decides an answer is removed. A family of refresh tokens that is over is removed as a whole. While one of it can be
//! used, the used ones serve reuse detection, so each stays until [`REUSE_DETECTION_PERIOD`] after it would have run out unused; what is
//! sent later was worthless to any thief for all that time, is refused as unknown, and ends nothing. Without that bound a family that is
//! refreshed every few minutes for years would grow for years. A session stays while anything granted in it stays. Everything stays for
//! [`GRACE`] after its end, which covers the longest access token, replayed codes, and logouts still to be delivered. Each table is walked
//! by primary key, some hundred rows a statement and some thousand a sweep; the next sweep goes on where this one stopped.

mod store;
mod window;

use std::time::Duration;
use uuid::Uuid;

use crate::directory::wecom_events::{card_events, external_contacts};
use crate::jobs::sweep::window::BATCH;
use crate::jobs::sweep::window::ROUNDS;
use crate::jobs::sweep::window::Window;
use crate::{
    kernel::{
        clock::{Clock, Timestamp},
        entropy::Entropy,
        failure::Result,
    },
    store::{Database, Ephemeral, lease::Lease},
};

/// How long rows stay after their end. Longer than any access token may live (a day, `registration::settings`).
const GRACE: Duration = Duration::from_secs(2 * 24 * 3600);

/// How long a used refresh token of a living family stays after its own end.
const REUSE_DETECTION_PERIOD: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a sync run is kept, a request for access after its end, and that a matter was decided about which cards were sent.
const RUN_RETENTION: Duration = Duration::from_secs(90 * 24 * 3600);

/// Lifetime of the lease: one replica sweeps at a time; a sweep takes seconds.
const LEASE_TTL: Duration = Duration::from_secs(5 * 60);

/// How long a bookmark (where the walk of a table stopped) is kept; without one the walk begins anew.
const BOOKMARK: Duration = Duration::from_secs(24 * 3600);

/// Dependencies of the sweep.
#[derive(Clone)]
pub struct Dependencies {
    /// The database.
    pub database: Database,
    /// Bookmarks and the lease.
    pub ephemeral: Ephemeral,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// How long audit events are kept; `None`: for ever.
    pub audit_keep: Option<Duration>,
    /// How long traces of failures are kept.
    pub trace_keep: Duration,
}

/// How many rows one sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Grants, each with all its refresh tokens.
    pub grants: u64,
    /// Sessions.
    pub sessions: u64,
    /// Used refresh tokens of living families.
    pub tokens: u64,
    /// Links for a password or one-time codes that nobody used in time.
    pub links: u64,
    /// Runs of syncs, each with all its rows.
    pub runs: u64,
    /// Audit events.
    pub events: u64,
    /// Traces of failures.
    pub traces: u64,
    /// Replies to requests with an idempotency key.
    pub idempotency_keys: u64,
    /// Presses of the buttons of cards.
    pub card_events: u64,
    /// Events about customers.
    pub external_contact_events: u64,
    /// Decided matters whose cards say so.
    pub card_settlements: u64,
    /// Access requests.
    pub access_requests: u64,
    /// Pushes to suites that were acted on.
    pub suite_pushes: u64,
    /// Installations that are over and done with.
    pub installations: u64,
    /// Invitations to install a suite that lead nowhere any more.
    pub invitations: u64,
    /// Proofs of sessions that are over.
    pub name_proofs: u64,
}

/// Removes expired rows. Cheap to clone.
#[derive(Clone)]
pub struct Sweeper {
    deps: Dependencies,
}

#[derive(Clone, Copy)]
enum Table {
    Grants,
    Sessions,
    Tokens,
}

impl Table {
    const fn bookmark(self) -> &'static str {
        match self {
            Self::Grants => "sweep:grants",
            Self::Sessions => "sweep:sessions",
            Self::Tokens => "sweep:tokens",
        }
    }
}

impl Sweeper {
    /// Builds a sweeper over its dependencies.
    pub const fn new(deps: Dependencies) -> Self {
        Self { deps }
    }

    /// Sweeps once, unless another replica is at it.
    ///
    /// # Errors
    /// When a store does not answer.
    pub async fn tick(&self) -> Result<Swept> {
        let Dependencies { ephemeral, entropy, .. } = &self.deps;
        let Some(lease) = Lease::acquire(ephemeral, entropy, "sweep", LEASE_TTL).await? else {
            return Ok(Swept::default());
        };
        let swept = self.sweep().await;
        lease.release().await?;
        let swept = swept?;
        if swept != Swept::default() {
            tracing::info!(?swept, "swept what is over");
        }
        Ok(swept)
    }

    async fn sweep(&self) -> Result<Swept> {
        let now = self.deps.clock.now();
        let before = earlier(now, GRACE);
        let database = &self.deps.database;
        Ok(Swept {
            grants: self.walk(Table::Grants, before).await?,
            sessions: self.walk(Table::Sessions, before).await?,
            tokens: self.walk(Table::Tokens, earlier(now, REUSE_DETECTION_PERIOD)).await?,
            links: store::sweep_links(database, before).await?,
            runs: self.sweep_runs(earlier(now, RUN_RETENTION)).await?,
            events: self.sweep_events().await?,
            traces: batches(|| store::sweep_traces(database, earlier(now, self.deps.trace_keep))).await?,
            // Past its end a key is free: nothing asks for its row any more.
            idempotency_keys: batches(|| store::sweep_idempotency_keys(database, now)).await?,
            card_events: batches(|| store::sweep_card_events(database, earlier(now, card_events::KEPT))).await?,
            external_contact_events: batches(|| {
                store::sweep_external_contact_events(database, earlier(now, external_contacts::KEPT))
            })
            .await?,
            card_settlements: store::sweep_card_settlements(database, earlier(now, RUN_RETENTION)).await?,
            access_requests: batches(|| store::sweep_access_requests(database, earlier(now, RUN_RETENTION))).await?,
            suite_pushes: batches(|| store::sweep_suite_pushes(database, earlier(now, RUN_RETENTION))).await?,
            installations: batches(|| store::sweep_installations(database, earlier(now, RUN_RETENTION))).await?,
            invitations: batches(|| store::sweep_invitations(database, before)).await?,
            name_proofs: store::sweep_name_proofs(database, now).await?,
        })
    }

    /// Walks one table from its bookmark and removes what is over. Ids carry the time they were made (UUIDv7), so the walk ends at the
    /// first row too young to be over, and begins anew next time.
    async fn walk(&self, table: Table, before: Timestamp) -> Result<u64> {
        let bound = self.deps.entropy.id(before);
        let mut after = self.bookmark(table).await?;
        let mut removed = 0_u64;
        for _ in 0..ROUNDS {
            let database = &self.deps.database;
            let last = match table {
                Table::Grants => store::last_grant(database, after, bound).await?,
                Table::Sessions => store::last_session(database, after, bound).await?,
                Table::Tokens => store::last_token(database, after, bound).await?,
            };
            let Some(last) = last else {
                after = None;
                break;
            };
            let window = Window { after, last };
            removed = removed.saturating_add(match table {
                Table::Grants => store::sweep_grants(database, window, before).await?,
                Table::Sessions => store::sweep_sessions(database, window, before).await?,
                Table::Tokens => store::sweep_used(database, window, before).await?,
            });
            after = Some(last);
        }
        self.set_bookmark(table, after).await?;
        Ok(removed)
    }

    async fn bookmark(&self, table: Table) -> Result<Option<Uuid>> {
        let value = self.deps.ephemeral.get(table.bookmark()).await?;
        Ok(value.and_then(|value| Uuid::from_slice(&value).ok()))
    }

    async fn set_bookmark(&self, table: Table, at: Option<Uuid>) -> Result<()> {
        let (ephemeral, key) = (&self.deps.ephemeral, table.bookmark());
        match at {
            Some(id) => ephemeral.put(key, id.as_bytes(), BOOKMARK).await,
            None => ephemeral.take(key).await.map(|_| ()),
        }
    }

    async fn sweep_runs(&self, before: Timestamp) -> Result<u64> {
        let bound = self.deps.entropy.id(before);
        let mut removed = 0_u64;
        for _ in 0..ROUNDS {
            match store::sweep_run(&self.deps.database, bound).await? {
                Some(runs) => removed = removed.saturating_add(runs),
                None => break,
            }
        }
        Ok(removed)
    }

    async fn sweep_events(&self) -> Result<u64> {
        let Some(keep) = self.deps.audit_keep else {
            return Ok(0);
        };
        let before = earlier(self.deps.clock.now(), keep);
        batches(|| store::sweep_events(&self.deps.database, before)).await
    }
}

/// Removes batch after batch, until one is not full or the sweep has done its share; answers how many rows.
async fn batches<F: Future<Output = Result<u64>>>(batch: impl Fn() -> F) -> Result<u64> {
    let mut removed = 0_u64;
    for _ in 0..ROUNDS {
        let rows = batch().await?;
        removed = removed.saturating_add(rows);
        if rows < BATCH {
            break;
        }
    }
    Ok(removed)
}

fn earlier(now: Timestamp, by: Duration) -> Timestamp {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(now.millis().saturating_sub(by))
}

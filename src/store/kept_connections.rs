//! Connections of PostgreSQL that stay out of the pool between statements.
//!
//! The driver's pool tests each connection that is given back to it: a second round trip to the server after each statement, in which nobody else
//! can have the connection. A statement by itself that was answered to its end leaves nothing to be tested, so its connection goes to the next
//! one; whatever ends otherwise (it failed, or its caller gave up) goes to the pool as before. Transactions take theirs from the pool, and whoever
//! waits there comes before what would be kept. One connection is kept for what every request waits for, the versions of all that is cached: it
//! does not queue behind statements that take long.
//!
//! A connection lives on the runtime on which it was opened: whoever uses it on another waits for that thread to wake, hear the answer and pass it on.
//! So each worker of the server takes what it opened itself, as long as there are enough for all, and what runs at home takes half of them at most.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread::ThreadId,
    time::Duration,
};

use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr,
    sqlx::{Connection, Error, PgConnection, PgPool, Postgres, pool::PoolConnection},
};
use tokio::{
    runtime::Handle,
    sync::{AcquireError, Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use super::rested::{Rested, Use};
use crate::kernel::home_runtime;

/// Longest wait for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Longest wait for the answer to a test.
const LONGEST_TEST: Duration = Duration::from_secs(5);

/// From so many connections on one is for the versions alone.
const ENOUGH: usize = 4;

/// One that nobody needed for so long goes back to the pool, which closes those that are too many.
const UNNEEDED: Duration = Duration::from_secs(60);

/// One that was kept for so long goes back to the pool, which closes those that are too old.
const LONGEST_KEPT: Duration = Duration::from_secs(600);

/// The connections.
pub(super) struct KeptConnections {
    pool: PgPool,
    rested: Rested,
    /// As many statements as there are connections for them: the others wait for one that is kept, not for the pool.
    turns: Semaphore,
    /// How many of these may be of what runs at home.
    turns_at_home: Semaphore,
    /// How many may be kept while nobody uses them: all but one.
    most: usize,
    at_rest: AtRest,
}

/// Those that nobody uses.
struct AtRest {
    /// Where they go back to the pool if nobody is left to use them: the driver does it by a task.
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stack: Vec<Free>,
    /// How many wait for the pool.
    waiting: usize,
    /// That for the versions, unless it is used; none where there are too few for that.
    reserved: Option<Reserved>,
}

/// The connection for the versions.
enum Reserved {
    /// It is to be opened.
    Absent,
    Free(Free),
    Used,
}

impl AtRest {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtRest {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        let mut state = self.lock();
        state.stack.clear();
        state.reserved = None;
    }
}

/// One that nobody uses.
struct Free {
    connection: PoolConnection<Postgres>,
    /// The worker that opened it; none: opened at home, or nobody knows.
    opened_by: Option<ThreadId>,
    kept_since: Instant,
    free_since: Instant,
}

/// One that is used. Dropped, it goes to the pool.
pub(super) struct Lent<'a> {
    connection: PoolConnection<Postgres>,
    opened_by: Option<ThreadId>,
    kept_since: Instant,
    owner: &'a KeptConnections,
    place: Place<'a>,
}

/// A turn of all, and one of those at home.
type Turn<'a> = (SemaphorePermit<'a>, Option<SemaphorePermit<'a>>);

/// Whose turn it is.
enum Place<'a> {
    /// One of all statements.
    Shared(#[expect(dead_code, reason = "held until it is dropped")] Turn<'a>),
    Reserved(InUse<'a>),
}

/// The reserved connection is used. Dropped before it was given back, it is to be opened anew.
struct InUse<'a>(Option<&'a KeptConnections>);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        if let Some(owner) = self.0 {
            owner.at_rest.lock().reserved = Some(Reserved::Absent);
        }
    }
}

/// Somebody waits for the pool.
pub(super) struct Waiting<'a>(&'a KeptConnections);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.at_rest.lock();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

impl std::fmt::Debug for KeptConnections {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptConnections")
    }
}

impl KeptConnections {
    /// Of a pool of so many; none where the pool has too few.
    pub(super) fn new(pool: PgPool, rested: Rested, connections: usize) -> Option<Self> {
        let most = connections.saturating_sub(1);
        let reserved = connections >= ENOUGH;
        (most > 0).then(|| Self {
            pool,
            rested,
            turns: Semaphore::new(connections.saturating_sub(usize::from(reserved))),
            turns_at_home: Semaphore::new((connections / 2).max(1)),
            most,
            at_rest: AtRest {
                runtime: Handle::current(),
                state: Mutex::new(State {
                    reserved: reserved.then_some(Reserved::Absent),
                    ..State::default()
                }),
            },
        })
    }

    /// A connection for one statement: the one that was used last, or one of the pool.
    pub(super) async fn lend(&self, what: Use) -> Result<Lent<'_>, DbErr> {
        let turn = timeout(LONGEST_WAIT, self.turn()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        };
        while let Some(free) = self.pop() {
            if let Some(free) = self.tested(free, what).await {
                return Ok(self.lent(free, Place::Shared(turn)));
            }
        }
        Ok(self.lent(self.acquired().await?, Place::Shared(turn)))
    }

    async fn turn(&self) -> Result<Turn<'_>, AcquireError> {
        let at_home = match home_runtime::worker() {
            None => Some(self.turns_at_home.acquire().await?),
            Some(_) => None,
        };
        Ok((self.turns.acquire().await?, at_home))
    }

    /// The connection for the versions, or where it is used, or no request asks, one of the others.
    pub(super) async fn lend_reserved(&self) -> Result<Lent<'_>, DbErr> {
        let reserved = home_runtime::worker().and_then(|_| self.take_reserved());
        let Some((in_use, free)) = reserved else {
            return self.lend(Use::Read).await;
        };
        let free = match free {
            Some(free) => self.tested(free, Use::Read).await,
            None => None,
        };
        let free = match free {
            Some(free) => free,
            None => self.acquired().await?,
        };
        Ok(self.lent(free, Place::Reserved(in_use)))
    }

    /// The reserved connection, if nobody uses it: nothing beside that where it is to be opened.
    fn take_reserved(&self) -> Option<(InUse<'_>, Option<Free>)> {
        let mut state = self.at_rest.lock();
        let reserved = state.reserved.as_mut()?;
        match std::mem::replace(reserved, Reserved::Used) {
            Reserved::Used => None,
            Reserved::Absent => Some((InUse(Some(self)), None)),
            Reserved::Free(free) => Some((InUse(Some(self)), Some(free))),
        }
    }

    /// This connection, unless it was to be tested and is dead: a silent one is closed by us, since nobody answers a farewell there either.
    async fn tested(&self, mut free: Free, what: Use) -> Option<Free> {
        if !self.rested.is_to_be_tested(free.free_since.elapsed(), what) {
            return Some(free);
        }
        match timeout(LONGEST_TEST, free.connection.ping()).await {
            Ok(Ok(())) => Some(free),
            Ok(Err(_)) => None,
            Err(_) => {
                drop(free.connection.detach());
                None
            }
        }
    }

    /// One of the pool.
    async fn acquired(&self) -> Result<Free, DbErr> {
        let _waiting = self.wait();
        let connection = self.pool.acquire().await.map_err(not_acquired)?;
        let now = Instant::now();
        // One that served before was opened by whoever came first.
        let is_new = connection.cached_statements_size() == 0;
        Ok(Free {
            connection,
            opened_by: home_runtime::worker().filter(|_| is_new),
            kept_since: now,
            free_since: now,
        })
    }

    fn lent<'a>(&'a self, free: Free, place: Place<'a>) -> Lent<'a> {
        Lent {
            connection: free.connection,
            opened_by: free.opened_by,
            kept_since: free.kept_since,
            owner: self,
            place,
        }
    }

    /// To be held while one of the pool is waited for. The pool is given one that nobody uses, where it has too few for all who wait; whoever gives
    /// one back from then on gives it to the pool.
    pub(super) fn wait(&self) -> Waiting<'_> {
        let mut state = self.at_rest.lock();
        state.waiting += 1;
        let opened = self
            .pool
            .options()
            .get_max_connections()
            .saturating_sub(self.pool.size());
        let opened = usize::try_from(opened).unwrap_or(usize::MAX);
        let too_few = self.pool.num_idle().saturating_add(opened) < state.waiting;
        let given = too_few.then(|| state.stack.pop());
        drop(state);
        drop(given);
        Waiting(self)
    }

    /// Has all that nobody uses tested before their next use.
    pub(super) fn suspect(&self) {
        self.rested.suspect();
    }

    /// One that nobody uses, of those that were opened here the one that was used last. A worker that has none opens one while it may.
    fn pop(&self) -> Option<Free> {
        let here = home_runtime::worker();
        let mut state = self.at_rest.lock();
        if let Some(at) = state.stack.iter().rposition(|free| free.opened_by == here) {
            return Some(state.stack.remove(at));
        }
        match here.is_some() && self.pool.size() < self.pool.options().get_max_connections() {
            true => None,
            false => state.stack.pop(),
        }
    }
}

impl Lent<'_> {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// After a statement that was answered to its end.
    pub(super) fn give_back(mut self) {
        let now = Instant::now();
        let is_old = self.kept_since + LONGEST_KEPT < now;
        let free = Free {
            connection: self.connection,
            opened_by: self.opened_by,
            kept_since: self.kept_since,
            free_since: now,
        };
        let mut state = self.owner.at_rest.lock();
        // Under the lock under which others begin to wait: none of them waits beside one that rests.
        let returned = if let Place::Reserved(in_use) = &mut self.place {
            if is_old && state.waiting == 0 {
                Some(free)
            } else {
                in_use.0 = None;
                state.reserved = Some(Reserved::Free(free));
                None
            }
        } else if is_old || state.waiting > 0 || state.stack.len() >= self.owner.most {
            Some(free)
        } else {
            let unneeded = state
                .stack
                .first()
                .is_some_and(|first| first.free_since + UNNEEDED < now);
            let unneeded = unneeded.then(|| state.stack.remove(0));
            state.stack.push(free);
            unneeded
        };
        drop(state);
        // Whoever has the next turn finds it.
        drop((returned, self.place));
    }
}

fn not_acquired(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    }
}

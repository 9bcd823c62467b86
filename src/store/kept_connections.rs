//! Connections of PostgreSQL that stay out of the pool between statements.
//!
//! The driver's pool tests each connection that is given back to it: a second round trip to the server after each statement, in which nobody else
//! can have the connection. A statement by itself that was answered to its end leaves nothing to be tested, so its connection goes to the next
//! one; whatever ends otherwise (it failed, or its caller gave up) goes to the pool as before. Transactions take theirs from the pool, and whoever
//! waits there comes before what would be kept.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnAcquireErr, DbErr, RuntimeErr,
    sqlx::{Connection, Error, PgConnection, PgPool, Postgres, pool::PoolConnection},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use super::rested::Rested;

/// Longest wait for a connection.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// One that nobody needed for so long goes back to the pool, which closes those that are too many.
const UNNEEDED: Duration = Duration::from_secs(60);

/// One that was kept for so long goes back to the pool, which closes those that are too old.
const LONGEST_KEPT: Duration = Duration::from_secs(600);

/// The connections.
pub(super) struct KeptConnections {
    pool: PgPool,
    rested: Rested,
    /// As many statements as there are connections: the others wait for one that is kept, not for the pool.
    turns: Semaphore,
    /// How many wait for the pool.
    waiting: AtomicUsize,
    /// How many may be kept while nobody uses them: all but one.
    most: usize,
    free: FreeConnections,
}

/// Those that nobody uses.
struct FreeConnections {
    /// Where they go back to the pool if nobody is left to use them: the driver does it by a task.
    runtime: Handle,
    stack: Mutex<Vec<Free>>,
}

impl FreeConnections {
    fn lock(&self) -> MutexGuard<'_, Vec<Free>> {
        self.stack.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FreeConnections {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.lock().clear();
    }
}

/// One that nobody uses.
struct Free {
    connection: PoolConnection<Postgres>,
    kept_since: Instant,
    free_since: Instant,
}

/// One that is used. Dropped, it goes to the pool.
pub(super) struct Lent<'a> {
    connection: PoolConnection<Postgres>,
    kept_since: Instant,
    owner: &'a KeptConnections,
    turn: SemaphorePermit<'a>,
}

/// Somebody waits for the pool.
pub(super) struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
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
        (most > 0).then(|| Self {
            pool,
            rested,
            turns: Semaphore::new(connections),
            waiting: AtomicUsize::new(0),
            most,
            free: FreeConnections {
                runtime: Handle::current(),
                stack: Mutex::default(),
            },
        })
    }

    /// A connection for one statement: the one that was used last, or one of the pool.
    pub(super) async fn lend(&self) -> Result<Lent<'_>, DbErr> {
        let turn = timeout(LONGEST_WAIT, self.turns.acquire()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        };
        while let Some(mut free) = self.pop() {
            if !self.rested.is_to_be_tested(free.free_since.elapsed()) || free.connection.ping().await.is_ok() {
                return Ok(self.lent(free.connection, free.kept_since, turn));
            }
        }
        let _waiting = self.wait();
        let connection = self.pool.acquire().await.map_err(not_acquired)?;
        Ok(self.lent(connection, Instant::now(), turn))
    }

    const fn lent<'a>(
        &'a self,
        connection: PoolConnection<Postgres>,
        kept_since: Instant,
        turn: SemaphorePermit<'a>,
    ) -> Lent<'a> {
        Lent {
            connection,
            kept_since,
            owner: self,
            turn,
        }
    }

    /// To be held while one of the pool is waited for. The pool is given one that nobody uses, where it has too few for all who wait.
    pub(super) fn wait(&self) -> Waiting<'_> {
        let waiting = self.waiting.fetch_add(1, Ordering::SeqCst) + 1;
        let opened = self
            .pool
            .options()
            .get_max_connections()
            .saturating_sub(self.pool.size());
        let opened = usize::try_from(opened).unwrap_or(usize::MAX);
        if self.pool.num_idle().saturating_add(opened) < waiting {
            drop(self.pop());
        }
        Waiting(&self.waiting)
    }

    /// Has all that nobody uses tested before their next use.
    pub(super) fn suspect(&self) {
        self.rested.suspect();
    }

    fn pop(&self) -> Option<Free> {
        self.free.lock().pop()
    }
}

impl Lent<'_> {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// After a statement that was answered to its end.
    pub(super) fn give_back(self) {
        let now = Instant::now();
        if self.kept_since + LONGEST_KEPT < now || self.owner.waiting.load(Ordering::SeqCst) > 0 {
            return;
        }
        let mut free = self.owner.free.lock();
        if free.len() >= self.owner.most {
            return;
        }
        let unneeded = free.first().is_some_and(|first| first.free_since + UNNEEDED < now);
        let unneeded = unneeded.then(|| free.remove(0));
        free.push(Free {
            connection: self.connection,
            kept_since: self.kept_since,
            free_since: now,
        });
        drop(free);
        drop((unneeded, self.turn));
    }
}

fn not_acquired(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    }
}

//! The database connection, SQLite or PostgreSQL: the same queries on both.
//!
//! SQLite takes one writer at a time, so its writes share a single connection (nobody waits on a lock, nobody is refused with
//! `SQLITE_BUSY`) while reads have a pool of their own in WAL mode. On PostgreSQL both are one pool. A function that holds a transaction
//! must not call [`Database::writer`]: on SQLite that is the same connection.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryTrait, RuntimeErr,
    sqlx::{Executor, Postgres, pool::PoolOptions, sqlite::SqliteConnectOptions},
};
use tokio::{runtime::Handle, sync::Semaphore};
use uuid::Uuid;

use super::{
    batch_kind::BatchKind,
    batch_writer::BatchWriter,
    clean_release,
    closures::Closures,
    connection::Connection,
    file_lock::FileLock,
    group_commit::GroupCommit,
    kept_connections::KeptConnections,
    private_file, request_versions,
    rested::Rested,
    statement_span,
    stored_versions::StoredVersions,
    versions::{About, ChangeCounter, Current, Moment},
    writer::{Transaction, Writer},
};
use crate::kernel::failure::Result;

/// Connections for reading and for writing. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    reader: Connection,
    writer: Writer,
    /// Batches of a kind that are written at once: one on SQLite; on PostgreSQL where each takes long as many as leave half of the connections to others.
    lanes: usize,
    /// The turn of whoever nobody waits for; set where one writes at a time (SQLite).
    background: Option<Arc<Semaphore>>,
    /// Set where several processes may write (PostgreSQL).
    stored: Option<StoredVersions>,
    /// Set only where this process is the only one that writes (SQLite with the file lock).
    owned: Option<Owned>,
}

/// What only a process that owns its database has.
#[derive(Clone, Debug)]
struct Owned {
    batch: GroupCommit<Closures>,
    lock: Arc<FileLock>,
}

/// Default number of connections per process: on PostgreSQL all, on SQLite those for reading.
pub const DEFAULT_CONNECTIONS: u32 = 8;

impl Database {
    /// Connects by URL: `sqlite://path?mode=rwc` or `postgres://user:password@host/name`. On SQLite it takes the file lock.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer; `ST-104` when another process serves from the file.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let mut database = Self::connect_unlocked(url, connections).await?;
        if let Some(file) = sqlite_file(url)? {
            let lock = Arc::new(FileLock::acquire(&file)?);
            let connection = database.writer.uncounted().clone();
            let runtime = Handle::current();
            database.writer = Writer::new(connection.clone(), lock.changes().clone(), runtime.clone());
            database.owned = Some(Owned {
                batch: GroupCommit::new(Closures, connection, runtime),
                lock,
            });
        }
        Ok(database)
    }

    /// Connects without the file lock, beside a server that may be running: on SQLite nothing is cached, and only what no server caches may
    /// be written.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer.
    pub async fn connect_unlocked(url: &str, connections: u32) -> Result<Self> {
        let (reader, writer, stored) = if let Some(file) = sqlite_file(url)? {
            // What is wrong with the path SQLite says itself.
            drop(private_file::ensure(&file));
            let pool = |pool| Connection::new(statement_span::observed(pool), None);
            let reader = pool(Box::pin(sqlite(url, readers(connections), READERS_CACHE)).await?);
            (reader, pool(Box::pin(sqlite(url, 1, WRITERS_CACHE)).await?), None)
        } else {
            let mut options = options(url, connections);
            options.test_before_acquire(false);
            let rested = Rested::default();
            let tested = rested.clone();
            let rules = move |pool| tested.tested(no_idle_transactions(clean_release::only_clean(pool)));
            options.map_sqlx_postgres_pool_opts(rules);
            let pool = Box::pin(sea_orm::Database::connect(options)).await?;
            let all = usize::try_from(connections).unwrap_or(1);
            let kept = KeptConnections::new(pool.get_postgres_connection_pool().clone(), rested, all);
            let connection = Connection::new(statement_span::observed(pool), kept);
            let stored = StoredVersions::new(connection.clone());
            (connection.clone(), connection, Some(stored))
        };
        Ok(Self {
            reader,
            writer: Writer::new(writer, ChangeCounter::default(), Handle::current()),
            lanes: match stored {
                Some(_) => usize::try_from(connections / 2).unwrap_or(1).max(1),
                None => 1,
            },
            background: stored.is_none().then(|| Arc::new(Semaphore::new(1))),
            stored,
            owned: None,
        })
    }

    /// For statements that only read.
    pub const fn reader(&self) -> &Connection {
        &self.reader
    }

    /// For single statements that write.
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// For single statements that write nothing but what is read on behalf of this user: what others have cached stays.
    pub fn writer_about(&self, user: Uuid) -> Writer {
        self.writer.about(user)
    }

    /// What caches compare with; none beside a server that owns the database.
    pub(super) async fn current(&self) -> Result<Option<Current<'_>>, DbErr> {
        match (&self.owned, &self.stored) {
            (Some(owned), _) => Ok(Some(Current::Counted(owned.lock.changes()))),
            (None, Some(stored)) => Ok(Some(Current::Read(request_versions::read(stored).await?))),
            (None, None) => Ok(None),
        }
    }

    /// This moment, to be taken before something is read of which it will turn out whom it is about; none where nothing is cached.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn moment(&self) -> Result<Option<Moment>, DbErr> {
        Ok(self.current().await?.map(|current| current.moment()))
    }

    /// The version of a value about somebody, to be taken before it is made; none where nothing is cached.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn version(&self, about: About) -> Result<Option<u64>, DbErr> {
        Ok(self.current().await?.map(|current| current.version(about)))
    }

    /// Whether whoever used this database before is known to be dead, and nobody else uses it: what they had claimed may be taken over.
    pub fn is_inherited(&self) -> bool {
        self.owned.as_ref().is_some_and(|owned| owned.lock.is_first())
    }

    /// Starts a transaction that may write. No network call may happen while it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        self.writer.begin(None).await
    }

    /// As [`Database::begin`], for work that nobody waits for. Where one writes at a time (SQLite), such transactions queue among themselves first, so
    /// that whoever is waited for finds one of them at most before their own.
    ///
    /// # Errors
    /// As for [`Database::begin`].
    pub async fn begin_in_background(&self) -> Result<Transaction, DbErr> {
        let turn = match &self.background {
            // It is never closed.
            Some(background) => Arc::clone(background).acquire_owned().await.ok(),
            None => None,
        };
        self.writer.begin(turn).await
    }

    /// Whether one writes at a time, and everybody else waits.
    pub const fn has_one_writer(&self) -> bool {
        self.background.is_some()
    }

    /// Runs a small write that many callers do at once: durable when it returns, but on SQLite sharing its `fsync` with others
    /// ([`GroupCommit`]). `work` may run more than once and does nothing but statements on its transaction. It must not change anything
    /// that may be cached ([`super::read_cache::ReadCache`]): only add rows, remove such as decide nothing any more, or itself bring the cache up to
    /// date (when a session was last seen).
    ///
    /// # Errors
    /// The error of `work` or of the commit.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        match &self.owned {
            Some(owned) => owned.batch.work(work).await,
            None => {
                let transaction = self.writer.uncounted().begin().await?;
                let value = work(&transaction).await?;
                transaction.commit().await?;
                Ok(value)
            }
        }
    }

    /// [`Database::write`] of one statement, which on PostgreSQL is a transaction by itself. Returns how many rows it changed.
    ///
    /// # Errors
    /// When the database does not carry it out.
    pub async fn write_one(&self, query: &(impl QueryTrait + Sync)) -> Result<u64, DbErr> {
        let connection = self.writer.uncounted();
        let statement = query.build(connection.get_database_backend());
        let Some(owned) = &self.owned else {
            return Ok(connection.execute_raw(statement).await?.rows_affected());
        };
        let write = owned.batch.work(move |transaction| {
            let statement = statement.clone();
            Box::pin(async move { Ok(transaction.execute_raw(statement).await?.rows_affected()) })
        });
        write.await
    }

    /// A writer for many small writes of one kind. What holds for [`Database::write`] holds for each of them.
    pub fn batch_writer<K: BatchKind>(&self, kind: K) -> BatchWriter<K> {
        let batch = GroupCommit::new(kind, self.writer.uncounted().clone(), self.writer.runtime().clone());
        BatchWriter::over(batch.with_lanes(self.lanes))
    }
}

/// Where the file of this database lies; `None` for PostgreSQL.
///
/// # Errors
/// When the URL is not understood.
pub fn file_of(url: &str) -> Result<Option<PathBuf>> {
    sqlite_file(url)
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The file of a SQLite URL; `None` for another database.
pub(super) fn sqlite_file(url: &str) -> Result<Option<PathBuf>> {
    if !is_sqlite(url) {
        return Ok(None);
    }
    let options = SqliteConnectOptions::from_str(url).map_err(|error| unreadable(&error.to_string()))?;
    Ok(Some(options.get_filename().to_owned()))
}

pub(super) fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections.max(1))
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(clean_release::only_clean)
        .map_sqlx_postgres_pool_opts(clean_release::only_clean);
    options
}

/// Whoever dies or freezes within a transaction holds rows that all others wait for, counters among them: PostgreSQL ends it then. Said by a
/// statement, since a connection pooler may refuse what is said at the start of a connection.
fn no_idle_transactions(pool: PoolOptions<Postgres>) -> PoolOptions<Postgres> {
    pool.after_connect(|connection, _| {
        let bounded = connection.execute("SET idle_in_transaction_session_timeout = '15s'");
        Box::pin(async move { bounded.await.map(drop) })
    })
}

/// Connections for reading a SQLite file: each is a thread with a cache of its own, and what they read lies in the system's memory, so more than there
/// are processors to run them would only keep more memory.
fn readers(connections: u32) -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let useful = u32::try_from(processors.saturating_add(1)).unwrap_or(u32::MAX);
    connections.min(useful.max(LEAST_READERS))
}

/// So many read a SQLite file at once also where there are few processors: one that reads long keeps not everybody waiting.
const LEAST_READERS: u32 = 4;

/// Memory for pages of a SQLite file, as `cache_size` takes it (KiB, negative), of each connection that reads.
const READERS_CACHE: &str = "-2048";

/// The same of the one that writes.
const WRITERS_CACHE: &str = "-8192";

/// WAL with `synchronous=FULL`: an acknowledged write survives a power cut. Foreign keys are off by default in SQLite.
async fn sqlite(url: &str, connections: u32, cache: &'static str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url, connections);
    // A file does not disconnect, and testing it each time costs as much as a query.
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            // Rows wait for whoever reads them, rather than the thread that reads the file for each of them.
            .row_buffer_size(1000)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", cache)
            // Pages written again and again reach the database file once per checkpoint: 16 MiB of WAL instead of 4.
            .pragma("wal_autocheckpoint", "4000")
            // An insert of many rows is another statement for each number of rows.
            .statement_cache_capacity(300)
    });
    let mut left = CONNECTING;
    loop {
        match sea_orm::Database::connect(options.clone()).await {
            Err(error) if is_busy(&error) && left > 0 => left -= 1,
            connected => return connected,
        }
        tokio::time::sleep(CONNECTING_GAP).await;
    }
}

/// How often it is tried to connect while others connect to the same new file: whoever turns on WAL beside somebody else is refused at once,
/// whatever the busy timeout says.
const CONNECTING: u32 = 100;
/// How long to wait in between.
const CONNECTING_GAP: Duration = Duration::from_millis(50);

/// Whether somebody else holds a lock on the SQLite file (`SQLITE_BUSY` with any extension).
fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// Whether an insert failed because a unique value is taken already, on either database.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// A database error with this text, for rows that hold something invalid.
pub fn unreadable(what: &str) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(what.to_owned()))
}

//! The connection to SQLite or PostgreSQL: the same queries on both.
//!
//! SQLite takes one writer at a time, so its writes share a single connection (nobody waits on a lock, nobody is refused with
//! `SQLITE_BUSY`) while reads have a pool of their own beside it in WAL mode. On PostgreSQL both are one pool.
//! A function that holds a transaction must not call [`Database::writer`]: on SQLite that is the same connection.

use std::{path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, TransactionTrait,
    sqlx::sqlite::SqliteConnectOptions,
};
use tokio::runtime::Handle;

use super::{
    batch_write::BatchKind,
    batch_writer::BatchWriter,
    file_lock::FileLock,
    group_commit::{Closures, GroupCommit},
    writer::{ChangeCounter, Transaction, Writer},
};
use crate::kernel::failure::Result;

/// Both auth sources to the database.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: Writer,
    /// Only where this process is the only one that writes.
    owned: Option<Owned>,
}

/// What one process that owns its database can do.
#[derive(Clone, Debug)]
struct Owned {
    batch: GroupCommit<Closures>,
    runtime: Handle,
    lock: Arc<FileLock>,
}

/// Kept open per process on PostgreSQL, and for reading on SQLite, unless configured.
pub const DEFAULT_CONNECTIONS: u32 = 8;

impl Database {
    /// Connects by URL: `sqlite://path?mode=rwc` or `postgres://user:password@host/name`. A SQLite file is this process's from now on.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer; `ST-104` when another process serves from the file.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let mut database = Self::connect_unlocked(url, connections).await?;
        if let Some(file) = sqlite_file(url)? {
            let lock = Arc::new(FileLock::acquire(&file)?);
            let connection = database.writer.connection().clone();
            let runtime = Handle::current();
            database.writer = Writer::new(connection.clone(), lock.changes().clone(), runtime.clone());
            database.owned = Some(Owned {
                batch: GroupCommit::new(Closures, connection, runtime.clone()),
                runtime,
                lock,
            });
        }
        Ok(database)
    }

    /// Connects beside a server that may be running: nothing is remembered, and only what no server remembers may be written.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer.
    pub async fn connect_unlocked(url: &str, connections: u32) -> Result<Self> {
        let (reader, writer) = if is_sqlite(url) {
            let writer = sqlite(url, 1).await?;
            (sqlite(url, connections).await?, writer)
        } else {
            let pool = sea_orm::Database::connect(options(url, connections)).await?;
            (pool.clone(), pool)
        };
        Ok(Self {
            reader,
            writer: Writer::new(writer, ChangeCounter::default(), Handle::current()),
            owned: None,
        })
    }

    /// For statements that only read.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single statements that write.
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// How many changes there were, where that can be known: in the one process that owns the database.
    pub fn change_count(&self) -> Option<u64> {
        self.owned.as_ref().map(|owned| owned.lock.changes().count())
    }

    /// Starts a transaction that may write. No network call may happen while it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        self.writer.begin().await
    }

    /// Runs a small write that many do at once: durable when it returns, but on SQLite sharing its wait for the disk
    /// with others ([`GroupCommit`]). `work` may run more than once and does nothing but statements on its transaction. It must not change anything that
    /// may be remembered ([`super::read_cache::ReadCache`]): only add rows, or forget by itself what it changed (when a session was last seen).
    ///
    /// # Errors
    /// What `work` or the commit answered.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        match &self.owned {
            Some(owned) => owned.batch.work(work).await,
            None => {
                let transaction = self.writer.connection().begin().await?;
                let value = work(&transaction).await?;
                transaction.commit().await?;
                Ok(value)
            }
        }
    }

    /// The way for many small writes of one kind. What holds for [`Database::write`] holds for each of them.
    pub fn batch_writer<K: BatchKind>(&self, kind: K) -> BatchWriter<K> {
        let connection = self.writer.connection().clone();
        match &self.owned {
            Some(owned) => BatchWriter::shared(GroupCommit::new(kind, connection, owned.runtime.clone())),
            None => BatchWriter::direct(kind, connection),
        }
    }

    /// Whether the database answers; for `/readyz`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The file of a SQLite URL; none: another database.
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
        .sqlx_logging(false);
    options
}

/// WAL with `synchronous=FULL`: an acknowledged write survives a power cut. Foreign keys are off by default in SQLite.
async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url, connections);
    // A file does not hang up, and asking it each time costs as much as a query.
    options.test_before_acquire(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-8192")
            // Pages written again and again reach the database file once per checkpoint: 16 MiB of WAL instead of 4.
            .pragma("wal_autocheckpoint", "4000")
            // A statement that adds many rows is another one for each number of rows.
            .statement_cache_capacity(300)
    });
    sea_orm::Database::connect(options).await
}

/// Whether an insert failed because a unique value is taken already, on either database.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

/// A database error with these words, for rows that cannot be what they must be.
pub fn unreadable(what: &str) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(what.to_owned()))
}

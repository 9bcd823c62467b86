//! The connection to SQLite or PostgreSQL: the same queries on both.
//!
//! SQLite takes one writer at a time, so its writes share a single connection (nobody waits on a lock, nobody is refused with
//! `SQLITE_BUSY`) while reads have a pool of their own beside it in WAL mode. On PostgreSQL both are one pool.
//! A function that holds a transaction must not call [`Database::writer`]: on SQLite that is the same connection.

use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectOptions, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, TransactionTrait};

use super::batch::Batch;

/// Both doors to the database.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    /// Only on SQLite.
    batch: Option<Batch>,
}

/// Kept open per process on PostgreSQL, and for reading on SQLite, unless configured.
pub const DEFAULT_CONNECTIONS: u32 = 8;

impl Database {
    /// Connects by URL: `sqlite://path?mode=rwc` or `postgres://user:password@host/name`.
    ///
    /// # Errors
    /// When the URL is not understood or the server does not answer.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let writer = sqlite(url, 1).await?;
            let reader = sqlite(url, connections).await?;
            let batch = Some(Batch::new(writer.clone()));
            Ok(Self { reader, writer, batch })
        } else {
            let pool = sea_orm::Database::connect(options(url, connections)).await?;
            Ok(Self {
                reader: pool.clone(),
                writer: pool,
                batch: None,
            })
        }
    }

    /// For statements that only read.
    pub const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single statements that write.
    pub const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Starts a transaction that may write. No network call may happen while it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer.begin().await
    }

    /// Runs a small write that many do at once (codes, refresh tokens): durable when it returns, but on SQLite sharing its wait for the disk
    /// with others ([`Batch`]). `work` may run more than once and does nothing but statements on its transaction.
    ///
    /// # Errors
    /// What `work` or the commit answered.
    pub async fn write<T, F>(&self, work: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>> + Send + Sync + 'static,
    {
        match &self.batch {
            Some(batch) => batch.run(work).await,
            None => {
                let transaction = self.begin().await?;
                let value = work(&transaction).await?;
                transaction.commit().await?;
                Ok(value)
            }
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

fn options(url: &str, connections: u32) -> ConnectOptions {
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
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-8192")
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

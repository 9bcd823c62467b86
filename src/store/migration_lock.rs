//! Migration lock: replicas that start together change the schema one after the other, however long one of them takes.
//!
//! On PostgreSQL it is an advisory lock of the server. It belongs to an open transaction of a connection of its own, so it needs no
//! renewing, ends with its holder however that ends, and also works between processes that share no Redis (`menjin migrate`). A SQLite file
//! belongs to one process anyway ([`super::file_lock`]); inside it a mutex does the same.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    database::{self, options},
    file_lock::FileLock,
};
use crate::kernel::failure::Result;

/// Our key among all advisory locks in that database.
const KEY: i64 = i64::from_be_bytes(*b"menjin-1");

static HERE: Mutex<()> = Mutex::const_new(());

/// The lock that is held. Ends when dropped; see [`MigrationLock::release`].
pub struct MigrationLock(Kind);

pub(in crate::store) enum Kind {
    File {
        _owner: FileLock,
        _here: MutexGuard<'static, ()>,
    },
    Server {
        connection: DatabaseConnection,
        transaction: DatabaseTransaction,
    },
}

impl MigrationLock {
    /// Waits for the lock, as long as it takes.
    ///
    /// # Errors
    /// When the server does not answer; `ST-104` when another process serves from the SQLite file, which must exist.
    pub async fn acquire(url: &str) -> Result<Self> {
        if let Some(file) = database::sqlite_file(url)? {
            let here = HERE.lock().await;
            return Ok(Self(Kind::File {
                _owner: FileLock::acquire(&file)?,
                _here: here,
            }));
        }
        let connection = sea_orm::Database::connect(options(url, 1)).await?;
        let transaction = connection.begin().await?;
        transaction
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({KEY})"))
            .await?;
        Ok(Self(Kind::Server {
            connection,
            transaction,
        }))
    }

    /// Releases the lock at once.
    ///
    /// # Errors
    /// When the server does not answer any more; then the server releases it by itself.
    pub async fn release(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::File { .. } => Ok(()),
            Kind::Server {
                connection,
                transaction,
            } => {
                transaction.commit().await?;
                connection.close().await
            }
        }
    }
}

//! Writer and change counter: every change of a row raises a counter, so the read cache is valid exactly as long as nothing changed.
//!
//! Only where one process owns the database (SQLite). The counter is raised after the change is durable and before its author is answered;
//! what was cached under the old count is therefore never served after the author got the answer. Writes of
//! [`super::database::Database::write`] do not count: they add what nobody can have cached, or themselves remove from the cache what they
//! changed (see there).

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::runtime::Handle;

use super::write_transaction;
use crate::kernel::spans;

/// The change counter. Clones share the count.
#[derive(Clone, Debug, Default)]
pub struct ChangeCounter(Arc<AtomicU64>);

impl ChangeCounter {
    /// Number of changes so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts a change that was made, or may have been.
    pub fn increment(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Runs a write to its end and counts it even if its author gives up: a request that is dropped midway must leave neither a change that was
/// not counted nor one that comes after the count. It runs on the runtime on which the database was opened, since the author's own runtime
/// (a worker of the server) may stop.
///
/// `changed` says whether an outcome changed any row. A failure does not prove that nothing was written, so it counts.
async fn run_to_completion<T: Send + 'static>(
    (changes, runtime): (&ChangeCounter, &Handle),
    changed: impl FnOnce(&T) -> bool + Send + 'static,
    write: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    let mut counting = CountOnDrop(Some(changes.clone()));
    let write = spans::carry(write);
    let done = runtime.spawn(async move {
        let outcome = write.await;
        if !outcome.as_ref().map_or(true, changed) {
            counting.0 = None;
        }
        drop(counting);
        outcome
    });
    done.await.map_err(|error| DbErr::Custom(error.to_string()))?
}

/// Counts a change when it is dropped, also when its write panics or its runtime is shut down.
struct CountOnDrop(Option<ChangeCounter>);

impl Drop for CountOnDrop {
    fn drop(&mut self) {
        if let Some(changes) = &self.0 {
            changes.increment();
        }
    }
}

/// For single statements that write.
#[derive(Clone, Debug)]
pub struct Writer {
    connection: DatabaseConnection,
    changes: ChangeCounter,
    runtime: Handle,
}

impl Writer {
    pub(super) const fn new(connection: DatabaseConnection, changes: ChangeCounter, runtime: Handle) -> Self {
        Self {
            connection,
            changes,
            runtime,
        }
    }

    const fn change_tracking(&self) -> (&ChangeCounter, &Handle) {
        (&self.changes, &self.runtime)
    }

    /// The connection itself, for migrations.
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub(super) async fn begin(&self) -> Result<Transaction, DbErr> {
        Ok(Transaction {
            transaction: write_transaction::begin(&self.connection).await?,
            changes: self.changes.clone(),
            runtime: self.runtime.clone(),
            touched: AtomicBool::new(false),
            failed: AtomicBool::new(false),
        })
    }
}

fn has_rows(outcome: &ExecResult) -> bool {
    outcome.rows_affected() > 0
}

fn only_reads(statement: &Statement) -> bool {
    statement.sql.trim_start().starts_with("SELECT")
}

#[async_trait]
impl ConnectionTrait for Writer {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let connection = self.connection.clone();
        let write = async move { connection.execute_raw(statement).await };
        run_to_completion(self.change_tracking(), has_rows, write).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let (connection, sql) = (self.connection.clone(), sql.to_owned());
        let write = async move { connection.execute_unprepared(&sql).await };
        // Statements that change the schema report no rows.
        run_to_completion(self.change_tracking(), |_| true, write).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if only_reads(&statement) {
            return self.connection.query_one_raw(statement).await;
        }
        let connection = self.connection.clone();
        let write = async move { connection.query_one_raw(statement).await };
        run_to_completion(self.change_tracking(), Option::is_some, write).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if only_reads(&statement) {
            return self.connection.query_all_raw(statement).await;
        }
        let connection = self.connection.clone();
        let write = async move { connection.query_all_raw(statement).await };
        run_to_completion(self.change_tracking(), |rows| !rows.is_empty(), write).await
    }
}

/// A transaction that may write; rolled back unless committed.
#[derive(Debug)]
pub struct Transaction {
    transaction: DatabaseTransaction,
    changes: ChangeCounter,
    runtime: Handle,
    /// Whether a statement changed a row, or may have.
    touched: AtomicBool,
    /// Whether a statement failed. PostgreSQL then takes no more of them, and answers COMMIT with success after rolling back.
    failed: AtomicBool,
}

impl Transaction {
    /// Makes everything durable.
    ///
    /// # Errors
    /// When the database refuses, or one of the statements had failed.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.failed.into_inner() {
            return Err(DbErr::Custom("a statement of this transaction had failed".to_owned()));
        }
        let touched = self.touched.into_inner();
        run_to_completion(
            (&self.changes, &self.runtime),
            move |()| touched,
            self.transaction.commit(),
        )
        .await
    }

    fn track_outcome<T>(&self, outcome: Result<T, DbErr>, changed: impl FnOnce(&T) -> bool) -> Result<T, DbErr> {
        if outcome.is_err() {
            self.failed.store(true, Ordering::SeqCst);
        }
        if outcome.as_ref().map_or(true, changed) {
            self.touched.store(true, Ordering::SeqCst);
        }
        outcome
    }

    /// Rolls everything back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let outcome = self.transaction.execute_raw(statement).await;
        self.track_outcome(outcome, has_rows)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let outcome = self.transaction.execute_unprepared(sql).await;
        self.track_outcome(outcome, |_| true)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let reads = only_reads(&statement);
        let outcome = self.transaction.query_one_raw(statement).await;
        self.track_outcome(outcome, |row| !reads && row.is_some())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let reads = only_reads(&statement);
        let outcome = self.transaction.query_all_raw(statement).await;
        self.track_outcome(outcome, |rows| !reads && !rows.is_empty())
    }
}

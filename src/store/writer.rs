//! Writer and transaction: every change of a row raises a counter, so that what was cached is valid exactly as long as nothing changed.
//!
//! Where one process owns the database (SQLite) the counter is raised after the change is durable and before its author is answered; where
//! several write to it (PostgreSQL), by the change's own transaction ([`super::stored_versions`]). What was cached under the old version is
//! therefore never served after the author got the answer. Writes of [`super::database::Database::write`] do not count: they add what nobody
//! can have cached, or themselves remove from the cache what they changed (see there); nor do those of tables that nobody caches
//! ([`super::uncached_tables`]).

use std::{
    future::Future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};
use uuid::Uuid;

use super::{
    connection::{Connection, only_reads},
    request_versions, stored_versions, uncached_tables,
    versions::{About, ChangeCounter, Raised},
};
use crate::kernel::spans;

/// Runs a write to its end and counts it even if its author gives up: a request that is dropped midway must leave neither a change that was
/// not counted nor one that comes after the count. It runs on the runtime on which the database was opened, since the author's own runtime
/// (a worker of the server) may stop.
///
/// `changed` says whether an outcome changed any row. A failure does not prove that nothing was written, so it counts.
async fn run_to_completion<T: Send + 'static>(
    (changes, raised, runtime): (&ChangeCounter, Raised, &Handle),
    changed: impl FnOnce(&T) -> bool + Send + 'static,
    write: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    let mut counting = CountOnDrop(Some((changes.clone(), raised)));
    let write = spans::carry(write);
    let done = runtime.spawn(async move {
        let outcome = write.await;
        let counted = outcome.as_ref().map_or(true, changed);
        if !counted {
            counting.0 = None;
        }
        drop(counting);
        (outcome, counted)
    });
    let (outcome, counted) = done.await.map_err(|error| DbErr::Custom(error.to_string()))?;
    if counted {
        request_versions::forget();
    }
    outcome
}

/// Counts a change when it is dropped, also when its write panics or its runtime is shut down.
struct CountOnDrop(Option<(ChangeCounter, Raised)>);

impl Drop for CountOnDrop {
    fn drop(&mut self) {
        if let Some((changes, raised)) = &self.0 {
            changes.raise_all(raised);
        }
    }
}

/// For single statements that write.
#[derive(Clone, Debug)]
pub struct Writer {
    connection: Connection,
    changes: ChangeCounter,
    runtime: Handle,
    about: About,
}

impl Writer {
    pub(super) const fn new(connection: Connection, changes: ChangeCounter, runtime: Handle) -> Self {
        Self {
            connection,
            changes,
            runtime,
            about: About::Everybody,
        }
    }

    /// The same, for changes that touch nothing but what is read on behalf of this user.
    pub(super) fn about(&self, user: Uuid) -> Self {
        Self {
            about: About::Person(user),
            ..self.clone()
        }
    }

    fn change_tracking(&self) -> (&ChangeCounter, Raised, &Handle) {
        (&self.changes, self.about.into(), &self.runtime)
    }

    /// Whether the counters stand in the database.
    fn stores_versions(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    /// The statement as it is carried out, and whether it is counted.
    fn prepared(&self, statement: Statement) -> (Statement, bool) {
        let counted = uncached_tables::counts(&statement.sql);
        match counted && self.stores_versions() {
            true => (stored_versions::raising(statement, self.about), counted),
            false => (statement, counted),
        }
    }

    /// The runtime on which writes run to their end.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The pool itself, for migrations.
    pub fn connection(&self) -> &DatabaseConnection {
        self.connection.pool()
    }

    /// For statements that change nothing that is cached.
    pub(super) const fn uncounted(&self) -> &Connection {
        &self.connection
    }

    /// `turn`: held until the transaction has ended.
    pub(super) async fn begin(&self, turn: Option<OwnedSemaphorePermit>) -> Result<Transaction, DbErr> {
        Ok(Transaction {
            transaction: self.connection.begin().await?,
            changes: self.changes.clone(),
            runtime: self.runtime.clone(),
            raised: Mutex::new(self.about.into()),
            touched: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            turn,
        })
    }
}

fn has_rows(outcome: &ExecResult) -> bool {
    outcome.rows_affected() > 0
}

#[async_trait]
impl ConnectionTrait for Writer {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let connection = self.connection.clone();
        let (statement, counted) = self.prepared(statement);
        let write = async move { connection.execute_raw(statement).await };
        let changed = move |outcome: &ExecResult| counted && has_rows(outcome);
        run_to_completion(self.change_tracking(), changed, write).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let connection = self.connection.clone();
        let sql = match self.stores_versions() {
            true => stored_versions::raising_unprepared(sql, self.about),
            false => sql.to_owned(),
        };
        let write = async move { connection.execute_unprepared(&sql).await };
        // Statements that change the schema report no rows.
        run_to_completion(self.change_tracking(), |_| true, write).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if only_reads(&statement) {
            return self.connection.query_one_raw(statement).await;
        }
        let connection = self.connection.clone();
        let (statement, counted) = self.prepared(statement);
        let write = async move { connection.query_one_raw(statement).await };
        let changed = move |row: &Option<QueryResult>| counted && row.is_some();
        run_to_completion(self.change_tracking(), changed, write).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if only_reads(&statement) {
            return self.connection.query_all_raw(statement).await;
        }
        let connection = self.connection.clone();
        let (statement, counted) = self.prepared(statement);
        let write = async move { connection.query_all_raw(statement).await };
        let changed = move |rows: &Vec<QueryResult>| counted && !rows.is_empty();
        run_to_completion(self.change_tracking(), changed, write).await
    }
}

/// A transaction that may write; rolled back unless committed.
#[derive(Debug)]
pub struct Transaction {
    transaction: DatabaseTransaction,
    changes: ChangeCounter,
    runtime: Handle,
    raised: Mutex<Raised>,
    /// Whether a statement changed a row, or may have.
    touched: AtomicBool,
    /// Whether a statement failed. PostgreSQL then takes no more of them, and answers COMMIT with success after rolling back.
    failed: AtomicBool,
    /// Among those whom nobody waits for.
    turn: Option<OwnedSemaphorePermit>,
}

impl Transaction {
    /// What it changes is nothing but what is read on behalf of this user, and of those who were named so before.
    pub fn concerns(&self, user: Uuid) {
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.concern(user);
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// When the database refuses, or one of the statements had failed.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.failed.into_inner() {
            return Err(DbErr::Custom("a statement of this transaction had failed".to_owned()));
        }
        let touched = self.touched.into_inner();
        let raised = self.raised.into_inner().unwrap_or_else(PoisonError::into_inner);
        let raise = stored_versions::raise(&raised);
        let (transaction, turn) = (self.transaction, self.turn);
        let write = async move {
            let _turn = turn;
            if touched && transaction.get_database_backend() == DbBackend::Postgres {
                transaction.execute_raw(raise).await?;
            }
            transaction.commit().await
        };
        run_to_completion((&self.changes, raised, &self.runtime), move |()| touched, write).await
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
        let counted = uncached_tables::counts(&statement.sql);
        let outcome = self.transaction.execute_raw(statement).await;
        self.track_outcome(outcome, |outcome| counted && has_rows(outcome))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let outcome = self.transaction.execute_unprepared(sql).await;
        self.track_outcome(outcome, |_| true)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let counted = !only_reads(&statement) && uncached_tables::counts(&statement.sql);
        let outcome = self.transaction.query_one_raw(statement).await;
        self.track_outcome(outcome, |row| counted && row.is_some())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let counted = !only_reads(&statement) && uncached_tables::counts(&statement.sql);
        let outcome = self.transaction.query_all_raw(statement).await;
        self.track_outcome(outcome, |rows| counted && !rows.is_empty())
    }
}

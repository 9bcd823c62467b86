//! Statements by themselves, on either database: over the pool, or on PostgreSQL over [connections that are kept](super::kept_connections).

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
    metric::Info,
    sqlx::{AssertSqlSafe, Error, Postgres, query::Query, query_with},
};
use sea_query_sqlx::SqlxValues;
use tokio::time::Instant;

use super::{
    kept_connections::{KeptConnections, Lent},
    rested::Use,
    statement_span, write_transaction,
};

/// Carries out single statements. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connection(Arc<Connections>);

#[derive(Debug)]
struct Connections {
    pool: DatabaseConnection,
    kept: Option<KeptConnections>,
}

impl Connection {
    pub(super) fn new(pool: DatabaseConnection, kept: Option<KeptConnections>) -> Self {
        Self(Arc::new(Connections { pool, kept }))
    }

    /// The pool itself.
    pub(super) fn pool(&self) -> &DatabaseConnection {
        &self.0.pool
    }

    /// Reads a row by the connection that is reserved for the versions, where there is one.
    pub(super) async fn query_versions(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0.kept {
            Some(kept) => Ok(query(kept, &statement, Whose::Versions).await?.into_iter().next()),
            None => self.0.pool.query_one_raw(statement).await,
        }
    }

    /// Begins a transaction that may write.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let _waiting = self.0.kept.as_ref().map(KeptConnections::wait);
        write_transaction::begin(&self.0.pool).await
    }
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.0.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0.kept {
            Some(kept) => execute(kept, &statement).await,
            None => self.0.pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _waiting = self.0.kept.as_ref().map(KeptConnections::wait);
        self.0.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0.kept {
            Some(kept) => Ok(query(kept, &statement, Whose::Others).await?.into_iter().next()),
            None => self.0.pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0.kept {
            Some(kept) => query(kept, &statement, Whose::Others).await,
            None => self.0.pool.query_all_raw(statement).await,
        }
    }
}

/// By whose connection something is read.
#[derive(Clone, Copy)]
enum Whose {
    Versions,
    Others,
}

/// What only reads is read again where its connection turned out to be dead: over one that was tested.
async fn query(kept: &KeptConnections, statement: &Statement, whose: Whose) -> Result<Vec<QueryResult>, DbErr> {
    let what = if only_reads(statement) { Use::Read } else { Use::Write };
    match query_once(kept, statement, lent(kept, whose, what).await?).await {
        Err(error @ DbErr::Query(_)) if is_connection_lost(&error) && what == Use::Read => {
            query_once(kept, statement, lent(kept, whose, what).await?).await
        }
        told => told,
    }
}

async fn lent(kept: &KeptConnections, whose: Whose, what: Use) -> Result<Lent<'_>, DbErr> {
    match whose {
        Whose::Versions => kept.lend_reserved().await,
        Whose::Others => kept.lend(what).await,
    }
}

async fn query_once(
    kept: &KeptConnections,
    statement: &Statement,
    mut lent: Lent<'_>,
) -> Result<Vec<QueryResult>, DbErr> {
    let began = Instant::now();
    let told = prepared(statement).fetch_all(lent.connection()).await;
    record(statement, began, &told);
    match told {
        Ok(rows) => {
            lent.give_back();
            Ok(rows.into_iter().map(Into::into).collect())
        }
        Err(error) => Err(failed(kept, DbErr::Query(RuntimeErr::SqlxError(error.into())))),
    }
}

async fn execute(kept: &KeptConnections, statement: &Statement) -> Result<ExecResult, DbErr> {
    let mut lent = kept.lend(Use::Write).await?;
    let began = Instant::now();
    let told = prepared(statement).execute(lent.connection()).await;
    record(statement, began, &told);
    match told {
        Ok(done) => {
            lent.give_back();
            Ok(done.into())
        }
        Err(error) => Err(failed(kept, DbErr::Exec(RuntimeErr::SqlxError(error.into())))),
    }
}

/// Where one connection is dead others may be.
fn failed(kept: &KeptConnections, error: DbErr) -> DbErr {
    if is_connection_lost(&error) {
        kept.suspect();
    }
    error
}

/// Most parameters of a statement whose text comes again. One with more is a list, of another length each time: kept prepared, it would push out
/// those that every request sends.
const MOST_OF_A_TEXT: usize = 32;

fn prepared(statement: &Statement) -> Query<'_, Postgres, SqlxValues> {
    let values = statement.values.clone();
    let values = values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    let is_of_any_length = values.0.len() > MOST_OF_A_TEXT;
    query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values)).persistent(!is_of_any_length)
}

fn record<T>(statement: &Statement, began: Instant, told: &Result<T, Error>) {
    statement_span::record(&Info {
        elapsed: began.elapsed(),
        statement,
        failed: told.is_err(),
    });
}

pub(super) fn only_reads(statement: &Statement) -> bool {
    statement.sql.trim_start().starts_with("SELECT")
}

/// Whether nothing came back: no connection, or it broke, or the server is going down. Then nobody knows whether the statement was carried out.
pub(super) fn is_connection_lost(error: &DbErr) -> bool {
    let (DbErr::Conn(inner) | DbErr::Exec(inner) | DbErr::Query(inner)) = error else {
        return matches!(error, DbErr::ConnectionAcquire(_));
    };
    let RuntimeErr::SqlxError(inner) = inner else {
        return true;
    };
    match inner.as_database_error().map(|told| told.code()) {
        Some(Some(code)) => code.starts_with("57") || code.starts_with("08"),
        Some(None) => false,
        None => true,
    }
}

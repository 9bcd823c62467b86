//! Queries of the database itself: whether it takes writes, who keeps it from that, its clock, its schema.

use std::{collections::BTreeSet, time::Duration};

use entity::{passkey, setting};
use futures_util::FutureExt;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    Statement, sea_query::OnConflict,
};

use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// Row of `setting` that the probe writes.
const PROBE: &str = "doctor_probe";

/// Who has kept somebody waiting for a lock for so long and waits for none itself, longest transaction first. Milliseconds. By advisory locks
/// our own processes take turns; they keep nobody from writing.
fn blockers(waited: Duration) -> String {
    format!(
        "SELECT a.pid, a.application_name, coalesce(a.client_addr::text, 'local'),
    (extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint
  FROM pg_stat_activity a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    AND a.wait_event_type IS DISTINCT FROM 'Lock'
    AND a.pid IN (SELECT unnest(pg_blocking_pids(w.pid)) FROM pg_stat_activity w
      WHERE w.datname = current_database() AND w.wait_event_type = 'Lock' AND w.wait_event <> 'advisory'
        AND w.query_start < clock_timestamp() - interval '{} seconds')
  ORDER BY a.xact_start LIMIT 1",
        waited.as_secs()
    )
}

/// A connection that keeps others waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Process id in PostgreSQL.
    pub pid: i32,
    /// What it calls itself.
    pub application: String,
    /// From where.
    pub address: String,
    /// For how long its transaction has been open, milliseconds.
    pub millis: i64,
}

/// What stands in the table of migrations, compared with those this program knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Known here and not applied there.
    pub pending: Vec<String>,
    /// Applied there and not known here.
    pub unknown: Vec<String>,
    /// The last that was applied.
    pub last: String,
}

/// Writes a row of no meaning, durably.
pub async fn write_probe(database: &Database, now: Timestamp) -> Result<()> {
    let written = database.write(move |transaction| {
        let row = setting::ActiveModel {
            name: Set(PROBE.to_owned()),
            value: Set(now.millis().to_string()),
            created_at: Set(now.millis()),
        };
        let replace = OnConflict::column(setting::Column::Name)
            .update_column(setting::Column::Value)
            .to_owned();
        setting::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(transaction)
            .boxed()
    });
    Ok(written.await.map(drop)?)
}

fn is_postgres(database: &Database) -> bool {
    database.reader().get_database_backend() == DbBackend::Postgres
}

fn asked(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}

/// Who has kept somebody waiting for a lock for so long; always `None` on SQLite, which does not tell.
pub async fn blocker(database: &Database, waited: Duration) -> Result<Option<Blocker>> {
    if !is_postgres(database) {
        return Ok(None);
    }
    let row = database.reader().query_one_raw(asked(&blockers(waited))).await?;
    let read = |row: sea_orm::QueryResult| -> Result<Blocker, DbErr> {
        Ok(Blocker {
            pid: row.try_get_by_index(0)?,
            application: row.try_get_by_index(1)?,
            address: row.try_get_by_index(2)?,
            millis: row.try_get_by_index(3)?,
        })
    };
    Ok(row.map(read).transpose()?)
}

/// The time of PostgreSQL's machine; `None` on SQLite, which has ours.
pub async fn now_of_server(database: &Database) -> Result<Option<Timestamp>> {
    if !is_postgres(database) {
        return Ok(None);
    }
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let row = database.reader().query_one_raw(asked(sql)).await?;
    let millis: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(millis.map(Timestamp::from_millis))
}

/// Compares the schema with the one this program brings. An empty database has everything pending.
pub async fn schema(database: &Database) -> Result<Schema> {
    let known: BTreeSet<String> = Migrator::migrations().iter().map(|one| one.name().to_owned()).collect();
    let applied: BTreeSet<String> = applied(database).await?.into_iter().collect();
    Ok(Schema {
        pending: known.difference(&applied).cloned().collect(),
        unknown: applied.difference(&known).cloned().collect(),
        last: applied.last().cloned().unwrap_or_default(),
    })
}

async fn applied(database: &Database) -> Result<Vec<String>, DbErr> {
    let backend = database.reader().get_database_backend();
    let tables = match backend {
        DbBackend::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let names = texts(database, Statement::from_string(backend, tables)).await?;
    if !names.iter().any(|name| name == "seaql_migrations") {
        return Ok(Vec::new());
    }
    let versions = "SELECT version FROM seaql_migrations";
    texts(database, Statement::from_string(backend, versions)).await
}

async fn texts(database: &Database, statement: Statement) -> Result<Vec<String>, DbErr> {
    let rows = database.reader().query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// How many passkeys were set up at another host than this.
///
/// # Errors
/// When the database does not answer.
pub async fn passkeys_elsewhere(database: &Database, party: &str) -> Result<u64> {
    let others = passkey::Entity::find().filter(passkey::Column::Party.ne(party));
    Ok(others.count(database.reader()).await?)
}

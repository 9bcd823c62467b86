//! Counters of changes, by which several servers on one PostgreSQL tell whether what they cache still stands. A server that owns its SQLite
//! file counts in memory. Never edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// The counters: 16 rows of everybody's, 61 of people.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let connection = manager.get_connection();
        // Room in each page for new versions of its rows: they are written again and again.
        let create = "CREATE TABLE change_counter (slot integer PRIMARY KEY, changes bigint NOT NULL) \
             WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)";
        connection.execute_unprepared(create).await?;
        let rows = "INSERT INTO change_counter SELECT slot, 0 FROM generate_series(0, 76) AS slot";
        connection.execute_unprepared(rows).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let drop = "DROP TABLE change_counter";
        manager.get_connection().execute_unprepared(drop).await.map(|_| ())
    }
}

//! Users with a console role, looked up at each page of the console. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

/// An index of those few alone.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statement = "CREATE INDEX ix_users_console_role ON users (console_role) WHERE console_role IS NOT NULL";
        manager.get_connection().execute_unprepared(statement).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statement = "DROP INDEX ix_users_console_role";
        manager.get_connection().execute_unprepared(statement).await?;
        Ok(())
    }
}

//! With which browser, and from which network, a session was opened. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_text_null, drop_column};

/// Browser and network of a session.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "session", "browser").await?;
        add_text_null(manager, "session", "network").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "session", "network").await?;
        drop_column(manager, "session", "browser").await
    }
}

//! How a sync reads the contacts of a corp. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column};

/// The setting of data sources.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Data sources there are go on as before.
        let mut read_by = ColumnDef::new(Alias::new("read_by"));
        read_by.text().not_null().default("lists");
        add_column(manager, "data_source", read_by).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "data_source", "read_by").await
    }
}

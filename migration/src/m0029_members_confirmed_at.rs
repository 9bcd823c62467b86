//! When a run confirmed everybody of a data source at once. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column};

/// One moment for all members instead of one write for each of them.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut confirmed = ColumnDef::new(Alias::new("members_confirmed_at"));
        confirmed.big_integer().null();
        add_column(manager, "data_source", confirmed).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "data_source", "members_confirmed_at").await
    }
}

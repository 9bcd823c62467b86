//! Traces of failures that somebody was told. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, index};

/// Traces.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::new("failure_trace")
            .text("reference")
            .big_integer("at")
            .text("number")
            .json("detail")
            .primary_key(&["reference"])
            .done();
        manager.create_table(table).await?;
        manager.create_index(index("failure_trace", &["at"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("failure_trace")).await
    }
}

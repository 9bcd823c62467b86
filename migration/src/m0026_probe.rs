//! What the last probe of each WeCom credential saw. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::Table;

/// Probes.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::new("probe")
            .uuid("holder_id")
            .text("holder")
            .json("capabilities")
            .json_null("app")
            .big_integer_null("probed_at")
            .big_integer_null("tried_at")
            .json_null("unanswered")
            .big_integer("next_at")
            .primary_key(&["holder_id"])
            .done();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("probe")).await
    }
}

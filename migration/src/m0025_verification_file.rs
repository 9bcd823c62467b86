//! Files by which WeCom verifies a domain. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::Table;

/// Verification files.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::new("verification_file")
            .uuid("id")
            .text("name")
            .unique()
            .text("content")
            .big_integer("created_at")
            .big_integer("updated_at")
            .primary_key(&["id"])
            .done();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("verification_file")).await
    }
}

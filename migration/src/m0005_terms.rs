//! What a full OpenID provider keeps of clients and grants. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

/// Clients' metadata, and what was agreed besides the scope.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::table::add_json(manager, "client", "metadata").await?;
        crate::table::add_text_null(manager, "client", "secret_sealed").await?;
        crate::table::add_json(manager, "oauth_grant", "terms").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("client", "metadata"),
            ("client", "secret_sealed"),
            ("oauth_grant", "terms"),
        ] {
            crate::table::drop_column(manager, table, column).await?;
        }
        Ok(())
    }
}

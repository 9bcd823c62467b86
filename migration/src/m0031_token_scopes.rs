//! Owners, scopes of API tokens, and when a token was last used. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::table::{add_big_integer_null, add_column, add_text_null, drop_column};

/// What admin tokens could do until now is what owners can: nobody loses power by an upgrade.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut scope = ColumnDef::new(Alias::new("scope"));
        scope.json().null();
        add_column(manager, "api_token", scope).await?;
        add_text_null(manager, "api_token", "prefix").await?;
        add_big_integer_null(manager, "api_token", "last_used_at").await?;
        let promoted = "UPDATE api_token SET role = 'owner' WHERE role = 'admin' AND revoked_at IS NULL";
        manager.get_connection().execute_unprepared(promoted).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The version before knows no scopes: what only reached some must not reach everything.
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DELETE FROM api_token WHERE role IN ('sync', 'portal')")
            .await?;
        connection
            .execute_unprepared("UPDATE api_token SET role = 'admin' WHERE role = 'owner'")
            .await?;
        for column in ["scope", "prefix", "last_used_at"] {
            drop_column(manager, "api_token", column).await?;
        }
        Ok(())
    }
}

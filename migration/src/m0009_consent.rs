//! What people let portals know about them. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Remembered consents.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(consent()).await?;
        manager
            .create_index(crate::table::index("consent", &["user_id", "client_id"], true))
            .await?;
        manager
            .create_index(crate::table::index("consent", &["client_id"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("consent")).await
    }
}

fn consent() -> TableCreateStatement {
    Table::new("consent")
        .uuid("id")
        .uuid("user_id")
        .uuid("client_id")
        .json("scopes")
        .big_integer("granted_at")
        .primary_key(&["id"])
        .foreign(foreign("consent", "user_id", "users", ForeignKeyAction::Cascade))
        .foreign(foreign("consent", "client_id", "client", ForeignKeyAction::Cascade))
        .done()
}

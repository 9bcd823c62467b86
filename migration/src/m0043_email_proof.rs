//! The e-mail address that a user proved by a link. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_text_null, drop_column, index};

/// The proven address, of one user at a time.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "users", "email_proven").await?;
        manager.create_index(index("users", &["email_proven"], true)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("ix_users_email_proven")
            .table(Alias::new("users"))
            .to_owned();
        manager.drop_index(index).await?;
        drop_column(manager, "users", "email_proven").await
    }
}

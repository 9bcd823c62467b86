//! Until when people have access, and why a data source is switched off. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column, index};

/// The end date of access of users; the reason of a data source that nobody switched off by hand.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut until = ColumnDef::new(Alias::new("access_until"));
        until.big_integer().null();
        add_column(manager, "users", until).await?;
        // Who is due is asked each second: those who are still active, by their date.
        let due = index("users", &["status", "access_until"], false);
        manager.create_index(due).await?;
        let mut reason = ColumnDef::new(Alias::new("disabled_reason"));
        reason.text().null();
        add_column(manager, "data_source", reason).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "data_source", "disabled_reason").await?;
        manager
            .drop_index(
                Index::drop()
                    .name("ix_users_status_access_until")
                    .table(Alias::new("users"))
                    .to_owned(),
            )
            .await?;
        drop_column(manager, "users", "access_until").await
    }
}

//! What standard claims need of people, and settings made once. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_json, add_text_null, drop, drop_column};

/// Nickname, gender and the rest of the standard claims of users; values that are made once per installation.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "member", "gender").await?;
        add_text_null(manager, "users", "nickname").await?;
        add_text_null(manager, "users", "gender").await?;
        add_json(manager, "users", "profile").await?;
        let setting = Table::new("setting")
            .text("name")
            .text("value")
            .big_integer("created_at")
            .primary_key(&["name"]);
        manager.create_table(setting.done()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("setting")).await?;
        for (table, column) in [
            ("users", "profile"),
            ("users", "gender"),
            ("users", "nickname"),
            ("member", "gender"),
        ] {
            drop_column(manager, table, column).await?;
        }
        Ok(())
    }
}

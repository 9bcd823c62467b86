//! Passkeys. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// Passkeys.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(passkey()).await?;
        manager.create_index(index("passkey", &["user_id"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("passkey")).await
    }
}

fn passkey() -> TableCreateStatement {
    Table::new("passkey")
        .uuid("id")
        .uuid("user_id")
        .text("party")
        .text("credential_id")
        .unique()
        .json("credential")
        .big_integer("counter")
        .boolean("backed_up")
        .text("name")
        .big_integer("created_at")
        .big_integer_null("last_used_at")
        .primary_key(&["id"])
        .foreign(foreign("passkey", "user_id", "users", ForeignKeyAction::Cascade))
        .done()
}

//! What happened to a person's credentials by another's hand. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// What happened to a person's credentials by another's hand.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(credential_notice()).await?;
        manager
            .create_index(index("credential_notice", &["user_id", "at"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("credential_notice")).await
    }
}

fn credential_notice() -> TableCreateStatement {
    Table::new("credential_notice")
        .uuid("id")
        .uuid("user_id")
        .text("kind")
        .text("made_by")
        .text_null("address")
        .big_integer("at")
        .big_integer_null("seen_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "credential_notice",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

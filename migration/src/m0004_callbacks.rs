//! Where WeCom pushes events to. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Where WeCom pushes events to.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(callback_endpoint()).await?;
        manager
            .create_index(crate::table::index(
                "callback_endpoint",
                &["data_source_id", "owner"],
                true,
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("callback_endpoint")).await
    }
}

fn callback_endpoint() -> TableCreateStatement {
    Table::new("callback_endpoint")
        .uuid("id")
        .uuid("data_source_id")
        .text("owner")
        .big_integer_null("agent_id")
        .text("token_sealed")
        .text("aes_key_sealed")
        .big_integer_null("verified_at")
        .big_integer_null("last_event_at")
        .big_integer("told")
        .big_integer_null("retry_at")
        .big_integer("created_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "callback_endpoint",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

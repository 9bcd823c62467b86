//! Members whom WeCom's events are about and who are still to be looked at. Written once for SQLite and PostgreSQL; never edited after a
//! release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// Members still to be looked at.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(pending_look()).await?;
        manager.create_index(index("pending_look", &["next_at"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("pending_look")).await
    }
}

fn pending_look() -> TableCreateStatement {
    Table::new("pending_look")
        .uuid("data_source_id")
        .text("userid_key")
        .text("kind")
        .text("userid")
        .text_null("new_userid")
        .big_integer("told_at")
        .big_integer("next_at")
        .integer("attempts")
        .primary_key(&["data_source_id", "userid_key", "kind"])
        .foreign(foreign(
            "pending_look",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

//! Doubts about who stands behind a userid, which an admin decides, and what a data source does meanwhile. Written once for SQLite and
//! PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_column, add_text_null, drop_column, foreign, index};

/// Findings about identities, and members who are in doubt.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut definition = ColumnDef::new(Alias::new("doubtful_identity"));
        definition.text().not_null().default("wait");
        add_column(manager, "data_source", definition).await?;
        add_text_null(manager, "member", "doubt").await?;
        manager.create_table(identity_finding()).await?;
        for columns in [["member_id", "state"], ["data_source_id", "state"]] {
            manager.create_index(index("identity_finding", &columns, false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("identity_finding")).await?;
        drop_column(manager, "member", "doubt").await?;
        drop_column(manager, "data_source", "doubtful_identity").await
    }
}

fn identity_finding() -> TableCreateStatement {
    Table::new("identity_finding")
        .uuid("id")
        .uuid("data_source_id")
        .uuid("member_id")
        .uuid_null("user_id")
        .text("userid")
        .text("reason")
        .json("before")
        .json("after")
        .text("state")
        .big_integer("opened_at")
        .text_null("decided_by")
        .big_integer_null("decided_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "identity_finding",
            "member_id",
            "member",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

//! Groups of ours, who is in them, and which of them a portal lets in. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_column, drop, drop_column, foreign, index};

/// Groups.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let groups = Table::new("user_group")
            .uuid("id")
            .text("name")
            .text("name_key")
            .unique()
            .text("description")
            .big_integer("created_at")
            .big_integer("updated_at")
            .primary_key(&["id"])
            .done();
        manager.create_table(groups).await?;
        let people = Table::new("user_group_user")
            .uuid("group_id")
            .uuid("user_id")
            .big_integer("added_at")
            .primary_key(&["group_id", "user_id"])
            .foreign(foreign(
                "user_group_user",
                "group_id",
                "user_group",
                ForeignKeyAction::Cascade,
            ))
            .foreign(foreign(
                "user_group_user",
                "user_id",
                "users",
                ForeignKeyAction::Cascade,
            ))
            .done();
        manager.create_table(people).await?;
        manager
            .create_index(index("user_group_user", &["user_id"], false))
            .await?;
        let mut allowed = ColumnDef::new(Alias::new("allowed_groups"));
        allowed.json().not_null().default("[]");
        add_column(manager, "client", allowed).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "client", "allowed_groups").await?;
        manager.drop_table(drop("user_group_user")).await?;
        manager.drop_table(drop("user_group")).await
    }
}

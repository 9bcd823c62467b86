//! Companies that are moved from an app of the service provider to an app of their own, and the ids of their members before and after. Written
//! once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign, index};

/// Moves and pairs.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(corp_move()).await?;
        let of_source = index("corp_move", &["data_source_id", "id"], false);
        manager.create_index(of_source).await?;
        manager.create_table(corp_move_pair()).await?;
        for (columns, unique) in [(&["move_id", "new_key"][..], true), (&["move_id", "old_key"], false)] {
            manager.create_index(index("corp_move_pair", columns, unique)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("corp_move_pair")).await?;
        manager.drop_table(drop("corp_move")).await
    }
}

fn corp_move() -> TableCreateStatement {
    Table::new("corp_move")
        .uuid("id")
        .uuid("data_source_id")
        .uuid_null("open_for")
        .unique()
        .uuid("suite")
        .uuid("installation")
        .text("state")
        .text("corp_id")
        .big_integer("agent_id")
        .text_null("app_secret_sealed")
        .text_null("contacts_secret_sealed")
        .text_null("proven_by")
        .big_integer("revision")
        .big_integer_null("paired_at")
        .text_null("conversion_problem")
        .text_null("conversion_detail")
        .uuid_null("rehearsal_run")
        .big_integer_null("rehearsed_revision")
        .text("from_corp_id")
        .uuid_null("from_app")
        .json("auth_sources")
        .text("created_by")
        .big_integer("created_at")
        .text_null("changed_by")
        .big_integer_null("changed_at")
        .text_null("ended_by")
        .big_integer_null("ended_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "corp_move",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn corp_move_pair() -> TableCreateStatement {
    Table::new("corp_move_pair")
        .uuid("move_id")
        .uuid("member_id")
        .text("old_userid")
        .text("old_key")
        .text_null("new_userid")
        .text_null("new_key")
        .text("how")
        .primary_key(&["move_id", "member_id"])
        .foreign(foreign(
            "corp_move_pair",
            "move_id",
            "corp_move",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

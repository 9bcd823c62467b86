//! Presses of the buttons of cards, and matters whose cards are to say how they were decided. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// Presses of the buttons of cards, and settled matters.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(card_event()).await?;
        let one = ["corp_id", "agent_id", "task_id", "userid", "event_key"];
        manager.create_index(index("card_event", &one, true)).await?;
        manager
            .create_index(index("card_event", &["handled_at"], false))
            .await?;
        manager
            .create_index(index("card_event", &["received_at"], false))
            .await?;
        manager.create_table(card_settlement()).await?;
        manager
            .create_index(index("card_settlement", &["next_at"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("card_settlement")).await?;
        manager.drop_table(crate::table::drop("card_event")).await
    }
}

fn card_event() -> TableCreateStatement {
    Table::new("card_event")
        .uuid("id")
        .uuid("data_source_id")
        .text("corp_id")
        .big_integer("agent_id")
        .text("userid")
        .text("task_id")
        .text("event_key")
        .text_null("response_code_sealed")
        .big_integer("received_at")
        .big_integer_null("handled_at")
        .text_null("outcome")
        .primary_key(&["id"])
        .foreign(foreign(
            "card_event",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn card_settlement() -> TableCreateStatement {
    Table::new("card_settlement")
        .text("subject")
        .text("content")
        .big_integer("settled_at")
        .integer("attempts")
        .big_integer_null("next_at")
        .primary_key(&["subject"])
        .done()
}

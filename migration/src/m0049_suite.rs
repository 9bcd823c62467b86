//! Apps of a service provider (suites): their credentials, what WeCom pushed to them, and what was refused there. Written once for SQLite and
//! PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// Suites, their pushes and refused callbacks.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(wecom_suite()).await?;
        manager.create_table(suite_push()).await?;
        manager
            .create_index(index("suite_push", &["suite", "digest"], true))
            .await?;
        manager
            .create_index(index("suite_push", &["handled_at", "next_at"], false))
            .await?;
        manager
            .create_index(index("suite_push", &["suite", "received_at"], false))
            .await?;
        manager.create_table(suite_refusal()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("suite_refusal")).await?;
        manager.drop_table(crate::table::drop("suite_push")).await?;
        manager.drop_table(crate::table::drop("wecom_suite")).await
    }
}

fn wecom_suite() -> TableCreateStatement {
    Table::new("wecom_suite")
        .uuid("id")
        .text("name")
        .text("description")
        .text("suite_id")
        .unique()
        .text("secret_sealed")
        .text("token_sealed")
        .text("aes_key_sealed")
        .text_null("provider_corp_id")
        .text_null("provider_secret_sealed")
        .text_null("ticket_sealed")
        .big_integer_null("ticket_at")
        .big_integer_null("command_verified_at")
        .big_integer_null("data_verified_at")
        .big_integer_null("last_push_at")
        .big_integer_null("last_event_at")
        .big_integer_null("checked_at")
        .text_null("check_failure")
        .text_null("check_detail")
        .big_integer_null("check_failing_since")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .done()
}

fn suite_push() -> TableCreateStatement {
    Table::new("suite_push")
        .uuid("id")
        .uuid("suite")
        .text("info_type")
        .text_null("corp_id")
        .text_null("auth_code_sealed")
        .text_null("state")
        .big_integer("told_at")
        .big_integer("received_at")
        .text("digest")
        .big_integer_null("handled_at")
        .big_integer("next_at")
        .integer("attempts")
        .text_null("outcome")
        .primary_key(&["id"])
        .foreign(foreign("suite_push", "suite", "wecom_suite", ForeignKeyAction::Cascade))
        .done()
}

fn suite_refusal() -> TableCreateStatement {
    Table::new("suite_refusal")
        .uuid("suite")
        .text("callback")
        .text("number")
        .big_integer("first_at")
        .big_integer("last_at")
        .primary_key(&["suite", "callback", "number"])
        .foreign(foreign(
            "suite_refusal",
            "suite",
            "wecom_suite",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

//! What WeCom announces about apps, and why callbacks were refused. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Announcements about apps, failures of callbacks.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(wecom_app_notice()).await?;
        manager.create_table(callback_failure()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("callback_failure")).await?;
        manager.drop_table(crate::table::drop("wecom_app_notice")).await
    }
}

fn wecom_app_notice() -> TableCreateStatement {
    Table::new("wecom_app_notice")
        .uuid("app_id")
        .text("kind")
        .big_integer_null("told_at")
        .big_integer_null("effective_at")
        .big_integer_null("cleared_at")
        .primary_key(&["app_id", "kind"])
        .foreign(foreign(
            "wecom_app_notice",
            "app_id",
            "wecom_app",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn callback_failure() -> TableCreateStatement {
    Table::new("callback_failure")
        .uuid("endpoint_id")
        .text("number")
        .big_integer("first_at")
        .big_integer("last_at")
        .primary_key(&["endpoint_id", "number"])
        .foreign(foreign(
            "callback_failure",
            "endpoint_id",
            "callback_endpoint",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

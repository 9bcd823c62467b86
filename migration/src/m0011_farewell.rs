//! The outbox of back-channel logout. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, index};

/// The outbox of back-channel logout.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(logout_delivery()).await?;
        for (columns, unique) in [
            (["session_id", "client_id"], true),
            (["state", "next_at"], false),
            (["client_id", "state"], false),
        ] {
            manager.create_index(index("logout_delivery", &columns, unique)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("logout_delivery")).await
    }
}

/// No foreign keys: a row outlives the session and the user whose end it tells of.
fn logout_delivery() -> TableCreateStatement {
    Table::new("logout_delivery")
        .uuid("id")
        .uuid("session_id")
        .uuid("user_id")
        .uuid("client_id")
        .text("reason")
        .text("state")
        .integer("attempts")
        .big_integer("next_at")
        .big_integer("deadline")
        .integer_null("last_status")
        .text_null("last_error")
        .big_integer("created_at")
        .big_integer_null("delivered_at")
        .primary_key(&["id"])
        .done()
}

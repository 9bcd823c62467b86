//! The app that a card was sent by. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column};

/// The app of a card.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut app = ColumnDef::new(Alias::new("agent_id"));
        app.big_integer().null();
        add_column(manager, "notice_delivery", app).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "notice_delivery", "agent_id").await
    }
}

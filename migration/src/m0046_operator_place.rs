//! Where people with a console role were seen. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Where people with a console role were seen.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(operator_place()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("operator_place")).await
    }
}

fn operator_place() -> TableCreateStatement {
    Table::new("operator_place")
        .uuid("user_id")
        .text("network")
        .text("browser")
        .big_integer("last_seen_at")
        .primary_key(&["user_id", "network", "browser"])
        .foreign(foreign("operator_place", "user_id", "users", ForeignKeyAction::Cascade))
        .done()
}

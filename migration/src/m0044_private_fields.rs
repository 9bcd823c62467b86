//! What became of asking people for private fields. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// Answers about private fields.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(private_field_answer()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("private_field_answer")).await
    }
}

fn private_field_answer() -> TableCreateStatement {
    Table::new("private_field_answer")
        .uuid("user_id")
        .text("field")
        .text("answer")
        .big_integer("at")
        .primary_key(&["user_id", "field"])
        .foreign(foreign(
            "private_field_answer",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

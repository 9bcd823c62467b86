//! What telling a person needs: the language they chose, since when their browsers are known, and for which address a link was sent. Written once
//! for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_big_integer_null, add_text_null, drop_column};

/// The language of people, of requests for access; browsers that are known; the address of a link.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "users", "language").await?;
        add_big_integer_null(manager, "users", "browsers_known_at").await?;
        add_text_null(manager, "access_request", "language").await?;
        add_text_null(manager, "one_time_link", "email").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "one_time_link", "email").await?;
        drop_column(manager, "access_request", "language").await?;
        drop_column(manager, "users", "browsers_known_at").await?;
        drop_column(manager, "users", "language").await
    }
}

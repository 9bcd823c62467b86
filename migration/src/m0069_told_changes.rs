//! Of what WeCom told of a member: when it happened there, and since when it is left to a sync, which weighs it with everything else it reads. Written
//! once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_big_integer_null, drop_column};

/// Both moments.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_big_integer_null(manager, "pending_look", "happened_at").await?;
        add_big_integer_null(manager, "pending_look", "left_at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "pending_look", "left_at").await?;
        drop_column(manager, "pending_look", "happened_at").await
    }
}

//! When each WeCom app was read by itself, what failed, and how many members its visible scope covers. Written once for SQLite and PostgreSQL; never edited
//! after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_big_integer_null, add_text_null, drop_column};

/// Readings of apps.
#[derive(DeriveMigrationName)]
pub struct Migration;

const NUMBERS: [&str; 7] = [
    "read_at",
    "next_read_at",
    "read_failing_since",
    "scope_waits_since",
    "scope_members",
    "scope_outside",
    "scope_outside_lines",
];
const TEXTS: [&str; 2] = ["read_failure", "read_failure_detail"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in NUMBERS {
            add_big_integer_null(manager, "wecom_app", column).await?;
        }
        for column in TEXTS {
            add_text_null(manager, "wecom_app", column).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in NUMBERS.into_iter().chain(TEXTS) {
            drop_column(manager, "wecom_app", column).await?;
        }
        Ok(())
    }
}

//! For which end of access somebody was told that it comes; and approvals of access requests as decisions of their own. Written once for SQLite and
//! PostgreSQL; never edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::table::{add_column, drop_column};

/// The end of access that was told; approvals.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Approvals stood among the conflicts that an admin settled by another name.
const APPROVED: &str = "UPDATE import_decision SET kind = 'approve' WHERE kind = 'rename' AND member_id IN \
     (SELECT member_id FROM access_request WHERE state = 'approved' AND member_id IS NOT NULL)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut told = ColumnDef::new(Alias::new("access_ending_told"));
        told.big_integer().null();
        add_column(manager, "users", told).await?;
        manager.get_connection().execute_unprepared(APPROVED).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let again = "UPDATE import_decision SET kind = 'rename' WHERE kind = 'approve'";
        manager.get_connection().execute_unprepared(again).await?;
        drop_column(manager, "users", "access_ending_told").await
    }
}

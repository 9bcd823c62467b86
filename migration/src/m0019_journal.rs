//! The journal of syncs: what each run changed, exactly, so that it can be taken back; and the fencing token of runs. Written once for SQLite
//! and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, add_text_null, drop_column, index};

/// Changes in the rows of runs, and who may write.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut subject = ColumnDef::new(Alias::new("subject"));
        subject.text().not_null().default("member");
        add_column(manager, "sync_row", subject).await?;
        let mut batch = ColumnDef::new(Alias::new("batch"));
        batch.integer().not_null().default(0);
        add_column(manager, "sync_row", batch).await?;
        for column in ["subject_id", "user_id"] {
            add_column(manager, "sync_row", uuid_null(column)).await?;
        }
        let mut changes = ColumnDef::new(Alias::new("changes"));
        changes.json().null();
        add_column(manager, "sync_row", changes).await?;
        add_text_null(manager, "sync_row", "undone").await?;
        add_column(manager, "sync_run", uuid_null("undoes")).await?;
        for column in ["sync_fence", "undone_run"] {
            add_column(manager, "data_source", uuid_null(column)).await?;
        }
        manager
            .create_index(index("sync_row", &["run_id", "batch"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        index.name("ix_sync_row_run_id_batch").table(Alias::new("sync_row"));
        manager.drop_index(index).await?;
        for column in ["undone_run", "sync_fence"] {
            drop_column(manager, "data_source", column).await?;
        }
        drop_column(manager, "sync_run", "undoes").await?;
        for column in ["undone", "changes", "user_id", "subject_id", "batch", "subject"] {
            drop_column(manager, "sync_row", column).await?;
        }
        Ok(())
    }
}

fn uuid_null(column: &'static str) -> ColumnDef {
    let mut definition = ColumnDef::new(Alias::new(column));
    definition.uuid().null();
    definition
}

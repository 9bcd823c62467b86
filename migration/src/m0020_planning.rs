//! What a run was to do and what it cost, and the guard of data sources. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_big_integer_null, add_column, add_json, drop_column};

/// Modes, durations and calls of runs; guards.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut mode = ColumnDef::new(Alias::new("mode"));
        mode.text().not_null().default("apply");
        add_column(manager, "sync_run", mode).await?;
        let mut calls = ColumnDef::new(Alias::new("calls"));
        calls.big_integer().not_null().default(0);
        add_column(manager, "sync_run", calls).await?;
        add_big_integer_null(manager, "sync_run", "duration_ms").await?;
        let durations = Query::update()
            .table(Alias::new("sync_run"))
            .value(
                Alias::new("duration_ms"),
                Expr::col(Alias::new("finished_at")).sub(Expr::col(Alias::new("started_at"))),
            )
            .to_owned();
        manager.exec_stmt(durations).await?;
        add_json(manager, "data_source", "guard").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "data_source", "guard").await?;
        for column in ["duration_ms", "calls", "mode"] {
            drop_column(manager, "sync_run", column).await?;
        }
        Ok(())
    }
}

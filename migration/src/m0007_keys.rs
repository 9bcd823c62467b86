//! Where a signing key stands follows from its dates. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

/// From when a key signs, instead of a word that somebody has to keep true.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "signing_key";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut activates_at = ColumnDef::new(Alias::new("activates_at"));
        activates_at.big_integer().not_null().default(0);
        crate::table::add_column(manager, TABLE, activates_at).await?;
        let since_ever = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("activates_at"), Expr::col(Alias::new("created_at")))
            .to_owned();
        manager.exec_stmt(since_ever).await?;
        for column in ["state", "retired_at"] {
            crate::table::drop_column(manager, TABLE, column).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut state = ColumnDef::new(Alias::new("state"));
        state.text().not_null().default("active");
        crate::table::add_column(manager, TABLE, state).await?;
        let mut retired_at = ColumnDef::new(Alias::new("retired_at"));
        retired_at.big_integer().null();
        crate::table::add_column(manager, TABLE, retired_at).await?;
        crate::table::drop_column(manager, TABLE, "activates_at").await
    }
}

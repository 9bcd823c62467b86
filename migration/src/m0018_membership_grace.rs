//! For how long a portal goes on while WeCom does not answer. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column};

/// The grace of portals.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Portals there are keep their maximum age, a day unless somebody chose another: no grace beyond it, as before.
        let mut grace = ColumnDef::new(Alias::new("membership_grace"));
        grace.big_integer().not_null().default(0);
        add_column(manager, "client", grace).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "client", "membership_grace").await
    }
}

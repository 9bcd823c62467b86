//! What ran and what happened. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign};

/// What ran and what happened.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sync_run()).await?;
        manager.create_table(sync_row()).await?;
        manager.create_table(audit_event()).await?;
        manager
            .create_index(crate::table::index("sync_run", &["data_source_id", "id"], false))
            .await?;
        manager
            .create_index(crate::table::index("sync_row", &["run_id", "id"], false))
            .await?;
        manager
            .create_index(crate::table::index("audit_event", &["reference"], false))
            .await?;
        manager
            .create_index(crate::table::index("audit_event", &["at"], false))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["audit_event", "sync_row", "sync_run"] {
            manager.drop_table(crate::table::drop(name)).await?;
        }
        Ok(())
    }
}

fn sync_run() -> TableCreateStatement {
    Table::new("sync_run")
        .uuid("id")
        .uuid("data_source_id")
        .text("cause")
        .text("state")
        .big_integer("started_at")
        .big_integer_null("finished_at")
        .json("counts")
        .json("findings")
        .text_null("failure_number")
        .text_null("failure_detail")
        .primary_key(&["id"])
        .foreign(foreign(
            "sync_run",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn sync_row() -> TableCreateStatement {
    Table::new("sync_row")
        .uuid("id")
        .uuid("run_id")
        .text("userid")
        .text("outcome")
        .text("reason")
        .primary_key(&["id"])
        .foreign(foreign("sync_row", "run_id", "sync_run", ForeignKeyAction::Cascade))
        .done()
}

fn audit_event() -> TableCreateStatement {
    Table::new("audit_event")
        .uuid("id")
        .big_integer("at")
        .text("kind")
        .text("actor")
        .text("subject")
        .text_null("reference")
        .text_null("number")
        .json("detail")
        .primary_key(&["id"])
        .done()
}

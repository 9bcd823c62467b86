//! Who at the console may be shown names of a company by WeCom. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign, index};

/// Proofs, one for each session and data source.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let proofs = Table::new("name_proof")
            .uuid("session_id")
            .uuid("data_source_id")
            .text("corp_key")
            .text_null("scan_digest")
            .unique()
            .big_integer("scan_expires_at")
            .text("return_to")
            .text_null("userid_key")
            .big_integer_null("proved_at")
            .primary_key(&["session_id", "data_source_id"])
            .foreign(foreign(
                "name_proof",
                "session_id",
                "session",
                ForeignKeyAction::Cascade,
            ))
            .foreign(foreign(
                "name_proof",
                "data_source_id",
                "data_source",
                ForeignKeyAction::Cascade,
            ))
            .done();
        manager.create_table(proofs).await?;
        manager
            .create_index(index("name_proof", &["data_source_id"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("name_proof")).await
    }
}

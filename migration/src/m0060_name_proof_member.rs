//! Whoever proved that they may be shown names is told by the row of the member, because a userid may come to be somebody else's. What was proved before
//! is over. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::{
    m0054_name_proof,
    table::{Table, drop, foreign, index},
};

/// The proofs anew.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("name_proof")).await?;
        let proofs = Table::new("name_proof")
            .uuid("session_id")
            .uuid("data_source_id")
            .text("corp_key")
            .text_null("scan_digest")
            .unique()
            .big_integer("scan_expires_at")
            .text("return_to")
            .uuid_null("member_id")
            .big_integer_null("proved_at")
            .primary_key(&["session_id", "data_source_id"])
            .foreign(cascading("session_id", "session"))
            .foreign(cascading("data_source_id", "data_source"))
            .foreign(cascading("member_id", "member"))
            .done();
        manager.create_table(proofs).await?;
        for column in ["data_source_id", "member_id"] {
            manager.create_index(index("name_proof", &[column], false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("name_proof")).await?;
        m0054_name_proof::Migration.up(manager).await
    }
}

fn cascading(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    foreign("name_proof", column, to, ForeignKeyAction::Cascade)
}

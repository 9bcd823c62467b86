//! Access requests, and who of a corp may ask and decide. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::table::{Table, add_column, drop_column, foreign, index};

/// Access requests; whether a data source takes them, and its approvers.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Of each member one request is open at most.
const ONE_OPEN: &str =
    "CREATE UNIQUE INDEX ix_access_request_open ON access_request (data_source_id, userid_key) WHERE state = 'open'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut takes = ColumnDef::new(Alias::new("access_requests"));
        takes.boolean().not_null().default(false);
        add_column(manager, "data_source", takes).await?;
        let mut approvers = ColumnDef::new(Alias::new("approvers"));
        approvers.json().not_null().default("[]");
        add_column(manager, "data_source", approvers).await?;
        manager.create_table(access_request()).await?;
        manager.get_connection().execute_unprepared(ONE_OPEN).await?;
        for columns in [
            &["data_source_id", "userid_key", "created_at"][..],
            &["state", "expires_at"],
        ] {
            manager.create_index(index("access_request", columns, false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("access_request")).await?;
        drop_column(manager, "data_source", "approvers").await?;
        drop_column(manager, "data_source", "access_requests").await
    }
}

fn access_request() -> TableCreateStatement {
    Table::new("access_request")
        .uuid("id")
        .uuid("data_source_id")
        .text("corp_id")
        .text("userid")
        .text("userid_key")
        .uuid_null("member_id")
        .text("mode")
        .uuid_null("client_id")
        .text("state")
        .text("reason")
        .big_integer("created_at")
        .big_integer("expires_at")
        .big_integer_null("decided_at")
        .text_null("decided_by")
        .json_null("decision")
        .text_null("refusal_reason")
        .boolean("reason_shown")
        .uuid_null("user_id")
        .text("link_digest")
        .unique()
        .big_integer("link_expires_at")
        .big_integer("version")
        .primary_key(&["id"])
        .foreign(foreign(
            "access_request",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .foreign(foreign(
            "access_request",
            "client_id",
            "client",
            ForeignKeyAction::SetNull,
        ))
        .foreign(foreign("access_request", "user_id", "users", ForeignKeyAction::SetNull))
        .done()
}

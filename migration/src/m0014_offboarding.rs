//! Reports of endings of access. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_column, drop_column, index};

/// Reports of endings of access, and which logouts belong to them.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(offboarding()).await?;
        for columns in [["user_id", "at"], ["data_source_id", "at"]] {
            manager.create_index(index("offboarding", &columns, false)).await?;
        }
        let mut report = ColumnDef::new(Alias::new("offboarding_id"));
        report.uuid().null();
        add_column(manager, "logout_delivery", report).await?;
        manager
            .create_index(index("logout_delivery", &["offboarding_id"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("ix_logout_delivery_offboarding_id")
                    .table(Alias::new("logout_delivery"))
                    .to_owned(),
            )
            .await?;
        drop_column(manager, "logout_delivery", "offboarding_id").await?;
        manager.drop_table(crate::table::drop("offboarding")).await
    }
}

/// No foreign keys: a report outlives the user and the data source.
fn offboarding() -> TableCreateStatement {
    Table::new("offboarding")
        .uuid("id")
        .uuid("user_id")
        .text("username")
        .uuid_null("member_id")
        .uuid_null("data_source_id")
        .text_null("userid")
        .text("reason")
        .text("learned_by")
        .json("evidence")
        .uuid_null("app_id")
        .boolean("user_disabled")
        .json("sessions")
        .json("grants")
        .big_integer("at")
        .big_integer_null("readmitted_at")
        .primary_key(&["id"])
        .done()
}

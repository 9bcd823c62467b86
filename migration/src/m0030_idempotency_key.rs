//! Requests that were sent with an `Idempotency-Key`, and indexes for lists that are sorted and filtered. Written once for SQLite and
//! PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, index};

/// Idempotency keys.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Columns by which the lists of users and members, which may hold 100,000 rows, are sorted or filtered.
const LISTS: [(&str, &[&str]); 5] = [
    ("users", &["data_source_id", "id"]),
    ("users", &["status", "id"]),
    ("users", &["updated_at", "id"]),
    ("member", &["userid_key", "id"]),
    ("member", &["import_outcome", "id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::new("idempotency_key")
            .uuid("id")
            .uuid("token_id")
            .text("key")
            .text("fingerprint")
            .uuid("claim")
            .big_integer("leased_until")
            .big_integer_null("finished_at")
            .text_null("reply")
            .big_integer("created_at")
            .big_integer("expires_at")
            .primary_key(&["id"])
            .done();
        manager.create_table(table).await?;
        manager
            .create_index(index("idempotency_key", &["token_id", "key"], true))
            .await?;
        manager
            .create_index(index("idempotency_key", &["expires_at"], false))
            .await?;
        for (table, columns) in LISTS {
            manager.create_index(index(table, columns, false)).await?;
        }
        // The longer one serves as well.
        manager.drop_index(drop_index("users", &["data_source_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("users", &["data_source_id"], false)).await?;
        for (table, columns) in LISTS {
            manager.drop_index(drop_index(table, columns)).await?;
        }
        manager.drop_table(crate::table::drop("idempotency_key")).await
    }
}

fn drop_index(table: &'static str, columns: &[&'static str]) -> IndexDropStatement {
    let name = format!("ix_{table}_{}", columns.join("_"));
    Index::drop().name(name).table(Alias::new(table)).to_owned()
}

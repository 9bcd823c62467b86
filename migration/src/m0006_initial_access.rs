//! Dynamic client registration. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign};

/// Initial access tokens, and the registration tokens of clients that registered themselves.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(initial_access_token()).await?;
        manager.create_table(client_registration()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["client_registration", "initial_access_token"] {
            manager.drop_table(drop(name)).await?;
        }
        Ok(())
    }
}

fn initial_access_token() -> TableCreateStatement {
    Table::new("initial_access_token")
        .uuid("id")
        .text("name")
        .text("digest")
        .unique()
        .big_integer("max_uses")
        .big_integer("uses")
        .big_integer("created_at")
        .big_integer_null("expires_at")
        .big_integer_null("revoked_at")
        .primary_key(&["id"])
        .done()
}

/// `id` is the client's own: at most one registration token each.
fn client_registration() -> TableCreateStatement {
    Table::new("client_registration")
        .uuid("id")
        .text("digest")
        .big_integer("created_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "client_registration",
            "id",
            "client",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

//! One-time codes and one-time links. The password's hash has been a column of `users` from the start. Never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign, index};

/// One-time codes and one-time links.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(totp()).await?;
        manager.create_table(recovery_code()).await?;
        manager.create_table(one_time_link()).await?;
        manager
            .create_index(index("recovery_code", &["user_id"], false))
            .await?;
        manager
            .create_index(index("one_time_link", &["expires_at"], false))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["one_time_link", "recovery_code", "totp"] {
            manager.drop_table(drop(table)).await?;
        }
        Ok(())
    }
}

fn totp() -> TableCreateStatement {
    Table::new("totp")
        .uuid("user_id")
        .text("secret_sealed")
        .big_integer("last_step")
        .big_integer("created_at")
        .primary_key(&["user_id"])
        .foreign(foreign("totp", "user_id", "users", ForeignKeyAction::Cascade))
        .done()
}

fn recovery_code() -> TableCreateStatement {
    Table::new("recovery_code")
        .text("digest")
        .uuid("user_id")
        .primary_key(&["digest"])
        .foreign(foreign("recovery_code", "user_id", "users", ForeignKeyAction::Cascade))
        .done()
}

/// One per user and purpose: a new one takes the place of the old.
fn one_time_link() -> TableCreateStatement {
    Table::new("one_time_link")
        .uuid("user_id")
        .text("purpose")
        .text("digest")
        .unique()
        .big_integer("created_at")
        .big_integer("expires_at")
        .primary_key(&["user_id", "purpose"])
        .foreign(foreign("one_time_link", "user_id", "users", ForeignKeyAction::Cascade))
        .done()
}

//! Where the addresses of a data source's people come from, and for which domains an admin vouches. Written once for SQLite and PostgreSQL;
//! never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, add_text_null, drop_column};

/// Sources of addresses, domains vouched for, and where a user's address comes from.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Data sources there are keep the order they had: another address would be another account at some portals.
        for (column, value) in [
            ("email_sources", r#"["email","biz_mail"]"#),
            ("vouched_email_domains", "[]"),
        ] {
            let mut definition = ColumnDef::new(Alias::new(column));
            definition.json().not_null().default(value);
            add_column(manager, "data_source", definition).await?;
        }
        add_text_null(manager, "users", "email_origin").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "users", "email_origin").await?;
        drop_column(manager, "data_source", "vouched_email_domains").await?;
        drop_column(manager, "data_source", "email_sources").await
    }
}

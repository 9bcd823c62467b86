//! The branding of a company, which overrides, field by field, that of the installation; and our copies of the logos of clients. Written once for SQLite
//! and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, drop, foreign, index};

/// Both tables.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let brandings = Table::new("company_branding")
            .uuid("data_source_id")
            .text_null("name")
            .text_null("name_zh")
            .text_null("accent")
            .text_null("contact")
            .text_null("contact_zh")
            .bytes_null("logo")
            .text_null("logo_digest")
            .text_null("logo_media_type")
            .integer_null("logo_width")
            .integer_null("logo_height")
            .integer_null("logo_bytes")
            .primary_key(&["data_source_id"])
            .foreign(foreign(
                "company_branding",
                "data_source_id",
                "data_source",
                ForeignKeyAction::Cascade,
            ))
            .done();
        manager.create_table(brandings).await?;
        manager
            .create_index(index("company_branding", &["logo_digest"], false))
            .await?;
        let logos = Table::new("client_logo")
            .uuid("client_id")
            .text("address")
            .bytes("file")
            .text("digest")
            .text("media_type")
            .big_integer("fetched_at")
            .primary_key(&["client_id"])
            .foreign(foreign("client_logo", "client_id", "client", ForeignKeyAction::Cascade))
            .done();
        manager.create_table(logos).await?;
        manager.create_index(index("client_logo", &["digest"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("client_logo")).await?;
        manager.drop_table(drop("company_branding")).await
    }
}

//! Apps and data sources of a service provider's suite beside those that corps made themselves. Written once for SQLite and PostgreSQL; never edited
//! after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_column, drop_column, index};

/// The suite of an app and of a data source. A corp is one data source in each mode: what is unique is no longer its corp ID but a key of corp and
/// suite. SQLite cannot take a column's uniqueness away, so the column becomes the key, and the corp ID a new one.
#[derive(DeriveMigrationName)]
pub struct Migration;

const SOURCE: &str = "data_source";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["wecom_app", SOURCE] {
            let mut suite = ColumnDef::new(Alias::new("suite"));
            suite.uuid().null();
            add_column(manager, table, suite).await?;
        }
        rename(manager, "corp_id", "corp_key").await?;
        let mut corp_id = ColumnDef::new(Alias::new("corp_id"));
        corp_id.text().not_null().default("");
        add_column(manager, SOURCE, corp_id).await?;
        let same = "UPDATE data_source SET corp_id = corp_key";
        manager.get_connection().execute_unprepared(same).await?;
        manager.create_index(index(SOURCE, &["corp_id"], false)).await
    }

    /// A program that knows no suites would take permanent codes for secrets: what suites connected goes.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_suites = "(SELECT id FROM wecom_app WHERE suite IS NOT NULL)";
        for gone in [
            format!("DELETE FROM auth_source WHERE app_id IN {of_suites}"),
            "DELETE FROM data_source WHERE suite IS NOT NULL".to_owned(),
            "DELETE FROM wecom_app WHERE suite IS NOT NULL".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&gone).await?;
        }
        let gone = Index::drop()
            .name("ix_data_source_corp_id")
            .table(Alias::new(SOURCE))
            .to_owned();
        manager.drop_index(gone).await?;
        drop_column(manager, SOURCE, "corp_id").await?;
        rename(manager, "corp_key", "corp_id").await?;
        for table in ["wecom_app", SOURCE] {
            drop_column(manager, table, "suite").await?;
        }
        Ok(())
    }
}

async fn rename(manager: &SchemaManager<'_>, from: &'static str, to: &'static str) -> Result<(), DbErr> {
    let statement = Table::alter()
        .table(Alias::new(SOURCE))
        .rename_column(Alias::new(from), Alias::new(to))
        .to_owned();
    manager.alter_table(statement).await
}

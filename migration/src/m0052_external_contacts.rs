//! The secret of 客户联系 and the events about customers; what was seen of a credential is told apart by its kind as well, since a data source
//! holds two. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, add_text_null, drop_column, foreign, index};

/// The customer secret, events about customers and how many there were.
#[derive(DeriveMigrationName)]
pub struct Migration;

const PROBE: &str = "holder_id, holder, capabilities, app, probed_at, tried_at, unanswered, next_at";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_text_null(manager, "data_source", "customer_secret_sealed").await?;
        key_probes_by(manager, &["holder_id", "holder"]).await?;
        manager.create_table(event()).await?;
        let once = index("external_contact_event", &["data_source_id", "digest"], true);
        manager.create_index(once).await?;
        let listed = index("external_contact_event", &["data_source_id", "id"], false);
        manager.create_index(listed).await?;
        let swept = index("external_contact_event", &["received_at"], false);
        manager.create_index(swept).await?;
        manager.create_table(count()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(crate::table::drop("external_contact_count")).await?;
        manager.drop_table(crate::table::drop("external_contact_event")).await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared("DELETE FROM probe WHERE holder = 'external_contacts'")
            .await?;
        key_probes_by(manager, &["holder_id"]).await?;
        drop_column(manager, "data_source", "customer_secret_sealed").await
    }
}

fn event() -> TableCreateStatement {
    Table::new("external_contact_event")
        .uuid("id")
        .uuid("data_source_id")
        .text("change")
        .text_null("userid")
        .text_null("external_userid")
        .text_null("chat_id")
        .text_null("detail")
        .big_integer_null("told_at")
        .big_integer("received_at")
        .text("digest")
        .primary_key(&["id"])
        .foreign(foreign(
            "external_contact_event",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn count() -> TableCreateStatement {
    Table::new("external_contact_count")
        .uuid("data_source_id")
        .text("change")
        .big_integer("total")
        .big_integer("first_at")
        .big_integer("last_at")
        .primary_key(&["data_source_id", "change"])
        .foreign(foreign(
            "external_contact_count",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

/// SQLite changes no primary key, so the table is made anew.
async fn key_probes_by(manager: &SchemaManager<'_>, key: &[&'static str]) -> Result<(), DbErr> {
    let table = Table::new("probe_anew")
        .uuid("holder_id")
        .text("holder")
        .json("capabilities")
        .json_null("app")
        .big_integer_null("probed_at")
        .big_integer_null("tried_at")
        .json_null("unanswered")
        .big_integer("next_at")
        .primary_key(key)
        .done();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for statement in [
        format!("INSERT INTO probe_anew ({PROBE}) SELECT {PROBE} FROM probe"),
        "DROP TABLE probe".to_owned(),
        "ALTER TABLE probe_anew RENAME TO probe".to_owned(),
    ] {
        connection.execute_unprepared(&statement).await?;
    }
    Ok(())
}

//! The post room: channels, who is told of what, notices, and their deliveries. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{Table, foreign, index};

/// Channels, subscriptions, notices, deliveries.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// In the order in which they refer to each other.
const TABLES: [&str; 4] = ["notice_channel", "notice_subscription", "notice", "notice_delivery"];

/// By what a matter is found, its deliveries, what is due, and what one digest carries.
const INDEXES: [(&str, &[&str]); 4] = [
    ("notice", &["subject"]),
    ("notice_delivery", &["notice_id"]),
    ("notice_delivery", &["state", "next_at"]),
    ("notice_delivery", &["digest_of"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [channel(), subscription(), notice(), delivery()] {
            manager.create_table(table).await?;
        }
        for (table, columns) in INDEXES {
            manager.create_index(index(table, columns, false)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.into_iter().rev() {
            manager.drop_table(crate::table::drop(table)).await?;
        }
        Ok(())
    }
}

fn channel() -> TableCreateStatement {
    Table::new("notice_channel")
        .uuid("id")
        .text("kind")
        .text("name")
        .unique()
        .uuid_null("data_source_id")
        .json("settings")
        .text_null("secret")
        .boolean("enabled")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "notice_channel",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

fn subscription() -> TableCreateStatement {
    Table::new("notice_subscription")
        .uuid("id")
        .uuid("channel_id")
        .uuid_null("data_source_id")
        .text_null("address")
        .json("topics")
        .text("language")
        .integer_null("quiet_from")
        .integer_null("quiet_to")
        .integer("utc_offset")
        .text("digest")
        .big_integer("created_at")
        .big_integer("updated_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "notice_subscription",
            "channel_id",
            "notice_channel",
            ForeignKeyAction::Cascade,
        ))
        .foreign(foreign(
            "notice_subscription",
            "data_source_id",
            "data_source",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

/// Outlives the data source it is about.
fn notice() -> TableCreateStatement {
    Table::new("notice")
        .uuid("id")
        .text("topic")
        .uuid_null("data_source_id")
        .text("subject")
        .text("content")
        .text_null("card")
        .big_integer("created_at")
        .primary_key(&["id"])
        .done()
}

/// Outlives the channel and the subscription by which it came to be.
fn delivery() -> TableCreateStatement {
    Table::new("notice_delivery")
        .uuid("id")
        .uuid("notice_id")
        .uuid_null("channel_id")
        .uuid_null("subscription_id")
        .uuid_null("data_source_id")
        .text("kind")
        .text_null("address")
        .text("language")
        .text("state")
        .boolean("digest")
        .uuid_null("digest_of")
        .integer("attempts")
        .boolean("leased")
        .big_integer("next_at")
        .big_integer("deadline")
        .integer_null("last_status")
        .text_null("last_error")
        .text_null("provider_id")
        .text_null("response_code")
        .text_null("card_state")
        .big_integer("created_at")
        .big_integer_null("delivered_at")
        .primary_key(&["id"])
        .foreign(foreign(
            "notice_delivery",
            "notice_id",
            "notice",
            ForeignKeyAction::Cascade,
        ))
        .done()
}

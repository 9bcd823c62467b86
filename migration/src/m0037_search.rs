//! What people are looked for by, in narrow tables of their own, which the database itself keeps; and indexes for lists that took long where
//! there are 100,000 people. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    narrow_table::{Column, Narrow, departments, words},
    table::Table,
};

/// Tables that a search reads whole, a tenth as long as those of the people.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// People with what they are searched by.
const SEARCHED: [Narrow; 2] = [
    Narrow {
        table: "users",
        columns: &[Column {
            name: "words",
            value: |_, row| words(row, &["username_key", "display_name"]),
        }],
    },
    Narrow {
        table: "member",
        columns: &[
            Column {
                name: "words",
                value: |_, row| words(row, &["userid", "name", "alias", "email"]),
            },
            Column {
                name: "departments",
                value: departments,
            },
        ],
    },
];

/// The few with a console role and the few whose number was proven, in their order; and those who share an address or a number.
const INDEXES: [(&str, &str); 5] = [
    ("ix_users_operators", "users (id) WHERE console_role IS NOT NULL"),
    ("ix_users_phone_proven", "users (id) WHERE phone_verified"),
    ("ix_users_lower_email", "users (lower(email))"),
    (
        "ix_member_data_source_id_lower_email",
        "member (data_source_id, lower(email))",
    ),
    ("ix_member_data_source_id_mobile", "member (data_source_id, mobile)"),
];

/// Usernames by their beginnings, which PostgreSQL's own order does not serve; SQLite's does.
const BEGINNINGS: &str = "CREATE INDEX ix_users_username_key_begins ON users (username_key text_pattern_ops)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        make(manager).await?;
        for (name, on) in INDEXES {
            let statement = format!("CREATE INDEX {name} ON {on}");
            connection.execute_unprepared(&statement).await?;
        }
        if connection.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(BEGINNINGS).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (name, _) in INDEXES {
            connection.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        if connection.get_database_backend() == DbBackend::Postgres {
            connection
                .execute_unprepared("DROP INDEX ix_users_username_key_begins")
                .await?;
        }
        drop(manager).await?;
        Ok(())
    }
}

/// The narrow tables as they were made first.
pub async fn make(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let users = Table::new("users_search").uuid("id").text("words");
    let member = Table::new("member_search").uuid("id").text("words").text("departments");
    for table in [users, member] {
        manager.create_table(table.primary_key(&["id"]).done()).await?;
    }
    let connection = manager.get_connection();
    for narrow in &SEARCHED {
        for statement in narrow.kept(connection.get_database_backend()) {
            connection.execute_unprepared(&statement).await?;
        }
    }
    Ok(())
}

/// Drops them.
pub async fn drop(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for narrow in &SEARCHED {
        for statement in narrow.dropped(connection.get_database_backend()) {
            connection.execute_unprepared(&statement).await?;
        }
    }
    Ok(())
}

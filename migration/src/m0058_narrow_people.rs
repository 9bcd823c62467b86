//! Narrow tables of people with what lists and counts of many ask besides: whose they are, their state, what they lack.
//! Never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    m0037_search,
    narrow_table::{Column, Narrow, departments, words},
    table::Table,
};

/// The narrow tables of `m0037` once more, with more columns. On SQLite their rows lie in the order of the ids, in which lists read them.
#[derive(DeriveMigrationName)]
pub struct Migration;

const NARROW: [Narrow; 2] = [
    Narrow {
        table: "users",
        columns: &[
            Column {
                name: "data_source_id",
                value: |_, row| format!("{row}data_source_id"),
            },
            Column {
                name: "status",
                value: |_, row| format!("{row}status"),
            },
            Column {
                name: "lacks",
                value: |_, row| lacks(row),
            },
            Column {
                name: "words",
                value: |_, row| words(row, &["username_key", "display_name"]),
            },
        ],
    },
    Narrow {
        table: "member",
        columns: &[
            Column {
                name: "data_source_id",
                value: |_, row| format!("{row}data_source_id"),
            },
            Column {
                name: "user_id",
                value: |_, row| format!("{row}user_id"),
            },
            Column {
                name: "state",
                value: |_, row| format!("{row}state"),
            },
            Column {
                name: "departments",
                value: departments,
            },
            Column {
                name: "words",
                value: |_, row| words(row, &["userid", "name", "alias", "email"]),
            },
        ],
    },
];

/// Fields that WeCom fills, by their columns.
const FILLED_BY_WECOM: [(&str, &str); 6] = [
    ("display_name", "display_name"),
    ("email", "email"),
    ("phone_number", "phone_number"),
    ("picture", "picture"),
    ("nickname", "profile.nickname"),
    ("gender", "profile.gender"),
];

/// The fields that a user lacks, by the words that the API has for them; commas stand before and behind each. `email_verified` is among them where
/// the address is not verified.
fn lacks(row: &str) -> String {
    let fields = FILLED_BY_WECOM
        .map(|(column, word)| format!("CASE WHEN {row}{column} IS NULL THEN '{word},' ELSE '' END"))
        .join(" || ");
    format!("',' || {fields} || CASE WHEN {row}email_verified THEN '' ELSE 'email_verified,' END")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        m0037_search::drop(manager).await?;
        let users = Table::new("users_search")
            .uuid("id")
            .uuid_null("data_source_id")
            .text("status")
            .text("lacks")
            .text("words");
        let member = Table::new("member_search")
            .uuid("id")
            .uuid("data_source_id")
            .uuid_null("user_id")
            .text("state")
            .text("departments")
            .text("words");
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for table in [users, member] {
            let mut create = backend.build(&table.primary_key(&["id"]).done()).sql;
            if backend == DbBackend::Sqlite {
                create.push_str(" WITHOUT ROWID");
            }
            connection.execute_unprepared(&create).await?;
        }
        for narrow in &NARROW {
            for statement in narrow.kept(backend) {
                connection.execute_unprepared(&statement).await?;
            }
            if backend == DbBackend::Postgres {
                // Until it is vacuumed of itself, PostgreSQL would take a full table for a small one.
                let analyse = format!("ANALYZE {}_search", narrow.table);
                connection.execute_unprepared(&analyse).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for narrow in &NARROW {
            for statement in narrow.dropped(connection.get_database_backend()) {
                connection.execute_unprepared(&statement).await?;
            }
        }
        m0037_search::make(manager).await
    }
}

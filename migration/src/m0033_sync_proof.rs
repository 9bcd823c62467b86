//! What proves that a sync has nothing to do: what WeCom said, and triggers that tell of every change of what plans read. Written once for
//! SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::table::{Table, foreign};

/// Two tables, and triggers on those that plans read.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a plan reads of a table. A change of other columns is none.
pub(crate) struct Watched {
    /// Its name.
    pub(crate) table: &'static str,
    /// Columns that may be compared as they are.
    columns: &'static [&'static str],
    /// JSON documents.
    documents: &'static [&'static str],
    /// Conditions on a row (`%` is the row) of which only the truth is read.
    conditions: &'static [&'static str],
}

/// The tables that plans read.
pub(crate) const WATCHED: [Watched; 8] = [
    Watched {
        table: "member",
        columns: &[
            "id",
            "data_source_id",
            "userid_key",
            "userid",
            "name",
            "alias",
            "position",
            "email",
            "mobile",
            "avatar",
            "gender",
            "main_department",
            "status",
            "state",
            "doubt",
            "user_id",
            "import_outcome",
            "import_reason",
        ],
        documents: &["departments"],
        // Zero: WeCom did not show the member to a live look.
        conditions: &["%.checked_at = 0"],
    },
    Watched {
        table: "users",
        columns: &[
            "id",
            "username",
            "username_key",
            "data_source_id",
            "corp_id",
            "console_role",
            "status",
            "disabled_reason",
            "display_name",
            "email",
            "email_verified",
            "phone_number",
            "phone_verified",
            "picture",
            "nickname",
            "gender",
        ],
        documents: &["provenance"],
        conditions: &[],
    },
    Watched {
        table: "department",
        columns: &[
            "id",
            "data_source_id",
            "wecom_id",
            "parent_wecom_id",
            "name",
            "sort_order",
            "path",
        ],
        documents: &[],
        conditions: &[],
    },
    Watched {
        table: "tag",
        columns: &["id", "data_source_id", "wecom_id", "name"],
        documents: &[],
        conditions: &[],
    },
    Watched {
        table: "tag_user",
        columns: &["tag_id", "userid_key"],
        documents: &[],
        conditions: &[],
    },
    Watched {
        table: "tag_department",
        columns: &["tag_id", "department"],
        documents: &[],
        conditions: &[],
    },
    Watched {
        table: "scope_entry",
        columns: &["app_id", "kind", "value"],
        documents: &[],
        conditions: &[],
    },
    Watched {
        table: "import_decision",
        columns: &["member_id", "data_source_id", "userid", "kind", "user_id", "username"],
        documents: &[],
        conditions: &[],
    },
];

/// Of an app only whether its scope was ever read; which app it is, the data source's settings say.
const WATCHED_APP: Watched = Watched {
    table: "wecom_app",
    columns: &["id", "corp_id", "agent_id"],
    documents: &[],
    conditions: &["%.scope_fetched_at IS NULL"],
};

/// Whoever may write a watched table leaves a note, whatever their own rights and search path: a restore sets an empty one.
const FUNCTION: &str = "DO $make$ BEGIN EXECUTE format($text$\
     CREATE FUNCTION note_sync_input_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
     SET search_path = pg_catalog, pg_temp AS $$ BEGIN \
     INSERT INTO %I.sync_input_change (tx) VALUES (txid_current()) ON CONFLICT DO NOTHING; RETURN NULL; END $$\
     $text$, current_schema()); END $make$";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changes = Table::new("sync_input_change").big_integer("tx").primary_key(&["tx"]);
        manager.create_table(changes.done()).await?;
        let proof = Table::new("sync_proof")
            .uuid("data_source_id")
            .uuid("run_id")
            .bytes_null("settings")
            .bytes_null("replies")
            .primary_key(&["data_source_id"])
            .foreign(foreign(
                "sync_proof",
                "data_source_id",
                "data_source",
                ForeignKeyAction::Cascade,
            ));
        manager.create_table(proof.done()).await?;
        let connection = manager.get_connection();
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        if postgres {
            connection.execute_unprepared(FUNCTION).await?;
        }
        for watched in WATCHED.iter().chain([&WATCHED_APP]) {
            for statement in watched.triggers(postgres) {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        for table in WATCHED.iter().chain([&WATCHED_APP]).map(|watched| watched.table) {
            for event in ["insert", "delete", "update"] {
                let on = if postgres {
                    format!(" ON {table}")
                } else {
                    String::new()
                };
                let statement = format!("DROP TRIGGER tr_{table}_{event}_sync_input{on}");
                connection.execute_unprepared(&statement).await?;
            }
        }
        if postgres {
            let statement = "DROP FUNCTION note_sync_input_change()";
            connection.execute_unprepared(statement).await?;
        }
        manager.drop_table(crate::table::drop("sync_proof")).await?;
        manager.drop_table(crate::table::drop("sync_input_change")).await
    }
}

impl Watched {
    fn triggers(&self, postgres: bool) -> [String; 3] {
        let (table, changed) = (self.table, self.changed(postgres));
        let note = "EXECUTE FUNCTION note_sync_input_change()";
        if postgres {
            let trigger = |event: &str, each: &str| {
                format!(
                    "CREATE TRIGGER tr_{table}_{}_sync_input AFTER {event} ON {table} FOR EACH {each} {note}",
                    event.to_lowercase()
                )
            };
            // A first sync inserts many rows with each statement; deletions of nothing are many.
            return [
                trigger("INSERT", "STATEMENT"),
                trigger("DELETE", "ROW"),
                trigger("UPDATE", &format!("ROW WHEN ({changed})")),
            ];
        }
        // The one writer of SQLite sees what it noted already.
        let unknown = "NOT EXISTS (SELECT 1 FROM sync_input_change)";
        let trigger = |event: &str, when: &str| {
            format!(
                "CREATE TRIGGER tr_{table}_{}_sync_input AFTER {event} ON {table} FOR EACH ROW WHEN {unknown}{when} \
                 BEGIN INSERT INTO sync_input_change (tx) VALUES (0); END",
                event.to_lowercase()
            )
        };
        let update = trigger("UPDATE", &format!(" AND ({changed})"));
        [trigger("INSERT", ""), trigger("DELETE", ""), update]
    }

    /// Whether an update changes anything that is read.
    pub(crate) fn changed(&self, postgres: bool) -> String {
        let (differs, text) = match postgres {
            true => ("IS DISTINCT FROM", "::text"),
            false => ("IS NOT", ""),
        };
        let column = |column: &&str| format!("OLD.{column} {differs} NEW.{column}");
        let document = |column: &&str| format!("OLD.{column}{text} {differs} NEW.{column}{text}");
        let condition = |condition: &&str| {
            let of = |row: &str| condition.replace('%', row);
            format!("({}) <> ({})", of("OLD"), of("NEW"))
        };
        let columns = self.columns.iter().map(column);
        let documents = self.documents.iter().map(document);
        let all = columns
            .chain(documents)
            .chain(self.conditions.iter().map(condition))
            .collect::<Vec<_>>();
        all.join(" OR ")
    }
}

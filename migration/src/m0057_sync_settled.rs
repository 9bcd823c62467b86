//! Members of whom a sync need not plan anything, and triggers that tell of every change of their rows, or their users', that plans read. Written once
//! for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    m0033_sync_proof::WATCHED,
    table::{Table, drop, foreign, index},
};

/// Two tables, and triggers on members and users.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A trigger that notes whose row changed.
struct Note {
    table: &'static str,
    event: &'static str,
    /// The members concerned, `OLD` being the row, with the number of the transaction.
    members: &'static str,
}

/// A member who is deleted is no longer there; of a user who is deleted the member's row changes.
const NOTES: [Note; 3] = [
    Note {
        table: "member",
        event: "UPDATE",
        members: "SELECT OLD.id AS member_id, %tx AS tx, OLD.data_source_id AS data_source_id",
    },
    Note {
        table: "member",
        event: "DELETE",
        members: "SELECT OLD.id AS member_id, %tx AS tx, OLD.data_source_id AS data_source_id",
    },
    Note {
        table: "users",
        event: "UPDATE",
        members: "SELECT m.id AS member_id, %tx AS tx, m.data_source_id AS data_source_id FROM %schemamember m WHERE m.user_id = OLD.id",
    },
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let settled = Table::new("sync_settled")
            .uuid("id")
            .uuid("data_source_id")
            .uuid("fence")
            .bytes("rules")
            .bytes("members")
            .primary_key(&["id"])
            .foreign(foreign(
                "sync_settled",
                "data_source_id",
                "data_source",
                ForeignKeyAction::Cascade,
            ));
        manager.create_table(settled.done()).await?;
        manager
            .create_index(index("sync_settled", &["data_source_id"], false))
            .await?;
        let changes = Table::new("sync_member_change")
            .uuid("member_id")
            .big_integer("tx")
            .uuid("data_source_id")
            .primary_key(&["member_id", "tx"]);
        manager.create_table(changes.done()).await?;
        manager
            .create_index(index("sync_member_change", &["data_source_id"], false))
            .await?;
        let connection = manager.get_connection();
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        for note in &NOTES {
            for statement in note.statements(postgres) {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        for note in &NOTES {
            let name = note.name();
            let on = match postgres {
                true => format!(" ON {}", note.table),
                false => String::new(),
            };
            let statement = format!("DROP TRIGGER tr_{name}{on}");
            connection.execute_unprepared(&statement).await?;
            if postgres {
                let statement = format!("DROP FUNCTION note_{name}()");
                connection.execute_unprepared(&statement).await?;
            }
        }
        manager.drop_table(drop("sync_member_change")).await?;
        manager.drop_table(drop("sync_settled")).await
    }
}

impl Note {
    fn name(&self) -> String {
        format!("{}_{}_sync_member", self.table, self.event.to_lowercase())
    }

    fn statements(&self, postgres: bool) -> Vec<String> {
        let (name, table, event) = (self.name(), self.table, self.event);
        let watched = WATCHED
            .iter()
            .find(|watched| watched.table == table && event == "UPDATE");
        let when = watched.map(|watched| {
            let differs = if postgres { "IS DISTINCT FROM" } else { "IS NOT" };
            // Watched since `m0056`.
            let later = match table {
                "member" => format!(" OR OLD.open_userid {differs} NEW.open_userid"),
                _ => String::new(),
            };
            format!(" WHEN ({}{later})", watched.changed(postgres))
        });
        let when = when.unwrap_or_default();
        let trigger = format!("CREATE TRIGGER tr_{name} AFTER {event} ON {table} FOR EACH ROW{when}");
        let into = "sync_member_change (member_id, tx, data_source_id)";
        if postgres {
            // Whoever may write the table leaves a note, whatever their own rights and search path: a restore sets an empty one.
            let members = self
                .members
                .replace("%tx", "txid_current()")
                .replace("%schema", "%1$I.");
            let function = format!(
                "DO $make$ BEGIN EXECUTE format($text$\
                 CREATE FUNCTION note_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
                 SET search_path = pg_catalog, pg_temp AS $$ BEGIN \
                 INSERT INTO %1$I.{into} {members} ON CONFLICT DO NOTHING; RETURN NULL; END $$\
                 $text$, current_schema()); END $make$"
            );
            return vec![function, format!("{trigger} EXECUTE FUNCTION note_{name}()")];
        }
        // What conflicts is decided by the statement that changes the row, so nothing may.
        let members = self.members.replace("%tx", "0").replace("%schema", "");
        vec![format!(
            "{trigger} BEGIN INSERT INTO {into} SELECT n.member_id, n.tx, n.data_source_id FROM ({members}) n \
             WHERE NOT EXISTS (SELECT 1 FROM sync_member_change c WHERE c.member_id = n.member_id); END"
        )]
    }
}

//! What people are looked for by, in narrow tables of their own, which the database itself keeps; and indexes for lists that took long where
//! there are 100,000 people. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::table::Table;

/// Tables that a search reads whole, a tenth as long as those of the people; triggers write them, so that no writer can forget it.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A table of people with what they are searched by.
struct Searched {
    table: &'static str,
    /// Texts that are searched.
    words: &'static [&'static str],
    /// Whether there is a list of departments.
    departments: bool,
}

const SEARCHED: [Searched; 2] = [
    Searched {
        table: "users",
        words: &["username_key", "display_name"],
        departments: false,
    },
    Searched {
        table: "member",
        words: &["userid", "name", "alias", "email"],
        departments: true,
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
        for searched in SEARCHED {
            manager.create_table(searched.narrow_table()).await?;
            for statement in searched.kept_by(connection.get_database_backend()) {
                connection.execute_unprepared(&statement).await?;
            }
        }
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
        for Searched { table, .. } in SEARCHED {
            for what in ["added", "changed", "removed"] {
                let name = format!("{table}_search_{what}");
                let statement = match connection.get_database_backend() {
                    DbBackend::Postgres => format!("DROP FUNCTION {name}() CASCADE"),
                    _ => format!("DROP TRIGGER {name}"),
                };
                connection.execute_unprepared(&statement).await?;
            }
            let narrow = format!("DROP TABLE {table}_search");
            connection.execute_unprepared(&narrow).await?;
        }
        Ok(())
    }
}

impl Searched {
    fn narrow_table(&self) -> TableCreateStatement {
        match self.table {
            "users" => Table::new("users_search").uuid("id").text("words"),
            _ => Table::new("member_search").uuid("id").text("words").text("departments"),
        }
        .primary_key(&["id"])
        .done()
    }

    /// Its columns behind the id.
    fn columns(&self) -> Vec<&'static str> {
        let departments = self.departments.then_some("departments");
        ["words"].into_iter().chain(departments).collect()
    }

    /// Their values, of the row behind this prefix. A line break parts the texts, which no text to look for has; commas stand before and behind
    /// the number of each department.
    fn values(&self, backend: DbBackend, row: &str) -> Vec<String> {
        let texts = self.words.iter().map(|column| format!("COALESCE({row}{column}, '')"));
        let words = format!("lower({})", texts.collect::<Vec<_>>().join(" || '\n' || "));
        let departments = match backend {
            DbBackend::Postgres => format!("replace(translate({row}departments::text, '[]', ',,'), ' ', '')"),
            _ => format!("replace(replace({row}departments, '[', ','), ']', ',')"),
        };
        [words]
            .into_iter()
            .chain(self.departments.then_some(departments))
            .collect()
    }

    /// Whether something of this changed.
    fn changed(&self, backend: DbBackend) -> String {
        let differs = match backend {
            DbBackend::Postgres => "IS DISTINCT FROM",
            _ => "IS NOT",
        };
        let (old, new) = (self.values(backend, "OLD."), self.values(backend, "NEW."));
        let each = old.iter().zip(&new).map(|(old, new)| format!("{old} {differs} {new}"));
        each.collect::<Vec<_>>().join(" OR ")
    }

    /// Fills the narrow table, and makes the triggers.
    fn kept_by(&self, backend: DbBackend) -> Vec<String> {
        let (table, columns) = (self.table, self.columns().join(", "));
        let insert = format!("INSERT INTO {table}_search (id, {columns})");
        let of = |row: &str| self.values(backend, row).join(", ");
        let set = self.columns().into_iter().zip(self.values(backend, "NEW."));
        let set: Vec<String> = set.map(|(column, value)| format!("{column} = {value}")).collect();
        let update = format!("UPDATE {table}_search SET {} WHERE id = NEW.id", set.join(", "));
        let changed = self.changed(backend);
        let fill = format!("{insert} SELECT id, {} FROM {table} ORDER BY id", of(""));
        let mut statements = vec![fill];
        match backend {
            DbBackend::Postgres => {
                // Whoever may write the table writes the narrow one, whatever their own rights and search path: a restore sets an empty one.
                let statement = |what: &str, event: &str, body: &str| {
                    let name = format!("{table}_search_{what}");
                    let body = body.replace(&format!("{table}_search"), &format!("%1$I.{table}_search"));
                    [
                        format!(
                            "DO $make$ BEGIN EXECUTE format($text$ CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql \
                             SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN {body}; RETURN NULL; END $$ $text$, \
                             current_schema()); END $make$"
                        ),
                        format!("CREATE TRIGGER {name} AFTER {event} EXECUTE FUNCTION {name}()"),
                    ]
                };
                let added = format!("INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT");
                statements.extend(statement(
                    "added",
                    &added,
                    &format!("{insert} SELECT id, {} FROM added", of("")),
                ));
                let row = format!("UPDATE ON {table} FOR EACH ROW WHEN ({changed})");
                statements.extend(statement("changed", &row, &update));
                let removed = format!("DELETE ON {table} REFERENCING OLD TABLE AS removed FOR EACH STATEMENT");
                let delete = format!("DELETE FROM {table}_search WHERE id IN (SELECT id FROM removed)");
                statements.extend(statement("removed", &removed, &delete));
            }
            _ => {
                let trigger = |what: &str, event: &str, body: &str| {
                    format!("CREATE TRIGGER {table}_search_{what} AFTER {event} BEGIN {body}; END")
                };
                let added = format!("{insert} VALUES (NEW.id, {})", of("NEW."));
                statements.push(trigger("added", &format!("INSERT ON {table}"), &added));
                let event = format!("UPDATE ON {table} WHEN {changed}");
                statements.push(trigger("changed", &event, &update));
                let delete = format!("DELETE FROM {table}_search WHERE id = OLD.id");
                statements.push(trigger("removed", &format!("DELETE ON {table}"), &delete));
            }
        }
        statements
    }
}

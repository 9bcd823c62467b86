//! Narrow tables beside those of people: read whole, they take a tenth of the time. Triggers keep them, so that no writer can forget it.

use sea_orm_migration::sea_orm::DbBackend;

/// A narrow table, which is called like the wide one with `_search` behind, and has the same ids.
pub struct Narrow {
    /// The wide table.
    pub table: &'static str,
    /// Its columns behind the id.
    pub columns: &'static [Column],
}

/// A column of a narrow table.
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    /// Its value in SQL, of the row of the wide table whose columns have this prefix.
    pub value: fn(DbBackend, &str) -> String,
}

/// Texts in small letters, one behind the other; a line break parts them, which no text to look for has.
pub fn words(row: &str, texts: &[&str]) -> String {
    let texts = texts.iter().map(|column| format!("COALESCE({row}{column}, '')"));
    format!("lower({})", texts.collect::<Vec<_>>().join(" || '\n' || "))
}

/// WeCom's ids of a member's departments; commas stand before and behind each.
pub fn departments(backend: DbBackend, row: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("replace(translate({row}departments::text, '[]', ',,'), ' ', '')"),
        _ => format!("replace(replace({row}departments, '[', ','), ']', ',')"),
    }
}

impl Narrow {
    fn names(&self) -> String {
        let names = self.columns.iter().map(|column| column.name);
        names.collect::<Vec<_>>().join(", ")
    }

    fn values(&self, backend: DbBackend, row: &str) -> Vec<String> {
        let values = self.columns.iter().map(|column| (column.value)(backend, row));
        values.collect()
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

    /// Statements that fill the narrow table, and make the triggers.
    pub fn kept(&self, backend: DbBackend) -> Vec<String> {
        let table = self.table;
        let insert = format!("INSERT INTO {table}_search (id, {})", self.names());
        let of = |row: &str| self.values(backend, row).join(", ");
        let set = self.columns.iter().zip(self.values(backend, "NEW."));
        let set: Vec<String> = set
            .map(|(column, value)| format!("{} = {value}", column.name))
            .collect();
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

    /// Statements that drop the triggers and the narrow table.
    pub fn dropped(&self, backend: DbBackend) -> Vec<String> {
        let table = self.table;
        let triggers = ["added", "changed", "removed"].map(|what| match backend {
            DbBackend::Postgres => format!("DROP FUNCTION {table}_search_{what}() CASCADE"),
            _ => format!("DROP TRIGGER {table}_search_{what}"),
        });
        let narrow = format!("DROP TABLE {table}_search");
        triggers.into_iter().chain([narrow]).collect()
    }
}

//! Spans of statements (OpenTelemetry's conventions for databases): the verb and the table, never the values.

use sea_orm::{DatabaseConnection, DbBackend, metric::Info};

use crate::kernel::spans::{self, Attribute, Finished, Kind};

/// The connection, recording its statements where spans are recorded; else as it is.
pub(super) fn observed(mut connection: DatabaseConnection) -> DatabaseConnection {
    if spans::on() {
        connection.set_metric_callback(record);
    }
    connection
}

/// Records a statement that was carried out.
pub(super) fn record(info: &Info<'_>) {
    spans::record(|| span(info));
}

/// `db.system.name` of a database.
const fn system(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "postgresql",
        _ => "sqlite",
    }
}

fn span(info: &Info<'_>) -> Finished {
    let (verb, table) = summary(&info.statement.sql);
    let mut attributes: Vec<Attribute> = vec![
        ("db.system.name", system(info.statement.db_backend).into()),
        ("db.operation.name", verb.clone().into()),
    ];
    let name = match table {
        Some(table) => {
            let name = format!("{verb} {table}");
            attributes.push(("db.collection.name", table.into()));
            name
        }
        None => verb.clone(),
    };
    if info.failed {
        attributes.push(("error.type", "failed".into()));
    }
    Finished {
        kind: Kind::Client,
        name: name.into(),
        took: info.elapsed,
        attributes,
        failed: info.failed.then_some("failed".into()),
        looked: verb == "SELECT" && !info.failed,
    }
}

/// The verb of a statement, and the table it is about: the word after the first FROM, INTO or UPDATE, where it is a plain name.
fn summary(sql: &str) -> (String, Option<String>) {
    let mut words = sql.split_ascii_whitespace();
    let verb = words.next().unwrap_or_default().to_ascii_uppercase();
    let verb: String = verb.chars().take_while(char::is_ascii_alphabetic).collect();
    let leads = |word: &str| {
        ["FROM", "INTO", "UPDATE"]
            .iter()
            .any(|lead| word.eq_ignore_ascii_case(lead))
    };
    let mut after = sql.split_ascii_whitespace().skip_while(|word| !leads(word)).skip(1);
    let table = after.next().map(|word| word.trim_matches(['"', ';', ',']));
    let plain = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (verb, table.filter(plain).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::summary;

    #[test]
    fn a_statement_is_its_verb_and_its_table() {
        for (sql, verb, table) in [
            (
                r#"SELECT "user"."id" FROM "user" WHERE "user"."id" = $1"#,
                "SELECT",
                Some("user"),
            ),
            (
                r#"INSERT INTO "audit_event" ("id") VALUES (?)"#,
                "INSERT",
                Some("audit_event"),
            ),
            (r#"UPDATE "member" SET "a" = ?"#, "UPDATE", Some("member")),
            ("delete from setting where name = 'secret'", "DELETE", Some("setting")),
            ("SELECT x FROM (SELECT 1)", "SELECT", None),
            ("SELECT x FROM 'secret value'", "SELECT", None),
            ("PRAGMA wal_checkpoint", "PRAGMA", None),
            ("", "", None),
        ] {
            assert_eq!(summary(sql), (verb.to_owned(), table.map(str::to_owned)), "{sql}");
        }
    }
}

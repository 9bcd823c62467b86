//! Whom and what an audit event is about, in columns by which the log is searched. Written once for SQLite and PostgreSQL; never edited after
//! a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::table::{add_column, add_text_null, drop_column, index};

/// Columns, filled from what the rows there are say, and an index for each question.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Row ids.
const IDS: [&str; 3] = ["user_id", "member_id", "data_source_id"];

/// Columns that are null in most rows: their indexes leave those out.
const SPARSE: [&str; 5] = ["user_id", "member_id", "data_source_id", "client_id", "number"];

/// A UUID as PostgreSQL matches it.
const UUID_PATTERN: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/// A UUID as SQLite matches it.
const UUID_GLOB: &str = "????????-????-????-????-????????????";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in IDS {
            let mut definition = ColumnDef::new(Alias::new(column));
            definition.uuid().null();
            add_column(manager, "audit_event", definition).await?;
        }
        add_text_null(manager, "audit_event", "client_id").await?;
        let connection = manager.get_connection();
        let text = match connection.get_database_backend() {
            DbBackend::Postgres => Dialect::POSTGRES,
            _ => Dialect::SQLITE,
        };
        connection.execute_unprepared(&text.backfill()).await?;
        for column in SPARSE {
            let statement = format!(
                "CREATE INDEX ix_audit_event_{column}_id ON audit_event ({column}, id) WHERE {column} IS NOT NULL"
            );
            connection.execute_unprepared(&statement).await?;
        }
        for column in ["kind", "actor"] {
            manager
                .create_index(index("audit_event", &[column, "id"], false))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for column in SPARSE.into_iter().chain(["kind", "actor"]) {
            let statement = format!("DROP INDEX ix_audit_event_{column}_id");
            connection.execute_unprepared(&statement).await?;
        }
        for column in IDS.into_iter().chain(["client_id"]) {
            drop_column(manager, "audit_event", column).await?;
        }
        Ok(())
    }
}

/// What the two databases say differently.
struct Dialect {
    /// Member `%` of the detail as text.
    member: &'static str,
    /// Whether the text `$` is `%` followed by a UUID.
    is_id: fn(text: &str, prefix: &str) -> String,
    /// The UUID in the text `$` after so many characters.
    id: fn(text: &str, after: usize) -> String,
}

impl Dialect {
    const POSTGRES: Self = Self {
        member: "(detail ->> '%')",
        is_id: |text, prefix| format!("{text} ~ '^{prefix}{UUID_PATTERN}$'"),
        id: |text, after| format!("substr({text}, {})::uuid", after + 1),
    };
    const SQLITE: Self = Self {
        // JSON's null is no object, and has no members.
        member: "json_extract(detail, '$.%')",
        is_id: |text, prefix| format!("{text} GLOB '{prefix}{UUID_GLOB}'"),
        // UUIDs are sixteen bytes; what is none becomes null.
        id: |text, after| format!("unhex(substr({text}, {}), '-')", after + 1),
    };

    fn member(&self, name: &str) -> String {
        self.member.replace('%', name)
    }

    /// The first of these texts that is its prefix and a UUID; null when none is.
    fn first_id(&self, places: &[(String, &str)]) -> String {
        let cases = places.iter().map(|(text, prefix)| {
            let (is_id, id) = ((self.is_id)(text, prefix), (self.id)(text, prefix.len()));
            format!("WHEN {is_id} THEN {id}")
        });
        format!("CASE {} END", cases.collect::<Vec<_>>().join(" "))
    }

    /// One pass over the table. `client:unknown` is no client, but a caller that named none.
    fn backfill(&self) -> String {
        let column = |name: &str| name.to_owned();
        let user = self.first_id(&[
            (column("subject"), "user:"),
            (self.member("user_id"), ""),
            (self.member("user"), ""),
            (column("actor"), "user:"),
        ]);
        let member = self.first_id(&[(column("subject"), "member:")]);
        let source = self.first_id(&[(column("subject"), "data_source:"), (self.member("data_source_id"), "")]);
        let (named, told) = (self.member("client_id"), self.member("client"));
        format!(
            "UPDATE audit_event SET user_id = {user}, member_id = {member}, data_source_id = {source}, client_id = CASE \
             WHEN kind = 'client.refused' AND subject = 'client:unknown' THEN NULL \
             WHEN subject LIKE 'client:%' THEN substr(subject, 8) \
             WHEN actor LIKE 'client:%' THEN substr(actor, 8) \
             ELSE COALESCE({named}, {told}) END"
        )
    }
}

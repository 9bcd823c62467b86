//! When people signed in last, in a narrow table of its own with a row for each user: a sign-in rewrites no row that anything else reads, and a list
//! finds those who never came, or not for long, by an index. Triggers keep it, so that a sign-in sends no statement more. And an index by which the last
//! sign-in at a portal is found in the audit log. Never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::table::{Table, drop, foreign, index};

/// The last sign-ins.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Everybody, with what the sessions and the audit log still know; 0: nothing.
const FILL: &str = "INSERT INTO last_sign_in (user_id, at) SELECT users.id, COALESCE(MAX(known.at), 0) FROM users LEFT JOIN \
    (SELECT user_id, MAX(auth_time) AS at FROM session GROUP BY user_id UNION ALL \
     SELECT user_id, MAX(at) AS at FROM audit_event WHERE kind = 'signed_in' AND user_id IS NOT NULL GROUP BY user_id) AS known \
    ON known.user_id = users.id GROUP BY users.id ORDER BY users.id";

const INDEX: &str =
    "CREATE INDEX ix_audit_event_tokens_issued ON audit_event (client_id, id) WHERE kind = 'tokens_issued'";

/// A moment before the one that is known changes nothing.
const SQLITE: [&str; 3] = [
    "CREATE TRIGGER last_sign_in_user AFTER INSERT ON users BEGIN \
     INSERT INTO last_sign_in (user_id, at) VALUES (NEW.id, 0); END",
    "CREATE TRIGGER last_sign_in_opened AFTER INSERT ON session BEGIN \
     UPDATE last_sign_in SET at = NEW.auth_time WHERE user_id = NEW.user_id AND at < NEW.auth_time; END",
    "CREATE TRIGGER last_sign_in_renewed AFTER UPDATE OF auth_time ON session BEGIN \
     UPDATE last_sign_in SET at = NEW.auth_time WHERE user_id = NEW.user_id AND at < NEW.auth_time; END",
];

/// Name of a function, its body, and the trigger that calls it.
const POSTGRES: [(&str, &str, &str); 2] = [
    (
        "last_sign_in_user",
        "INSERT INTO %1$I.last_sign_in (user_id, at) SELECT id, 0 FROM added",
        "CREATE TRIGGER last_sign_in_user AFTER INSERT ON users REFERENCING NEW TABLE AS added FOR EACH STATEMENT \
         EXECUTE FUNCTION last_sign_in_user()",
    ),
    // Sign-ins are written many in a transaction and in any order: a row that another of the same person holds is left to that one, so that nobody
    // waits in a circle.
    (
        "last_sign_in_session",
        "UPDATE %1$I.last_sign_in SET at = NEW.auth_time WHERE user_id = (SELECT user_id FROM %1$I.last_sign_in \
         WHERE user_id = NEW.user_id AND at < NEW.auth_time FOR NO KEY UPDATE SKIP LOCKED)",
        "CREATE TRIGGER last_sign_in_session AFTER INSERT OR UPDATE OF auth_time ON session FOR EACH ROW \
         EXECUTE FUNCTION last_sign_in_session()",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let table = Table::new("last_sign_in")
            .uuid("user_id")
            .big_integer("at")
            .primary_key(&["user_id"])
            .foreign(foreign("last_sign_in", "user_id", "users", ForeignKeyAction::Cascade))
            .done();
        manager.create_table(table).await?;
        connection.execute_unprepared(FILL).await?;
        manager
            .create_index(index("last_sign_in", &["at", "user_id"], false))
            .await?;
        connection.execute_unprepared(INDEX).await?;
        if connection.get_database_backend() != DbBackend::Postgres {
            for statement in SQLITE {
                connection.execute_unprepared(statement).await?;
            }
            return Ok(());
        }
        for (name, body, trigger) in POSTGRES {
            connection.execute_unprepared(&function(name, body)).await?;
            connection.execute_unprepared(trigger).await?;
        }
        // Until it is vacuumed of itself, PostgreSQL would take a full table for a small one.
        connection.execute_unprepared("ANALYZE last_sign_in").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let statements: Vec<String> = match connection.get_database_backend() {
            DbBackend::Postgres => POSTGRES
                .iter()
                .map(|(name, ..)| format!("DROP FUNCTION {name}() CASCADE"))
                .collect(),
            _ => ["user", "opened", "renewed"]
                .map(|what| format!("DROP TRIGGER last_sign_in_{what}"))
                .to_vec(),
        };
        for statement in statements {
            connection.execute_unprepared(&statement).await?;
        }
        connection
            .execute_unprepared("DROP INDEX ix_audit_event_tokens_issued")
            .await?;
        manager.drop_table(drop("last_sign_in")).await
    }
}

/// Whoever may write the table that is watched writes this one, whatever their own rights and search path: a restore sets an empty one.
fn function(name: &str, body: &str) -> String {
    format!(
        "DO $make$ BEGIN EXECUTE format($text$ CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER \
         SET search_path = pg_catalog, pg_temp AS $$ BEGIN {body}; RETURN NULL; END $$ $text$, current_schema()); END $make$"
    )
}

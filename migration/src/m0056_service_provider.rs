//! What service-provider apps keep besides: a provider's own id of each member, WeCom's stamp of a ticket beside the moment by our clock, what WeCom said of
//! the provider's secret, and what a permanent code that came late was told with. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::table::{add_big_integer_null, add_column, add_text_null, drop_column};

/// Columns of `member`, `wecom_suite` and `suite_installation`.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Plans read the new column: a change of it is noted as those of the others are (`m0033`).
const WATCHED: &str = "tr_member_update_open_userid_sync_input";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        add_text_null(manager, "member", "open_userid").await?;
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        connection.execute_unprepared(&watch(postgres)).await?;
        add_big_integer_null(manager, "wecom_suite", "ticket_told_at").await?;
        let told = "UPDATE wecom_suite SET ticket_told_at = ticket_at";
        connection.execute_unprepared(told).await?;
        add_text_null(manager, "wecom_suite", "provider_failure").await?;
        add_text_null(manager, "wecom_suite", "provider_detail").await?;
        add_big_integer_null(manager, "wecom_suite", "provider_failing_since").await?;
        let mut candidate = ColumnDef::new(Alias::new("candidate_told"));
        candidate.json().null();
        add_column(manager, "suite_installation", candidate).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, "suite_installation", "candidate_told").await?;
        for column in [
            "provider_failing_since",
            "provider_detail",
            "provider_failure",
            "ticket_told_at",
        ] {
            drop_column(manager, "wecom_suite", column).await?;
        }
        let connection = manager.get_connection();
        let on = match connection.get_database_backend() {
            DbBackend::Postgres => " ON member",
            _ => "",
        };
        let unwatch = format!("DROP TRIGGER {WATCHED}{on}");
        connection.execute_unprepared(&unwatch).await?;
        drop_column(manager, "member", "open_userid").await
    }
}

fn watch(postgres: bool) -> String {
    match postgres {
        true => format!(
            "CREATE TRIGGER {WATCHED} AFTER UPDATE ON member FOR EACH ROW \
             WHEN (OLD.open_userid IS DISTINCT FROM NEW.open_userid) EXECUTE FUNCTION note_sync_input_change()"
        ),
        false => format!(
            "CREATE TRIGGER {WATCHED} AFTER UPDATE ON member FOR EACH ROW \
             WHEN NOT EXISTS (SELECT 1 FROM sync_input_change) AND OLD.open_userid IS NOT NEW.open_userid \
             BEGIN INSERT INTO sync_input_change (tx) VALUES (0); END"
        ),
    }
}

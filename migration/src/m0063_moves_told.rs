//! Since when a pair of a move that an admin entered stands there, whether the person whose request a move closed is still to be told, why nothing came of
//! an invitation, and members of a service provider's company by the provider's own id of them. Written once for SQLite and PostgreSQL; never edited after a release.

use sea_orm_migration::prelude::*;

use crate::table::{add_big_integer_null, add_column, add_text_null, drop_column};

/// Asked for whenever somebody scans under an id that no member has.
const BY_OPEN_USERID: &str =
    "CREATE INDEX ix_member_open_userid ON member (data_source_id, open_userid) WHERE open_userid IS NOT NULL";
/// Looked for each second; it is nearly always empty.
const UNTOLD: &str = "CREATE INDEX ix_access_request_untold ON access_request (id) WHERE untold";

/// Why nothing came of an invitation: a reference number, and its words.
const REFUSED: [&str; 2] = ["refused", "refused_detail"];

/// The columns, and the indexes by which they are found.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_big_integer_null(manager, "corp_move_pair", "entered_at").await?;
        // Of what was entered before, the moment is not known: it counts from now on as entered when its move was paired.
        let entered = "UPDATE corp_move_pair SET entered_at = \
             (SELECT corp_move.paired_at FROM corp_move WHERE corp_move.id = corp_move_pair.move_id) WHERE how = 'by_hand'";
        manager.get_connection().execute_unprepared(entered).await?;
        let mut untold = ColumnDef::new(Alias::new("untold"));
        untold.boolean().not_null().default(false);
        add_column(manager, "access_request", untold).await?;
        for column in REFUSED {
            add_text_null(manager, "suite_invitation", column).await?;
        }
        for index in [BY_OPEN_USERID, UNTOLD] {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["ix_access_request_untold", "ix_member_open_userid"] {
            let drop = format!("DROP INDEX {index}");
            manager.get_connection().execute_unprepared(&drop).await?;
        }
        for column in REFUSED {
            drop_column(manager, "suite_invitation", column).await?;
        }
        drop_column(manager, "access_request", "untold").await?;
        drop_column(manager, "corp_move_pair", "entered_at").await
    }
}

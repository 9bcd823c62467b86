//! Events of one kind and offboardings since a moment, counted at each look at the overview. Written once for SQLite and PostgreSQL; never
//! edited after a release.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::table::index;

/// An index for each count.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(index("audit_event", &["kind", "at"], false))
            .await?;
        manager.create_index(index("offboarding", &["at"], false)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ix_offboarding_at", "ix_audit_event_kind_at"] {
            let statement = format!("DROP INDEX {name}");
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

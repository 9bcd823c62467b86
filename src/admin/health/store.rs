//! Queries of health.

use entity::{callback_endpoint, data_source, sync_run};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::model::SourceHealth;
use crate::{kernel::failure::Result, store::Database};

pub(super) async fn outstanding_events(database: &Database) -> Result<u64> {
    let outstanding = callback_endpoint::Entity::find().filter(callback_endpoint::Column::RetryAt.is_not_null());
    Ok(outstanding.count(database.reader()).await?)
}

pub(super) async fn sources(database: &Database) -> Result<Vec<SourceHealth>> {
    let rows = data_source::Entity::find()
        .order_by_asc(data_source::Column::Id)
        .all(database.reader())
        .await?;
    let mut sources = Vec::new();
    for row in rows {
        sources.push(SourceHealth {
            syncing: is_syncing(database, row.id).await?,
            id: row.id,
            name: row.name,
            enabled: row.enabled,
            last_synced_at: row.last_synced_at,
            members_confirmed_at: row.members_confirmed_at,
            next_sync_at: row.next_sync_at,
        });
    }
    Ok(sources)
}

/// Whether the newest run of a data source has not ended: one has no two at a time.
async fn is_syncing(database: &Database, source: Uuid) -> Result<bool> {
    let newest: Option<String> = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::State)
        .filter(sync_run::Column::DataSourceId.eq(source))
        .order_by_desc(sync_run::Column::Id)
        .limit(1)
        .into_tuple()
        .one(database.reader())
        .await?;
    Ok(newest.is_some_and(|state| matches!(state.as_str(), "queued" | "running")))
}

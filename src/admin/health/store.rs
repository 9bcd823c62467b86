//! Queries of health.

use std::time::Duration;

use entity::{callback_endpoint, data_source, identity_finding, logout_delivery, member, sync_run};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::model::SourceHealth;
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::Database,
};

/// For how long a logout that was not delivered is worth somebody's time: what a portal holds has run out by then.
const RECENT: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) async fn outstanding_events(database: &Database) -> Result<u64> {
    let outstanding = callback_endpoint::Entity::find().filter(callback_endpoint::Column::RetryAt.is_not_null());
    Ok(outstanding.count(database.reader()).await?)
}

/// Open conflicts and open findings about identities.
pub(super) async fn undecided(database: &Database) -> Result<(u64, u64)> {
    let conflicts = member::Entity::find()
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::ImportOutcome.is_in(["skipped", "conflict"]));
    let findings = identity_finding::Entity::find().filter(identity_finding::Column::State.eq("open"));
    let reader = database.reader();
    Ok((conflicts.count(reader).await?, findings.count(reader).await?))
}

pub(super) async fn undelivered(database: &Database, now: Timestamp) -> Result<u64> {
    let given_up = logout_delivery::Entity::find()
        .filter(logout_delivery::Column::State.is_in(["failed", "abandoned"]))
        .filter(logout_delivery::Column::CreatedAt.gte(now.minus(RECENT).millis()));
    Ok(given_up.count(database.reader()).await?)
}

pub(super) async fn sources(database: &Database) -> Result<Vec<SourceHealth>> {
    let rows = data_source::Entity::find()
        .order_by_asc(data_source::Column::Id)
        .all(database.reader())
        .await?;
    let mut sources = Vec::new();
    for row in rows {
        let newest = newest_run(database, row.id).await?;
        let is = |states: &[&str]| {
            let run = newest.as_ref().filter(|(_, state)| states.contains(&state.as_str()));
            run.map(|(id, _)| *id)
        };
        sources.push(SourceHealth {
            syncing: is(&["queued", "running"]).is_some(),
            paused_run: is(&["paused"]),
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

/// The newest run of a data source and its state: one has no two at a time.
async fn newest_run(database: &Database, source: Uuid) -> Result<Option<(Uuid, String)>> {
    let newest = sync_run::Entity::find()
        .select_only()
        .columns([sync_run::Column::Id, sync_run::Column::State])
        .filter(sync_run::Column::DataSourceId.eq(source))
        .order_by_desc(sync_run::Column::Id)
        .limit(1)
        .into_tuple()
        .one(database.reader())
        .await?;
    Ok(newest)
}

//! Queries of health.

use std::time::Duration;

use entity::{
    access_request, callback_endpoint, data_source, identity_finding, logout_delivery, member, offboarding, sync_run,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr},
};
use uuid::Uuid;

use super::model::{SourceHealth, Waiting};
use crate::{
    kernel::{clock::Timestamp, failure::Result},
    store::{Database, database::unreadable},
};

/// For how long a logout that was not delivered is worth somebody's time: what a portal holds has run out by then.
const RECENT: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) async fn outstanding_events(database: &Database) -> Result<u64> {
    let outstanding = callback_endpoint::Entity::find().filter(callback_endpoint::Column::RetryAt.is_not_null());
    Ok(outstanding.count(database.reader()).await?)
}

/// How much waits for an admin, but for what resources say of themselves: every page of the console tells it, so it is one statement.
pub(super) async fn waiting(database: &Database, now: Timestamp) -> Result<Waiting> {
    let conflicts = member::Entity::find()
        .filter(member::Column::State.eq("present"))
        .filter(member::Column::ImportOutcome.is_in(["skipped", "conflict"]));
    let findings = identity_finding::Entity::find().filter(identity_finding::Column::State.eq("open"));
    let state_of_newest = sync_run::Entity::find()
        .select_only()
        .column(sync_run::Column::State)
        .filter(
            Expr::col((sync_run::Entity, sync_run::Column::DataSourceId))
                .eq(Expr::col((data_source::Entity, data_source::Column::Id))),
        )
        .order_by_desc(sync_run::Column::Id)
        .limit(1);
    let paused = data_source::Entity::find().filter(SimpleExpr::from(state_of_newest.into_query()).eq("paused"));
    let given_up = logout_delivery::Entity::find()
        .filter(logout_delivery::Column::State.is_in(["failed", "abandoned"]))
        .filter(logout_delivery::Column::CreatedAt.gte(now.minus(RECENT).millis()));
    let unheard = logout_delivery::Entity::find()
        .select_only()
        .column(logout_delivery::Column::OffboardingId)
        .filter(logout_delivery::Column::OffboardingId.is_not_null())
        .filter(logout_delivery::Column::State.is_in(["failed", "abandoned"]))
        .filter(logout_delivery::Column::CreatedAt.gte(now.minus(RECENT).millis()));
    let leavers = offboarding::Entity::find()
        .filter(offboarding::Column::At.gte(now.minus(RECENT).millis()))
        .filter(offboarding::Column::Id.in_subquery(unheard.into_query()));
    let requests = access_request::Entity::find().filter(access_request::Column::State.eq("open"));
    let asked = Query::select()
        .expr(number(conflicts))
        .expr(number(findings))
        .expr(number(paused))
        .expr(number(given_up))
        .expr(number(requests))
        .expr(number(leavers))
        .to_owned();
    let row = database.reader().query_one(&asked).await?;
    let row = row.ok_or_else(|| unreadable("a row of counts"))?;
    let count = |at: usize| -> Result<u64> {
        let counted: i64 = row.try_get_by_index(at)?;
        Ok(u64::try_from(counted).unwrap_or_default())
    };
    Ok(Waiting {
        conflicts: count(0)?,
        identity_findings: count(1)?,
        paused_runs: count(2)?,
        undelivered_logouts: count(3)?,
        access_requests: count(4)?,
        leavers_unheard: count(5)?,
        problems: 0,
    })
}

/// The number of these rows, as a value.
fn number<E: EntityTrait>(rows: Select<E>) -> SimpleExpr {
    rows.select_only().expr(Expr::cust("COUNT(*)")).into_query().into()
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

//! Queries of moves.

use std::time::Duration;

use entity::{corp_move, wecom_suite};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    failure::MoveFailure,
    model::{CorpMove, ProvenBy, State},
    view::RehearsalView,
};
use crate::{
    crypto::digest::entity_tag,
    directory::{store::Change, sync::store::runs},
    kernel::{
        clock::Timestamp,
        entity_tag::{EntityTag, IfMatch},
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, database::unreadable, keyset},
};

pub(super) mod changing;
pub(in crate::directory) mod closing;
pub(super) mod joiners;
pub(super) mod pairs;
pub(super) mod planning;
pub(super) mod renaming;
mod strangers;
pub(super) mod undoing;
mod unlearning;

use corp_move::{Column, Entity, Model};

/// A row as a value.
pub(super) fn from_row(row: Model) -> Result<CorpMove, DbErr> {
    let proven_by = match row.proven_by.as_deref() {
        None => None,
        Some(word) => Some(ProvenBy::of(word).ok_or_else(|| unreadable("corp_move.proven_by"))?),
    };
    let auth_sources = row.auth_sources.0.iter().filter_map(|id| id.parse().ok());
    Ok(CorpMove {
        id: row.id,
        source: row.data_source_id,
        suite: row.suite,
        installation: row.installation,
        state: State::of(&row.state).ok_or_else(|| unreadable("corp_move.state"))?,
        corp_id: row.corp_id,
        agent_id: row.agent_id,
        secret_sealed: row.app_secret_sealed,
        contacts_sealed: row.contacts_secret_sealed,
        proven_by,
        revision: row.revision,
        paired_at: row.paired_at,
        conversion_problem: row
            .conversion_problem
            .map(|number| (number, row.conversion_detail.unwrap_or_default())),
        rehearsed: row.rehearsal_run.zip(row.rehearsed_revision),
        from_corp_id: row.from_corp_id,
        from_app: row.from_app,
        auth_sources: auth_sources.collect(),
        created: (row.created_by, row.created_at),
        changed: row.changed_by.zip(row.changed_at),
        ended: row.ended_by.zip(row.ended_at),
    })
}

/// The entity tag of a move: it changes with whatever can be edited, the pairs and what was rehearsed included.
pub(super) fn tag_of(one: &CorpMove) -> EntityTag {
    entity_tag(&(one.id, one.state, one.revision, one.rehearsed))
}

/// A move as the audit log keeps it.
pub(super) fn audited(one: &CorpMove) -> Value {
    json!({
        "id": one.id,
        "data_source_id": one.source,
        "suite_id": one.suite,
        "state": one.state,
        "corp_id": one.corp_id,
        "agent_id": one.agent_id,
        "proven_by": one.proven_by,
        "contacts_secret_set": one.contacts_sealed.is_some(),
    })
}

/// A move of a data source.
pub(super) async fn find(db: &Database, source: Uuid, id: Uuid) -> Result<Option<CorpMove>> {
    let row = Entity::find_by_id(id).one(db.reader()).await?;
    let found = row.map(from_row).transpose()?;
    Ok(found.filter(|found| found.source == source))
}

/// Locks a move of a data source until the change ends.
pub(super) async fn locked(change: &Change, source: Uuid, id: Uuid) -> Result<CorpMove> {
    let row = Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let found = row.map(from_row).transpose()?;
    let found = found.filter(|found| found.source == source);
    found.ok_or_else(|| MoveFailure::NotFound.into())
}

/// Locks a move that is being planned, compares it with what is demanded of it.
///
/// # Errors
/// `MV-101`, `MV-111`, `AD-114`.
pub(super) async fn planned(change: &Change, (source, id): (Uuid, Uuid), if_match: &IfMatch) -> Result<CorpMove> {
    let held = locked(change, source, id).await?;
    if_match.judge(&tag_of(&held))?;
    match held.state {
        State::Planned => Ok(held),
        _ => Err(MoveFailure::NotPlanned.into()),
    }
}

/// Lists the moves of a data source.
pub(super) async fn list(db: &Database, source: Uuid, page: &SortedPage) -> Result<SortedListing<CorpMove>> {
    let select = Entity::find().filter(Column::DataSourceId.eq(source));
    let rows = keyset::sorted(db.reader(), select, (Column::Id, Column::CreatedAt), page).await?;
    let listing = page.cut(rows, |row, _| Position {
        value: SortValue::Id,
        id: row.id,
    });
    let items: Result<Vec<CorpMove>, DbErr> = listing.items.into_iter().map(from_row).collect();
    Ok(SortedListing {
        items: items?,
        next_cursor: listing.next_cursor,
    })
}

/// What a suite is called here.
pub(super) async fn suite_name(db: &Database, suite: Uuid) -> Result<String> {
    let name: Option<String> = wecom_suite::Entity::find_by_id(suite)
        .select_only()
        .column(wecom_suite::Column::Name)
        .into_tuple()
        .one(db.reader())
        .await?;
    Ok(name.unwrap_or_default())
}

/// How long a rehearsal counts: WeCom's contacts change from day to day.
const REHEARSED_FOR: Duration = Duration::from_secs(24 * 3600);

/// The rehearsal of a move: how its run stands, and what it showed.
pub(super) async fn rehearsal(db: &Database, one: &CorpMove, now: Timestamp) -> Result<Option<RehearsalView>> {
    let Some((run, _)) = one.rehearsed else { return Ok(None) };
    let Some((state, counts, pauses)) = runs::standing(db, run).await? else {
        return Ok(None);
    };
    let recent = runs::begun(db, run).await? > now.minus(REHEARSED_FOR).millis();
    Ok(Some(RehearsalView {
        run_id: run,
        state,
        current: one.rehearsed_as_is().is_some() && (recent || one.state != State::Planned),
        pauses,
        impact: counts.impact(),
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged,
    }))
}

//! Queries of installations.

use entity::suite_installation::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    model::{Filter, Installation, ScopeCounts, Way},
    state::Status,
};
use crate::{
    directory::store::Change,
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, database::unreadable, keyset, pattern::contains},
};

pub(super) mod binding;
pub(super) mod counts;
pub(super) mod ending;
pub(super) mod invitations;
pub(super) mod keeping;
pub(in crate::directory) mod moving;
pub(super) mod pushes;
pub(in crate::directory) mod removal;
pub(super) mod standing;
pub(super) mod turns;

/// A row as a value. One that is bound to nothing any more waits again: its data source was removed here.
pub(super) fn from_row(row: Model) -> Result<Installation, DbErr> {
    let status = Status::of(&row.status).ok_or_else(|| unreadable("suite_installation.status"))?;
    let lost = matches!(status, Status::Bound | Status::Moved) && row.data_source_id.is_none();
    Ok(Installation {
        id: row.id,
        suite: row.suite,
        corp_id: row.corp_id,
        corp_name: row.corp_name,
        app_name: row.app_name,
        agent_id: row.agent_id,
        status: if lost { Status::Unbound } else { status },
        way: Way::of(&row.way).ok_or_else(|| unreadable("suite_installation.way"))?,
        code_sealed: row.permanent_code_sealed,
        candidate_sealed: row.candidate_sealed,
        code_digest: row.auth_code_digest,
        candidate_digest: row.candidate_digest,
        candidate_told: row
            .candidate_told
            .map(serde_json::from_value)
            .transpose()
            .map_err(|_| unreadable("suite_installation.candidate_told"))?,
        invitation: row.invitation,
        installed_by: row.installed_by,
        installed_at: row.installed_at,
        expires_at: row.expires_at,
        by_member: row.by_member,
        scope: ScopeCounts {
            members: row.scope_users,
            departments: row.scope_departments,
            tags: row.scope_tags,
        },
        scope_digest: row.scope_digest,
        read_at: row.read_at,
        data_source: row.data_source_id,
        has_lost_source: lost,
        bound: row.bound_by.zip(row.bound_at),
        missing_since: row.missing_since,
        cancelled_at: row.cancelled_at,
        removal_due: row.removal_due,
        removed_at: row.removed_at,
        next_at: row.next_at,
        attempts: row.attempts,
        problem: row
            .problem
            .map(|number| (number, row.problem_detail.unwrap_or_default())),
        created_at: row.created_at,
    })
}

/// An installation as the audit log keeps it.
pub(super) fn audited(installation: &Installation) -> Value {
    json!({
        "id": installation.id,
        "suite_id": installation.suite,
        "corp_id": installation.corp_id,
        "agent_id": installation.agent_id,
        "status": installation.status,
        "way": installation.way,
        "installed_by": installation.installed_by,
        "data_source_id": installation.data_source,
        "bound_by": installation.bound.as_ref().map(|(by, _)| by),
        "permanent_code_set": installation.code_sealed.is_some(),
    })
}

/// One installation.
pub(super) async fn find(db: &Database, id: Uuid) -> Result<Option<Installation>> {
    let row = Entity::find_by_id(id).one(db.reader()).await?;
    Ok(row.map(from_row).transpose()?)
}

/// The installation of a suite in a corp.
pub(super) async fn of_corp(db: &Database, suite: Uuid, corp_id: &str) -> Result<Option<Installation>> {
    let row = Entity::find().filter(is(suite, corp_id)).one(db.reader()).await?;
    Ok(row.map(from_row).transpose()?)
}

/// The installation of a suite that was got by this auth code.
pub(super) async fn of_code(db: &Database, suite: Uuid, digest: &str) -> Result<Option<Installation>> {
    let row = Entity::find()
        .filter(Column::Suite.eq(suite))
        .filter(
            Condition::any()
                .add(Column::AuthCodeDigest.eq(digest))
                .add(Column::CandidateDigest.eq(digest)),
        )
        .one(db.reader())
        .await?;
    Ok(row.map(from_row).transpose()?)
}

fn is(suite: Uuid, corp_id: &str) -> Condition {
    Condition::all()
        .add(Column::Suite.eq(suite))
        .add(Column::CorpId.eq(corp_id))
}

/// Locks an installation until the change ends.
pub(super) async fn locked(change: &Change, id: Uuid) -> Result<Option<Installation>> {
    let row = Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    Ok(row.map(from_row).transpose()?)
}

/// Lists the wanted installations.
pub(super) async fn list(db: &Database, filter: &Filter, page: &SortedPage) -> Result<SortedListing<Installation>> {
    let lost = || {
        Condition::all()
            .add(Column::Status.is_in([Status::Bound, Status::Moved].map(Status::word)))
            .add(Column::DataSourceId.is_null())
    };
    let status = filter.status.map(|status| {
        let has = Column::Status.eq(status.word());
        match status {
            Status::Unbound => Condition::any().add(has).add(lost()),
            Status::Bound | Status::Moved => Condition::all().add(has).add(Column::DataSourceId.is_not_null()),
            Status::Expired | Status::Cancelled => Condition::all().add(has),
        }
    });
    let wanted = Condition::all()
        .add_option(filter.suite.map(|suite| Column::Suite.eq(suite)))
        .add_option(status)
        .add_option(filter.search.as_deref().map(|text| {
            Condition::any()
                .add(contains(Column::CorpName.into_expr(), text))
                .add(contains(Column::CorpId.into_expr(), text))
        }));
    let select = Entity::find().filter(wanted);
    let rows = keyset::sorted(db.reader(), select, (Column::Id, Column::CorpName), page).await?;
    let listing = page.cut(rows, |row, by| Position {
        value: match by {
            "corp_name" => SortValue::Text(row.corp_name.clone()),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    let next_cursor = listing.next_cursor;
    let items: Result<Vec<Installation>, DbErr> = listing.items.into_iter().map(from_row).collect();
    Ok(SortedListing {
        items: items?,
        next_cursor,
    })
}

/// Locks all installations of the corp of this one until the change ends, in one order by all: whoever binds one of them decides alone.
pub(super) async fn lock_corp(change: &Change, id: Uuid) -> Result<Option<Installation>> {
    let corp = Entity::find_by_id(id).one(change.transaction()).await?;
    let Some(corp) = corp else { return Ok(None) };
    let rows = Entity::find()
        .filter(Column::CorpId.eq(corp.corp_id))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(change.transaction())
        .await?;
    let found = rows.into_iter().find(|row| row.id == id);
    Ok(found.map(from_row).transpose()?)
}

/// Another suite by which this corp is connected, with the moment and by whom: read under the lock of a change.
pub(super) async fn bound_elsewhere(change: &Change, suite: Uuid, corp_id: &str) -> Result<Option<Installation>> {
    let row = Entity::find()
        .filter(Column::CorpId.eq(corp_id))
        .filter(Column::Suite.ne(suite))
        .filter(Column::Status.eq(Status::Bound.word()))
        .filter(Column::DataSourceId.is_not_null())
        .order_by_asc(Column::Id)
        .one(change.transaction())
        .await?;
    Ok(row.map(from_row).transpose()?)
}

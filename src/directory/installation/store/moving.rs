//! An installation whose data source moves to an app of the company's own, and back.

use entity::suite_installation::{ActiveModel, Column, Entity};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};
use uuid::Uuid;

use super::{audited, bound_elsewhere, from_row, lock_corp};
use crate::{
    audit::difference::Difference,
    directory::{
        installation::{
            failure::InstallationFailure,
            model::Installation,
            state::{Event, Status, after},
        },
        store::Change,
    },
    kernel::failure::Result,
};

/// The installation that is bound to a data source.
///
/// # Errors
/// When the database does not answer.
pub(in crate::directory) async fn bound_to<C: ConnectionTrait>(tx: &C, source: Uuid) -> Result<Option<Installation>> {
    let row = Entity::find()
        .filter(Column::DataSourceId.eq(source))
        .filter(Column::Status.eq(Status::Bound.word()))
        .one(tx)
        .await?;
    Ok(row.map(from_row).transpose()?)
}

/// Locks an installation, and those of its corp through other suites, until the change ends: before the data source, as everybody does.
///
/// # Errors
/// `IN-112` where there is none any more.
pub(in crate::directory) async fn locked(change: &Change, id: Uuid) -> Result<Installation> {
    let held = lock_corp(change, id).await?;
    held.ok_or_else(|| InstallationFailure::Cancelled.into())
}

/// Notes that the data source of an installation goes on by an app of the company's own.
///
/// # Errors
/// `IN-112` where it is not bound to that data source any more.
pub(in crate::directory) async fn away(change: &Change, held: &Installation, source: Uuid) -> Result<()> {
    turn(change, (held, source), Event::Move).await
}

/// Notes that it is the installation's again.
///
/// # Errors
/// `IN-112` where the company deleted the app meanwhile, `IN-109` where it is connected through another one.
pub(in crate::directory) async fn back(change: &Change, held: &Installation, source: Uuid) -> Result<()> {
    if let Some(other) = bound_elsewhere(change, held.suite, &held.corp_id).await? {
        return Err(InstallationFailure::BoundElsewhere.failure().detail(other.app_name));
    }
    turn(change, (held, source), Event::MoveBack).await
}

async fn turn(change: &Change, (held, source): (&Installation, Uuid), event: Event) -> Result<()> {
    let theirs = held.data_source == Some(source);
    let next = after(Some(held.status), event).filter(|_| theirs);
    let next = next.ok_or(InstallationFailure::Cancelled)?;
    let row = ActiveModel {
        id: Unchanged(held.id),
        status: Set(next.word().to_owned()),
        // WeCom is asked soon whether the app is still there.
        next_at: Set(Some(change.millis())),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    let new = from_row(Entity::update(row).exec(change.transaction()).await?)?;
    let difference = Difference::between(&audited(held), &audited(&new));
    change.tell(held.subject(), next.word(), difference).await
}

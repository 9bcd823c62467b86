//! Who decides about access requests of a data source without a console role.

use entity::{data_source, users};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    directory::{failure::DirectoryFailure, store::Change},
    kernel::failure::Result,
    store::database::unreadable,
};

/// The approvers in a row.
pub(super) fn of(row: &data_source::Model) -> Result<Vec<Uuid>, DbErr> {
    let parsed = row.approvers.0.iter().map(|id| id.parse());
    let parsed: Result<Vec<Uuid>, _> = parsed.collect();
    parsed.map_err(|_| unreadable("data_source.approvers"))
}

/// Refuses ids of users that do not exist.
pub(super) async fn must_exist(change: &Change, ids: &[Uuid]) -> Result<()> {
    let found = users::Entity::find()
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .count(change.transaction())
        .await?;
    match u64::try_from(ids.len()) == Ok(found) {
        true => Ok(()),
        false => {
            let failure = DirectoryFailure::Invalid.failure();
            Err(failure.field("approvers", "names a user who does not exist"))
        }
    }
}

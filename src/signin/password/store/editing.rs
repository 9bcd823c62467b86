//! What admins do to the credentials of others: who may, and what their owner is told.

use entity::users;
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::{
    directory::{DirectoryFailure, store::Change, user::Editor},
    kernel::failure::Result,
    signin::notices::model::{Happened, Notice},
};

/// What the actor of this change did to somebody else.
pub(super) fn by_admin(change: &Change, happened: Happened) -> Notice {
    Notice {
        happened,
        made_by: change.actor().to_owned(),
        address: None,
        at: change.now(),
    }
}

/// The user's row, locked, if this editor may change how they sign in: whoever could reset an admin's password would be that admin.
pub(in crate::signin) async fn touchable(change: &Change, editor: Editor<'_>, user: Uuid) -> Result<users::Model> {
    let row = users::Entity::find_by_id(user)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let row = row.ok_or_else(|| DirectoryFailure::NotFound.failure())?;
    editor.may_touch(row.console_role.as_deref())?;
    Ok(row)
}

//! Queries of people with a console role.

use entity::{totp, users};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{
    directory::{
        failure::DirectoryFailure,
        store::audited_transaction::Change,
        user::{
            input::{ConsoleRole, Status},
            view::OperatorView,
        },
    },
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset},
};

type Column = users::Column;

pub(in crate::directory::user) async fn list(
    database: &Database,
    role: Option<&str>,
    page: Page,
) -> Result<Listing<OperatorView>> {
    let wanted = Condition::all()
        .add(Column::ConsoleRole.is_not_null())
        .add_option(role.map(|role| Column::ConsoleRole.eq(role)));
    let select = users::Entity::find().filter(wanted);
    let rows = keyset::oldest_first(database.reader(), select, Column::Id, page).await?;
    let cut = Listing::cut(rows, page, |row| row.id);
    Ok(Listing {
        items: views(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

pub(in crate::directory::user) async fn find(database: &Database, user: Uuid) -> Result<Option<OperatorView>> {
    let row = users::Entity::find_by_id(user)
        .filter(Column::ConsoleRole.is_not_null())
        .one(database.reader())
        .await?;
    let views = views(database, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// Locks the active people with the highest role, in one order, before any of them is locked alone: two admins who dismiss each other at once
/// wait for each other then, instead of both being the last but one.
pub(super) async fn lock_highest(change: &Change) -> Result<Vec<Uuid>, DbErr> {
    users::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ConsoleRole.eq(ConsoleRole::HIGHEST.word()))
        .filter(Column::Status.eq(Status::Active.word()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(change.transaction())
        .await
}

/// Refuses a change by which this user is no longer one of the active people with the highest role, if they are the only one.
pub(super) fn keep_one(highest: &[Uuid], leaver: Uuid) -> Result<()> {
    match highest == [leaver] {
        true => Err(DirectoryFailure::LastOfHighest.into()),
        false => Ok(()),
    }
}

async fn views(database: &Database, rows: Vec<users::Model>) -> Result<Vec<OperatorView>, DbErr> {
    let with_codes: Vec<Uuid> = totp::Entity::find()
        .select_only()
        .column(totp::Column::UserId)
        .filter(totp::Column::UserId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(database.reader())
        .await?;
    let views = rows.into_iter().map(|row| OperatorView {
        totp_set: with_codes.contains(&row.id),
        user_id: row.id,
        username: row.username,
        display_name: row.display_name,
        role: row.console_role.unwrap_or_default(),
        status: row.status,
        data_source_id: row.data_source_id,
        password_set: row.password_hash.is_some(),
        access_until: row.access_until,
        created_at: row.created_at,
    });
    Ok(views.collect())
}

//! Queries of people with a console role.

use entity::{passkey, totp, users};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::documents::tag_of;
use crate::{
    directory::{
        failure::DirectoryFailure,
        store::audited_transaction::Change,
        user::{
            editor::Editor,
            input::{ConsoleRole, Status},
            view::OperatorView,
        },
    },
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    store::{Database, keyset, pattern::contains},
};

type Column = users::Column;

/// Where operators are read, and at which host a passkey must be to count.
#[derive(Clone, Copy)]
pub(in crate::directory::user) struct At<'a> {
    pub database: &'a Database,
    pub passkey_host: Option<&'a str>,
}

pub(in crate::directory::user) async fn list(
    at: At<'_>,
    (role, search): (Option<&str>, Option<&str>),
    page: Page,
) -> Result<Listing<OperatorView>> {
    let wanted = Condition::all()
        .add(Column::ConsoleRole.is_not_null())
        .add_option(role.map(|role| Column::ConsoleRole.eq(role)))
        .add_option(search.map(|text| {
            Condition::any()
                .add(contains(Column::Username.into_expr(), text))
                .add(contains(Column::DisplayName.into_expr(), text))
        }));
    let select = users::Entity::find().filter(wanted);
    let rows = keyset::oldest_first(at.database.reader(), select, Column::Id, page).await?;
    let cut = Listing::cut(rows, page, |row| row.id);
    Ok(Listing {
        items: views(at, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

pub(in crate::directory::user) async fn find(at: At<'_>, user: Uuid) -> Result<Option<OperatorView>> {
    let row = users::Entity::find_by_id(user)
        .filter(Column::ConsoleRole.is_not_null())
        .one(at.database.reader())
        .await?;
    let views = views(at, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// Locks the active people with the highest role, in one order, before any of them is locked alone: two admins who dismiss each other at once
/// wait for each other then, instead of both being the last but one. Answers those whose access no date ends; all, where it has a date for all.
pub(super) async fn lock_highest(change: &Change) -> Result<Vec<Uuid>, DbErr> {
    let highest: Vec<(Uuid, Option<i64>)> = users::Entity::find()
        .select_only()
        .columns([Column::Id, Column::AccessUntil])
        .filter(Column::ConsoleRole.eq(ConsoleRole::HIGHEST.word()))
        .filter(Column::Status.eq(Status::Active.word()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(change.transaction())
        .await?;
    let lasting = highest.iter().any(|(_, until)| until.is_none());
    let kept = highest.into_iter().filter(|(_, until)| !lasting || until.is_none());
    Ok(kept.map(|(id, _)| id).collect())
}

/// Refuses a change by which this user is no longer one of the active people with the highest role, if they are the only one.
pub(super) fn keep_one(highest: &[Uuid], leaver: Uuid) -> Result<()> {
    match highest == [leaver] {
        true => Err(DirectoryFailure::LastOfHighest.into()),
        false => Ok(()),
    }
}

/// Locks a user whom a change is about, and refuses it unless the editor may touch their console role. Who is gone has none.
///
/// # Errors
/// `DI-107`; when the database does not answer.
pub(in crate::directory) async fn may_touch(change: &Change, editor: Editor<'_>, user: Uuid) -> Result<()> {
    let row = users::Entity::find_by_id(user)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    editor.may_touch(row.and_then(|row| row.console_role).as_deref())
}

/// Locks the people of a data source who have a console role, and refuses that they lose their access with it where the editor may not touch
/// one of them, or nobody would be left with the highest.
///
/// # Errors
/// `DI-107`, `DI-249`; when the database does not answer.
pub(in crate::directory) async fn may_remove_source(change: &Change, editor: Editor<'_>, source: Uuid) -> Result<()> {
    let highest = lock_highest(change).await?;
    let leavers = users::Entity::find()
        .filter(Column::DataSourceId.eq(source))
        .filter(Column::ConsoleRole.is_not_null())
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(change.transaction())
        .await?;
    for leaver in &leavers {
        editor.may_touch(leaver.console_role.as_deref())?;
    }
    let leaves = |user: &Uuid| leavers.iter().any(|leaver| leaver.id == *user);
    match !highest.is_empty() && highest.iter().all(leaves) {
        true => Err(DirectoryFailure::LastOfHighest.into()),
        false => Ok(()),
    }
}

async fn views(At { database, passkey_host }: At<'_>, rows: Vec<users::Model>) -> Result<Vec<OperatorView>, DbErr> {
    let with_codes: Vec<Uuid> = totp::Entity::find()
        .select_only()
        .column(totp::Column::UserId)
        .filter(totp::Column::UserId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(database.reader())
        .await?;
    let with_passkeys: Vec<Uuid> = match passkey_host {
        Some(host) => {
            let of_these = passkey::Column::UserId.is_in(rows.iter().map(|row| row.id));
            let here = passkey::Entity::find()
                .filter(of_these)
                .filter(passkey::Column::Party.eq(host));
            let users = here.select_only().column(passkey::Column::UserId).into_tuple();
            users.all(database.reader()).await?
        }
        None => Vec::new(),
    };
    let view = |row: users::Model| {
        Ok(OperatorView {
            etag: tag_of(&row)?,
            totp_set: with_codes.contains(&row.id),
            passkey_set: with_passkeys.contains(&row.id),
            user_id: row.id,
            username: row.username,
            display_name: row.display_name,
            role: row.console_role.unwrap_or_default(),
            status: row.status,
            data_source_id: row.data_source_id,
            password_set: row.password_hash.is_some(),
            access_until: row.access_until,
            created_at: row.created_at,
        })
    };
    rows.into_iter().map(view).collect()
}

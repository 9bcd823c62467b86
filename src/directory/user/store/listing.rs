//! Query of lists of users.

use entity::users;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::{let_in, views::with_members};
use crate::{
    directory::{
        store::people_search::user_contains,
        user::{listing::UserFilter, provenance::Field, view::UserView},
    },
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset},
};

pub(in crate::directory::user) async fn list(
    database: &Database,
    filter: &UserFilter,
    page: &SortedPage,
) -> Result<SortedListing<UserView>> {
    let wanted = wanted(database.reader(), filter).await?;
    let by = match page.sort.by {
        "username" => users::Column::UsernameKey,
        _ => users::Column::UpdatedAt,
    };
    let select = users::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (users::Column::Id, by), page).await?;
    let cut = page.cut(rows, position);
    Ok(SortedListing {
        items: with_members(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

/// Which users a filter means.
pub(super) async fn wanted<C: ConnectionTrait>(db: &C, filter: &UserFilter) -> Result<Condition, DbErr> {
    let lacks = filter.lacks.iter().filter_map(|field| column(*field));
    let lacks = lacks.fold(Condition::any(), |any, column| any.add(column.is_null()));
    let let_in = match &filter.let_in {
        Some(lists) => Some(let_in::condition(db, lists).await?),
        None => None,
    };
    Ok(Condition::all()
        .add_option(filter.search.as_deref().map(user_contains))
        .add_option(
            filter
                .username
                .as_ref()
                .map(|name| users::Column::UsernameKey.eq(name.to_lowercase())),
        )
        .add_option(filter.status.as_ref().map(|status| users::Column::Status.eq(status)))
        .add_option(filter.data_source.map(|id| users::Column::DataSourceId.eq(id)))
        .add_option(
            filter
                .console_role
                .as_ref()
                .map(|role| users::Column::ConsoleRole.eq(role)),
        )
        .add_option((!filter.lacks.is_empty()).then_some(lacks))
        .add_option(filter.group.map(|group| let_in::in_groups(&[group])))
        .add_option(let_in))
}

/// The column of a field that WeCom fills.
pub(super) const fn column(field: Field) -> Option<users::Column> {
    match field {
        Field::DisplayName => Some(users::Column::DisplayName),
        Field::Email => Some(users::Column::Email),
        Field::PhoneNumber => Some(users::Column::PhoneNumber),
        Field::Picture => Some(users::Column::Picture),
        Field::Nickname => Some(users::Column::Nickname),
        Field::Gender => Some(users::Column::Gender),
        _ => None,
    }
}

fn position(row: &users::Model, by: &'static str) -> Position {
    let value = match by {
        "username" => SortValue::Text(row.username_key.clone()),
        "updated_at" => SortValue::Number(row.updated_at),
        _ => SortValue::Id,
    };
    Position { value, id: row.id }
}

//! Query of lists of users.

use entity::users;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::views::with_members;
use crate::{
    directory::{
        store::people_search::user_contains,
        user::{listing::UserFilter, view::UserView},
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
    let wanted = Condition::all()
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
        );
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

fn position(row: &users::Model, by: &'static str) -> Position {
    let value = match by {
        "username" => SortValue::Text(row.username_key.clone()),
        "updated_at" => SortValue::Number(row.updated_at),
        _ => SortValue::Id,
    };
    Position { value, id: row.id }
}

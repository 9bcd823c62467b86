//! Query of lists of users.

use std::collections::HashMap;

use entity::{last_sign_in, users, users_search};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{let_in, sign_ins, views::with_members};
use crate::{
    directory::{
        store::people_search::{of_user, user_contains},
        user::{
            listing::{LAST_SIGN_IN, UserFilter},
            view::UserView,
        },
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
    let reader = database.reader();
    let by = match page.sort.by {
        "username" => users::Column::UsernameKey,
        _ => users::Column::UpdatedAt,
    };
    let wanted = match looks_at_many(filter) {
        false => Condition::all()
            .add_option(filter.status.as_ref().map(|status| users::Column::Status.eq(status)))
            .add_option(filter.data_source.map(|id| users::Column::DataSourceId.eq(id)))
            .add_option(of_row(filter)),
        true => {
            let found = users_search::Entity::find()
                .filter(looked_for(reader, filter).await?)
                .filter(Condition::all().add_option(of_row(filter).map(of_user)));
            let ids = keyset::ids(found, users_search::Column::Id, page);
            Condition::all().add(users::Column::Id.in_subquery(ids))
        }
    };
    let select = users::Entity::find().filter(wanted);
    let (rows, signed_in) = match page.sort.by {
        LAST_SIGN_IN => {
            use last_sign_in::Column::{At, UserId};
            let rows = keyset::sorted(reader, sign_ins::joined(select), (UserId, At), page).await?;
            let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let signed_in = sign_ins::of(database, &ids).await?;
            (rows, signed_in)
        }
        _ => {
            let rows = keyset::sorted(reader, select, (users::Column::Id, by), page).await?;
            (rows, HashMap::new())
        }
    };
    let cut = page.cut(rows, |row, by| position(row, by, &signed_in));
    Ok(SortedListing {
        items: with_members(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

/// Whether no index has who is wanted, so that the narrow table is read.
const fn looks_at_many(filter: &UserFilter) -> bool {
    filter.search.is_some() || !filter.lacks.is_empty() || filter.let_in.is_some() || filter.department.is_some()
}

/// What a filter asks that the narrow table tells.
pub(super) async fn looked_for<C: ConnectionTrait>(db: &C, filter: &UserFilter) -> Result<Condition, DbErr> {
    use users_search::Column;
    let lacks = filter.lacks.iter().fold(Condition::any(), |any, field| {
        any.add(Column::Lacks.like(format!("%,{},%", field.word())))
    });
    let let_in = match &filter.let_in {
        Some(lists) => Some(let_in::condition(db, lists).await?),
        None => None,
    };
    let department = match filter.department {
        Some(id) => Some(let_in::in_department(db, id).await?),
        None => None,
    };
    Ok(Condition::all()
        .add_option(department)
        .add_option(filter.search.as_deref().map(user_contains))
        .add_option(filter.status.as_ref().map(|status| Column::Status.eq(status)))
        .add_option(filter.data_source.map(|id| Column::DataSourceId.eq(id)))
        .add_option((!filter.lacks.is_empty()).then_some(lacks))
        .add_option(let_in))
}

/// What a filter asks that only a user's own row tells.
fn of_row(filter: &UserFilter) -> Option<Condition> {
    let UserFilter {
        ids,
        username,
        console_role,
        group,
        signed_in,
        ..
    } = filter;
    let username = username
        .as_ref()
        .map(|name| users::Column::UsernameKey.eq(name.to_lowercase()));
    let console_role = console_role.as_ref().map(|role| users::Column::ConsoleRole.eq(role));
    let group = group.map(|group| let_in::in_groups(users::Column::Id, &[group]));
    let signed_in = signed_in.map(|then| sign_ins::condition(users::Column::Id, then));
    let ids = ids.as_ref().map(|ids| users::Column::Id.is_in(ids.iter().copied()));
    let asked = Condition::all()
        .add_option(ids)
        .add_option(username)
        .add_option(console_role)
        .add_option(group)
        .add_option(signed_in);
    (!asked.is_empty()).then_some(asked)
}

fn position(row: &users::Model, by: &'static str, signed_in: &HashMap<Uuid, i64>) -> Position {
    let value = match by {
        LAST_SIGN_IN => SortValue::Number(signed_in.get(&row.id).copied().unwrap_or(0)),
        "username" => SortValue::Text(row.username_key.clone()),
        "updated_at" => SortValue::Number(row.updated_at),
        _ => SortValue::Id,
    };
    Position { value, id: row.id }
}

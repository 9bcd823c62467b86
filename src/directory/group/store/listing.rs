//! Queries of groups as they are shown: with how many are in each, and which portals name it.

use std::collections::HashMap;

use entity::{user_group, user_group_user};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::ExprTrait};
use uuid::Uuid;

use super::row::{names_of, naming, tag_of};
use crate::{
    directory::group::{listing::GroupFilter, view::GroupView},
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    store::{Database, keyset, pattern::contains},
};

use user_group::Column;

pub(in crate::directory::group) async fn find(database: &Database, id: Uuid) -> Result<Option<GroupView>> {
    let row = user_group::Entity::find_by_id(id).one(database.reader()).await?;
    let views = views(database, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

pub(in crate::directory::group) async fn list(
    database: &Database,
    filter: &GroupFilter,
    page: &SortedPage,
) -> Result<SortedListing<GroupView>> {
    let theirs = filter.user.map(|user| {
        let groups = user_group_user::Entity::find()
            .select_only()
            .column(user_group_user::Column::GroupId)
            .filter(user_group_user::Column::UserId.eq(user));
        Column::Id.in_subquery(groups.into_query())
    });
    let wanted = Condition::all()
        .add_option(
            filter
                .search
                .as_deref()
                .map(|text| contains(Column::Name.into_expr(), text)),
        )
        .add_option(filter.name.as_ref().map(|name| Column::NameKey.eq(name.to_lowercase())))
        .add_option(theirs);
    let by = match page.sort.by {
        "name" => Column::NameKey,
        _ => Column::UpdatedAt,
    };
    let select = user_group::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, by), page).await?;
    let cut = page.cut(rows, |row, by| Position {
        value: match by {
            "name" => SortValue::Text(row.name_key.clone()),
            "updated_at" => SortValue::Number(row.updated_at),
            _ => SortValue::Id,
        },
        id: row.id,
    });
    Ok(SortedListing {
        items: views(database, cut.items).await?,
        next_cursor: cut.next_cursor,
    })
}

/// The views of these rows, in their order.
async fn views(database: &Database, rows: Vec<user_group::Model>) -> Result<Vec<GroupView>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let reader = database.reader();
    let counts: HashMap<Uuid, i64> = user_group_user::Entity::find()
        .select_only()
        .column(user_group_user::Column::GroupId)
        .column_as(user_group_user::Column::UserId.into_expr().count(), "users")
        .filter(user_group_user::Column::GroupId.is_in(rows.iter().map(|row| row.id)))
        .group_by(user_group_user::Column::GroupId)
        .into_tuple::<(Uuid, i64)>()
        .all(reader)
        .await?
        .into_iter()
        .collect();
    let naming = naming(reader).await?;
    let view = |row: user_group::Model| GroupView {
        etag: tag_of(&row),
        users: counts
            .get(&row.id)
            .and_then(|count| u64::try_from(*count).ok())
            .unwrap_or_default(),
        clients: names_of(&naming, row.id),
        id: row.id,
        name: row.name,
        description: row.description,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(view).collect())
}

//! Query of lists of clients.

use entity::client;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Alias, ExprTrait},
};

use super::row::view;
use crate::{
    kernel::{
        failure::Result,
        sorting::{Position, SortValue, SortedListing, SortedPage},
    },
    oidc::registration::{listing::ClientFilter, view::ClientView},
    store::{Database, keyset, pattern::contains},
};

pub(in crate::oidc::registration) async fn list(
    database: &Database,
    filter: &ClientFilter,
    page: &SortedPage,
) -> Result<SortedListing<ClientView>> {
    use client::Column;
    // The ids are a JSON list of texts.
    let accepting = filter.auth_source.map(|id| {
        let ids = Column::AuthSources.into_expr().cast_as(Alias::new("text"));
        Condition::any()
            .add(Column::AuthSources.is_null())
            .add(ids.like(format!("%\"{id}\"%")))
    });
    let among = filter.among.as_ref();
    let wanted = Condition::all()
        .add_option(among.map(|ids| Column::Id.is_in(ids.iter().copied())))
        .add_option(accepting)
        .add_option(filter.enabled.map(|enabled| Column::Enabled.eq(enabled)))
        .add_option(filter.search.as_deref().map(|text| {
            Condition::any()
                .add(contains(Column::Name.into_expr(), text))
                .add(contains(Column::ClientId.into_expr(), text))
        }));
    let by = match page.sort.by {
        "name" => Column::Name,
        "client_id" => Column::ClientId,
        _ => Column::UpdatedAt,
    };
    let select = client::Entity::find().filter(wanted);
    let rows = keyset::sorted(database.reader(), select, (Column::Id, by), page).await?;
    let cut = page.cut(rows, position);
    Ok(SortedListing {
        items: cut.items.into_iter().map(view).collect::<Result<_, _>>()?,
        next_cursor: cut.next_cursor,
    })
}

fn position(row: &client::Model, by: &'static str) -> Position {
    let value = match by {
        "name" => SortValue::Text(row.name.clone()),
        "client_id" => SortValue::Text(row.client_id.clone()),
        "updated_at" => SortValue::Number(row.updated_at),
        _ => SortValue::Id,
    };
    Position { value, id: row.id }
}

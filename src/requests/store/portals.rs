//! Portals as requests name them.

use entity::client;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    requests::model::Portal,
    store::{Database, named_row::by_id_or_name},
};

/// A portal by its row id or `client_id`.
pub(in crate::requests) async fn find(db: &Database, name: &str) -> Result<Option<Portal>, DbErr> {
    let named_by = (client::Column::Id, client::Column::ClientId);
    let row = by_id_or_name(db.reader(), client::Entity::find(), named_by, name).await?;
    Ok(row.map(of))
}

/// The portals that not everybody may enter, by name.
pub(in crate::requests) async fn limited(db: &Database) -> Result<Vec<Portal>, DbErr> {
    let rows = client::Entity::find()
        .filter(client::Column::Enabled.eq(true))
        .order_by_asc(client::Column::Name)
        .order_by_asc(client::Column::Id)
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().map(of).filter(|portal| portal.limited).collect())
}

/// A row as requests name it.
pub(super) fn of(row: client::Model) -> Portal {
    Portal {
        id: row.id,
        limited: [&row.allowed_users, &row.allowed_groups, &row.allowed_departments]
            .iter()
            .any(|list| !list.0.is_empty()),
        client_id: row.client_id,
        name: row.name,
    }
}

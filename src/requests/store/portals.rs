//! Portals as requests name them.

use entity::client;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{requests::model::Portal, store::Database};

/// A portal by its row id or `client_id`; a row id wins over a `client_id` that looks like one.
pub(in crate::requests) async fn find(db: &Database, name: &str) -> Result<Option<Portal>, DbErr> {
    // What cannot be a `client_id` is not looked up: PostgreSQL would not even take a NUL.
    if name.len() > 128 || !name.chars().all(|letter| letter.is_ascii_graphic()) {
        return Ok(None);
    }
    if let Ok(id) = Uuid::parse_str(name)
        && let Some(row) = client::Entity::find_by_id(id).one(db.reader()).await?
    {
        return Ok(Some(of(row)));
    }
    let row = client::Entity::find()
        .filter(client::Column::ClientId.eq(name))
        .one(db.reader())
        .await?;
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

//! Groups as requests name them.

use entity::user_group;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::{requests::model::Group, store::Database};

/// Most groups from which an approver chooses; over the API every one can be named.
const MOST: u64 = 200;

/// A group by its row id or its name, without regard to letter case; a row id wins over a name that looks like one.
pub(in crate::requests) async fn find(db: &Database, name: &str) -> Result<Option<Group>, DbErr> {
    // What cannot be a name is not looked up: PostgreSQL would not even take a NUL.
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Ok(None);
    }
    if let Ok(id) = Uuid::parse_str(name)
        && let Some(row) = user_group::Entity::find_by_id(id).one(db.reader()).await?
    {
        return Ok(Some(of(row)));
    }
    let row = user_group::Entity::find()
        .filter(user_group::Column::NameKey.eq(name.to_lowercase()))
        .one(db.reader())
        .await?;
    Ok(row.map(of))
}

/// Groups by their names.
pub(in crate::requests) async fn first(db: &Database) -> Result<Vec<Group>, DbErr> {
    let rows = user_group::Entity::find()
        .order_by_asc(user_group::Column::NameKey)
        .limit(MOST)
        .all(db.reader())
        .await?;
    Ok(rows.into_iter().map(of).collect())
}

fn of(row: user_group::Model) -> Group {
    Group {
        id: row.id,
        name: row.name,
    }
}

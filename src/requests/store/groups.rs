//! Groups as requests name them.

use entity::user_group;
use sea_orm::{DbErr, EntityTrait, QueryOrder, QuerySelect};

use crate::{
    requests::model::Group,
    store::{Database, named_row::by_id_or_name},
};

/// Most groups from which an approver chooses; over the API every one can be named.
const MOST: u64 = 200;

/// A group by its row id or its name, without regard to letter case.
pub(in crate::requests) async fn find(db: &Database, name: &str) -> Result<Option<Group>, DbErr> {
    let named_by = (user_group::Column::Id, user_group::Column::NameKey);
    let row = by_id_or_name(db.reader(), user_group::Entity::find(), named_by, &name.to_lowercase()).await?;
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

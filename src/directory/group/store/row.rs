//! Rows of groups as values: their tag, and what the audit log keeps of them.

use entity::{client, json::Strings, user_group};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    audit::difference::Difference,
    crypto::digest::entity_tag,
    directory::{failure::DirectoryFailure, store::Change},
    kernel::{entity_tag::EntityTag, failure::Result},
};

/// The entity tag of a group: it changes with whatever can be edited, and with nothing else.
pub(super) fn tag_of(row: &user_group::Model) -> EntityTag {
    // Every column is named, so that a new one cannot be forgotten.
    let user_group::Model {
        id: _,
        name,
        name_key: _,
        description,
        created_at: _,
        updated_at: _,
    } = row;
    entity_tag(&(name, description))
}

/// A group as the audit log keeps it.
pub(super) fn audited(row: &user_group::Model) -> Value {
    json!({ "id": row.id, "name": row.name, "description": row.description })
}

/// With the name of the group, by which the log is read once it is gone.
pub(super) fn told(difference: Difference, name: &str) -> Difference {
    difference.also("group", name)
}

pub(super) fn subject(id: Uuid) -> String {
    format!("group:{id}")
}

pub(super) async fn locked(change: &Change, id: Uuid) -> Result<user_group::Model> {
    let row = user_group::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

/// The portals that name groups, by their `client_id`s, with the ids that they name. All portals are read: they are few, and their lists are
/// JSON, which the two databases search differently.
pub(super) async fn naming<C: ConnectionTrait>(db: &C) -> Result<Vec<(String, Strings)>, DbErr> {
    let mut clients: Vec<(String, Strings)> = client::Entity::find()
        .select_only()
        .columns([client::Column::ClientId, client::Column::AllowedGroups])
        .order_by_asc(client::Column::ClientId)
        .into_tuple()
        .all(db)
        .await?;
    clients.retain(|(_, groups)| !groups.0.is_empty());
    Ok(clients)
}

/// The `client_id`s of those among them that name this group.
pub(super) fn names_of(naming: &[(String, Strings)], group: Uuid) -> Vec<String> {
    let group = group.to_string();
    let theirs = naming.iter().filter(|(_, groups)| groups.0.contains(&group));
    theirs.map(|(client_id, _)| client_id.clone()).collect()
}

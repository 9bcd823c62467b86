//! Lets a person into a portal that is limited to some.

use entity::{client, json::Strings};
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use uuid::Uuid;

use super::row::{audited, shown};
use crate::{
    audit::{self, Kind, Record, difference::Difference},
    directory::store::Change,
    kernel::failure::Result,
};

/// Adds a user to those whom a portal names. False where nothing had to be written: it is open to everybody, names them already, or is gone.
///
/// # Errors
/// When the database does not answer.
pub async fn allow_user(change: &Change, client: Uuid, user: Uuid) -> Result<bool> {
    let row = client::Entity::find_by_id(client)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    let Some(row) = row else { return Ok(false) };
    let (mut users, name) = (row.allowed_users.0.clone(), user.to_string());
    let open = users.is_empty() && row.allowed_departments.0.is_empty() && row.allowed_groups.0.is_empty();
    if open || users.contains(&name) {
        return Ok(false);
    }
    let before = shown(row.clone())?;
    let subject = format!("client:{}", row.client_id);
    users.push(name);
    let mut row = row.into_active_model();
    row.allowed_users = Set(Strings(users));
    row.updated_at = Set(change.millis());
    client::Entity::update(row).exec(change.transaction()).await?;
    let difference = Difference::between(&before, &audited(change, client).await?);
    let record = Record {
        kind: Kind::Configured,
        actor: change.actor().to_owned(),
        subject,
        reference: None,
        number: None,
        detail: difference.detail("changed", &["allowed_users"]),
    };
    audit::store::insert_in_transaction(change.transaction(), change.entropy(), change.now(), record).await?;
    Ok(true)
}

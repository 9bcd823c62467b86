//! Removes again whom a run created: only where nothing hangs on them yet.

use std::collections::HashSet;

use entity::{
    client, consent, json::Strings, member, oauth_grant, one_time_link, passkey, recovery_code, session, totp,
    user_group_user, users,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::row::{Target, Undoing};
use crate::directory::{offboarding::model::EndReason, sync::store::Stored, user::store::provenance_of};

/// Those of these users whom a session, a grant, a consent, a credential, a group, a portal's list, or another member than these hangs on.
pub(super) async fn in_use<C: ConnectionTrait>(tx: &C, users: &[Uuid], members: &[Uuid]) -> Stored<HashSet<Uuid>> {
    let mut found = HashSet::new();
    if users.is_empty() {
        return Ok(found);
    }
    macro_rules! add {
        ($($table:ident),+) => {$(
            let ids: Vec<Uuid> = $table::Entity::find()
                .select_only()
                .column($table::Column::UserId)
                .distinct()
                .filter($table::Column::UserId.is_in(users.iter().copied()))
                .into_tuple()
                .all(tx)
                .await?;
            found.extend(ids);
        )+};
    }
    add!(
        session,
        oauth_grant,
        consent,
        totp,
        recovery_code,
        passkey,
        one_time_link,
        user_group_user
    );
    let linked: Vec<Option<Uuid>> = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::UserId.is_in(users.iter().copied()))
        .filter(member::Column::Id.is_not_in(members.iter().copied()))
        .into_tuple()
        .all(tx)
        .await?;
    found.extend(linked.into_iter().flatten());
    let lists: Vec<Strings> = client::Entity::find()
        .select_only()
        .column(client::Column::AllowedUsers)
        .into_tuple()
        .all(tx)
        .await?;
    let named: HashSet<Uuid> = lists
        .iter()
        .flat_map(|list| &list.0)
        .filter_map(|id| id.parse().ok())
        .collect();
    found.extend(users.iter().filter(|user| named.contains(user)));
    Ok(found)
}

/// Whether a user whom the run created may go again. `in_use`: something hangs on them.
pub(super) fn judge(held: Option<&users::Model>, in_use: bool, target: Target) -> Result<(), String> {
    let held = held.ok_or("the user is no longer there")?;
    if held.console_role.is_some() {
        return Err("the user is a console admin".to_owned());
    }
    if in_use || held.password_hash.is_some() {
        return Err("the user has signed in, or was given credentials or access, since".to_owned());
    }
    let by_hand = held.access_until.is_some()
        || held.disabled_reason.as_deref() == Some(EndReason::Admin.word())
        || provenance_of(held.provenance.clone()).is_ok_and(|provenance| provenance.edits() > 0);
    match !by_hand && held.updated_at <= target.settled_at.unwrap_or(held.created_at) {
        true => Ok(()),
        false => Err("the user was changed since".to_owned()),
    }
}

pub(super) async fn remove_members<C: ConnectionTrait>(tx: &C, granted: &[&Undoing]) -> Stored<()> {
    let new = granted.iter().filter(|row| row.new_member);
    let ids: Vec<Uuid> = new.filter_map(|row| row.subject_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    member::Entity::delete_many()
        .filter(member::Column::Id.is_in(ids))
        .exec(tx)
        .await
        .map(|_| ())
}

pub(super) async fn remove_users<C: ConnectionTrait>(tx: &C, granted: &[&Undoing]) -> Stored<()> {
    let new = granted.iter().filter(|row| row.new_user);
    let ids: Vec<Uuid> = new.filter_map(|row| row.user_id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    users::Entity::delete_many()
        .filter(users::Column::Id.is_in(ids))
        .exec(tx)
        .await
        .map(|_| ())
}

//! Who is in a group: each who comes or goes is an event of their own, so that their history has it.

use entity::{user_group, user_group_user, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::OnConflict,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::row::{locked, subject, told};
use crate::{
    audit::{self, Kind, Record, difference::Difference},
    directory::{failure::DirectoryFailure, store::Change},
    kernel::{failure::Result, validation::ValidationErrors},
};

/// Puts users into a group, of whom each is named once, in the order of their ids.
pub(in crate::directory::group) async fn add(change: Change, id: Uuid, users: &[Uuid]) -> Result<()> {
    // What is remembered of anybody else says nothing of it. Of nobody in particular it would be everybody's.
    for user in users {
        change.transaction().concerns(*user);
    }
    let group = locked(&change, id).await?;
    let named = users::Entity::find()
        .select_only()
        .columns([users::Column::Id, users::Column::Username])
        .filter(users::Column::Id.is_in(users.iter().copied()))
        .order_by_asc(users::Column::Id)
        .lock_shared()
        .into_tuple::<(Uuid, String)>()
        .all(change.transaction())
        .await?;
    let mut faults = ValidationErrors::default();
    for (place, user) in users.iter().enumerate() {
        let known = named.iter().any(|(known, _)| known == user);
        faults.check(known, &format!("users[{place}]"), "names a user who does not exist");
    }
    faults.into_result(DirectoryFailure::Invalid.entry())?;
    let within: Vec<Uuid> = user_group_user::Entity::find()
        .select_only()
        .column(user_group_user::Column::UserId)
        .filter(user_group_user::Column::GroupId.eq(id))
        .filter(user_group_user::Column::UserId.is_in(users.iter().copied()))
        .into_tuple()
        .all(change.transaction())
        .await?;
    let new = named.into_iter().filter(|(user, _)| !within.contains(user));
    let new: Vec<(Uuid, String)> = new.collect();
    let Some(((last, name), before)) = new.split_last() else {
        return Ok(());
    };
    for (user, _) in &new {
        put(&change, &group, *user).await?;
    }
    for (user, name) in before {
        tell(&change, &group, (*user, name)).await?;
    }
    let record = record(&change, &group, (*last, name), true);
    change.commit_as(record).await
}

/// Puts a user of this transaction into these groups, which are named in any order. Ids of groups that there are not are given back, and
/// nothing is written then.
///
/// # Errors
/// When the database does not answer.
pub async fn join(change: &Change, groups: &[Uuid], (user, username): (Uuid, &str)) -> Result<Vec<Uuid>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let found = user_group::Entity::find()
        .filter(user_group::Column::Id.is_in(groups.iter().copied()))
        .order_by_asc(user_group::Column::Id)
        .lock_shared()
        .all(change.transaction())
        .await?;
    let gone = groups.iter().filter(|id| found.iter().all(|group| group.id != **id));
    let gone: Vec<Uuid> = gone.copied().collect();
    if !gone.is_empty() {
        return Ok(gone);
    }
    for group in &found {
        if put(change, group, user).await? {
            tell(change, group, (user, username)).await?;
        }
    }
    Ok(Vec::new())
}

/// The names of the groups in which a user is, as they stand in this transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn names_of_groups<C: ConnectionTrait>(tx: &C, user: Uuid) -> Result<Vec<String>, DbErr> {
    let theirs = user_group_user::Entity::find()
        .select_only()
        .column(user_group_user::Column::GroupId)
        .filter(user_group_user::Column::UserId.eq(user));
    user_group::Entity::find()
        .select_only()
        .column(user_group::Column::Name)
        .filter(user_group::Column::Id.in_subquery(theirs.into_query()))
        .order_by_asc(user_group::Column::NameKey)
        .into_tuple()
        .all(tx)
        .await
}

/// Takes a user out of a group.
pub(in crate::directory::group) async fn remove(change: Change, id: Uuid, user: Uuid) -> Result<()> {
    change.transaction().concerns(user);
    let group = locked(&change, id).await?;
    let removed = user_group_user::Entity::delete_by_id((id, user))
        .exec(change.transaction())
        .await?;
    if removed.rows_affected == 0 {
        return Err(DirectoryFailure::NotFound.into());
    }
    let name: Option<String> = users::Entity::find_by_id(user)
        .select_only()
        .column(users::Column::Username)
        .into_tuple()
        .one(change.transaction())
        .await?;
    let record = record(&change, &group, (user, name.as_deref().unwrap_or_default()), false);
    change.commit_as(record).await
}

/// False: they are in it already.
async fn put(change: &Change, group: &user_group::Model, user: Uuid) -> Result<bool> {
    let row = user_group_user::ActiveModel {
        group_id: Set(group.id),
        user_id: Set(user),
        added_at: Set(change.millis()),
    };
    let both = [user_group_user::Column::GroupId, user_group_user::Column::UserId];
    let known = OnConflict::columns(both).do_nothing().to_owned();
    let put = user_group_user::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(change.transaction())
        .await?;
    Ok(put > 0)
}

/// Tells that somebody came into a group.
async fn tell(change: &Change, group: &user_group::Model, who: (Uuid, &str)) -> Result<()> {
    let record = record(change, group, who, true);
    audit::store::insert_in_transaction(change.transaction(), change.entropy(), change.now(), record).await?;
    Ok(())
}

/// What is kept of somebody who came into a group, or went.
fn record(change: &Change, group: &user_group::Model, (user, username): (Uuid, &str), within: bool) -> Record {
    let side = |within: bool| -> Value { json!({ "within": within }) };
    let difference = told(Difference::between(&side(!within), &side(within)), &group.name)
        .also("user_id", user.to_string())
        .also("username", username);
    Record {
        kind: Kind::Configured,
        actor: change.actor().to_owned(),
        subject: subject(group.id),
        reference: None,
        number: None,
        detail: difference.detail(if within { "user_added" } else { "user_removed" }, &[]),
    }
}

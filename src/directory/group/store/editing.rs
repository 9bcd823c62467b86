//! Groups made, changed and deleted.

use entity::{user_group, user_group_user};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::row::{audited, locked, names_of, naming, subject, tag_of, told};
use crate::{
    audit::difference::Difference,
    directory::{
        failure::DirectoryFailure,
        group::input::{GroupChange, NewGroup},
        store::Change,
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::database::is_unique_violation,
};

fn taken(error: DbErr) -> Failure {
    match is_unique_violation(&error) {
        true => DirectoryFailure::GroupNameTaken.failure().cause(error),
        false => error.into(),
    }
}

pub(in crate::directory::group) async fn create(change: Change, input: &NewGroup) -> Result<Uuid> {
    let id = change.id();
    let row = user_group::ActiveModel {
        id: Set(id),
        name: Set(input.name.clone()),
        name_key: Set(input.name.to_lowercase()),
        description: Set(input.description.clone()),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
    };
    user_group::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    let created = told(Difference::created(&audited(&locked(&change, id).await?)), &input.name);
    change.commit_difference(subject(id), ("created", &[]), created).await?;
    Ok(id)
}

pub(in crate::directory::group) async fn change(
    change: Change,
    id: Uuid,
    input: &GroupChange,
    if_match: &IfMatch,
) -> Result<()> {
    let before = locked(&change, id).await?;
    if_match.judge(&tag_of(&before))?;
    let mut after = before.clone();
    if let Some(name) = &input.name {
        after.name.clone_from(name);
        after.name_key = name.to_lowercase();
    }
    if let Some(description) = &input.description {
        after.description.clone_from(description);
    }
    let difference = told(Difference::between(&audited(&before), &audited(&after)), &after.name);
    let row = user_group::ActiveModel {
        name: Set(after.name),
        name_key: Set(after.name_key),
        description: Set(after.description),
        updated_at: Set(change.millis()),
        ..before.into_active_model()
    };
    user_group::Entity::update(row)
        .exec(change.transaction())
        .await
        .map_err(taken)?;
    change
        .commit_difference(subject(id), ("changed", &input.fields()), difference)
        .await
}

pub(in crate::directory::group) async fn delete(change: Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    let row = locked(&change, id).await?;
    if_match.judge(&tag_of(&row))?;
    // A portal that comes to name it meanwhile waits for the lock of the row, and then finds it gone.
    let clients = names_of(&naming(change.transaction()).await?, id);
    if !clients.is_empty() {
        let failure = DirectoryFailure::GroupInUse.failure();
        return Err(failure.detail(format!("clients: {}", clients.join(", "))));
    }
    let emptied = user_group_user::Entity::delete_many()
        .filter(user_group_user::Column::GroupId.eq(id))
        .exec(change.transaction())
        .await?;
    user_group::Entity::delete_by_id(id).exec(change.transaction()).await?;
    let deleted = told(Difference::deleted(&audited(&row)), &row.name).also("users", emptied.rows_affected);
    change.commit_difference(subject(id), ("deleted", &[]), deleted).await
}

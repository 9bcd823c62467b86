//! Queries of auth sources.

use entity::{auth_source, client, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, JoinType, PaginatorTrait,
    QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{
    Door,
    input::{DoorChange, NewDoor},
};
use crate::{
    crypto::seal::Sealer,
    directory::{
        app,
        failure::DirectoryFailure,
        source::{self, Settings, input::incomplete_app},
        store::Change,
    },
    kernel::failure::Result,
    store::Database,
    wecom::model::{Credential, SecretKind},
};

/// A change with its secret sealed.
pub(super) struct Edit {
    pub input: DoorChange,
    pub sealed: Option<String>,
}

pub(in crate::directory) fn from_row(row: auth_source::Model) -> Door {
    Door {
        id: row.id,
        name: row.name,
        corp_id: row.corp_id,
        app_id: row.app_id,
        data_source_id: row.data_source_id,
        enabled: row.enabled,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

async fn insert(change: &Change, door: Door) -> Result<(), DbErr> {
    let row = auth_source::ActiveModel {
        id: Set(door.id),
        name: Set(door.name),
        corp_id: Set(door.corp_id),
        app_id: Set(door.app_id),
        data_source_id: Set(door.data_source_id),
        enabled: Set(door.enabled),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
    };
    auth_source::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map(|_| ())
}

/// The door that comes with a new data source, unless one was made for the same corp and app before.
pub(in crate::directory) async fn ensure(
    change: &Change,
    (source, settings): (Uuid, &Settings),
    app_id: Uuid,
) -> Result<(), DbErr> {
    let unbound = Condition::all()
        .add(auth_source::Column::AppId.eq(app_id))
        .add(auth_source::Column::CorpId.eq(&settings.corp_id))
        .add(auth_source::Column::DataSourceId.is_null());
    let known = auth_source::Entity::find()
        .filter(unbound)
        .count(change.transaction())
        .await?;
    if known > 0 {
        return Ok(());
    }
    let door = Door {
        id: change.id(),
        name: settings.name.clone(),
        corp_id: settings.corp_id.clone(),
        app_id,
        data_source_id: Some(source),
        enabled: true,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    insert(change, door).await
}

async fn saved(change: &Change, wish: Option<app::Wish>) -> Result<Uuid> {
    let wish = wish.ok_or_else(|| incomplete_app("agent_id"))?;
    let saved = app::store::save(change, wish).await?;
    saved.ok_or_else(|| incomplete_app("app_secret"))
}

async fn must_exist(change: &Change, source: Option<Uuid>) -> Result<()> {
    match source {
        Some(id) if !source::store::exists(change, id).await? => Err(DirectoryFailure::Invalid
            .failure()
            .detail("data_source_id: there is no such data source")),
        _ => Ok(()),
    }
}

pub(super) async fn create(change: Change, input: &NewDoor, sealed: Option<String>) -> Result<Uuid> {
    must_exist(&change, input.data_source_id).await?;
    let wish = app::wish(None, &input.corp_id, Some(input.agent_id), sealed);
    let door = Door {
        id: change.id(),
        name: input.name.clone(),
        corp_id: input.corp_id.clone(),
        app_id: saved(&change, wish).await?,
        data_source_id: input.data_source_id,
        enabled: input.enabled,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    let id = door.id;
    insert(&change, door).await?;
    change.commit(format!("auth_source:{id}"), "created", &[]).await?;
    Ok(id)
}

async fn locked(change: &Change, id: Uuid) -> Result<auth_source::Model> {
    let row = auth_source::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

pub(super) async fn change(change: Change, id: Uuid, edit: &Edit) -> Result<()> {
    let row = locked(&change, id).await?;
    let before = from_row(row.clone());
    let door = edit.input.merged(&before);
    if edit.input.data_source_id.is_some() {
        must_exist(&change, door.data_source_id).await?;
    }
    let current = app::store::find(&change, Some(before.app_id)).await?;
    let wish = app::wish(
        current.as_ref(),
        &door.corp_id,
        edit.input.agent_id,
        edit.sealed.clone(),
    );
    let app_id = saved(&change, wish).await?;
    let mut row = row.into_active_model();
    row.name = Set(door.name);
    row.corp_id = Set(door.corp_id);
    row.app_id = Set(app_id);
    row.data_source_id = Set(door.data_source_id);
    row.enabled = Set(door.enabled);
    row.updated_at = Set(change.millis());
    auth_source::Entity::update(row).exec(change.transaction()).await?;
    if before.app_id != app_id {
        app::store::remove_unused(&change, before.app_id).await?;
    }
    change
        .commit(format!("auth_source:{id}"), "changed", &edit.input.fields())
        .await
}

pub(super) async fn delete(change: Change, id: Uuid) -> Result<()> {
    let row = locked(&change, id).await?;
    let naming = clients_naming(&change, id).await?;
    if !naming.is_empty() {
        return Err(DirectoryFailure::DoorInUse
            .failure()
            .detail(format!("clients: {}", naming.join(", "))));
    }
    auth_source::Entity::delete_by_id(id).exec(change.transaction()).await?;
    app::store::remove_unused(&change, row.app_id).await?;
    change.commit(format!("auth_source:{id}"), "deleted", &[]).await
}

/// The portals are few; their lists are JSON, which the two databases search differently.
async fn clients_naming(change: &Change, id: Uuid) -> Result<Vec<String>, DbErr> {
    let id = id.to_string();
    let clients = client::Entity::find().all(change.transaction()).await?;
    let naming = clients
        .into_iter()
        .filter(|client| client.auth_sources.as_ref().is_some_and(|list| list.0.contains(&id)));
    Ok(naming.map(|client| client.client_id).collect())
}

/// The credential of the door's app, if it opens with this seal key.
pub(super) async fn credentials(database: &Database, sealer: &Sealer, id: Uuid) -> Result<Vec<Credential>, DbErr> {
    let Some(row) = auth_source::Entity::find_by_id(id).one(database.reader()).await? else {
        return Ok(Vec::new());
    };
    let app = wecom_app::Entity::find_by_id(row.app_id).one(database.reader()).await?;
    Ok(app
        .and_then(|app| app::store::credential(app, sealer))
        .into_iter()
        .collect())
}

/// The credentials of an auth source's app, opened; `None` when it no longer exists.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn credential(database: &Database, sealer: &Sealer, door: Uuid) -> Result<Option<Credential>> {
    let to_app = auth_source::Entity::belongs_to(wecom_app::Entity)
        .from(auth_source::Column::AppId)
        .to(wecom_app::Column::Id);
    let row = auth_source::Entity::find_by_id(door)
        .join(JoinType::InnerJoin, to_app.into())
        .select_also(wecom_app::Entity)
        .one(database.reader())
        .await?;
    let Some(app) = row.and_then(|(_, app)| app) else {
        return Ok(None);
    };
    Ok(Some(Credential {
        secret: sealer.open_text(app::SECRET, &app.secret_sealed)?,
        corp_id: app.corp_id,
        kind: SecretKind::App { agent_id: app.agent_id },
    }))
}

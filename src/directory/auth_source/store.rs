//! Queries of auth sources.

use entity::{auth_source, client, data_source, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JoinType,
    PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entered::Stored,
    input::{AuthSourceChange, NewAuthSource},
    model::AuthSource,
};
use crate::{
    audit::difference::Difference,
    crypto::{digest::entity_tag, seal::Sealer},
    directory::{
        failure::DirectoryFailure,
        probe::{
            entered::{Proof, StoredApp},
            holder::Holder,
            store as probe_store,
        },
        store::audited_transaction::Change,
        suite::store::app_credential,
        wecom_app::{
            model::{DesiredApp, SECRET, desired_app, incomplete_app},
            store as app_store,
        },
    },
    kernel::{
        clock::Timestamp,
        entity_tag::{EntityTag, IfMatch},
        failure::Result,
    },
    store::Database,
    wecom::model::Credential,
};

/// A change with its secret sealed.
pub(super) struct Edit {
    pub input: AuthSourceChange,
    pub sealed: Option<String>,
    pub proof: Proof,
    pub if_match: IfMatch,
}

pub(in crate::directory) fn from_row(row: auth_source::Model) -> AuthSource {
    AuthSource {
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

/// The entity tag of an auth source: it changes with whatever can be edited, the secret included, and with nothing else.
pub(in crate::directory) fn tag_of(row: &auth_source::Model, app: Option<&wecom_app::Model>) -> EntityTag {
    let auth_source::Model {
        id: _,
        name,
        corp_id,
        app_id,
        data_source_id,
        enabled,
        created_at: _,
        updated_at: _,
    } = row;
    let app = (app_id, app.map(|app| &app.secret_sealed));
    entity_tag(&(name, corp_id, app, data_source_id, enabled))
}

async fn judge(change: &Change, row: &auth_source::Model, if_match: &IfMatch) -> Result<()> {
    if !if_match.is_present() {
        return Ok(());
    }
    let app = app_store::locked(change, Some(row.app_id)).await?;
    if_match.judge(&tag_of(row, app.as_ref()))
}

async fn insert(change: &Change, auth_source: AuthSource) -> Result<(), DbErr> {
    let row = auth_source::ActiveModel {
        id: Set(auth_source.id),
        name: Set(auth_source.name),
        corp_id: Set(auth_source.corp_id),
        app_id: Set(auth_source.app_id),
        data_source_id: Set(auth_source.data_source_id),
        enabled: Set(auth_source.enabled),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
    };
    auth_source::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map(|_| ())
}

/// Adds the auth source of a new data source, unless one was made for the same corp and app before.
pub(in crate::directory) async fn ensure(
    change: &Change,
    (source, name, corp_id): (Uuid, &str, &str),
    app_id: Uuid,
) -> Result<(), DbErr> {
    let unbound = Condition::all()
        .add(auth_source::Column::AppId.eq(app_id))
        .add(auth_source::Column::CorpId.eq(corp_id))
        .add(auth_source::Column::DataSourceId.is_null());
    let known = auth_source::Entity::find()
        .filter(unbound)
        .count(change.transaction())
        .await?;
    if known > 0 {
        return Ok(());
    }
    let auth_source = AuthSource {
        id: change.id(),
        name: name.to_owned(),
        corp_id: corp_id.to_owned(),
        app_id,
        data_source_id: Some(source),
        enabled: true,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    insert(change, auth_source).await
}

async fn saved(change: &Change, desired_app: Option<DesiredApp>) -> Result<Uuid> {
    let desired_app = desired_app.ok_or_else(|| incomplete_app("agent_id"))?;
    let saved = app_store::save(change, desired_app).await?;
    saved.ok_or_else(|| incomplete_app("app_secret"))
}

async fn must_exist(change: &Change, source: Option<Uuid>) -> Result<()> {
    let Some(id) = source else { return Ok(()) };
    let found = data_source::Entity::find_by_id(id).count(change.transaction()).await?;
    match found {
        0 => Err(DirectoryFailure::Invalid
            .failure()
            .field("data_source_id", "there is no such data source")),
        _ => Ok(()),
    }
}

pub(super) async fn create(
    change: Change,
    input: &NewAuthSource,
    (sealed, proof): (Option<String>, Proof),
) -> Result<Uuid> {
    must_exist(&change, input.data_source_id).await?;
    let desired_app = desired_app(None, &input.corp_id, Some(input.agent_id), sealed);
    let auth_source = AuthSource {
        id: change.id(),
        name: input.name.clone(),
        corp_id: input.corp_id.clone(),
        app_id: saved(&change, desired_app).await?,
        data_source_id: input.data_source_id,
        enabled: input.enabled,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    let (id, app_id) = (auth_source.id, auth_source.app_id);
    insert(&change, auth_source).await?;
    keep(&change, &proof, app_id).await?;
    let remark: Vec<&str> = proof.remark().into_iter().collect();
    let created = Difference::created(&audited(&change, id).await?);
    change
        .commit_difference(format!("auth_source:{id}"), ("created", &remark), created)
        .await?;
    Ok(id)
}

/// An auth source as the audit log keeps it, as it stands in this transaction.
async fn audited(change: &Change, id: Uuid) -> Result<Value> {
    let auth_source = from_row(locked(change, id).await?);
    let app = app_store::find(change, Some(auth_source.app_id)).await?;
    Ok(json!({
        "id": auth_source.id,
        "name": auth_source.name,
        "corp_id": auth_source.corp_id,
        "agent_id": app.map(|app| app.agent_id),
        "data_source_id": auth_source.data_source_id,
        "enabled": auth_source.enabled,
    }))
}

async fn locked(change: &Change, id: Uuid) -> Result<auth_source::Model> {
    let row = auth_source::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

pub(super) async fn change(change: Change, id: Uuid, edit: &Edit) -> Result<()> {
    let was = audited(&change, id).await?;
    let row = locked(&change, id).await?;
    judge(&change, &row, &edit.if_match).await?;
    let before = from_row(row.clone());
    let auth_source = edit.input.merged(&before);
    if edit.input.data_source_id.is_some() {
        must_exist(&change, auth_source.data_source_id).await?;
    }
    let current = app_store::find(&change, Some(before.app_id)).await?;
    let desired_app = desired_app(
        current.as_ref(),
        &auth_source.corp_id,
        edit.input.agent_id,
        edit.sealed.clone(),
    );
    let agent_id = desired_app.as_ref().map(|app| app.agent_id);
    edit.proof.fits(&auth_source.corp_id, agent_id)?;
    let app_id = saved(&change, desired_app).await?;
    let mut row = row.into_active_model();
    row.name = Set(auth_source.name);
    row.corp_id = Set(auth_source.corp_id);
    row.app_id = Set(app_id);
    row.data_source_id = Set(auth_source.data_source_id);
    row.enabled = Set(auth_source.enabled);
    row.updated_at = Set(change.millis());
    auth_source::Entity::update(row).exec(change.transaction()).await?;
    if before.app_id != app_id {
        app_store::remove_unused(&change, before.app_id).await?;
    }
    keep(&change, &edit.proof, app_id).await?;
    let mut fields = edit.input.fields();
    fields.extend(edit.proof.remark());
    let mut difference = Difference::between(&was, &audited(&change, id).await?);
    difference = difference.also("data_source_id", before.data_source_id.map(|id| id.to_string()));
    if edit.sealed.is_some() {
        difference = difference.secret("app_secret", true, true);
    }
    change
        .commit_difference(format!("auth_source:{id}"), ("changed", &fields), difference)
        .await
}

/// Keeps what probing the credential saw.
async fn keep(change: &Change, proof: &Proof, app_id: Uuid) -> Result<(), DbErr> {
    match &proof.app {
        Some(kept) => probe_store::put(change.transaction(), Holder::App(app_id), kept).await,
        None => Ok(()),
    }
}

pub(super) async fn delete(change: Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    let deleted = Difference::deleted(&audited(&change, id).await?);
    let row = locked(&change, id).await?;
    judge(&change, &row, if_match).await?;
    let naming = clients_naming(&change, id).await?;
    if !naming.is_empty() {
        return Err(DirectoryFailure::AuthSourceInUse
            .failure()
            .detail(format!("clients: {}", naming.join(", "))));
    }
    auth_source::Entity::delete_by_id(id).exec(change.transaction()).await?;
    app_store::remove_unused(&change, row.app_id).await?;
    change
        .commit_difference(format!("auth_source:{id}"), ("deleted", &[]), deleted)
        .await
}

/// The portals that name this auth source. All portals are read: they are few, and their lists are JSON, which the two databases search
/// differently.
async fn clients_naming(change: &Change, id: Uuid) -> Result<Vec<String>, DbErr> {
    let id = id.to_string();
    let clients = client::Entity::find().all(change.transaction()).await?;
    let naming = clients
        .into_iter()
        .filter(|client| client.auth_sources.as_ref().is_some_and(|list| list.0.contains(&id)));
    Ok(naming.map(|client| client.client_id).collect())
}

/// All apps whose secrets are entered, with them as far as they open with this seal key.
pub(in crate::directory) async fn stored_apps(database: &Database, sealer: &Sealer) -> Result<Vec<StoredApp>> {
    let rows = wecom_app::Entity::find()
        .filter(wecom_app::Column::Suite.is_null())
        .all(database.reader())
        .await?;
    let opened = |row: wecom_app::Model| StoredApp {
        id: row.id,
        secret: sealer.open_text(SECRET, &row.secret_sealed).ok(),
        corp_id: row.corp_id,
        agent_id: row.agent_id,
    };
    Ok(rows.into_iter().map(opened).collect())
}

/// What is stored of the credential of an auth source.
pub(super) async fn stored(database: &Database, sealer: &Sealer, id: Uuid) -> Result<Stored> {
    let row = auth_source::Entity::find_by_id(id).one(database.reader()).await?;
    let row = row.ok_or(DirectoryFailure::NotFound)?;
    let apps = stored_apps(database, sealer).await?;
    Ok(Stored {
        corp_id: row.corp_id,
        app: apps.iter().find(|app| app.id == row.app_id).cloned(),
        apps,
    })
}

/// The credentials of an auth source's app, opened; `None` when it no longer exists.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn credential(
    database: &Database,
    sealer: &Sealer,
    now: Timestamp,
    auth_source: Uuid,
) -> Result<Option<Credential>> {
    let to_app = auth_source::Entity::belongs_to(wecom_app::Entity)
        .from(auth_source::Column::AppId)
        .to(wecom_app::Column::Id);
    let row = auth_source::Entity::find_by_id(auth_source)
        .join(JoinType::InnerJoin, to_app.into())
        .select_also(wecom_app::Entity)
        .one(database.reader())
        .await?;
    match row.and_then(|(_, app)| app) {
        Some(app) => Ok(Some(app_credential(database, sealer, now, &app).await?)),
        None => Ok(None),
    }
}

/// Whether people of this data source may sign in through another app than this one. `corp_key` names its corp in its mode: of a suite's data
/// source no auth source counts that does not name it.
///
/// # Errors
/// When the database does not answer.
pub async fn has_other_app<C: ConnectionTrait>(
    connection: &C,
    (data_source, corp_key): (Uuid, &str),
    app: Uuid,
) -> Result<bool, DbErr> {
    let of_source = Condition::any()
        .add(auth_source::Column::DataSourceId.eq(data_source))
        .add(
            Condition::all()
                .add(auth_source::Column::DataSourceId.is_null())
                .add(auth_source::Column::CorpId.eq(corp_key)),
        );
    let other = auth_source::Entity::find()
        .filter(of_source)
        .filter(auth_source::Column::Enabled.eq(true))
        .filter(auth_source::Column::AppId.ne(app))
        .one(connection)
        .await?;
    Ok(other.is_some())
}

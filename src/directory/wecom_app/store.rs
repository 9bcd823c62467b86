//! Queries of WeCom apps. All run inside the change of the data source or auth source that uses the app.

use entity::{auth_source, data_source, wecom_app};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::model::{DesiredApp, WeComApp, installed_app};
use crate::{
    directory::{
        probe::{holder::Holder, store as probe_store},
        store::audited_transaction::Change,
    },
    kernel::failure::Result,
};

pub(in crate::directory) mod installed;
pub mod senders;

impl From<wecom_app::Model> for WeComApp {
    fn from(row: wecom_app::Model) -> Self {
        Self {
            id: row.id,
            corp_id: row.corp_id,
            agent_id: row.agent_id,
            suite: row.suite,
            name: row.name,
            closed: row.closed,
        }
    }
}

/// Finds an app by row id.
pub(in crate::directory) async fn find(change: &Change, id: Option<Uuid>) -> Result<Option<WeComApp>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    let found = wecom_app::Entity::find_by_id(id).one(change.transaction()).await?;
    Ok(found.map(WeComApp::from))
}

/// Locks and returns the row of an app: whoever judges an entity tag by it wants it to stay as it is until their change stands.
pub(in crate::directory) async fn locked(change: &Change, id: Option<Uuid>) -> Result<Option<wecom_app::Model>, DbErr> {
    let Some(id) = id else { return Ok(None) };
    wecom_app::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await
}

/// Brings an app row to its desired state; `None` when the app is not stored yet and no secret came with it.
///
/// # Errors
/// `DI-101` for an app that was installed from a suite, unless it is the one before and stays as it is.
pub(in crate::directory) async fn save(change: &Change, desired_app: DesiredApp) -> Result<Option<Uuid>> {
    let same = Condition::all()
        .add(wecom_app::Column::CorpId.eq(&desired_app.corp_id))
        .add(wecom_app::Column::AgentId.eq(desired_app.agent_id));
    let known = wecom_app::Entity::find()
        .filter(same.clone())
        .one(change.transaction())
        .await?;
    let stays = |app: &wecom_app::Model| desired_app.current == Some(app.id) && desired_app.sealed.is_none();
    if known.as_ref().is_some_and(|app| app.suite.is_some() && !stays(app)) {
        return Err(installed_app());
    }
    let sealed = match (desired_app.sealed, &known, desired_app.copy_secret_from) {
        (Some(sealed), _, _) => sealed,
        (None, Some(known), _) => return Ok(Some(known.id)),
        (None, None, Some(copy_secret_from)) => match wecom_app::Entity::find_by_id(copy_secret_from)
            .one(change.transaction())
            .await?
        {
            Some(donor) if donor.suite.is_some() => return Err(installed_app()),
            Some(donor) => donor.secret_sealed,
            None => return Ok(None),
        },
        (None, None, None) => return Ok(None),
    };
    upsert(change, desired_app.corp_id, desired_app.agent_id, sealed).await?;
    let saved = wecom_app::Entity::find().filter(same).one(change.transaction()).await?;
    Ok(saved.map(|row| row.id))
}

/// Upserts an app in one statement, because two admins may enter the same app on two replicas at once.
async fn upsert(change: &Change, corp_id: String, agent_id: i64, sealed: String) -> Result<(), DbErr> {
    let row = wecom_app::ActiveModel {
        id: Set(change.id()),
        corp_id: Set(corp_id),
        agent_id: Set(agent_id),
        name: Set(String::new()),
        secret_sealed: Set(sealed),
        closed: Set(false),
        redirect_domain: Set(None),
        scope_fetched_at: Set(None),
        created_at: Set(change.millis()),
        updated_at: Set(change.millis()),
        next_read_at: Set(None),
        ..Default::default()
    };
    let replace_secret = OnConflict::columns([wecom_app::Column::CorpId, wecom_app::Column::AgentId])
        .update_columns([
            wecom_app::Column::SecretSealed,
            wecom_app::Column::NextReadAt,
            wecom_app::Column::UpdatedAt,
        ])
        .to_owned();
    wecom_app::Entity::insert(row)
        .on_conflict(replace_secret)
        .exec_without_returning(change.transaction())
        .await
        .map(|_| ())
}

/// Removes an app, and with it its sealed secret, once neither a data source nor an auth source uses it.
pub(in crate::directory) async fn remove_unused(change: &Change, id: Uuid) -> Result<(), DbErr> {
    let sources = data_source::Entity::find()
        .filter(data_source::Column::AppId.eq(id))
        .count(change.transaction())
        .await?;
    let auth_sources = auth_source::Entity::find()
        .filter(auth_source::Column::AppId.eq(id))
        .count(change.transaction())
        .await?;
    if sources + auth_sources == 0 {
        wecom_app::Entity::delete_by_id(id).exec(change.transaction()).await?;
        probe_store::remove(change.transaction(), Holder::App(id)).await?;
    }
    Ok(())
}

//! Queries that plan, edit and drop a move.

use entity::{auth_source, corp_move, data_source, json::Strings, wecom_app};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{audited, from_row, pairs, planned};
use crate::{
    audit::difference::Difference,
    directory::{
        corp_move::{
            failure::MoveFailure,
            model::{CorpMove, ProvenBy, State, subject},
        },
        failure::DirectoryFailure,
        installation::{state::Status, store::moving},
        store::Change,
        wecom_app::model::installed_app,
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::{Database, database::is_unique_violation},
};

/// The data source that is to move, and its app.
pub(in crate::directory::corp_move) struct Leaving {
    pub source: data_source::Model,
    pub suite: Uuid,
    pub app: wecom_app::Model,
}

/// Reads a data source that is connected by a suite.
///
/// # Errors
/// `MV-102` where it is not.
pub(in crate::directory::corp_move) async fn leaving(db: &Database, source: Uuid) -> Result<Leaving> {
    let row = data_source::Entity::find_by_id(source).one(db.reader()).await?;
    let source = row.ok_or(DirectoryFailure::NotFound)?;
    let app = match source.app_id {
        Some(id) => wecom_app::Entity::find_by_id(id).one(db.reader()).await?,
        None => None,
    };
    match (source.suite, app) {
        (Some(suite), Some(app)) if app.suite == Some(suite) => Ok(Leaving { source, suite, app }),
        _ => Err(MoveFailure::NotBySuite.into()),
    }
}

/// An app, if it is still there.
pub(in crate::directory::corp_move) async fn app(db: &Database, id: Option<Uuid>) -> Result<Option<wecom_app::Model>> {
    let Some(id) = id else { return Ok(None) };
    Ok(wecom_app::Entity::find_by_id(id).one(db.reader()).await?)
}

/// Refuses a corp that has a data source of its own already, and an app that is a service provider's.
///
/// # Errors
/// `MV-113`, `DI-101`.
pub(in crate::directory::corp_move) async fn free(db: &Database, (corp_id, agent_id): (&str, i64)) -> Result<()> {
    let other = data_source::Entity::find()
        .filter(data_source::Column::CorpKey.eq(data_source::corp_key(corp_id, None)))
        .one(db.reader())
        .await?;
    if let Some(other) = other {
        return Err(exists(&other.name));
    }
    let installed = wecom_app::Entity::find()
        .filter(wecom_app::Column::CorpId.eq(corp_id))
        .filter(wecom_app::Column::AgentId.eq(agent_id))
        .filter(wecom_app::Column::Suite.is_not_null())
        .count(db.reader())
        .await?;
    match installed {
        0 => Ok(()),
        _ => Err(installed_app()),
    }
}

pub(super) fn exists(name: &str) -> Failure {
    MoveFailure::SourceExists.failure().detail(name)
}

/// A move about to be planned, its secrets sealed.
pub(in crate::directory::corp_move) struct New<'a> {
    pub corp_id: &'a str,
    pub agent_id: i64,
    pub secret: String,
    pub contacts: Option<String>,
    pub proven_by: Option<ProvenBy>,
}

/// Plans a move.
///
/// # Errors
/// `MV-102`, `MV-103`: of any number at once one is planned.
pub(in crate::directory::corp_move) async fn plan(change: Change, leaving: &Leaving, new: New<'_>) -> Result<Uuid> {
    let id = change.id();
    let source = &leaving.source;
    let installation = moving::bound_to(change.transaction(), source.id).await?;
    let installation = installation.ok_or(MoveFailure::NotBySuite)?;
    // The company may delete the app at this moment, which gives up all that is planned by then.
    let installation = moving::locked(&change, installation.id).await?;
    if installation.status != Status::Bound || installation.data_source != Some(source.id) {
        return Err(MoveFailure::NotBySuite.into());
    }
    let row = corp_move::Model {
        id,
        data_source_id: source.id,
        open_for: Some(source.id),
        suite: leaving.suite,
        installation: installation.id,
        state: State::Planned.word().to_owned(),
        corp_id: new.corp_id.to_owned(),
        agent_id: new.agent_id,
        app_secret_sealed: Some(new.secret),
        contacts_secret_sealed: new.contacts,
        proven_by: new.proven_by.map(|proof| proof.word().to_owned()),
        revision: 1,
        paired_at: None,
        conversion_problem: None,
        conversion_detail: None,
        rehearsal_run: None,
        rehearsed_revision: None,
        from_corp_id: source.corp_id.clone(),
        from_app: Some(leaving.app.id),
        auth_sources: Strings::default(),
        created_by: change.actor().to_owned(),
        created_at: change.millis(),
        changed_by: None,
        changed_at: None,
        ended_by: None,
        ended_at: None,
    };
    let created = Difference::created(&audited(&from_row(row.clone())?)).secret("app_secret", false, true);
    corp_move::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(change.transaction())
        .await
        .map_err(open)?;
    change.commit_difference(subject(id), ("planned", &[]), created).await?;
    Ok(id)
}

fn open(error: sea_orm::DbErr) -> Failure {
    match is_unique_violation(&error) {
        true => MoveFailure::Open.failure().cause(error),
        false => error.into(),
    }
}

/// An edit, its secrets sealed.
pub(in crate::directory::corp_move) struct Edit {
    pub fields: Vec<&'static str>,
    pub secret: Option<String>,
    pub contacts: Option<Option<String>>,
    /// What an admin says of the company; `None`: nothing.
    pub confirmed: Option<bool>,
}

/// Edits a planned move: what was rehearsed is another one from then on.
pub(in crate::directory::corp_move) async fn edit(
    change: Change,
    ids: (Uuid, Uuid),
    (edit, if_match): (Edit, &IfMatch),
) -> Result<()> {
    let held = planned(&change, ids, if_match).await?;
    let proven_by = match (held.proven_by, edit.confirmed) {
        (None, Some(true)) => Some(ProvenBy::Admin),
        (Some(ProvenBy::Admin), Some(false)) => None,
        (proven, _) => proven,
    };
    let mut row = corp_move::ActiveModel {
        id: Unchanged(held.id),
        revision: Set(held.revision.saturating_add(1)),
        proven_by: Set(proven_by.map(|proof| proof.word().to_owned())),
        ..Default::default()
    };
    let (new_secret, contacts) = (edit.secret.is_some(), edit.contacts.clone());
    if let Some(secret) = edit.secret {
        row.app_secret_sealed = Set(Some(secret));
    }
    if let Some(contacts) = edit.contacts {
        row.contacts_secret_sealed = Set(contacts);
    }
    let new = from_row(corp_move::Entity::update(row).exec(change.transaction()).await?)?;
    let mut difference = Difference::between(&audited(&held), &audited(&new)).also("data_source_id", ids.0.to_string());
    if new_secret {
        difference = difference.secret("app_secret", true, true);
    }
    if let Some(contacts) = contacts {
        difference = difference.secret("contacts_secret", held.contacts_sealed.is_some(), contacts.is_some());
    }
    change
        .commit_difference(held.subject(), ("changed", &edit.fields), difference)
        .await
}

/// Notes that a run rehearses what stands there now.
///
/// # Errors
/// `MV-106` where it was edited since `revision` was read.
pub(in crate::directory::corp_move) async fn rehearsed(
    change: Change,
    (one, run): (&CorpMove, Uuid),
    if_match: &IfMatch,
) -> Result<()> {
    let held = planned(&change, (one.source, one.id), if_match).await?;
    if held.revision != one.revision {
        return Err(MoveFailure::NotRehearsed.into());
    }
    let row = corp_move::ActiveModel {
        id: Unchanged(one.id),
        rehearsal_run: Set(Some(run)),
        rehearsed_revision: Set(Some(one.revision)),
        ..Default::default()
    };
    corp_move::Entity::update(row).exec(change.transaction()).await?;
    let detail = serde_json::json!({
        "action": "rehearsed", "fields": [], "data_source_id": one.source, "sync_run_id": run,
    });
    change.commit_with(one.subject(), detail).await
}

/// Gives a planned move up.
pub(in crate::directory::corp_move) async fn drop_planned(
    change: Change,
    ids: (Uuid, Uuid),
    if_match: &IfMatch,
) -> Result<()> {
    let held = planned(&change, ids, if_match).await?;
    end(&change, &held, State::Dropped).await?;
    pairs::forget(&change, held.id).await?;
    commit_end(change, held, State::Dropped).await
}

/// Ends a move: its secrets go.
pub(super) async fn end(change: &Change, held: &CorpMove, state: State) -> Result<()> {
    let row = corp_move::ActiveModel {
        id: Unchanged(held.id),
        state: Set(state.word().to_owned()),
        open_for: Set(None),
        app_secret_sealed: Set(None),
        contacts_secret_sealed: Set(None),
        ended_by: Set(Some(change.actor().to_owned())),
        ended_at: Set(Some(change.millis())),
        ..Default::default()
    };
    corp_move::Entity::update(row).exec(change.transaction()).await?;
    Ok(())
}

/// Commits the end of a move.
pub(super) async fn commit_end(change: Change, held: CorpMove, state: State) -> Result<()> {
    let new = CorpMove {
        state,
        contacts_sealed: None,
        ..held.clone()
    };
    let difference =
        Difference::between(&audited(&held), &audited(&new)).also("data_source_id", held.source.to_string());
    change
        .commit_difference(held.subject(), (state.word(), &[]), difference)
        .await
}

/// The auth sources of an app.
pub(super) async fn auth_sources_of(change: &Change, app: Uuid) -> Result<Vec<Uuid>> {
    let ids = auth_source::Entity::find()
        .select_only()
        .column(auth_source::Column::Id)
        .filter(auth_source::Column::AppId.eq(app))
        .into_tuple()
        .all(change.transaction())
        .await?;
    Ok(ids)
}

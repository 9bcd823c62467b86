//! The change itself, one transaction: the data source has the company's own app, its members their other ids, its people sign in by that app, and
//! the installation is nobody's. Of any number of admins at once one makes it.

use entity::{auth_source, corp_move, corp_move_pair, data_source, json::Strings, member};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    audited, planned,
    planning::{auth_sources_of, exists},
    renaming::{Renaming, Way, rename_corp},
};
use crate::{
    audit::difference::Difference,
    directory::{
        corp_move::{
            failure::MoveFailure,
            model::{CorpMove, State},
        },
        failure::DirectoryFailure,
        installation::store::moving,
        name_proof::store::end_all,
        probe::{entered::Proof, holder::Holder, store as probe_store},
        store::Change,
        sync::store::moved::end_waiting,
        wecom_app::{model::DesiredApp, store as app_store},
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::database::is_unique_violation,
};

/// What the new app brings, sealed for the places where it goes.
pub(in crate::directory::corp_move) struct NewApp {
    /// Its secret.
    pub secret: String,
    /// The contacts-sync secret.
    pub contacts: Option<String>,
    /// What trying them saw.
    pub proof: Proof,
}

/// Changes the app.
///
/// # Errors
/// `MV-106` where it was edited since it was rehearsed, `MV-109` where members changed since they were paired, `MV-113`; see [`planned`].
pub(in crate::directory::corp_move) async fn change(
    change: Change,
    one: &CorpMove,
    (app, if_match): (NewApp, &IfMatch),
) -> Result<()> {
    let installation = moving::locked(&change, one.installation).await?;
    let held = planned(&change, (one.source, one.id), if_match).await?;
    if held.revision != one.revision || held.rehearsed_as_is().is_none() {
        return Err(MoveFailure::NotRehearsed.into());
    }
    let source = locked_source(&change, one.source).await?;
    if source.suite != Some(held.suite) || source.app_id != held.from_app {
        return Err(MoveFailure::NotBySuite.into());
    }
    if !source.enabled {
        return Err(MoveFailure::SourceDisabled.into());
    }
    unchanged_since(&change, &held).await?;
    moving::away(&change, &installation, held.source).await?;
    let new_app = put_app(&change, &held, &app).await?;
    let auth_sources = switch_auth_sources(&change, (held.from_app, &held.corp_id), new_app).await?;
    let was = shown(&source);
    let source = switch_source(&change, source, (&held, new_app, app.contacts)).await?;
    let renaming = Renaming {
        id: held.id,
        source: held.source,
        way: Way::There,
        now: change.millis(),
    };
    renaming.carry_out(&change).await?;
    rename_corp(
        change.transaction(),
        held.source,
        (&source.corp_id, &source.corp_key),
        change.millis(),
    )
    .await?;
    end_waiting(change.transaction(), held.source, change.now()).await?;
    // Whoever was shown names by the suite is not shown them again should this be taken back.
    end_all(change.transaction(), held.source).await?;
    let difference = Difference::between(&was, &shown(&source));
    change
        .tell(format!("data_source:{}", held.source), "moved", difference)
        .await?;
    mark(&change, &held, auth_sources).await?;
    let new = CorpMove {
        state: State::Done,
        ..held.clone()
    };
    let difference =
        Difference::between(&audited(&held), &audited(&new)).also("data_source_id", held.source.to_string());
    change
        .commit_difference(held.subject(), ("done", &[]), difference)
        .await
}

/// Locks the data source.
pub(super) async fn locked_source(change: &Change, id: Uuid) -> Result<data_source::Model> {
    let row = data_source::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

/// A data source as far as a move changes it, for the audit log.
pub(super) fn shown(source: &data_source::Model) -> Value {
    json!({
        "corp_id": source.corp_id, "suite_id": source.suite, "app_id": source.app_id,
        "contacts_secret_set": source.contacts_secret_sealed.is_some(),
        "customer_secret_set": source.customer_secret_sealed.is_some(),
    })
}

/// Refuses where anybody came, left, or has another id since members were paired.
async fn unchanged_since(change: &Change, one: &CorpMove) -> Result<()> {
    type Pair = corp_move_pair::Column;
    let tx = change.transaction();
    let pairs = || corp_move_pair::Entity::find().filter(Pair::MoveId.eq(one.id));
    let theirs = || {
        member::Entity::find()
            .filter(member::Column::DataSourceId.eq(one.source))
            .filter(member::Column::State.eq("present"))
    };
    // Whoever had left before they were paired is not missed.
    let there = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(one.source))
        .filter(
            Condition::any()
                .add(member::Column::State.eq("present"))
                .add(member::Column::DepartedAt.is_null())
                .add(member::Column::DepartedAt.lte(one.paired_at.unwrap_or_default())),
        );
    let known = pairs().select_only().column(Pair::MemberId).into_query();
    let came = theirs()
        .filter(member::Column::Id.not_in_subquery(known))
        .count(tx)
        .await?;
    let there = there.select_only().column(member::Column::Id).into_query();
    let left = pairs().filter(Pair::MemberId.not_in_subquery(there)).count(tx).await?;
    let same = member::Entity::find()
        .select_only()
        .column(member::Column::UseridKey)
        .filter(Expr::col((member::Entity, member::Column::Id)).equals((corp_move_pair::Entity, Pair::MemberId)))
        .into_query();
    let renamed = pairs().filter(Pair::OldKey.not_in_subquery(same)).count(tx).await?;
    match came + left + renamed {
        0 => Ok(()),
        _ => {
            let detail = format!("{came} came, {left} left, {renamed} have other IDs");
            Err(MoveFailure::MembersChanged.failure().detail(detail))
        }
    }
}

async fn put_app(change: &Change, one: &CorpMove, app: &NewApp) -> Result<Uuid> {
    let desired = DesiredApp {
        corp_id: one.corp_id.clone(),
        agent_id: one.agent_id,
        sealed: Some(app.secret.clone()),
        copy_secret_from: None,
        current: None,
    };
    let saved = app_store::save(change, desired).await?;
    let id = saved.ok_or(MoveFailure::NotFound)?;
    if let Some(kept) = &app.proof.app {
        probe_store::put(change.transaction(), Holder::App(id), kept).await?;
    }
    if let Some(kept) = &app.proof.contacts {
        probe_store::put(change.transaction(), Holder::Contacts(one.source), kept).await?;
    }
    Ok(id)
}

/// Lets the auth sources of one app be those of another; which they are.
pub(super) async fn switch_auth_sources(
    change: &Change,
    (from, corp_id): (Option<Uuid>, &str),
    to: Uuid,
) -> Result<Vec<Uuid>> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let ids = auth_sources_of(change, from).await?;
    auth_source::Entity::update_many()
        .col_expr(auth_source::Column::AppId, Expr::value(to))
        .col_expr(auth_source::Column::CorpId, Expr::value(corp_id))
        .col_expr(auth_source::Column::UpdatedAt, Expr::value(change.millis()))
        .filter(auth_source::Column::Id.is_in(ids.iter().copied()))
        .exec(change.transaction())
        .await?;
    Ok(ids)
}

async fn switch_source(
    change: &Change,
    source: data_source::Model,
    (one, app, contacts): (&CorpMove, Uuid, Option<String>),
) -> Result<data_source::Model> {
    let name = source.name.clone();
    let row = data_source::ActiveModel {
        id: Unchanged(source.id),
        suite: Set(None),
        corp_id: Set(one.corp_id.clone()),
        corp_key: Set(data_source::corp_key(&one.corp_id, None)),
        app_id: Set(Some(app)),
        contacts_secret_sealed: Set(contacts),
        customer_secret_sealed: Set(None),
        // No run that is under way writes any more, and one follows at once, whatever becomes of this process.
        sync_fence: Set(None),
        // An admin began anew.
        undone_run: Set(None),
        next_sync_at: Set(Some(change.millis())),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    let updated = data_source::Entity::update(row).exec(change.transaction()).await;
    updated.map_err(|error| taken(error, &name))
}

fn taken(error: DbErr, name: &str) -> Failure {
    match is_unique_violation(&error) {
        true => exists(name).cause(error),
        false => error.into(),
    }
}

async fn mark(change: &Change, one: &CorpMove, auth_sources: Vec<Uuid>) -> Result<()> {
    let row = corp_move::ActiveModel {
        id: Unchanged(one.id),
        state: Set(State::Done.word().to_owned()),
        app_secret_sealed: Set(None),
        contacts_secret_sealed: Set(None),
        auth_sources: Set(Strings(auth_sources.iter().map(Uuid::to_string).collect())),
        changed_by: Set(Some(change.actor().to_owned())),
        changed_at: Set(Some(change.millis())),
        ..Default::default()
    };
    corp_move::Entity::update(row).exec(change.transaction()).await?;
    Ok(())
}

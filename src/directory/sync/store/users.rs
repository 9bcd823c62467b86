//! Writes users for a sync: only those it may touch, checked again inside the writing transaction.

use std::collections::{HashMap, HashSet};

use entity::{member, users};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, LockType, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::Stored;
use crate::directory::{
    email::store::proof,
    offboarding::{self, model::EndReason},
    private_fields,
    session_end::{self, SessionEnd},
    sync::{mirror::UserProfile, run_context::Job, snapshot::key},
    user::store::{document, provenance_of},
};

/// Reasons of disabling that hold only while the person is not with the corp, or the corp's data source is removed.
pub const DEPARTED: [&str; 2] = ["departed", "source_removed"];

/// Those of these users who may be touched right now: neither console admin nor another corp's, be that corp's data source gone or not. On
/// PostgreSQL they stay locked until the transaction ends, so nobody becomes an admin in between; how far, as in [`journal::users_of`](super::journal::users_of).
pub async fn touchable<C: ConnectionTrait>(
    tx: &C,
    job: &Job<'_>,
    ids: Vec<Uuid>,
    lock: LockType,
) -> Stored<HashMap<Uuid, users::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (source, corp) = (users::Column::DataSourceId, users::Column::CorpId);
    let ours = Condition::any().add(corp.is_null()).add(corp.eq(job.corp_key));
    let found = users::Entity::find()
        .filter(users::Column::Id.is_in(ids))
        .filter(users::Column::ConsoleRole.is_null())
        .filter(
            Condition::any()
                .add(Condition::all().add(source.is_null()).add(ours))
                .add(source.eq(job.data_source_id)),
        )
        .order_by_asc(users::Column::Id)
        .lock(lock)
        .all(tx)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Which of these users an admin edited after their new profiles were planned: what was typed in or pinned meanwhile is not to be lost.
pub fn edited(held: &HashMap<Uuid, users::Model>, planned: Vec<(Uuid, &UserProfile)>) -> Stored<HashSet<Uuid>> {
    let mut edited = HashSet::new();
    for (id, profile) in planned {
        let Some(row) = held.get(&id) else { continue };
        if provenance_of(row.provenance.clone())?.edits() != profile.provenance.edits() {
            edited.insert(id);
        }
    }
    Ok(edited)
}

/// Which of these usernames are taken.
pub async fn taken<C: ConnectionTrait>(tx: &C, keys: Vec<String>) -> Stored<HashSet<String>> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<String> = users::Entity::find()
        .select_only()
        .column(users::Column::UsernameKey)
        .filter(users::Column::UsernameKey.is_in(keys))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}

/// Which of these users are a member's.
pub async fn linked<C: ConnectionTrait>(tx: &C, ids: Vec<Uuid>) -> Stored<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = member::Entity::find()
        .select_only()
        .column(member::Column::UserId)
        .filter(member::Column::UserId.is_in(ids))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(found.into_iter().collect())
}

/// A new user.
pub struct NewUser<'a> {
    /// Row id.
    pub id: Uuid,
    /// Free when it was planned.
    pub username: &'a str,
    /// WeCom's values.
    pub profile: UserProfile,
    /// Why they begin disabled.
    pub outside: Option<EndReason>,
}

/// Inserts new users.
pub async fn insert<C: ConnectionTrait>(tx: &C, job: &Job<'_>, new: Vec<NewUser<'_>>) -> Stored<()> {
    if new.is_empty() {
        return Ok(());
    }
    users::Entity::insert_many(new_rows(job, new))
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The rows of new users.
pub(super) fn new_rows<'a>(
    job: &Job<'_>,
    new: impl IntoIterator<Item = NewUser<'a>>,
) -> impl Iterator<Item = users::ActiveModel> {
    new.into_iter().map(move |new| {
        let mut model = row(job, new.id, new.username, &new.profile);
        if let Some(reason) = new.outside {
            model.status = Set("disabled".to_owned());
            model.disabled_reason = Set(Some(reason.word().to_owned()));
        }
        model
    })
}

/// The columns of a profile.
pub(super) const PROFILE: [users::Column; 10] = [
    users::Column::DisplayName,
    users::Column::Email,
    users::Column::EmailVerified,
    users::Column::Provenance,
    users::Column::PhoneNumber,
    users::Column::PhoneVerified,
    users::Column::Picture,
    users::Column::Nickname,
    users::Column::Gender,
    users::Column::UpdatedAt,
];

/// Writes new profiles of existing users in one statement: as an upsert whose rows always exist, because the caller holds them.
pub async fn overwrite<C: ConnectionTrait>(tx: &C, job: &Job<'_>, changed: Vec<(Uuid, &UserProfile)>) -> Stored<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let models = changed
        .into_iter()
        .map(|(id, profile)| row(job, id, &id.to_string(), profile));
    let meets = OnConflict::column(users::Column::Id).update_columns(PROFILE).to_owned();
    users::Entity::insert_many(models)
        .on_conflict(meets)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Moment and reason for ending sessions in this sync.
pub fn end<'a>(job: &'a Job<'_>, reason: &'a str) -> SessionEnd<'a> {
    SessionEnd {
        entropy: job.entropy,
        now: job.clock.now(),
        reason,
    }
}

/// Makes these users this data source's from now on. Equal names do not prove that it is the same person, so credentials are deleted and
/// sessions ended: neither lets anybody in. Nor is anything kept that the one before gave by consent.
pub async fn adopt<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ids: Vec<Uuid>) -> Stored<()> {
    if ids.is_empty() {
        return Ok(());
    }
    users::Entity::update_many()
        .col_expr(users::Column::DataSourceId, Expr::value(job.data_source_id))
        .col_expr(users::Column::CorpId, Expr::value(job.corp_key))
        .col_expr(users::Column::UpdatedAt, Expr::value(job.clock.now().millis()))
        .filter(users::Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    session_end::store::delete_credentials(tx, &ids).await?;
    proof::forget(tx, &ids).await?;
    private_fields::store::forget_everything(tx, &ids, job.clock.now().millis()).await?;
    session_end::store::end_sessions_and_grants(tx, &ids, &end(job, "adopted")).await
}

/// Enables those who were disabled as departed or with their data source; whom an admin disabled stays so. The userid may be another
/// person's by now, so the credentials of the one before are deleted.
pub async fn enable<C: ConnectionTrait>(tx: &C, job: &Job<'_>, ids: Vec<Uuid>) -> Stored<()> {
    offboarding::store::enable(tx, &ids, &DEPARTED, job.clock.now()).await?;
    proof::forget(tx, &ids).await?;
    session_end::store::delete_credentials(tx, &ids).await
}

fn row(job: &Job<'_>, id: Uuid, username: &str, profile: &UserProfile) -> users::ActiveModel {
    let now = job.clock.now().millis();
    users::ActiveModel {
        id: Set(id),
        username: Set(username.to_owned()),
        username_key: Set(key(username)),
        display_name: Set(profile.display_name.clone()),
        email: Set(profile.email.clone()),
        email_verified: Set(profile.email_verified),
        phone_number: Set(profile.phone_number.clone()),
        phone_verified: Set(profile.phone_verified),
        picture: Set(profile.picture.clone()),
        nickname: Set(profile.nickname.clone()),
        gender: Set(profile.gender.clone()),
        // Never updated from here: what an admin typed in stays.
        profile: Set(json!({})),
        provenance: Set(document(&profile.provenance.clone().applied(now))),
        data_source_id: Set(Some(job.data_source_id)),
        corp_id: Set(Some(job.corp_key.to_owned())),
        status: Set("active".to_owned()),
        created_at: Set(now),
        updated_at: Set(now),
        // All else is null. No password at all: a known default would let anybody in (product, section 6).
        ..users::ActiveModel::default()
    }
}

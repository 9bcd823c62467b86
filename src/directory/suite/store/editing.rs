//! Queries that change the credentials of suites, each in one transaction with its audit event.

use entity::wecom_suite::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{installed, reading::tag_of, refusals, state::Outcome};
use crate::{
    audit::difference::Difference,
    directory::{
        failure::DirectoryFailure,
        store::audited_transaction::Change,
        suite::{failure::SuiteFailure, input::SuiteChange, input::WITHOUT_PROVIDER},
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::database::is_unique_violation,
};

/// A new suite, its secrets sealed.
pub(in crate::directory::suite) struct New {
    pub name: String,
    pub description: String,
    pub suite_id: String,
    pub secret: String,
    pub keys: Keys,
    pub provider_corp_id: Option<String>,
    pub provider_secret: Option<String>,
    /// What WeCom said of the provider's secret.
    pub provider_outcome: Outcome,
}

/// Token and EncodingAESKey, sealed.
pub(in crate::directory::suite) struct Keys {
    pub token: String,
    pub aes_key: String,
}

/// A change with its secrets sealed.
pub(in crate::directory::suite) struct Edit {
    pub input: SuiteChange,
    pub secret: Option<String>,
    pub token: Option<String>,
    pub aes_key: Option<String>,
    pub provider_secret: Option<Option<String>>,
    /// What WeCom said of the new credentials; `None`: they were not tried.
    pub outcome: Option<Outcome>,
    /// What WeCom said of the provider's, where one of them is new.
    pub provider_outcome: Outcome,
    pub if_match: IfMatch,
}

/// A suite as the audit log keeps it.
fn audited(row: &Model) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "suite_id": row.suite_id,
        "provider_corp_id": row.provider_corp_id,
        "provider_secret_set": row.provider_secret_sealed.is_some(),
    })
}

async fn locked(change: &Change, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

/// Refuses an id that another suite has.
async fn is_free(change: &Change, suite_id: &str, id: Uuid) -> Result<()> {
    let others = Entity::find()
        .filter(Column::SuiteId.eq(suite_id))
        .filter(Column::Id.ne(id))
        .count(change.transaction())
        .await?;
    match others {
        0 => Ok(()),
        _ => Err(taken_failure()),
    }
}

/// Of two that enter the same id at once the unique index takes one.
fn taken(error: DbErr) -> Failure {
    match is_unique_violation(&error) {
        true => taken_failure(),
        false => error.into(),
    }
}

fn taken_failure() -> Failure {
    SuiteFailure::Taken.failure().field("suite_id", "another suite has it")
}

/// Adds a suite.
pub(in crate::directory::suite) async fn create(change: Change, new: New) -> Result<Uuid> {
    let id = change.id();
    is_free(&change, &new.suite_id, id).await?;
    let mut row = Model {
        id,
        name: new.name,
        description: new.description,
        suite_id: new.suite_id,
        secret_sealed: new.secret,
        token_sealed: new.keys.token,
        aes_key_sealed: new.keys.aes_key,
        provider_corp_id: new.provider_corp_id,
        provider_secret_sealed: new.provider_secret,
        ticket_sealed: None,
        ticket_at: None,
        ticket_told_at: None,
        command_verified_at: None,
        data_verified_at: None,
        last_push_at: None,
        last_event_at: None,
        checked_at: None,
        check_failure: None,
        check_detail: None,
        check_failing_since: None,
        provider_failure: None,
        provider_detail: None,
        provider_failing_since: None,
        created_at: change.millis(),
        updated_at: change.millis(),
    };
    new.provider_outcome.put_provider(&mut row, change.now());
    let mut created = Difference::created(&audited(&row));
    let with_provider = row.provider_secret_sealed.is_some().then_some("provider_secret");
    for secret in ["secret", "token", "encoding_aes_key"].into_iter().chain(with_provider) {
        created = created.secret(secret, false, true);
    }
    Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    change
        .commit_difference(format!("suite:{id}"), ("created", &[]), created)
        .await?;
    Ok(id)
}

/// Changes a suite.
pub(in crate::directory::suite) async fn change(change: Change, id: Uuid, edit: Edit) -> Result<()> {
    let row = locked(&change, id).await?;
    edit.if_match.judge(&tag_of(&row))?;
    let other_id = edit.input.suite_id.as_ref().filter(|new| **new != row.suite_id);
    if let Some(suite_id) = other_id {
        installed::by_nobody(&change, id, SuiteFailure::Fixed).await?;
        is_free(&change, suite_id, id).await?;
    }
    let was = audited(&row);
    let had_provider_secret = row.provider_secret_sealed.is_some();
    let after = merged(&change, row, &edit)?;
    let new_keys = edit.token.is_some() || edit.aes_key.is_some();
    let now = audited(&after);
    let has_provider_secret = after.provider_secret_sealed.is_some();
    Entity::update(after.into_active_model().reset_all())
        .exec(change.transaction())
        .await
        .map_err(taken)?;
    if new_keys {
        // They were about the old Token and key.
        refusals::remove(change.transaction(), id).await?;
    }
    let mut difference = Difference::between(&was, &now);
    let replaced = [
        ("secret", edit.secret.is_some()),
        ("token", edit.token.is_some()),
        ("encoding_aes_key", edit.aes_key.is_some()),
    ];
    for (field, _) in replaced.into_iter().filter(|(_, given)| *given) {
        difference = difference.secret(field, true, true);
    }
    if edit.provider_secret.is_some() {
        difference = difference.secret("provider_secret", had_provider_secret, has_provider_secret);
    }
    let fields = edit.input.fields();
    change
        .commit_difference(format!("suite:{id}"), ("changed", &fields), difference)
        .await
}

/// The row after a change.
fn merged(change: &Change, before: Model, edit: &Edit) -> Result<Model> {
    let input = &edit.input;
    let mut row = before;
    if let Some(name) = &input.name {
        row.name.clone_from(name);
    }
    if let Some(description) = &input.description {
        row.description.clone_from(description);
    }
    if let Some(corp_id) = &input.provider_corp_id {
        row.provider_corp_id.clone_from(corp_id);
    }
    if let Some(secret) = &edit.provider_secret {
        row.provider_secret_sealed.clone_from(secret);
    }
    if row.provider_secret_sealed.is_some() && row.provider_corp_id.is_none() {
        let invalid = DirectoryFailure::Invalid.failure();
        return Err(invalid.field("provider_corp_id", WITHOUT_PROVIDER));
    }
    if input.provider_corp_id.is_some() || edit.provider_secret.is_some() {
        edit.provider_outcome.clone().put_provider(&mut row, change.now());
    }
    let other_id = input.suite_id.as_ref().is_some_and(|new| *new != row.suite_id);
    if let Some(secret) = &edit.secret {
        row.secret_sealed.clone_from(secret);
    }
    if edit.secret.is_some() || other_id {
        let outcome = edit.outcome.clone().unwrap_or_default();
        outcome.put(&mut row, change.now());
    }
    if let Some(suite_id) = input.suite_id.as_ref().filter(|_| other_id) {
        row.suite_id.clone_from(suite_id);
        (row.ticket_sealed, row.ticket_at, row.ticket_told_at) = (None, None, None);
        row.last_push_at = None;
    }
    if let Some(token) = &edit.token {
        row.token_sealed.clone_from(token);
    }
    if let Some(aes_key) = &edit.aes_key {
        row.aes_key_sealed.clone_from(aes_key);
    }
    if edit.token.is_some() || edit.aes_key.is_some() || other_id {
        (row.command_verified_at, row.data_verified_at) = (None, None);
    }
    row.updated_at = change.millis();
    Ok(row)
}

/// Gives the callbacks of a suite a new Token and EncodingAESKey.
pub(in crate::directory::suite) async fn renew(change: Change, id: Uuid, keys: Keys, if_match: &IfMatch) -> Result<()> {
    let row = locked(&change, id).await?;
    if_match.judge(&tag_of(&row))?;
    let row = ActiveModel {
        id: Set(id),
        token_sealed: Set(keys.token),
        aes_key_sealed: Set(keys.aes_key),
        command_verified_at: Set(None),
        data_verified_at: Set(None),
        updated_at: Set(change.millis()),
        ..Default::default()
    };
    Entity::update(row).exec(change.transaction()).await?;
    refusals::remove(change.transaction(), id).await?;
    let fields = ["token", "encoding_aes_key"];
    let renewed = fields.iter().fold(Difference::default(), |difference, field| {
        difference.secret(field, true, true)
    });
    change
        .commit_difference(format!("suite:{id}"), ("renewed", &fields), renewed)
        .await
}

/// Removes a suite that no company has installed, with what its callbacks brought.
pub(in crate::directory::suite) async fn delete(change: Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    let row = locked(&change, id).await?;
    if_match.judge(&tag_of(&row))?;
    installed::by_nobody(&change, id, SuiteFailure::InUse).await?;
    installed::forget(&change, id).await?;
    Entity::delete_by_id(id).exec(change.transaction()).await?;
    let deleted = Difference::deleted(&audited(&row));
    change
        .commit_difference(format!("suite:{id}"), ("deleted", &[]), deleted)
        .await
}

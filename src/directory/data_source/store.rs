//! Queries of data sources.

use entity::{data_source, json::Strings, member, sync_run};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    audited,
    guard::Guard,
    input::DataSourceChange,
    model::{DataSource, DoubtfulIdentity, DuplicateRule, ReadBy, Settings, next_sync},
};
use crate::{
    audit::difference::Difference,
    directory::{
        auth_source::store as auth_source_store,
        email::store as email_store,
        failure::DirectoryFailure,
        importing::store as importing_store,
        name_proof::store::end_all,
        offboarding::store::due::{self, WholeSource},
        probe::{entered::Proof, holder::Holder, store as probe_store},
        store::audited_transaction::Change,
        wecom_app::{
            model::{DesiredApp, desired_app, incomplete_app},
            store as app_store,
        },
    },
    kernel::{
        entity_tag::IfMatch,
        failure::{Failure, Result},
    },
    store::database::{is_unique_violation, unreadable},
};

mod approvers;
pub(in crate::directory) mod connecting;
mod left_apps;
mod post;
mod reading;
mod requests;
mod tag;

pub use reading::{credential, own_credentials};
pub(super) use reading::{last_sync, stored};
pub(in crate::directory) use tag::tag_of;

/// Secrets that came with an edit, sealed.
pub(super) struct Sealed {
    /// `None`: untouched; `Some(None)`: cleared.
    pub contacts: Option<Option<String>>,
    /// As the contacts-sync secret.
    pub customers: Option<Option<String>>,
    /// `None`: untouched.
    pub app: Option<String>,
}

/// A data source about to be added.
pub(super) struct New {
    pub settings: Settings,
    pub agent_id: Option<i64>,
    pub vouched_domains: Vec<String>,
    pub proof: Proof,
}

/// A change with its secrets sealed.
pub(super) struct Edit {
    pub input: DataSourceChange,
    pub sealed: Sealed,
    pub proof: Proof,
    pub if_match: IfMatch,
}

/// The guard of a data source.
pub(in crate::directory) fn guard_of(row: &data_source::Model) -> Result<Guard, DbErr> {
    serde_json::from_value(row.guard.clone()).map_err(|_| unreadable("data_source.guard"))
}

/// How a sync of a data source reads the contacts.
pub(in crate::directory) fn read_by_of(row: &data_source::Model) -> Result<ReadBy, DbErr> {
    ReadBy::of(&row.read_by).ok_or_else(|| unreadable("data_source.read_by"))
}

pub(in crate::directory) fn from_row(row: data_source::Model) -> Result<DataSource, DbErr> {
    let duplicate_rule =
        DuplicateRule::of(&row.duplicate_rule).ok_or_else(|| unreadable("data_source.duplicate_rule"))?;
    let doubtful_identity =
        DoubtfulIdentity::of(&row.doubtful_identity).ok_or_else(|| unreadable("data_source.doubtful_identity"))?;
    let email = email_store::settings_of(&row)?;
    let guard = guard_of(&row)?;
    let read_by = read_by_of(&row)?;
    let import = importing_store::rules_of(&row)?;
    let approvers = approvers::of(&row)?;
    Ok(DataSource {
        id: row.id,
        settings: Settings {
            name: row.name,
            description: row.description,
            corp_id: row.corp_id,
            auto_sync_hours: row.auto_sync_hours,
            read_by,
            duplicate_rule,
            doubtful_identity,
            import,
            login_password: row.login_password,
            login_wecom: row.login_wecom,
            removal_threshold_percent: row.removal_threshold_percent,
            guard,
            enabled: row.enabled,
            email,
            access_requests: row.access_requests,
            approvers,
        },
        contacts_secret_set: row.contacts_secret_sealed.is_some(),
        customer_secret_set: row.customer_secret_sealed.is_some(),
        app_id: row.app_id,
        disabled_reason: row.disabled_reason,
        suite: row.suite,
        undone_run: row.undone_run,
        next_sync_at: row.next_sync_at,
        last_synced_at: row.last_synced_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Locks a data source, and compares it with what is demanded of it.
pub(super) async fn judge(change: &Change, id: Uuid, if_match: &IfMatch) -> Result<()> {
    tag::judge(change, &locked(change, id).await?, if_match).await
}

pub(super) async fn create(change: Change, new: New, sealed: Sealed) -> Result<Uuid> {
    let New {
        mut settings,
        agent_id,
        vouched_domains,
        proof,
    } = new;
    let id = change.id();
    approvers::must_exist(&change, &settings.approvers).await?;
    settings.email.vouch(&vouched_domains, change.actor(), change.millis());
    let app_id = match desired_app(None, &settings.corp_id, agent_id, sealed.app) {
        Some(desired_app) => Some(saved(&change, desired_app).await?),
        None => None,
    };
    let next = next_sync(None, settings.auto_sync_hours, change.millis());
    let mut row = data_source::ActiveModel {
        id: Set(id),
        contacts_secret_sealed: Set(sealed.contacts.flatten()),
        customer_secret_sealed: Set(sealed.customers.flatten()),
        app_id: Set(app_id),
        next_sync_at: Set(next),
        last_synced_at: Set(None),
        disabled_reason: Set(None),
        created_at: Set(change.millis()),
        ..Default::default()
    };
    apply(&mut row, &settings, change.millis());
    data_source::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    if let Some(app_id) = app_id.filter(|_| settings.login_wecom) {
        auth_source_store::ensure(&change, (id, &settings.name, &settings.corp_id), app_id).await?;
    }
    keep(&change, &proof, id, app_id).await?;
    let remark: Vec<&str> = proof.remark().into_iter().collect();
    let created = Difference::created(&audited(&change, id).await?);
    change
        .commit_difference(format!("data_source:{id}"), ("created", &remark), created)
        .await?;
    Ok(id)
}

/// A data source as the audit log keeps it, as it stands in this transaction.
async fn audited(change: &Change, id: Uuid) -> Result<Value> {
    let source = from_row(locked(change, id).await?)?;
    let app = app_store::find(change, source.app_id).await?;
    Ok(audited::shown(&source, app.as_ref()))
}

/// Keeps what probing the credentials saw.
async fn keep(change: &Change, proof: &Proof, id: Uuid, app_id: Option<Uuid>) -> Result<(), DbErr> {
    if let Some(kept) = &proof.contacts {
        probe_store::put(change.transaction(), Holder::Contacts(id), kept).await?;
    }
    if let Some(kept) = &proof.customers {
        probe_store::put(change.transaction(), Holder::ExternalContacts(id), kept).await?;
    }
    if let (Some(kept), Some(app_id)) = (&proof.app, app_id) {
        probe_store::put(change.transaction(), Holder::App(app_id), kept).await?;
    }
    Ok(())
}

async fn saved(change: &Change, desired_app: DesiredApp) -> Result<Uuid> {
    let saved = app_store::save(change, desired_app).await?;
    saved.ok_or_else(|| incomplete_app("app.secret"))
}

fn taken(error: DbErr) -> Failure {
    if is_unique_violation(&error) {
        let taken = DirectoryFailure::CorpTaken.failure().cause(error);
        taken.field("corp_id", "is that of another data source")
    } else {
        error.into()
    }
}

fn apply(row: &mut data_source::ActiveModel, settings: &Settings, now: i64) {
    row.name = Set(settings.name.clone());
    row.description = Set(settings.description.clone());
    let suite = row.suite.try_as_ref().copied().flatten();
    row.corp_key = Set(data_source::corp_key(&settings.corp_id, suite));
    row.corp_id = Set(settings.corp_id.clone());
    row.auto_sync_hours = Set(settings.auto_sync_hours);
    row.read_by = Set(settings.read_by.word().to_owned());
    row.duplicate_rule = Set(settings.duplicate_rule.word().to_owned());
    row.doubtful_identity = Set(settings.doubtful_identity.word().to_owned());
    row.import_mode = Set(settings.import.mode.word().to_owned());
    let keys = settings.import.match_by.iter().map(|key| key.word().to_owned());
    row.match_by = Set(Strings(keys.collect()));
    row.username_template = Set(settings.import.username_template.clone());
    row.login_password = Set(settings.login_password);
    row.login_wecom = Set(settings.login_wecom);
    row.removal_threshold_percent = Set(settings.removal_threshold_percent);
    row.guard = Set(serde_json::to_value(settings.guard).unwrap_or_default());
    row.enabled = Set(settings.enabled);
    if settings.enabled {
        row.disabled_reason = Set(None);
    }
    row.email_sources = Set(Strings(settings.email.sources.clone()));
    row.vouched_email_domains = Set(serde_json::to_value(&settings.email.vouched_domains).unwrap_or_default());
    row.access_requests = Set(settings.access_requests);
    row.approvers = Set(Strings(settings.approvers.iter().map(Uuid::to_string).collect()));
    row.updated_at = Set(now);
}

pub(super) async fn change(change: Change, id: Uuid, edit: &Edit) -> Result<()> {
    let was = audited(&change, id).await?;
    let row = locked(&change, id).await?;
    tag::judge(&change, &row, &edit.if_match).await?;
    let before = from_row(row.clone())?;
    let mut settings = edit.input.merged(&before.settings);
    if let Some(domains) = &edit.input.vouched_email_domains {
        settings.email.vouch(domains, change.actor(), change.millis());
    }
    if settings.corp_id != before.settings.corp_id && is_synced(&change, &before).await? {
        return Err(DirectoryFailure::CorpFixed.into());
    }
    edit.proof.fits(&settings.corp_id, None)?;
    if edit.input.approvers.is_some() {
        // Those who were named before may be gone: nobody has to remove all of them at once.
        let named = &before.settings.approvers;
        let new = settings.approvers.iter().filter(|id| !named.contains(id)).copied();
        approvers::must_exist(&change, &new.collect::<Vec<Uuid>>()).await?;
    }
    let app_id = app_after(&change, &before, &settings, edit).await?;
    if before.settings.enabled && !settings.enabled {
        // Whoever was shown names of its members is shown ids from here on, also once it is on again.
        end_all(change.transaction(), id).await?;
    }
    let mut row = row.into_active_model();
    apply(&mut row, &settings, change.millis());
    row.app_id = Set(app_id);
    row.next_sync_at = Set(next_sync(Some(&before), settings.auto_sync_hours, change.millis()));
    edit.sealed.put_into(&mut row);
    let moves = settings.corp_id != before.settings.corp_id;
    forget(&change, id, &edit.sealed, moves).await?;
    data_source::Entity::update(row)
        .exec(change.transaction())
        .await
        .map_err(taken)?;
    if let Some(old) = before.app_id.filter(|old| Some(*old) != app_id) {
        app_store::remove_unused(&change, old).await?;
    }
    if settings.email != before.settings.email {
        email_store::settle_all(change.transaction(), change.millis()).await?;
    }
    keep(&change, &edit.proof, id, app_id).await?;
    let mut fields = edit.input.fields();
    fields.extend(edit.proof.remark());
    let difference = edit
        .sealed
        .audited(Difference::between(&was, &audited(&change, id).await?), &before);
    change
        .commit_difference(format!("data_source:{id}"), ("changed", &fields), difference)
        .await
}

impl Sealed {
    fn put_into(&self, row: &mut data_source::ActiveModel) {
        if let Some(contacts) = &self.contacts {
            row.contacts_secret_sealed = Set(contacts.clone());
        }
        if let Some(customers) = &self.customers {
            row.customer_secret_sealed = Set(customers.clone());
        }
    }

    /// With which secrets came or went, masked.
    fn audited(&self, mut difference: Difference, before: &DataSource) -> Difference {
        if let Some(contacts) = &self.contacts {
            difference = difference.secret("contacts_secret", before.contacts_secret_set, contacts.is_some());
        }
        if let Some(customers) = &self.customers {
            difference = difference.secret("customer_secret", before.customer_secret_set, customers.is_some());
        }
        if self.app.is_some() {
            difference = difference.secret("app.secret", before.app_id.is_some(), true);
        }
        difference
    }
}

/// Forgets what was seen of secrets that are gone, or now in another corp.
async fn forget(change: &Change, id: Uuid, sealed: &Sealed, moves: bool) -> Result<(), DbErr> {
    for (secret, holder) in [
        (&sealed.contacts, Holder::Contacts(id)),
        (&sealed.customers, Holder::ExternalContacts(id)),
    ] {
        if moves || matches!(secret, Some(None)) {
            probe_store::remove(change.transaction(), holder).await?;
        }
    }
    Ok(())
}

/// Reads and locks a row, so that two admins who edit different fields at once both succeed (SQLite has one writer anyway).
async fn locked(change: &Change, id: Uuid) -> Result<data_source::Model> {
    let row = data_source::Entity::find_by_id(id)
        .lock_exclusive()
        .one(change.transaction())
        .await?;
    row.ok_or_else(|| DirectoryFailure::NotFound.into())
}

async fn app_after(change: &Change, before: &DataSource, settings: &Settings, edit: &Edit) -> Result<Option<Uuid>> {
    let entered = match &edit.input.app {
        Some(None) => return Ok(None),
        Some(Some(entered)) => Some(entered),
        None => None,
    };
    if entered.is_none() && settings.corp_id == before.settings.corp_id {
        return Ok(before.app_id);
    }
    let current = app_store::find(change, before.app_id).await?;
    let agent_id = entered.and_then(|app| app.agent_id);
    match desired_app(current.as_ref(), &settings.corp_id, agent_id, edit.sealed.app.clone()) {
        Some(desired_app) => {
            edit.proof.fits(&settings.corp_id, Some(desired_app.agent_id))?;
            Ok(Some(saved(change, desired_app).await?))
        }
        None if entered.is_some() => Err(incomplete_app("app.agent_id")),
        None => Ok(None),
    }
}

/// Whether anything of the corp has been mirrored, or is about to be.
async fn is_synced(change: &Change, source: &DataSource) -> Result<bool, DbErr> {
    if source.last_synced_at.is_some() {
        return Ok(true);
    }
    let members = member::Entity::find()
        .filter(member::Column::DataSourceId.eq(source.id))
        .count(change.transaction())
        .await?;
    let runs = sync_run::Entity::find()
        .filter(sync_run::Column::DataSourceId.eq(source.id))
        .filter(sync_run::Column::State.is_in(["queued", "running"]))
        .count(change.transaction())
        .await?;
    Ok(members + runs > 0)
}

pub(super) async fn delete(change: Change, id: Uuid) -> Result<()> {
    let deleted = Difference::deleted(&audited(&change, id).await?);
    let row = locked(&change, id).await?;
    // Whoever came in the moment between; almost everybody's access has ended before.
    let at = (change.entropy(), change.now());
    while due::end_of_source_in(change.transaction(), WholeSource::removed(id), at).await? > 0 {}
    post::tell_of_what_goes(&change, id).await?;
    requests::tell_of_what_waits(&change, id).await?;
    let left = left_apps::of(&change, id).await?;
    data_source::Entity::delete_by_id(id).exec(change.transaction()).await?;
    for holder in [Holder::Contacts(id), Holder::ExternalContacts(id)] {
        probe_store::remove(change.transaction(), holder).await?;
    }
    for app_id in row.app_id.into_iter().chain(left) {
        app_store::remove_unused(&change, app_id).await?;
    }
    // Nobody vouches any more.
    email_store::settle_all(change.transaction(), change.millis()).await?;
    change
        .commit_difference(format!("data_source:{id}"), ("deleted", &[]), deleted)
        .await
}

//! Queries of clients.

use entity::{auth_source, client, client_registration, department, json::Strings, user_group, users};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{
    admin_fields, failure::RegistrationFailure, input::ClientChange, portal_fields::Changer, rules::sector::Sector,
    secret::StoredSecret, settings::Settings, view::ClientView, warnings::PeopleCounts,
};
use crate::{
    audit::difference::Difference,
    directory::store::Change,
    kernel::{
        entity_tag::{EntityTag, IfMatch},
        failure::{Failure, Result},
        validation::ValidationErrors,
    },
    oidc::client::AuthMethod,
    store::{Database, database::is_unique_violation, named_row::by_id_or_name},
};

mod listing;
mod people;
mod row;
mod tag;

pub(super) use listing::list;
pub use people::allow_user;
use row::view;
pub(super) use row::{audited, settings_of, shown};
use tag::tag_of;

/// By what admins name a client.
const NAMED_BY: (client::Column, client::Column) = (client::Column::Id, client::Column::ClientId);

/// A client about to be registered.
pub(super) struct New {
    pub(super) client_id: String,
    pub(super) settings: Settings,
    pub(super) stored: Option<StoredSecret>,
}

pub(super) async fn create(change: Change, new: New) -> Result<()> {
    must_exist(&change, &new.settings, |_| true).await?;
    if is_taken(change.transaction(), &new.client_id).await? {
        return Err(RegistrationFailure::ClientIdTaken.into());
    }
    let subject = format!("client:{}", new.client_id);
    let id = insert(&change, new).await?;
    let created = Difference::created(&audited(&change, id).await?);
    change.commit_difference(subject, ("created", &[]), created).await
}

/// Inserts the row within an open transaction; returns its id.
pub(super) async fn insert(change: &Change, new: New) -> Result<Uuid> {
    let id = change.id();
    let method = new.settings.auth_method;
    let (digest, sealed) = new.stored.map_or((None, None), |stored| stored.columns(method));
    let mut row = client::ActiveModel {
        id: Set(id),
        client_id: Set(new.client_id),
        secret_digest: Set(digest),
        secret_sealed: Set(sealed),
        created_at: Set(change.millis()),
        ..Default::default()
    };
    apply(&mut row, new.settings, change.millis());
    client::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await
        .map_err(taken)?;
    Ok(id)
}

/// Whether a client has this identifier, or this row id: whoever named the one would reach the other.
pub(super) async fn is_taken(connection: &impl ConnectionTrait, client_id: &str) -> Result<bool> {
    let known = by_id_or_name(connection, client::Entity::find(), NAMED_BY, client_id).await?;
    Ok(known.is_some())
}

fn taken(error: DbErr) -> Failure {
    if is_unique_violation(&error) {
        RegistrationFailure::ClientIdTaken.failure().cause(error)
    } else {
        error.into()
    }
}

fn apply(row: &mut client::ActiveModel, settings: Settings, now: i64) {
    let texts = |ids: Vec<Uuid>| Strings(ids.iter().map(Uuid::to_string).collect());
    row.name = Set(settings.name);
    row.auth_method = Set(settings.auth_method.word().to_owned());
    row.redirect_uris = Set(Strings(settings.redirect_uris));
    row.post_logout_redirect_uris = Set(Strings(settings.post_logout_redirect_uris));
    row.scopes = Set(Strings(settings.scopes));
    row.require_pkce = Set(settings.require_pkce);
    row.id_token_alg = Set(settings.id_token_alg.word().to_owned());
    row.auth_sources = Set(settings.auth_sources.map(texts));
    row.allowed_departments = Set(texts(settings.allowed_departments));
    row.allowed_groups = Set(texts(settings.allowed_groups));
    row.allowed_users = Set(texts(settings.allowed_users));
    row.membership_max_age = Set(settings.membership_max_age);
    row.membership_grace = Set(settings.membership_grace);
    row.access_token_lifetime = Set(settings.access_token_lifetime);
    row.id_token_lifetime = Set(settings.id_token_lifetime);
    row.refresh_token_lifetime = Set(settings.refresh_token_lifetime);
    row.enabled = Set(settings.enabled);
    row.metadata = Set(serde_json::to_value(settings.metadata).unwrap_or_default());
    row.updated_at = Set(now);
}

/// Refuses ids that do not exist, in the lists that were given: a list of them would lock everybody out, or admit somebody by surprise.
async fn must_exist(change: &Change, settings: &Settings, given: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let mut faults = ValidationErrors::default();
    if let Some(ids) = settings.auth_sources.as_ref().filter(|_| given("auth_sources")) {
        let found = auth_source::Entity::find().filter(auth_source::Column::Id.is_in(ids.iter().copied()));
        let found = found.count(change.transaction()).await?;
        faults.check(
            is_all(found, ids),
            "auth_sources",
            "names an auth source that does not exist",
        );
    }
    if given("allowed_departments") {
        let ids = &settings.allowed_departments;
        let found = department::Entity::find().filter(department::Column::Id.is_in(ids.iter().copied()));
        let found = found.count(change.transaction()).await?;
        faults.check(
            is_all(found, ids),
            "allowed_departments",
            "names a department that does not exist",
        );
    }
    if given("allowed_groups") {
        let ids = &settings.allowed_groups;
        // Locked: whoever deletes one of them then finds it named here.
        let found = user_group::Entity::find()
            .filter(user_group::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(user_group::Column::Id)
            .lock_shared()
            .all(change.transaction())
            .await?;
        let found = u64::try_from(found.len()).unwrap_or_default();
        faults.check(
            is_all(found, ids),
            "allowed_groups",
            "names a group that does not exist",
        );
    }
    if given("allowed_users") {
        let ids = &settings.allowed_users;
        let found = users::Entity::find().filter(users::Column::Id.is_in(ids.iter().copied()));
        let found = found.count(change.transaction()).await?;
        faults.check(is_all(found, ids), "allowed_users", "names a user who does not exist");
    }
    faults.into_result(RegistrationFailure::Invalid.entry())
}

/// Whether as many rows were found as there are different ids.
fn is_all(found: u64, ids: &[Uuid]) -> bool {
    let different: std::collections::HashSet<&Uuid> = ids.iter().collect();
    u64::try_from(different.len()) == Ok(found)
}

/// Locks and returns a client by row id or `client_id`.
async fn locked(change: &Change, name: &str) -> Result<client::Model> {
    let clients = client::Entity::find().lock_exclusive();
    let found = by_id_or_name(change.transaction(), clients, NAMED_BY, name).await?;
    found.ok_or_else(|| RegistrationFailure::NotFound.into())
}

/// Changes a client. Race: between fetching the sector document (before this transaction) and locking the row somebody else may have
/// changed either list; the fetched document must fit what is written.
pub(super) async fn change(
    change: Change,
    name: &str,
    (input, if_match): (&ClientChange, &IfMatch),
    (sector, changer): (Option<&Sector>, Changer<'_>),
) -> Result<()> {
    let row = locked(&change, name).await?;
    if_match.judge(&tag_of(&row))?;
    let before = settings_of(&row)?;
    let mut settings = input.merged(&before)?;
    changer.check(&before, &settings)?;
    if changer.is_admin() && registered_itself(&change, row.id).await? {
        admin_fields::mark_admin_decided(&mut settings.metadata, input.named());
    }
    let fields = input.fields();
    must_exist(&change, &settings, |field| fields.contains(&field)).await?;
    let asked = settings.metadata.sector_identifier_uri.is_some() && input.touches_sector();
    if asked && !sector.is_some_and(|sector| sector.vouches_for(&settings)) {
        return Err(RegistrationFailure::Meanwhile.into());
    }
    must_have_secret(&row, settings.auth_method)?;
    let subject = format!("client:{}", row.client_id);
    let (id, before) = (row.id, shown(row.clone())?);
    update(&change, row, settings, None).await?;
    let difference = Difference::between(&before, &audited(&change, id).await?);
    change
        .commit_difference(subject, ("changed", &fields), difference)
        .await
}

async fn registered_itself(change: &Change, id: Uuid) -> Result<bool, DbErr> {
    let own = client_registration::Entity::find_by_id(id);
    Ok(own.one(change.transaction()).await?.is_some())
}

/// Refuses a method whose secret is not stored any more: a digest cannot sign.
fn must_have_secret(row: &client::Model, method: AuthMethod) -> Result<()> {
    match has_secret_for(row, method) {
        true => Ok(()),
        false => Err(RegistrationFailure::SecretNeeded.into()),
    }
}

/// Whether what is stored of the secret, if anything, is enough for this method.
pub(super) const fn has_secret_for(row: &client::Model, method: AuthMethod) -> bool {
    match method {
        AuthMethod::ClientSecretJwt => row.secret_sealed.is_some(),
        AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => row.secret_digest.is_some(),
        AuthMethod::PrivateKeyJwt | AuthMethod::None => true,
    }
}

/// Writes the settings, and a new secret if there is one; what the method does not need of a secret is deleted.
pub(super) async fn update(
    change: &Change,
    row: client::Model,
    settings: Settings,
    stored: Option<StoredSecret>,
) -> Result<EntityTag> {
    let method = settings.auth_method;
    let mut row = row.into_active_model();
    match stored.map(|stored| stored.columns(method)) {
        Some((digest, sealed)) => {
            row.secret_digest = Set(digest);
            row.secret_sealed = Set(sealed);
        }
        None => {
            if !method.has_secret() {
                row.secret_digest = Set(None);
            }
            if method != AuthMethod::ClientSecretJwt {
                row.secret_sealed = Set(None);
            }
        }
    }
    apply(&mut row, settings, change.millis());
    let updated = client::Entity::update(row).exec(change.transaction()).await?;
    Ok(tag_of(&updated))
}

/// Writes a new secret; returns the `client_id` and the entity tag that follows.
pub(super) async fn rotate(
    (change, changer): (Change, Changer<'_>),
    name: &str,
    (input, if_match): (&ClientChange, &IfMatch),
    stored: StoredSecret,
) -> Result<(String, EntityTag)> {
    let row = locked(&change, name).await?;
    if_match.judge(&tag_of(&row))?;
    let before = settings_of(&row)?;
    if before.auth_method == AuthMethod::None {
        return Err(RegistrationFailure::PublicClient.into());
    }
    let mut settings = match input.auth_method {
        Some(_) => input.merged(&before)?,
        None => before,
    };
    if changer.is_admin() && registered_itself(&change, row.id).await? {
        admin_fields::mark_admin_decided(&mut settings.metadata, input.named());
    }
    if !settings.auth_method.has_secret() {
        return Err(RegistrationFailure::NoSecret.into());
    }
    let client_id = row.client_id.clone();
    let (id, before, had) = (row.id, shown(row.clone())?, row.secret_digest.is_some());
    let tag = update(&change, row, settings, Some(stored)).await?;
    let subject = format!("client:{client_id}");
    let mut fields = input.fields();
    fields.push("client_secret");
    let difference = Difference::between(&before, &audited(&change, id).await?).secret("client_secret", had, true);
    change
        .commit_difference(subject, ("secret_rotated", &fields), difference)
        .await?;
    Ok((client_id, tag))
}

/// Counts the people whom a new client would meet.
pub(super) async fn people_counts(database: &Database) -> Result<PeopleCounts, DbErr> {
    let active = users::Entity::find().filter(users::Column::Status.eq("active"));
    let with_email = active.clone().filter(users::Column::Email.is_not_null());
    let verified = with_email.clone().filter(users::Column::EmailVerified.eq(true));
    let reader = database.reader();
    Ok(PeopleCounts {
        people: active.count(reader).await?,
        with_email: with_email.count(reader).await?,
        with_verified_email: verified.count(reader).await?,
    })
}

pub(super) async fn delete(change: Change, name: &str, if_match: &IfMatch) -> Result<()> {
    let row = locked(&change, name).await?;
    if_match.judge(&tag_of(&row))?;
    client::Entity::delete_by_id(row.id).exec(change.transaction()).await?;
    let subject = format!("client:{}", row.client_id);
    let deleted = Difference::deleted(&shown(row)?);
    change.commit_difference(subject, ("deleted", &[]), deleted).await
}

/// The settings of a client as they are now; without a lock, so only to prepare a change.
pub(super) async fn settings(database: &Database, name: &str) -> Result<Settings> {
    let row = row(database, name).await?.ok_or(RegistrationFailure::NotFound)?;
    Ok(settings_of(&row)?)
}

pub(super) async fn find(database: &Database, name: &str) -> Result<Option<ClientView>> {
    Ok(row(database, name).await?.map(view).transpose()?)
}

pub(super) async fn row(database: &Database, name: &str) -> Result<Option<client::Model>, DbErr> {
    by_id_or_name(database.reader(), client::Entity::find(), NAMED_BY, name).await
}

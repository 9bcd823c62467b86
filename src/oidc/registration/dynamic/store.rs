//! Queries of clients that registered themselves. A wrong token, and a client that does not exist or is disabled, are answered alike, so
//! that the caller learns nothing.

use entity::{client, client_registration};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{client_metadata::RegistrationRequest, failure::DynamicFailure};
use crate::{
    audit::difference::Difference,
    crypto::digest::{equal, sha256_base64url},
    directory::store::Change,
    kernel::{
        failure::{Failure, Result},
        look_alike::{imitates, look_the_same},
    },
    oidc::{
        failure::Fault,
        registration::{
            failure::RegistrationFailure,
            initial_access_token,
            rules::sector::Sector,
            secret::StoredSecret,
            settings::Settings,
            store::{self, New},
        },
    },
    store::{Database, named_row::is_possible},
};

/// Inserts the client if the initial access token has a use left, in one transaction. Returns the moment of registration, milliseconds.
pub(super) async fn register(change: Change, initial: Uuid, new: New, digest: String) -> Result<Option<i64>, Fault> {
    if !initial_access_token::store::consume(&change, initial).await? {
        return Ok(None);
    }
    check_name(&change, &new.settings.name).await?;
    let at = change.millis();
    let subject = format!("client:{}", new.client_id);
    let id = store::insert(&change, new).await?;
    let row = client_registration::ActiveModel {
        id: Set(id),
        digest: Set(digest),
        created_at: Set(at),
    };
    client_registration::Entity::insert(row)
        .exec_without_returning(change.transaction())
        .await?;
    let created = Difference::created(&store::audited(&change, id).await?);
    change.commit_difference(subject, ("registered", &[]), created).await?;
    Ok(Some(at))
}

/// Refuses a name that is, or looks like, that of a portal which an admin registered: people decide by the name whom they tell something.
async fn check_name(change: &Change, name: &str) -> Result<(), Fault> {
    let themselves = client_registration::Entity::find()
        .select_only()
        .column(client_registration::Column::Id)
        .into_query();
    let names = client::Entity::find()
        .filter(client::Column::Id.not_in_subquery(themselves))
        .select_only()
        .column(client::Column::Name)
        .into_tuple::<String>()
        .all(change.transaction())
        .await
        .map_err(Failure::from)?;
    if imitates(name, []) || names.iter().any(|taken| look_the_same(taken, name)) {
        return Err(DynamicFailure::Metadata.because("client_name: looks like that of somebody else here"));
    }
    Ok(())
}

/// The enabled client with this `client_id` and the digest of its registration access token.
async fn found(
    connection: &impl ConnectionTrait,
    client_id: &str,
    digest: &str,
    locked: bool,
) -> Result<Option<client::Model>> {
    if !is_possible(client_id) {
        return Ok(None);
    }
    let mut select = client::Entity::find().filter(client::Column::ClientId.eq(client_id));
    if locked {
        select = select.lock_exclusive();
    }
    let Some(row) = select.one(connection).await?.filter(|row| row.enabled) else {
        return Ok(None);
    };
    let registration = client_registration::Entity::find_by_id(row.id).one(connection).await?;
    let same = registration.is_some_and(|own| equal(own.digest.as_bytes(), digest.as_bytes()));
    Ok(same.then_some(row))
}

/// Moment of registration, milliseconds, and settings.
pub(super) async fn own(database: &Database, client_id: &str, digest: &str) -> Result<Option<(i64, Settings)>> {
    let Some(row) = found(database.reader(), client_id, digest, false).await? else {
        return Ok(None);
    };
    Ok(Some((row.created_at, store::settings_of(&row)?)))
}

/// The replacement of a registration.
pub(super) struct Replacement {
    /// Digest of the registration access token.
    pub(super) digest: String,
    /// The client's request.
    pub(super) asked: RegistrationRequest,
    /// The fetched sector document, if the request named one.
    pub(super) sector: Option<Sector>,
    /// A new secret, in case none is stored that suffices for the method.
    pub(super) stored: StoredSecret,
}

/// Replaces the settings and returns them; true if the new secret was stored, because the method needs one that was not there.
///
/// Race: between reading the registration and this the client may have been deleted or disabled, so the token is checked again under the
/// lock. An admin may also have changed it while the sector document was fetched: the new settings are made from the locked row, so that
/// what only admins decide stays as they left it.
pub(super) async fn replace(change: Change, client_id: &str, new: Replacement) -> Result<(bool, Settings), Fault> {
    let row = found(change.transaction(), client_id, &new.digest, true).await?;
    let row = row.ok_or(DynamicFailure::RegistrationToken)?;
    // RFC 7592 §2.2: a secret that is sent must be the one the client has.
    let known = row.secret_digest.as_deref().unwrap_or_default();
    let presented = new.asked.client_secret.as_ref();
    let presented = presented.map(|secret| sha256_base64url(secret.as_bytes()));
    if presented.is_some_and(|sent| !equal(sent.as_bytes(), known.as_bytes())) {
        return Err(DynamicFailure::Metadata.because("client_secret: is not the one of this client"));
    }
    let before = store::settings_of(&row).map_err(Failure::from)?;
    let settings = new.asked.settings(client_id, Some(&before))?;
    if settings.name != before.name {
        check_name(&change, &settings.name).await?;
    }
    let vouched = new.sector.is_some_and(|sector| sector.vouches_for(&settings));
    if settings.metadata.sector_identifier_uri.is_some() && !vouched {
        return Err(DynamicFailure::Metadata.told(RegistrationFailure::Meanwhile.into()));
    }
    let renewed = !store::has_secret_for(&row, settings.auth_method);
    let stored = renewed.then_some(new.stored);
    let (id, shown, had) = (
        row.id,
        store::shown(row.clone()).map_err(Failure::from)?,
        row.secret_digest.is_some(),
    );
    store::update(&change, row, settings.clone(), stored).await?;
    let mut difference = Difference::between(&shown, &store::audited(&change, id).await?);
    if renewed {
        difference = difference.secret("client_secret", had, true);
    }
    change
        .commit_difference(format!("client:{client_id}"), ("replaced", &[]), difference)
        .await?;
    Ok((renewed, settings))
}

/// Deletes the client; what was granted to it goes with its row.
pub(super) async fn delete(change: Change, client_id: &str, digest: &str) -> Result<(), Fault> {
    let row = found(change.transaction(), client_id, digest, true).await?;
    let row = row.ok_or(DynamicFailure::RegistrationToken)?;
    client::Entity::delete_by_id(row.id)
        .exec(change.transaction())
        .await
        .map_err(Failure::from)?;
    let deleted = Difference::deleted(&store::shown(row).map_err(Failure::from)?);
    let subject = format!("client:{client_id}");
    Ok(change.commit_difference(subject, ("deleted", &[]), deleted).await?)
}

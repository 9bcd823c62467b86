//! Rows of clients as values.

use entity::{client, json::Strings};
use sea_orm::{DbErr, EntityTrait};
use serde_json::Value;
use uuid::Uuid;

use super::tag::tag_of;
use crate::{
    directory::store::Change,
    kernel::failure::Result,
    oidc::{
        client::AuthMethod,
        keys::alg::Alg,
        registration::{failure::RegistrationFailure, settings::Settings, view::ClientView},
    },
    store::database::unreadable,
};

/// The settings in a row.
pub(in crate::oidc::registration) fn settings_of(row: &client::Model) -> Result<Settings, DbErr> {
    // An id that cannot be read must not be dropped: an emptied list of people would admit everybody.
    let ids = |list: &Strings| -> Result<Vec<Uuid>, DbErr> {
        let parsed = list.0.iter().map(|id| id.parse());
        parsed
            .collect::<Result<_, _>>()
            .map_err(|_| unreadable("client: a list of ids"))
    };
    Ok(Settings {
        name: row.name.clone(),
        auth_method: AuthMethod::of(&row.auth_method).ok_or_else(|| unreadable("client.auth_method"))?,
        redirect_uris: row.redirect_uris.0.clone(),
        post_logout_redirect_uris: row.post_logout_redirect_uris.0.clone(),
        scopes: row.scopes.0.clone(),
        require_pkce: row.require_pkce,
        id_token_alg: Alg::of(&row.id_token_alg).ok_or_else(|| unreadable("client.id_token_alg"))?,
        auth_sources: row.auth_sources.as_ref().map(ids).transpose()?,
        allowed_departments: ids(&row.allowed_departments)?,
        allowed_groups: ids(&row.allowed_groups)?,
        allowed_users: ids(&row.allowed_users)?,
        membership_max_age: row.membership_max_age,
        membership_grace: row.membership_grace,
        access_token_lifetime: row.access_token_lifetime,
        id_token_lifetime: row.id_token_lifetime,
        refresh_token_lifetime: row.refresh_token_lifetime,
        enabled: row.enabled,
        metadata: serde_json::from_value(row.metadata.clone()).map_err(|_| unreadable("client.metadata"))?,
    })
}

/// A row as the API shows it.
pub(super) fn view(row: client::Model) -> Result<ClientView, DbErr> {
    let settings = settings_of(&row)?;
    Ok(ClientView {
        etag: tag_of(&row),
        id: row.id,
        client_id: row.client_id,
        name: row.name,
        auth_method: settings.auth_method,
        client_secret_set: row.secret_digest.is_some(),
        redirect_uris: row.redirect_uris.0,
        post_logout_redirect_uris: row.post_logout_redirect_uris.0,
        scopes: row.scopes.0,
        require_pkce: row.require_pkce,
        id_token_alg: settings.id_token_alg,
        auth_sources: row.auth_sources.map(|list| list.0),
        allowed_departments: row.allowed_departments.0,
        allowed_groups: row.allowed_groups.0,
        allowed_users: row.allowed_users.0,
        membership_max_age: row.membership_max_age,
        membership_grace: row.membership_grace,
        access_token_lifetime: row.access_token_lifetime,
        id_token_lifetime: row.id_token_lifetime,
        refresh_token_lifetime: row.refresh_token_lifetime,
        enabled: row.enabled,
        metadata: settings.metadata,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// A client as the audit log keeps it, as it stands in this transaction.
pub(in crate::oidc::registration) async fn audited(change: &Change, id: Uuid) -> Result<Value> {
    let row = client::Entity::find_by_id(id).one(change.transaction()).await?;
    Ok(shown(row.ok_or(RegistrationFailure::NotFound)?)?)
}

/// The same of a row.
pub(in crate::oidc::registration) fn shown(row: client::Model) -> Result<Value, DbErr> {
    Ok(serde_json::to_value(view(row)?).unwrap_or_default())
}

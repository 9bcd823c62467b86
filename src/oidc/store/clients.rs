//! Queries of clients.

use std::{sync::Arc, time::Duration};

use entity::{client, client_registration};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::handle::Store;
use crate::{
    oidc::{
        client::{AuthMethod, Client, is_client_id},
        keys::alg::Alg,
        metadata::{GrantType, Metadata},
    },
    store::{UniqueRow, database::unreadable},
};

impl Store {
    /// The client with this protocol identifier.
    pub(in crate::oidc) async fn find_client(&self, client_id: &str) -> Result<Option<Arc<Client>>, DbErr> {
        if !is_client_id(client_id) {
            return Ok(None);
        }
        let load = || async {
            let row = client::Entity::find()
                .filter(client::Column::ClientId.eq(client_id))
                .unique_row(self.database.reader())
                .await?;
            row.map(client_of).transpose()
        };
        self.caches.clients.get(&self.database, client_id, load).await
    }

    /// The name of the client with this row id, for pages.
    pub(in crate::oidc) async fn client_name(&self, id: Uuid) -> Result<Option<String>, DbErr> {
        let row = client::Entity::find_by_id(id).one(self.database.reader()).await?;
        Ok(row.map(|row| row.name))
    }

    /// Whether this client registered itself (dynamic registration), not an admin.
    pub(in crate::oidc) async fn registered_itself(&self, id: Uuid) -> Result<bool, DbErr> {
        let own = client_registration::Entity::find_by_id(id);
        Ok(own.one(self.database.reader()).await?.is_some())
    }

    /// The client with this row id.
    pub(in crate::oidc) async fn find_client_by_id(&self, id: Uuid) -> Result<Option<Arc<Client>>, DbErr> {
        let load = || async {
            let row = client::Entity::find_by_id(id)
                .unique_row(self.database.reader())
                .await?;
            row.map(client_of).transpose()
        };
        self.caches.clients_by_row.get(&self.database, &id, load).await
    }
}

/// Converts a row; one that no version of ours writes is refused rather than read as something harmless.
pub(super) fn client_of(row: client::Model) -> Result<Client, DbErr> {
    let method = AuthMethod::of(&row.auth_method).ok_or_else(|| unreadable("client.auth_method"))?;
    let id_token_alg = Alg::of(&row.id_token_alg).ok_or_else(|| unreadable("client.id_token_alg"))?;
    let metadata: Metadata = serde_json::from_value(row.metadata).map_err(|_| unreadable("client.metadata"))?;
    // A client without the grant type gets no refresh tokens.
    let refreshes = metadata.grant_types.allow(GrantType::RefreshToken);
    let refresh = seconds(row.refresh_token_lifetime);
    Ok(Client {
        id: row.id,
        client_id: row.client_id,
        enabled: row.enabled,
        method,
        secret_digest: row.secret_digest,
        secret_sealed: row.secret_sealed,
        metadata,
        redirect_uris: row.redirect_uris.0,
        post_logout_redirect_uris: row.post_logout_redirect_uris.0,
        scopes: row.scopes.0,
        require_pkce: row.require_pkce,
        id_token_alg,
        access_token_lifetime: seconds(row.access_token_lifetime),
        id_token_lifetime: seconds(row.id_token_lifetime),
        refresh_token_lifetime: (refreshes && !refresh.is_zero()).then_some(refresh),
    })
}

fn seconds(value: i64) -> Duration {
    Duration::from_secs(u64::try_from(value).unwrap_or(0))
}

//! Use case of portals: list them with what is going on there.

use uuid::Uuid;

use super::{model::ClientLine, store};
use crate::{
    admin::service::Admin,
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    oidc::registration::listing::ClientFilter,
};

impl Admin {
    /// Lists the wanted portals.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn portals(&self, filter: &ClientFilter, page: &SortedPage) -> Result<SortedListing<ClientLine>> {
        let clients = self.registrations.clients(filter, page).await?;
        let ids: Vec<Uuid> = clients.items.iter().map(|client| client.id).collect();
        let activity = store::activity(&self.database, &ids).await?;
        Ok(clients.map(|client| {
            let known = activity.get(&client.id).copied().unwrap_or_default();
            ClientLine {
                client,
                last_sign_in_at: known.last_sign_in_at,
                logouts: known.logouts,
            }
        }))
    }
}

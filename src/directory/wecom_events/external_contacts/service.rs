//! Use cases of events about customers.

use uuid::Uuid;

use super::{
    model::{Arrived, EventFilter},
    store,
    view::{CountView, EventView},
};
use crate::{
    directory::{failure::DirectoryFailure, wecom_events::service::Callbacks},
    kernel::{
        clock::Timestamp,
        failure::Result,
        pagination::{Listing, Page},
    },
    wecom::callback::ExternalContactEvent,
};

impl Callbacks {
    /// Records an event about a customer, unless this very event was told before.
    pub(in crate::directory::wecom_events) async fn note_external_contact(
        &self,
        data_source: Uuid,
        event: ExternalContactEvent,
        (told_at, digest): (Option<Timestamp>, String),
        now: Timestamp,
    ) -> Result<()> {
        let arrived = Arrived {
            id: self.deps.entropy.id(now),
            data_source,
            event,
            told_at,
            received_at: now,
            digest,
        };
        store::record(&self.deps.database, arrived).await.map(drop)
    }

    /// Events about customers of a data source, the newest first.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source.
    pub async fn external_contact_events(
        &self,
        source: Uuid,
        filter: &EventFilter,
        page: Page,
    ) -> Result<Listing<EventView>> {
        self.must_be_source(source).await?;
        store::list(&self.deps.database, source, filter, page).await
    }

    /// How many of them there were, by what happened.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source.
    pub async fn external_contact_counts(&self, source: Uuid) -> Result<Vec<CountView>> {
        self.must_be_source(source).await?;
        store::counts(&self.deps.database, source).await
    }

    async fn must_be_source(&self, id: Uuid) -> Result<()> {
        match store::is_source(&self.deps.database, id).await? {
            true => Ok(()),
            false => Err(DirectoryFailure::NotFound.into()),
        }
    }
}

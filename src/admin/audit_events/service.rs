//! Use cases of the audit log: list, find by reference.

use super::{
    model::{EventCondition, EventFilter, EventView},
    store::{self, people},
};
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
    web::reference,
};

impl Admin {
    /// What a filter looks for: the person and the portal by what the log knows them by.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event_condition(&self, filter: EventFilter) -> Result<EventCondition> {
        let person = match &filter.user {
            Some(name) => Some(people::person(&self.database, name).await?),
            None => None,
        };
        let actors = match &filter.actor {
            Some(name) => Some(people::actors(&self.database, name).await?),
            None => None,
        };
        let portal = self.portal_of_filter(filter.client.as_deref()).await?;
        Ok(EventCondition {
            actors,
            filter,
            person,
            client_id: portal.map(|portal| portal.client_id),
        })
    }

    /// Lists events, newest first unless asked otherwise.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, wanted: &EventCondition, page: &SortedPage) -> Result<SortedListing<EventView>> {
        self.flush_records().await;
        store::list(&self.database, wanted, page).await
    }

    /// What a person was told a moment ago is to be found: it is written before the log is read.
    pub(in crate::admin) async fn flush_records(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush().await;
        }
    }

    /// The event of the reference code a person was shown, however it was typed.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn event(&self, code: &str) -> Result<EventView> {
        let code = reference::typed(code).ok_or(AdminFailure::NotFound)?;
        self.flush_records().await;
        let found = store::find(&self.database, &code).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }
}

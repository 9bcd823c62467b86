//! Use cases of the audit log: list, find by reference.

use super::store;
use crate::admin::audit_events::model::EventFilter;
use crate::admin::audit_events::model::EventView;
use crate::{
    admin::{failure::AdminFailure, service::Admin},
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
};

impl Admin {
    /// Lists events, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, filter: &EventFilter, page: Page) -> Result<Listing<EventView>> {
        self.flush_records().await;
        store::list(&self.database, filter, page).await
    }

    /// What a person was told a moment ago is to be found: it is written before the log is read.
    pub(in crate::admin) async fn flush_records(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush().await;
        }
    }

    /// The event of the reference code a person was shown.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn event(&self, reference: &str) -> Result<EventView> {
        self.flush_records().await;
        let found = store::find(&self.database, reference).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }
}

//! Reading the audit trail.

pub mod store;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Admin, failure::AdminFailure};
use crate::kernel::{
    failure::Result,
    pagination::{Listing, Page},
};

/// Something that happened.
#[derive(Debug, Serialize)]
pub struct EventView {
    /// Row id.
    pub id: Uuid,
    /// Milliseconds.
    pub at: i64,
    /// `signed_in`, `refused`, `configured` …
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// What it was about.
    pub subject: String,
    /// The code the person was shown.
    pub reference: Option<String>,
    /// Reference number of the failure.
    pub number: Option<String>,
    /// The rest.
    pub detail: Value,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// With this reference code.
    pub reference: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
}

impl Admin {
    /// Events, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, filter: &EventFilter, page: Page) -> Result<Listing<EventView>> {
        store::list(&self.database, filter, page).await
    }

    /// The event behind the code a person was shown.
    ///
    /// # Errors
    /// `AD-106` when there is none.
    pub async fn event(&self, reference: &str) -> Result<EventView> {
        let found = store::find(&self.database, reference).await?;
        found.ok_or_else(|| AdminFailure::NotFound.into())
    }
}

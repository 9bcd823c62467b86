//! Runs of a sync, for watching. Starting and executing them is `directory::sync`'s business.

pub mod store;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Directory, failure::DirectoryFailure};
use crate::kernel::{
    failure::Result,
    page::{Listing, Page},
};

/// A run.
#[derive(Debug, Serialize)]
pub struct RunView {
    /// Row id.
    pub id: Uuid,
    /// Of which data source.
    pub data_source_id: Uuid,
    /// `manual`, `schedule` or `event`.
    pub cause: String,
    /// `queued`, `running`, `succeeded`, `incomplete`, `paused` or `failed`.
    pub state: String,
    /// Milliseconds.
    pub started_at: i64,
    /// Milliseconds.
    pub finished_at: Option<i64>,
    /// Fetched, created, updated, skipped, departed …
    pub counts: Value,
    /// What was missing or odd.
    pub findings: Value,
    /// Reference number, when it failed.
    pub failure_number: Option<String>,
    /// For the admin.
    pub failure_detail: Option<String>,
}

/// What a run decided about one member.
#[derive(Debug, Serialize)]
pub struct RowView {
    /// Row id.
    pub id: Uuid,
    /// May be empty when malformed.
    pub userid: String,
    /// `skipped`, `conflict`, `malformed`, `departed` or `returned`.
    pub outcome: String,
    /// A sentence.
    pub reason: String,
}

impl Directory {
    /// Runs, newest first, optionally of one data source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn runs(&self, source: Option<Uuid>, page: Page) -> Result<Listing<RunView>> {
        store::runs(&self.parts.database, source, page).await
    }

    /// One run as it stands now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn run(&self, id: Uuid) -> Result<RunView> {
        let found = store::run(&self.parts.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// What a run decided, one row per member that needed a reason.
    ///
    /// # Errors
    /// `DI-102` when there is no such run.
    pub async fn run_rows(&self, id: Uuid, page: Page) -> Result<Listing<RowView>> {
        self.run(id).await?;
        store::rows(&self.parts.database, id, page).await
    }
}

//! Use cases of sync runs: list and read.

use uuid::Uuid;

use super::{
    model::{RowView, RunView},
    store,
};
use crate::{
    directory::{failure::DirectoryFailure, service::Directory},
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
};

impl Directory {
    /// Lists runs, newest first, optionally of one data source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn runs(&self, source: Option<Uuid>, page: Page) -> Result<Listing<RunView>> {
        store::runs(&self.deps.database, source, page).await
    }

    /// Returns one run as it stands now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn run(&self, id: Uuid) -> Result<RunView> {
        let found = store::run(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists what a run decided, one row per member that needed a reason.
    ///
    /// # Errors
    /// `DI-102` when there is no such run.
    pub async fn run_rows(&self, id: Uuid, page: Page) -> Result<Listing<RowView>> {
        self.run(id).await?;
        store::rows(&self.deps.database, id, page).await
    }
}

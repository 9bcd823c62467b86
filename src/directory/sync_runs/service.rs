//! Use cases of sync runs: list and read.

use uuid::Uuid;

use super::{
    model::{RowFilter, RowView, RunFilter, RunView},
    store,
};
use crate::{
    directory::{failure::DirectoryFailure, service::Directory},
    kernel::{
        failure::Result,
        sorting::{SortedListing, SortedPage},
    },
};

impl Directory {
    /// Lists the wanted runs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn runs(&self, filter: &RunFilter, page: &SortedPage) -> Result<SortedListing<RunView>> {
        store::runs(&self.deps.database, filter, page).await
    }

    /// Returns one run as it stands now.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn run(&self, id: Uuid) -> Result<RunView> {
        let found = store::run(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists the wanted rows of a run: what it changed, or would change, and what it decided.
    ///
    /// # Errors
    /// `DI-102` when there is no such run.
    pub async fn run_rows(&self, id: Uuid, filter: &RowFilter, page: &SortedPage) -> Result<SortedListing<RowView>> {
        self.run(id).await?;
        store::rows(&self.deps.database, id, filter, page).await
    }
}

//! Use cases of findings about identities: list and read. Deciding belongs to the sync, which ends what belongs to a person.

use uuid::Uuid;

use super::{
    model::{FindingFilter, FindingView},
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
    /// Lists findings about identities, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn identity_findings(
        &self,
        filter: &FindingFilter,
        page: &SortedPage,
    ) -> Result<SortedListing<FindingView>> {
        store::list(&self.deps.database, filter, page).await
    }

    /// Returns one finding about an identity.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn identity_finding(&self, id: Uuid) -> Result<FindingView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }
}

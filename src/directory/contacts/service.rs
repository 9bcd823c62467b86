//! Use cases of contacts: list and read.

use uuid::Uuid;

use super::{
    model::{DepartmentPlace, DepartmentView, MemberFilter, MemberView, NamedFilter, TagView},
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
    /// Lists the wanted members.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, filter: &MemberFilter, page: &SortedPage) -> Result<SortedListing<MemberView>> {
        store::members(&self.deps.database, filter, page).await
    }

    /// Returns one member.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn member(&self, id: Uuid) -> Result<MemberView> {
        let found = store::member(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists the wanted departments.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn departments(
        &self,
        (filter, place): (&NamedFilter, Option<DepartmentPlace>),
        page: &SortedPage,
    ) -> Result<SortedListing<DepartmentView>> {
        store::departments(&self.deps.database, (filter, place), page).await
    }

    /// Returns one department.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn department(&self, id: Uuid) -> Result<DepartmentView> {
        let found = store::department(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists the wanted tags.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tags(&self, filter: &NamedFilter, page: &SortedPage) -> Result<SortedListing<TagView>> {
        store::tags(&self.deps.database, filter, page).await
    }
}

//! Use cases of contacts: list and read.

use uuid::Uuid;

use super::{
    model::{DepartmentView, MemberFilter, MemberView, TagView},
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
    /// Lists members in the order of their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, filter: &MemberFilter, page: Page) -> Result<Listing<MemberView>> {
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

    /// Lists departments in the order of their ids, optionally of one data source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn departments(&self, source: Option<Uuid>, page: Page) -> Result<Listing<DepartmentView>> {
        store::departments(&self.deps.database, source, page).await
    }

    /// Returns one department.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn department(&self, id: Uuid) -> Result<DepartmentView> {
        let found = store::department(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists tags in the order of their ids, optionally of one data source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tags(&self, source: Option<Uuid>, page: Page) -> Result<Listing<TagView>> {
        store::tags(&self.deps.database, source, page).await
    }
}

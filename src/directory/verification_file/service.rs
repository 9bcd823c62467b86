//! Use cases of verification files: upload, list, remove, serve.

use uuid::Uuid;

use super::{
    model::{NewVerificationFile, VerificationFileView, is_name},
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
    /// Uploads a file; one of the same name is replaced. It is served from now on.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-117` when there are too many.
    pub async fn upload_verification_file(
        &self,
        actor: &str,
        input: NewVerificationFile,
    ) -> Result<VerificationFileView> {
        input.check()?;
        let id = store::upload(self.change(actor).await?, &input).await?;
        self.verification_file(id).await
    }

    /// Removes a file; it is served no more.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn remove_verification_file(&self, actor: &str, id: Uuid) -> Result<()> {
        store::remove(self.change(actor).await?, id).await
    }

    /// Returns one file.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn verification_file(&self, id: Uuid) -> Result<VerificationFileView> {
        let found = store::find(&self.deps.database, id).await?;
        found.ok_or_else(|| DirectoryFailure::NotFound.into())
    }

    /// Lists the files.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verification_files(&self, page: &SortedPage) -> Result<SortedListing<VerificationFileView>> {
        store::list(&self.deps.database, page).await
    }

    /// The content to serve under this name; `None`: there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verification_content(&self, name: &str) -> Result<Option<String>> {
        match is_name(name) {
            true => store::content(&self.deps.database, name).await,
            false => Ok(None),
        }
    }
}

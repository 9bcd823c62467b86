//! Use cases of auth sources: create, change, delete, read.

use uuid::Uuid;

use super::{
    entered,
    input::{AuthSourceChange, NewAuthSource},
    store::{self, Edit},
    view::AuthSourceView,
};
use crate::{
    directory::{failure::DirectoryFailure, probe::entered::StoredApp, service::Directory, wecom_app},
    kernel::{
        failure::Result,
        pagination::{Listing, Page},
    },
    wecom::model::Credential,
};

impl Directory {
    /// Adds an auth source on its own; a new data source may bring one with it ([`Directory::create_data_source`]).
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-236` to `DI-241` for a credential that WeCom refuses.
    pub async fn create_auth_source(&self, actor: &str, input: NewAuthSource) -> Result<AuthSourceView> {
        input.check()?;
        let apps = store::stored_apps(&self.deps.database, &self.deps.sealer).await?;
        let proof = self.probe_entered(actor, entered::of_new(&input, &apps)).await?;
        let sealed = self.seal(wecom_app::SECRET, input.app_secret.as_ref())?;
        let id = store::create(self.change(actor).await?, &input, (sealed, proof)).await?;
        self.auth_source(id).await
    }

    /// Changes an auth source.
    ///
    /// # Errors
    /// As for creating; also `DI-102` when there is none, `DI-243` when somebody else changed its app meanwhile.
    pub async fn change_auth_source(&self, actor: &str, id: Uuid, input: AuthSourceChange) -> Result<AuthSourceView> {
        input.check()?;
        let sealed = self.seal(wecom_app::SECRET, input.app_secret.as_ref())?;
        let stored = store::stored(&self.deps.database, &self.deps.sealer, id).await?;
        let entered = entered::of_change(&input, &stored);
        let old = stored.app.as_ref().and_then(StoredApp::credential);
        let stale: Vec<Credential> = entered.replaced(None, old).collect();
        let proof = self.probe_entered(actor, entered).await?;
        store::change(self.change(actor).await?, id, &Edit { input, sealed, proof }).await?;
        self.forget_unstored(stale).await?;
        self.auth_source(id).await
    }

    /// Removes an auth source that no portal names.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-106` when portals name it.
    pub async fn delete_auth_source(&self, actor: &str, id: Uuid) -> Result<()> {
        store::delete(self.change(actor).await?, id).await
    }

    /// Returns one auth source with its current setup problems.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn auth_source(&self, id: Uuid) -> Result<AuthSourceView> {
        let setup = self.setup().await?;
        let auth_source = setup.auth_sources.iter().find(|auth_source| auth_source.id == id);
        let auth_source = auth_source.ok_or(DirectoryFailure::NotFound)?;
        Ok(AuthSourceView::new(&setup, auth_source, &self.deps.callback_domain))
    }

    /// Lists auth sources in the order of their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn auth_sources(&self, page: Page) -> Result<Listing<AuthSourceView>> {
        let setup = self.setup().await?;
        let listing = Listing::of_all(setup.auth_sources.iter().collect(), page, |auth_source| auth_source.id);
        Ok(listing.map(|auth_source| AuthSourceView::new(&setup, auth_source, &self.deps.callback_domain)))
    }
}

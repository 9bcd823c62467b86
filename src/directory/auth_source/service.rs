//! Use cases of auth sources: create, change, delete, read.

use uuid::Uuid;

use super::{
    entered,
    input::{AuthSourceChange, NewAuthSource},
    store::{self, Edit},
    view::AuthSourceView,
};
use crate::{
    directory::{
        failure::DirectoryFailure,
        listing::{SourceFilter, place_of_auth_source},
        probe::entered::StoredApp,
        service::Directory,
        wecom_app,
    },
    kernel::{
        entity_tag::IfMatch,
        failure::Result,
        sorting::{SortedListing, SortedPage},
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
    /// As for creating; also `DI-102` when there is none, `DI-243` when somebody else changed its app meanwhile, `AD-114` when it is not in
    /// the state that `if_match` demands.
    pub async fn change_auth_source(
        &self,
        actor: &str,
        id: Uuid,
        input: AuthSourceChange,
        if_match: &IfMatch,
    ) -> Result<AuthSourceView> {
        input.check()?;
        let sealed = self.seal(wecom_app::SECRET, input.app_secret.as_ref())?;
        let stored = store::stored(&self.deps.database, &self.deps.sealer, id).await?;
        let entered = entered::of_change(&input, &stored);
        let old = stored.app.as_ref().and_then(StoredApp::credential);
        let stale: Vec<Credential> = entered.replaced(None, None, old).collect();
        let proof = self.probe_entered(actor, entered).await?;
        let edit = Edit {
            input,
            sealed,
            proof,
            if_match: if_match.clone(),
        };
        store::change(self.change(actor).await?, id, &edit).await?;
        self.forget_unstored(stale).await?;
        self.auth_source(id).await
    }

    /// Removes an auth source that no portal names.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-106` when portals name it, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_auth_source(&self, actor: &str, id: Uuid, if_match: &IfMatch) -> Result<()> {
        store::delete(self.change(actor).await?, id, if_match).await
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

    /// Lists the wanted auth sources.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn auth_sources(
        &self,
        filter: &SourceFilter,
        page: &SortedPage,
    ) -> Result<SortedListing<AuthSourceView>> {
        let setup = self.setup().await?;
        let wanted = setup.auth_sources.iter().filter(|auth_source| {
            let bound_to = setup.source_of(auth_source).map(|source| source.id);
            filter.takes_auth_source(auth_source, bound_to)
        });
        let listing = page.of_all(wanted.collect(), |auth_source: &&_, by| {
            place_of_auth_source(auth_source, by)
        });
        Ok(listing.map(|auth_source| AuthSourceView::new(&setup, auth_source, &self.deps.callback_domain)))
    }
}

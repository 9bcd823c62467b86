//! Use cases of data sources: create, change, delete, read, ask for a sync.

use uuid::Uuid;

use super::{
    entered,
    input::{DataSourceChange, NewDataSource},
    model::{CONTACTS_SECRET, CUSTOMER_SECRET},
    store::{self, Edit, New, Sealed},
    view::DataSourceView,
};
use crate::{
    directory::{
        auth_source::store as auth_source_store,
        failure::DirectoryFailure,
        listing::{SourceFilter, place_of_source},
        probe::entered::StoredApp,
        service::Directory,
        sync::run_state::Mode,
        user::{Editor, store as user_store},
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
    /// Adds a data source. With WeCom login and an app it adds the auth source in the same transaction; else see
    /// [`Directory::create_auth_source`].
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-103` for a corp ID that is taken, `DI-236` to `DI-241`, `DI-247`, `DI-248` for credentials that WeCom refuses.
    pub async fn create_data_source(&self, actor: &str, input: NewDataSource) -> Result<DataSourceView> {
        let settings = input.settings()?;
        let apps = auth_source_store::stored_apps(&self.deps.database, &self.deps.sealer).await?;
        let proof = self
            .probe_entered(actor, entered::of_new((&input).into(), &apps))
            .await?;
        let app_secret = input.app.as_ref().and_then(|app| app.secret.as_ref());
        let sealed = Sealed {
            contacts: self.seal(CONTACTS_SECRET, input.contacts_secret.as_ref())?.map(Some),
            customers: self.seal(CUSTOMER_SECRET, input.customer_secret.as_ref())?.map(Some),
            app: self.seal(wecom_app::SECRET, app_secret)?,
        };
        let new = New {
            settings,
            agent_id: input.app.as_ref().and_then(|app| app.agent_id),
            vouched_domains: input.vouched_email_domains,
            proof,
        };
        let id = store::create(self.change(actor).await?, new, sealed).await?;
        self.source(id).await
    }

    /// Changes a data source.
    ///
    /// # Errors
    /// As for creating; also `DI-104` when the corp ID of a synced data source would change, `DI-243` when somebody else changed corp ID or
    /// app meanwhile, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn change_data_source(
        &self,
        actor: &str,
        id: Uuid,
        input: DataSourceChange,
        if_match: &IfMatch,
    ) -> Result<DataSourceView> {
        input.check()?;
        let app_secret = input.app.as_ref().and_then(|app| app.as_ref()?.secret.as_ref());
        let sealed = Sealed {
            contacts: match &input.contacts_secret {
                Some(secret) => Some(self.seal(CONTACTS_SECRET, secret.as_ref())?),
                None => None,
            },
            customers: match &input.customer_secret {
                Some(secret) => Some(self.seal(CUSTOMER_SECRET, secret.as_ref())?),
                None => None,
            },
            app: self.seal(wecom_app::SECRET, app_secret)?,
        };
        let stored = store::stored(&self.deps.database, &self.deps.sealer, id).await?;
        stored.admit(&input)?;
        let entered = entered::of_change(&input, &stored);
        let old = stored.app.as_ref().and_then(StoredApp::credential);
        let stale: Vec<Credential> = entered
            .replaced(stored.contacts_credential(), stored.customers_credential(), old)
            .collect();
        let proof = self.probe_entered(actor, entered).await?;
        let change = self.change(actor).await?;
        let edit = Edit {
            input,
            sealed,
            proof,
            if_match: if_match.clone(),
        };
        store::change(change, id, &edit).await?;
        self.forget_unstored(stale).await?;
        self.source(id).await
    }

    /// Removes a data source with all that is mirrored from its corp. Its users stay, so that their `sub` survives, but their access ends,
    /// with a report each: in batches, after the data source was switched off, so that others write in between. Removing it again goes on where
    /// a killed process stopped.
    ///
    /// # Errors
    /// `DI-102` when there is none, `DI-107` when somebody belongs to it whose console role is above the editor's right, `DI-249` where nobody
    /// would be left with the highest, `AD-114` when it is not in the state that `if_match` demands.
    pub async fn delete_data_source(&self, editor: Editor<'_>, id: Uuid, if_match: &IfMatch) -> Result<()> {
        let change = self.change(editor.actor).await?;
        store::judge(&change, id, if_match).await?;
        user_store::may_remove_source(&change, editor, id).await?;
        self.offboarding().before_removal(change, id).await?;
        store::delete(self.change(editor.actor).await?, id).await
    }

    /// Returns one data source with its current setup problems.
    ///
    /// # Errors
    /// `DI-102` when there is none.
    pub async fn source(&self, id: Uuid) -> Result<DataSourceView> {
        let setup = self.setup().await?;
        let source = setup.sources.iter().find(|source| source.id == id);
        let source = source.ok_or(DirectoryFailure::NotFound)?;
        let last_sync = store::last_sync(&self.deps.database, id).await?;
        Ok(DataSourceView::new(&setup, source, &self.deps.callback_domain).with_last_sync(last_sync))
    }

    /// Lists the wanted data sources.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sources(&self, filter: &SourceFilter, page: &SortedPage) -> Result<SortedListing<DataSourceView>> {
        let setup = self.setup().await?;
        let wanted = setup.sources.iter().filter(|source| filter.takes_source(source));
        let listing = page.of_all(wanted.collect(), |source: &&_, by| place_of_source(source, by));
        let mut listing = listing.map(|source| DataSourceView::new(&setup, source, &self.deps.callback_domain));
        for view in &mut listing.items {
            view.last_sync = store::last_sync(&self.deps.database, view.id).await?;
        }
        Ok(listing)
    }

    /// Records in the audit log that `actor` asks for a sync, or for its plan, by hand, before it is started.
    ///
    /// # Errors
    /// `DI-102` when there is no such data source, `DI-108` when it is disabled.
    pub async fn request_sync(&self, actor: &str, id: Uuid, mode: Mode) -> Result<()> {
        if !self.source(id).await?.enabled {
            return Err(DirectoryFailure::SourceDisabled.into());
        }
        let change = self.change(actor).await?;
        let action = match mode {
            Mode::Plan => "sync_plan_requested",
            Mode::Apply => "sync_requested",
        };
        change.commit(format!("data_source:{id}"), action, &[]).await
    }
}

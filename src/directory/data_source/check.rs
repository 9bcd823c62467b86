//! Credentials that are tried without being saved: what a caller sends, and what was seen. They are judged, and asked about, as a new data
//! source or a change of one would be that brings them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    entered::{Brought, of_change, of_new},
    input::DataSourceChange,
    settings_check::{check_app, check_secret},
    store,
};
use crate::{
    directory::{
        auth_source::store as auth_source_store,
        corp_id::check_corp_id,
        failure::DirectoryFailure,
        probe::{
            entered::Entered,
            model::Kept,
            problems::{self, Probing},
            view::CapabilityView,
        },
        service::Directory,
        setup_problem::{CredentialKind, Problem, SetupProblem},
        wecom_app::model::{AppInput, incomplete_app},
    },
    kernel::{failure::Result, secret::Secret, validation::ValidationErrors},
};

/// What is said at a corp ID that is taken.
const TAKEN: &str = "is that of another data source";

/// Credentials to be tried; nothing of it is saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CredentialCheck {
    /// Corp ID (企业ID).
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z0-9_-]+$",
        example = "ww1a2b3c4d5e6f7a8b"
    )]
    pub corp_id: String,
    /// Secret of the contacts-sync helper (通讯录同步); null: not tried.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub contacts_secret: Option<Secret<String>>,
    /// Secret of 客户联系 (customer contact); null: not tried.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    pub customer_secret: Option<Secret<String>>,
    /// An app; null: none is tried. One that is stored with this very secret is not tried again. Without `agent_id` the present app of the
    /// data source is meant.
    #[serde(default)]
    pub app: Option<AppInput>,
    /// Row id of the data source that is to have this corp ID; null: a new one.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
}

/// What trying credentials saw.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialCheckView {
    /// Those that were tried: the contacts-sync secret, that of 客户联系, the app's. None of them is refused, or the reply were a problem.
    pub credentials: Vec<CheckedCredential>,
}

/// A credential that was tried: never with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedCredential {
    /// Which it is: the contacts-sync secret, that of 客户联系, or that of an app.
    #[schema(value_type = CredentialKind)]
    pub credential: &'static str,
    /// What it may do.
    pub capabilities: Vec<CapabilityView>,
    /// What would be wrong with it if it were saved: it does not keep it from being saved.
    pub problems: Vec<Problem>,
}

impl CredentialCheck {
    /// Checks what was entered, as saving it does.
    fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        check_corp_id(&mut faults, &self.corp_id);
        check_secret(&mut faults, "contacts_secret", self.contacts_secret.as_ref());
        check_secret(&mut faults, "customer_secret", self.customer_secret.as_ref());
        if let Some(app) = &self.app {
            check_app(&mut faults, app);
            let told = app.agent_id.is_some() || self.data_source_id.is_some();
            faults.check(told, "app.agent_id", "is needed");
        }
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The change of the data source that would save them.
    fn into_change(self) -> DataSourceChange {
        DataSourceChange {
            corp_id: Some(self.corp_id),
            contacts_secret: self.contacts_secret.map(Some),
            customer_secret: self.customer_secret.map(Some),
            app: self.app.map(Some),
            ..DataSourceChange::default()
        }
    }
}

impl Directory {
    /// Tries credentials without saving anything, within the bounds of those that are saved.
    ///
    /// # Errors
    /// `DI-101` for unacceptable fields, `DI-102` for an unknown data source, `DI-103` for a corp ID that is taken, `DI-104` where that of a
    /// synced data source would change, `DI-236` to `DI-241`, `DI-247`, `DI-248` for credentials that WeCom refuses, `DI-242` after too many such ones.
    pub async fn check_credentials(&self, actor: &str, input: CredentialCheck) -> Result<CredentialCheckView> {
        input.check()?;
        let setup = self.setup().await?;
        let mine = |id: Uuid| Some(id) == input.data_source_id;
        let mut others = setup.sources.iter().filter(|source| !mine(source.id));
        if others.any(|source| source.suite.is_none() && source.settings.corp_id == input.corp_id) {
            return Err(DirectoryFailure::CorpTaken.failure().field("corp_id", TAKEN));
        }
        let known = setup.sources.iter().find(|source| mine(source.id));
        let alone = input.app.is_none() && known.is_none_or(|source| source.app_id.is_none());
        let entered = self.entered(input).await?;
        let proof = self.probe_entered(actor, entered).await?;
        let app = proof.app.as_ref().zip(proof.agent_id);
        let contacts = proof.contacts.as_ref();
        let contacts = contacts.map(|kept| CheckedCredential::contacts(kept, alone));
        let customers = proof.customers.as_ref().map(CheckedCredential::customers);
        let app = app.map(|(kept, agent_id)| CheckedCredential::app(kept, agent_id));
        Ok(CredentialCheckView {
            credentials: contacts.into_iter().chain(customers).chain(app).collect(),
        })
    }

    /// The credentials that are to be tried.
    async fn entered(&self, input: CredentialCheck) -> Result<Entered> {
        let (database, sealer) = (&self.deps.database, &self.deps.sealer);
        let (corp_id, with_app) = (input.corp_id.clone(), input.app.is_some());
        let (entered, apps) = match input.data_source_id {
            None => {
                let apps = auth_source_store::stored_apps(database, sealer).await?;
                let brought = Brought {
                    corp_id: &input.corp_id,
                    contacts: input.contacts_secret.as_ref(),
                    customers: input.customer_secret.as_ref(),
                    app: input.app.as_ref(),
                    save_anyway: false,
                };
                (of_new(brought, &apps), apps)
            }
            Some(id) => {
                let stored = store::stored(database, sealer, id).await?;
                if stored.synced && stored.corp_id != corp_id {
                    return Err(DirectoryFailure::CorpFixed.into());
                }
                let change = input.into_change();
                stored.admit(&change)?;
                (of_change(&change, &stored), stored.apps)
            }
        };
        if with_app {
            let agent_id = entered.agent_id.ok_or_else(|| incomplete_app("app.agent_id"))?;
            let known = apps
                .iter()
                .any(|app| app.corp_id == corp_id && app.agent_id == agent_id);
            if entered.app.is_none() && !known {
                return Err(incomplete_app("app.secret"));
            }
        }
        // A try changes nothing, not even when WeCom is asked again about what is stored.
        Ok(Entered {
            again: Vec::new(),
            ..entered
        })
    }
}

impl CheckedCredential {
    /// A contacts-sync secret that was tried.
    fn contacts(kept: &Kept, alone: bool) -> Self {
        Self::of("contacts", kept, problems::problems(kept, Probing::Contacts { alone }))
    }

    /// A secret of 客户联系 that was tried.
    fn customers(kept: &Kept) -> Self {
        Self::of(
            "external_contacts",
            kept,
            problems::problems(kept, Probing::ExternalContacts),
        )
    }

    /// An app that was tried.
    fn app(kept: &Kept, agent_id: i64) -> Self {
        let of = Probing::App {
            agent_id,
            members: None,
            filled: false,
        };
        let mut found = problems::problems(kept, of);
        if kept.app.as_ref().is_some_and(|app| app.closed) {
            let closed = Problem::of(SetupProblem::AppClosed.entry(), format!("AgentId {agent_id}."));
            found.insert(0, closed);
        }
        Self::of("app", kept, found)
    }

    fn of(credential: &'static str, kept: &Kept, problems: Vec<Problem>) -> Self {
        Self {
            credential,
            capabilities: kept.rows.iter().map(CapabilityView::from).collect(),
            problems,
        }
    }
}

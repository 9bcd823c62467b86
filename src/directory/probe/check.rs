//! Credentials that are tried without being saved: what a caller sends, and what was seen. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    entered::{Entered, Form, StoredApp, app_brought},
    model::Kept,
    problems::{self, Probing},
    view::{CapabilityView, CredentialKind},
};
use crate::{
    directory::{
        corp_id::check_corp_id,
        failure::DirectoryFailure,
        setup_problem::{Problem, SetupProblem},
        wecom_app::{self, model::AppInput},
    },
    kernel::{failure::Result, secret::Secret, validation::ValidationErrors},
    wecom::model::{Credential, SecretKind},
};

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
    /// An app; null: none is tried. One that is stored with this very secret is not tried again.
    #[serde(default)]
    pub app: Option<AppInput>,
    /// Row id of the data source that is to have this corp ID; null: a new one.
    #[serde(default)]
    pub data_source_id: Option<Uuid>,
}

/// What trying credentials saw.
#[derive(Debug, Serialize, ToSchema)]
pub struct CredentialCheckView {
    /// Those that were tried: the contacts-sync secret, the app's. None of them is refused, or the reply were a problem.
    pub credentials: Vec<CheckedCredential>,
}

/// A credential that was tried: never with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedCredential {
    /// Which it is: the contacts-sync secret, or that of an app.
    #[schema(value_type = CredentialKind)]
    pub credential: &'static str,
    /// What it may do.
    pub capabilities: Vec<CapabilityView>,
    /// What would be wrong with it if it were saved: it does not keep it from being saved.
    pub problems: Vec<Problem>,
}

impl CredentialCheck {
    /// Checks what was entered.
    ///
    /// # Errors
    /// `DI-101` with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = ValidationErrors::default();
        check_corp_id(&mut faults, &self.corp_id);
        if let Some(secret) = &self.contacts_secret {
            faults.secret("contacts_secret", secret.expose(), 1);
        }
        if let Some(app) = &self.app {
            let agent_id = ("app.agent_id", app.agent_id);
            wecom_app::check(&mut faults, agent_id, ("app.secret", app.secret.as_ref()));
        }
        faults.into_result(DirectoryFailure::Invalid.entry())
    }

    /// The credentials that are to be tried, where these apps are stored.
    pub(super) fn entered(&self, apps: &[StoredApp]) -> Entered {
        let corp_id = self.corp_id.as_str();
        let agent_id = self.app.as_ref().and_then(|app| app.agent_id);
        let secret = self.app.as_ref().and_then(|app| app.secret.as_ref());
        Entered {
            form: Form::DataSource,
            corp_id: Some(corp_id.to_owned()),
            agent_id,
            contacts: self.contacts_secret.as_ref().map(|secret| Credential {
                corp_id: corp_id.to_owned(),
                secret: secret.clone(),
                kind: SecretKind::ContactsSync,
            }),
            app: agent_id.and_then(|agent_id| app_brought(apps, (corp_id, agent_id), secret, None)),
            again: Vec::new(),
            save_anyway: false,
        }
    }
}

impl CheckedCredential {
    /// A contacts-sync secret that was tried.
    pub(super) fn contacts(kept: &Kept, alone: bool) -> Self {
        Self::of("contacts", kept, problems::problems(kept, Probing::Contacts { alone }))
    }

    /// An app that was tried.
    pub(super) fn app(kept: &Kept, agent_id: i64) -> Self {
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

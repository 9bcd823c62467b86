//! Which credentials a request about a data source brings, as they will be once it is carried out. Pure.

use super::input::{DataSourceChange, NewDataSource};
use crate::{
    directory::probe::entered::{Entered, Form},
    kernel::secret::Secret,
    wecom::model::{Credential, SecretKind},
};

/// What is stored of a data source before a change.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Corp ID.
    pub corp_id: String,
    /// Synced, so that its corp ID cannot change.
    pub synced: bool,
    /// The contacts-sync secret.
    pub contacts: Option<Credential>,
    /// The app.
    pub app: Option<Credential>,
}

/// Those of a new data source. An app that comes without its secret is known already.
pub(super) fn of_new(input: &NewDataSource) -> Entered {
    let app = input
        .app
        .as_ref()
        .and_then(|app| Some(app_of(&input.corp_id, app.agent_id?, app.secret.as_ref()?)));
    Entered {
        form: Form::DataSource,
        contacts: input
            .contacts_secret
            .as_ref()
            .map(|secret| contacts_of(&input.corp_id, secret)),
        app,
        save_anyway: input.save_anyway,
    }
}

/// Those that a change brings or carries into another corp.
pub(super) fn of_change(input: &DataSourceChange, stored: &Stored) -> Entered {
    let corp_id = input.corp_id.as_ref().unwrap_or(&stored.corp_id);
    let moves = *corp_id != stored.corp_id;
    if moves && stored.synced {
        return Entered::default();
    }
    let kept = |credential: &Option<Credential>| {
        let credential = credential.as_ref().filter(|_| moves)?;
        Some(Credential {
            corp_id: corp_id.clone(),
            ..credential.clone()
        })
    };
    let contacts = match &input.contacts_secret {
        Some(entered) => entered.as_ref().map(|secret| contacts_of(corp_id, secret)),
        None => kept(&stored.contacts),
    };
    let current = stored.app.as_ref().and_then(agent_of);
    let app = match &input.app {
        Some(None) => None,
        None => kept(&stored.app),
        Some(Some(entered)) => {
            let agent_id = entered.agent_id.or(current);
            match (&entered.secret, agent_id) {
                (Some(secret), Some(agent_id)) => Some(app_of(corp_id, agent_id, secret)),
                (None, agent_id) if agent_id == current => kept(&stored.app),
                _ => None,
            }
        }
    };
    Entered {
        form: Form::DataSource,
        contacts,
        app,
        save_anyway: input.save_anyway,
    }
}

fn contacts_of(corp_id: &str, secret: &Secret<String>) -> Credential {
    Credential {
        corp_id: corp_id.to_owned(),
        secret: secret.clone(),
        kind: SecretKind::ContactsSync,
    }
}

fn app_of(corp_id: &str, agent_id: i64, secret: &Secret<String>) -> Credential {
    Credential {
        corp_id: corp_id.to_owned(),
        secret: secret.clone(),
        kind: SecretKind::App { agent_id },
    }
}

fn agent_of(credential: &Credential) -> Option<i64> {
    match credential.kind {
        SecretKind::App { agent_id } => Some(agent_id),
        SecretKind::ContactsSync => None,
    }
}

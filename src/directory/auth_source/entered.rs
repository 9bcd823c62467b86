//! Which credential a request about an auth source brings, as it will be once it is carried out. Pure.

use super::input::{AuthSourceChange, NewAuthSource};
use crate::directory::probe::entered::{Entered, Form, StoredApp, app_brought, app_sent_again};

/// What is stored of an auth source before a change.
#[derive(Debug)]
pub(super) struct Stored {
    /// Corp ID.
    pub corp_id: String,
    /// Its app.
    pub app: Option<StoredApp>,
    /// All apps.
    pub apps: Vec<StoredApp>,
}

/// That of a new auth source, where these apps are stored. An app that comes without its secret is known already.
pub(super) fn of_new(input: &NewAuthSource, apps: &[StoredApp]) -> Entered {
    let app = (input.corp_id.as_str(), input.agent_id);
    Entered {
        form: Form::AuthSource,
        corp_id: Some(input.corp_id.clone()),
        agent_id: Some(input.agent_id),
        contacts: None,
        customers: None,
        app: app_brought(apps, app, input.app_secret.as_ref(), None),
        again: app_sent_again(apps, app, input.app_secret.as_ref())
            .into_iter()
            .collect(),
        save_anyway: input.save_anyway,
    }
}

/// That which a change brings or carries into another corp.
pub(super) fn of_change(input: &AuthSourceChange, stored: &Stored) -> Entered {
    if input.corp_id.is_none() && input.agent_id.is_none() && input.app_secret.is_none() {
        return Entered::default();
    }
    let corp_id = input.corp_id.as_ref().unwrap_or(&stored.corp_id);
    let current = stored.app.as_ref();
    let agent_id = input.agent_id.or_else(|| current.map(|app| app.agent_id));
    let sent = input.app_secret.as_ref();
    Entered {
        form: Form::AuthSource,
        corp_id: Some(corp_id.clone()),
        agent_id,
        contacts: None,
        customers: None,
        app: agent_id.and_then(|agent_id| app_brought(&stored.apps, (corp_id, agent_id), sent, current)),
        again: agent_id
            .and_then(|agent_id| app_sent_again(&stored.apps, (corp_id, agent_id), sent))
            .into_iter()
            .collect(),
        save_anyway: input.save_anyway,
    }
}

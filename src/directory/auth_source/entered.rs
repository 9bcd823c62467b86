//! Which credential a request about an auth source brings, as it will be once it is carried out. Pure.

use super::input::{AuthSourceChange, NewAuthSource};
use crate::{
    directory::probe::entered::{Entered, Form},
    wecom::model::{Credential, SecretKind},
};

/// What is stored of an auth source before a change.
#[derive(Debug)]
pub(super) struct Stored {
    /// Corp ID.
    pub corp_id: String,
    /// Its app.
    pub app: Option<Credential>,
}

/// That of a new auth source. An app that comes without its secret is known already.
pub(super) fn of_new(input: &NewAuthSource) -> Entered {
    let agent_id = input.agent_id;
    let app = input.app_secret.as_ref().map(|secret| Credential {
        corp_id: input.corp_id.clone(),
        secret: secret.clone(),
        kind: SecretKind::App { agent_id },
    });
    Entered {
        form: Form::AuthSource,
        contacts: None,
        app,
        save_anyway: input.save_anyway,
    }
}

/// That which a change brings or carries into another corp.
pub(super) fn of_change(input: &AuthSourceChange, stored: &Stored) -> Entered {
    let corp_id = input.corp_id.as_ref().unwrap_or(&stored.corp_id);
    let kind = |agent_id: i64| SecretKind::App { agent_id };
    let current = stored.app.as_ref().map(|app| app.kind);
    let wanted = input.agent_id.map(kind).or(current);
    let moved = || {
        stored
            .app
            .as_ref()
            .filter(|app| *corp_id != app.corp_id && wanted == current)
    };
    let secret = input.app_secret.as_ref().or_else(|| Some(&moved()?.secret));
    let app = secret.zip(wanted).map(|(secret, kind)| Credential {
        corp_id: corp_id.clone(),
        secret: secret.clone(),
        kind,
    });
    Entered {
        form: Form::AuthSource,
        contacts: None,
        app,
        save_anyway: input.save_anyway,
    }
}

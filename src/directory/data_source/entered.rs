//! Which credentials a request about a data source brings, as they will be once it is carried out. Pure.

use super::input::{DataSourceChange, NewDataSource};
use crate::{
    directory::{
        failure::DirectoryFailure,
        probe::entered::{Entered, Form, StoredApp, app_brought, app_sent_again, is_same},
        wecom_app::model::AppInput,
    },
    kernel::{failure::Result, secret::Secret},
    wecom::model::{Credential, SecretKind},
};

/// What is stored of a data source before a change.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Corp ID.
    pub corp_id: String,
    /// Synced, so that its corp ID cannot change.
    pub synced: bool,
    /// Connected by a suite, so that nothing of its corp is entered by hand.
    pub by_suite: bool,
    /// The contacts-sync secret; `None` also where it does not open with this seal key.
    pub contacts: Option<Secret<String>>,
    /// The secret of 客户联系; `None` also where it does not open.
    pub customers: Option<Secret<String>>,
    /// Its app.
    pub app: Option<StoredApp>,
    /// All apps.
    pub apps: Vec<StoredApp>,
}

impl Stored {
    /// Refuses what only the installation of a suite's app may bring, `null` too: a secret of the company's own would let other ids, and names, in.
    ///
    /// # Errors
    /// `DI-251`.
    pub(super) fn admit(&self, input: &DataSourceChange) -> Result<()> {
        let moves = input.corp_id.as_ref().is_some_and(|corp_id| *corp_id != self.corp_id);
        let entered = [
            ("corp_id", moves),
            ("contacts_secret", input.contacts_secret.is_some()),
            ("customer_secret", input.customer_secret.is_some()),
            ("app", input.app.is_some()),
        ];
        match entered.into_iter().find(|(_, entered)| *entered && self.by_suite) {
            None => Ok(()),
            Some((field, _)) => {
                let failure = DirectoryFailure::ConnectedBySuite.failure();
                Err(failure.field(field, "comes by the installation alone"))
            }
        }
    }

    /// The contacts-sync secret with its corp ID.
    pub(super) fn contacts_credential(&self) -> Option<Credential> {
        Some(contacts_of(&self.corp_id, self.contacts.as_ref()?))
    }

    /// The secret of 客户联系 with its corp ID.
    pub(super) fn customers_credential(&self) -> Option<Credential> {
        Some(customers_of(&self.corp_id, self.customers.as_ref()?))
    }
}

/// What a new data source brings.
pub(super) struct Brought<'a> {
    pub corp_id: &'a str,
    pub contacts: Option<&'a Secret<String>>,
    pub customers: Option<&'a Secret<String>>,
    pub app: Option<&'a AppInput>,
    pub save_anyway: bool,
}

impl<'a> From<&'a NewDataSource> for Brought<'a> {
    fn from(input: &'a NewDataSource) -> Self {
        Self {
            corp_id: &input.corp_id,
            contacts: input.contacts_secret.as_ref(),
            customers: input.customer_secret.as_ref(),
            app: input.app.as_ref(),
            save_anyway: input.save_anyway,
        }
    }
}

/// Those of a new data source, where these apps are stored. An app that comes without its secret is known already.
pub(super) fn of_new(new: Brought<'_>, apps: &[StoredApp]) -> Entered {
    let corp_id = new.corp_id;
    let agent_id = new.app.and_then(|app| app.agent_id);
    let secret = new.app.and_then(|app| app.secret.as_ref());
    Entered {
        form: Form::DataSource,
        corp_id: Some(corp_id.to_owned()),
        agent_id,
        contacts: new.contacts.map(|secret| contacts_of(corp_id, secret)),
        customers: new.customers.map(|secret| customers_of(corp_id, secret)),
        app: agent_id.and_then(|agent_id| app_brought(apps, (corp_id, agent_id), secret, None)),
        again: Vec::new(),
        save_anyway: new.save_anyway,
    }
}

/// Those that a change brings or carries into another corp.
pub(super) fn of_change(input: &DataSourceChange, stored: &Stored) -> Entered {
    let corp_id = input.corp_id.as_ref().unwrap_or(&stored.corp_id);
    let moves = *corp_id != stored.corp_id;
    if moves && stored.synced {
        return Entered::default();
    }
    let contacts = brought((&input.contacts_secret, stored.contacts.as_ref()), moves);
    let customers = brought((&input.customer_secret, stored.customers.as_ref()), moves);
    let contacts_again = sent_again((&input.contacts_secret, stored.contacts.as_ref()), moves);
    let customers_again = sent_again((&input.customer_secret, stored.customers.as_ref()), moves);
    let current = stored.app.as_ref();
    let wanted = match &input.app {
        Some(None) => None,
        Some(Some(app)) => Some((app.agent_id, app.secret.as_ref())),
        None => moves.then_some((None, None)),
    };
    let wanted = wanted.and_then(|(agent_id, secret)| {
        let agent_id = agent_id.or_else(|| current.map(|app| app.agent_id))?;
        Some((agent_id, secret))
    });
    Entered {
        form: Form::DataSource,
        corp_id: (contacts.is_some() || customers.is_some() || wanted.is_some()).then(|| corp_id.clone()),
        agent_id: wanted.map(|(agent_id, _)| agent_id),
        contacts: contacts.map(|secret| contacts_of(corp_id, secret)),
        customers: customers.map(|secret| customers_of(corp_id, secret)),
        app: wanted.and_then(|(agent_id, secret)| app_brought(&stored.apps, (corp_id, agent_id), secret, current)),
        again: wanted
            .and_then(|(agent_id, secret)| app_sent_again(&stored.apps, (corp_id, agent_id), secret))
            .into_iter()
            .chain(contacts_again.map(|secret| contacts_of(corp_id, secret)))
            .chain(customers_again.map(|secret| customers_of(corp_id, secret)))
            .collect(),
        save_anyway: input.save_anyway,
    }
}

/// A secret as it was sent, and as it is stored.
type SentAndStored<'a> = (&'a Option<Option<Secret<String>>>, Option<&'a Secret<String>>);

/// The secret that a change brings: another one, or that which moves into another corp.
fn brought<'a>((sent, stored): SentAndStored<'a>, moves: bool) -> Option<&'a Secret<String>> {
    let secret = match sent {
        Some(sent) => sent.as_ref(),
        None => stored,
    };
    secret.filter(|secret| moves || !is_same(stored, secret))
}

/// The stored secret, where it was sent once more.
fn sent_again<'a>((sent, stored): SentAndStored<'a>, moves: bool) -> Option<&'a Secret<String>> {
    let sent = sent.as_ref().and_then(Option::as_ref);
    sent.filter(|secret| !moves && is_same(stored, secret))
}

fn contacts_of(corp_id: &str, secret: &Secret<String>) -> Credential {
    credential_of(corp_id, secret, SecretKind::ContactsSync)
}

fn customers_of(corp_id: &str, secret: &Secret<String>) -> Credential {
    credential_of(corp_id, secret, SecretKind::ExternalContacts)
}

fn credential_of(corp_id: &str, secret: &Secret<String>, kind: SecretKind) -> Credential {
    Credential {
        corp_id: corp_id.to_owned(),
        secret: secret.clone(),
        kind,
        suite: None,
    }
}

#[cfg(test)]
#[path = "entered_tests.rs"]
mod tests;

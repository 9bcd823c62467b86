//! Credentials that an admin enters, and which fields of what they sent WeCom refuses. Pure.

use uuid::Uuid;

use super::{
    failure::ProbeFailure,
    model::{Fault, Kept, Probed, Row},
};
use crate::{
    directory::console_place::place_of,
    kernel::{
        failure::{Entry, Failure, FieldFault, Result},
        secret::Secret,
    },
    wecom::model::{Credential, SecretKind},
};

/// In which form credentials are entered: the names of its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A data source.
    #[default]
    DataSource,
    /// An auth source.
    AuthSource,
}

impl Form {
    const fn secret(self) -> &'static str {
        match self {
            Self::DataSource => "/app/secret",
            Self::AuthSource => "/app_secret",
        }
    }

    const fn agent_id(self) -> &'static str {
        match self {
            Self::DataSource => "/app/agent_id",
            Self::AuthSource => "/agent_id",
        }
    }
}

/// An app that is stored.
#[derive(Clone, Debug)]
pub struct StoredApp {
    /// Row id.
    pub id: Uuid,
    /// Corp ID.
    pub corp_id: String,
    /// AgentId.
    pub agent_id: i64,
    /// Its secret; `None`: it does not open with this seal key.
    pub secret: Option<Secret<String>>,
}

impl StoredApp {
    /// Its credential, where the secret opens.
    pub fn credential(&self) -> Option<Credential> {
        Some(app_of((&self.corp_id, self.agent_id), self.secret.as_ref()?))
    }
}

/// The credential of the app with this corp ID and AgentId, where a request brings one: with the secret that was sent, or else with that of
/// `current`, the app before, which moves into another corp. An app that is stored already keeps its secret where none was sent, and the
/// same secret once more is nothing new.
pub fn app_brought(
    stored: &[StoredApp],
    (corp_id, agent_id): (&str, i64),
    sent: Option<&Secret<String>>,
    current: Option<&StoredApp>,
) -> Option<Credential> {
    let known = stored
        .iter()
        .find(|app| app.corp_id == corp_id && app.agent_id == agent_id);
    let secret = match (sent, known) {
        (Some(sent), Some(known)) => Some(sent).filter(|sent| !is_same(known.secret.as_ref(), sent)),
        (Some(sent), None) => Some(sent),
        (None, Some(_)) => None,
        (None, None) => current
            .filter(|app| app.agent_id == agent_id)
            .and_then(|app| app.secret.as_ref()),
    };
    Some(app_of((corp_id, agent_id), secret?))
}

/// The stored credential of the app with this corp ID and AgentId, where its own secret was sent once more.
pub fn app_sent_again(
    stored: &[StoredApp],
    (corp_id, agent_id): (&str, i64),
    sent: Option<&Secret<String>>,
) -> Option<Credential> {
    let known = stored
        .iter()
        .find(|app| app.corp_id == corp_id && app.agent_id == agent_id)?;
    sent.filter(|sent| is_same(known.secret.as_ref(), sent))?;
    known.credential()
}

/// Whether a secret is the stored one.
pub fn is_same(stored: Option<&Secret<String>>, secret: &Secret<String>) -> bool {
    stored.is_some_and(|stored| stored.expose() == secret.expose())
}

fn app_of((corp_id, agent_id): (&str, i64), secret: &Secret<String>) -> Credential {
    Credential {
        corp_id: corp_id.to_owned(),
        secret: secret.clone(),
        kind: SecretKind::App { agent_id },
        suite: None,
    }
}

/// The credentials that a request brings, as they will be once it is carried out.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// Where.
    pub form: Form,
    /// The corp ID that they will have; `None`: the request says nothing of credentials.
    pub corp_id: Option<String>,
    /// The AgentId that the app will have; `None`: the request says nothing of an app.
    pub agent_id: Option<i64>,
    /// The contacts-sync secret.
    pub contacts: Option<Credential>,
    /// The secret of 客户联系.
    pub customers: Option<Credential>,
    /// The app's.
    pub app: Option<Credential>,
    /// Stored credentials whose secret was sent once more: whoever does so has mended something in WeCom.
    pub again: Vec<Credential>,
    /// Save them although WeCom refuses them.
    pub save_anyway: bool,
}

impl Entered {
    /// The stored credentials that others take the place of.
    pub fn replaced(
        &self,
        contacts: Option<Credential>,
        customers: Option<Credential>,
        app: Option<Credential>,
    ) -> impl Iterator<Item = Credential> + use<> {
        let same = |one: &Credential, other: &Credential| {
            one.corp_id == other.corp_id && one.secret.expose() == other.secret.expose()
        };
        let pairs = [
            (&self.contacts, contacts),
            (&self.customers, customers),
            (&self.app, app),
        ];
        let replaced: Vec<Credential> = pairs
            .into_iter()
            .filter_map(|(new, old)| old.filter(|old| new.as_ref().is_some_and(|new| !same(new, old))))
            .collect();
        replaced.into_iter()
    }
}

/// What probing them saw, to be kept with them.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// See [`Entered`].
    pub corp_id: Option<String>,
    /// See [`Entered`].
    pub agent_id: Option<i64>,
    /// Of the contacts-sync secret.
    pub contacts: Option<Kept>,
    /// Of the secret of 客户联系.
    pub customers: Option<Kept>,
    /// Of the app.
    pub app: Option<Kept>,
    /// Whether WeCom refused one, and it is saved anyway.
    pub overruled: bool,
}

impl Proof {
    /// Compares what was probed with what is being written.
    ///
    /// # Errors
    /// `DI-243` when somebody else changed corp ID or AgentId in between.
    pub fn fits(&self, corp_id: &str, agent_id: Option<i64>) -> Result<()> {
        let other_corp = self.corp_id.as_ref().is_some_and(|probed| probed != corp_id);
        let app = self.agent_id.zip(agent_id);
        match other_corp || app.is_some_and(|(probed, agent_id)| probed != agent_id) {
            true => Err(ProbeFailure::ChangedMeanwhile.into()),
            false => Ok(()),
        }
    }

    /// What the audit event says of it besides the changed fields.
    pub fn remark(&self) -> Option<&'static str> {
        self.overruled.then_some("save_anyway")
    }
}

/// What is wrong with the entered fields.
pub fn refused_fields(
    form: Form,
    contacts: Option<&Probed>,
    customers: Option<&Probed>,
    app: Option<&Probed>,
) -> Vec<FieldFault> {
    let app = app.and_then(Probed::refusal).map(|(fault, row)| match fault {
        Fault::CorpIdWrong => told("/corp_id", ProbeFailure::CorpIdRefused, row),
        Fault::AgentWrong => told(form.agent_id(), ProbeFailure::AgentRefused, row),
        Fault::WrongKind => told(form.secret(), ProbeFailure::AppSecretIsContacts, row),
        _ => told(form.secret(), ProbeFailure::AppSecretRefused, row),
    });
    let contacts = contacts.and_then(Probed::refusal).map(|(fault, row)| match fault {
        Fault::CorpIdWrong => told("/corp_id", ProbeFailure::CorpIdRefused, row),
        Fault::WrongKind => told("/contacts_secret", ProbeFailure::ContactsSecretIsApps, row),
        _ => told("/contacts_secret", ProbeFailure::ContactsSecretRefused, row),
    });
    let customers = customers.and_then(Probed::refusal).map(|(fault, row)| match fault {
        Fault::CorpIdWrong => told("/corp_id", ProbeFailure::CorpIdRefused, row),
        Fault::WrongKind => told("/customer_secret", ProbeFailure::CustomerSecretIsAnothers, row),
        _ => told("/customer_secret", ProbeFailure::CustomerSecretRefused, row),
    });
    let mut faults: Vec<FieldFault> = app.into_iter().chain(contacts).chain(customers).collect();
    faults.dedup_by_key(|fault| fault.entry.number);
    faults
}

fn told(pointer: &'static str, kind: ProbeFailure, row: &Row) -> FieldFault {
    let entry: &'static Entry = kind.entry();
    FieldFault {
        pointer: pointer.into(),
        parameter: None,
        entry,
        detail: row.detail.clone(),
        place: place_of(entry.number),
    }
}

/// The failure that names the fields, the first of them in its own words.
pub fn refusal(faults: Vec<FieldFault>) -> Option<Failure> {
    let first = faults.first()?;
    let told: Vec<String> = faults
        .iter()
        .map(|fault| {
            format!(
                "{}: {}",
                fault.pointer.trim_start_matches('/').replace('/', "."),
                fault.detail
            )
        })
        .collect();
    Some(Failure::of(first.entry).detail(told.join("; ")).faults(faults))
}

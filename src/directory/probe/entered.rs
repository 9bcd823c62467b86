//! Credentials that an admin enters, and which fields of what they sent WeCom refuses. Pure.

use super::{
    failure::ProbeFailure,
    model::{Fault, Kept, Probed, Row},
};
use crate::{
    directory::console_place::place_of,
    kernel::failure::{Entry, Failure, FieldFault},
    wecom::model::Credential,
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

/// The credentials that a request brings, as they will be once it is carried out.
#[derive(Clone, Debug, Default)]
pub struct Entered {
    /// Where.
    pub form: Form,
    /// The contacts-sync secret.
    pub contacts: Option<Credential>,
    /// The app's.
    pub app: Option<Credential>,
    /// Save them although WeCom refuses them.
    pub save_anyway: bool,
}

impl Entered {
    /// The stored credentials that others take the place of.
    pub fn replaced(
        &self,
        contacts: Option<Credential>,
        app: Option<Credential>,
    ) -> impl Iterator<Item = Credential> + use<> {
        let same = |one: &Credential, other: &Credential| {
            one.corp_id == other.corp_id && one.secret.expose() == other.secret.expose()
        };
        let pairs = [(&self.contacts, contacts), (&self.app, app)];
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
    /// Of the contacts-sync secret.
    pub contacts: Option<Kept>,
    /// Of the app.
    pub app: Option<Kept>,
    /// Whether WeCom refused one, and it is saved anyway.
    pub overruled: bool,
}

impl Proof {
    /// What the audit event says of it besides the changed fields.
    pub fn remark(&self) -> Option<&'static str> {
        self.overruled.then_some("save_anyway")
    }
}

/// What is wrong with the entered fields.
pub fn refused_fields(form: Form, contacts: Option<&Probed>, app: Option<&Probed>) -> Vec<FieldFault> {
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
    let mut faults: Vec<FieldFault> = app.into_iter().chain(contacts).collect();
    faults.dedup_by_key(|fault| fault.entry.number);
    faults
}

fn told(pointer: &'static str, kind: ProbeFailure, row: &Row) -> FieldFault {
    let entry: &'static Entry = kind.entry();
    FieldFault {
        pointer,
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

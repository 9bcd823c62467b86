//! Which problems follow from what a probe saw. Refused secrets and corp IDs are told by the refusal that stands (`wecom::Refusal`), which is
//! over the moment WeCom accepts them. Pure.

use super::model::{Fault, Kept, Row};
use crate::directory::{
    console_place::{CONTACTS, CONTACTS_IP, CUSTOMERS, CUSTOMERS_APPS, CUSTOMERS_IP},
    setup_problem::{CredentialKind, Problem, SetupProblem},
};
use crate::kernel::clock::Timestamp;

/// Of what the probe was.
#[derive(Clone, Copy, Debug)]
pub enum Probing {
    /// Of a contacts-sync secret; `alone`: there is no app beside it.
    Contacts {
        /// Names and other details come from it or from nowhere.
        alone: bool,
    },
    /// Of the secret of 客户联系.
    ExternalContacts,
    /// Of an app.
    App {
        /// Its AgentId.
        agent_id: i64,
        /// Members inside its scope; `None`: not known.
        members: Option<i64>,
        /// A scope that was read after the probe described the app has members.
        filled: bool,
    },
}

impl Probing {
    const fn kind(self) -> CredentialKind {
        match self {
            Self::Contacts { .. } => CredentialKind::Contacts,
            Self::ExternalContacts => CredentialKind::ExternalContacts,
            Self::App { .. } => CredentialKind::App,
        }
    }
}

/// The problems, the gravest first. What else a credential of the wrong kind may not do follows from its kind.
pub fn problems(kept: &Kept, of: Probing) -> Vec<Problem> {
    let kinds = [
        (Fault::AgentWrong, SetupProblem::AgentMismatch),
        (Fault::WrongKind, wrong_kind(of)),
        (Fault::AppDisabled, SetupProblem::AppClosed),
        (Fault::IpNotTrusted, SetupProblem::IpUntrusted),
        (Fault::NotPermitted, SetupProblem::CapabilityRefused),
    ];
    let unproven = kept.unanswered.as_ref();
    let unproven = unproven.map(|row| told(kept, of, SetupProblem::Unproven, row));
    let mut found: Vec<Problem> = kinds
        .into_iter()
        .filter_map(|(fault, kind)| Some(told(kept, of, kind, kept.missing_for(fault)?)))
        .collect();
    if kept.missing_for(Fault::WrongKind).is_some() {
        found.truncate(1);
        found.extend(unproven);
        return found;
    }
    found.extend(unproven);
    let withheld = kept.missing_for(Fault::DetailsForbidden);
    if let (Probing::Contacts { alone: true }, Some(row)) = (of, withheld) {
        found.push(told(kept, of, SetupProblem::DetailsWithheld, row));
    }
    found.extend(empty_scope(kept, of));
    found
}

const fn wrong_kind(of: Probing) -> SetupProblem {
    match of {
        Probing::Contacts { .. } => SetupProblem::ContactsSecretIsApps,
        Probing::ExternalContacts => SetupProblem::CustomerSecretIsAnothers,
        Probing::App { .. } => SetupProblem::AppSecretIsContacts,
    }
}

fn told(kept: &Kept, of: Probing, kind: SetupProblem, row: &Row) -> Problem {
    let address = match (kind, &row.observed_ip) {
        (SetupProblem::IpUntrusted, Some(address)) => format!(" WeCom saw the address {address}."),
        _ => String::new(),
    };
    let detail = format!("{}: {}{address}", name(of), row.detail);
    let problem = Problem::of(kind.entry(), detail);
    let place = match (of, kind) {
        (Probing::Contacts { .. }, SetupProblem::IpUntrusted) => Some(CONTACTS_IP),
        (Probing::Contacts { .. }, _) => Some(CONTACTS),
        (Probing::ExternalContacts, SetupProblem::IpUntrusted) => Some(CUSTOMERS_IP),
        (Probing::ExternalContacts, SetupProblem::CustomerSecretIsAnothers) => Some(CUSTOMERS_APPS),
        (Probing::ExternalContacts, _) => Some(CUSTOMERS),
        (Probing::App { .. }, _) => problem.place,
    };
    Problem {
        since: row.since,
        next_try_at: Some(Timestamp::from_millis(kept.next_at)),
        credential: Some(of.kind()),
        place,
        ..problem
    }
}

fn empty_scope(kept: &Kept, of: Probing) -> Option<Problem> {
    let Probing::App { members, filled, .. } = of else {
        return None;
    };
    let detail = match (kept.app.as_ref()?.scope, members) {
        (0, _) if !filled => "nothing is chosen in its visible scope.",
        (_, Some(0)) => "what is chosen in its visible scope holds no member.",
        _ => return None,
    };
    Some(Problem::of(
        SetupProblem::ScopeEmpty.entry(),
        format!("{}: {detail}", name(of)),
    ))
}

fn name(of: Probing) -> String {
    match of {
        Probing::Contacts { .. } => "The contacts secret".to_owned(),
        Probing::ExternalContacts => "The customer secret".to_owned(),
        Probing::App { agent_id, .. } => format!("AgentId {agent_id}"),
    }
}
